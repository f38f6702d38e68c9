"""操作日志: who did what, when and why; what was changed and what was only looked at, read together."""
