"""What readers ask for: one question a file, folded from the log by a pure function."""
