"""Documents read as an official would: structure, tables, tasks, figures and passages with exact offsets."""
