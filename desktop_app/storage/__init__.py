"""The encrypted workspace: key, engine, unit of work, migrations, attachments, backup."""
