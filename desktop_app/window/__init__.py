"""Puts the features into the shell: the only package that knows both."""

from desktop_app.window.desk import build_window, run_window

__all__ = ["build_window", "run_window"]
