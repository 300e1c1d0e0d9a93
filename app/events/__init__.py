"""The log: what is recorded, in which order, by whom; and the one writer that extends it."""
