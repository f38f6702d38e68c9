"""The page 同步, the form that enrols a laptop, and the exchange that goes on by itself."""
