"""Work off the main thread, and what the interpreter needs under Qt."""

from desktop_app.background.constants import keep_constants_alive

keep_constants_alive()
