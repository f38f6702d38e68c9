"""The exchange of operations and contents."""
