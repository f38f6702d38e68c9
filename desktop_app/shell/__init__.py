"""The window's frame. Knows no feature: `desktop_app/window.py` registers them."""
