"""Capture, codec, digests and merge: one apply path for laptop and county, for HTTP and files."""
