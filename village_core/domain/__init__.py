"""Pure decisions on frozen dataclasses. Imports the standard library only, reads no file and no clock."""
