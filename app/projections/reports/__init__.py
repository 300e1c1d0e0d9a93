"""What people meet about: the quarterly report and the management review, read from the ledgers."""
