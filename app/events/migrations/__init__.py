"""The log's schema, forward only. Read tables are not here: they are derived and made anew."""
