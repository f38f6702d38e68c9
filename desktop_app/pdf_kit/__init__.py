"""Paper: fonts with per-character fallback, the PDF/A writer, page frames, text, tables, seals and scans."""
