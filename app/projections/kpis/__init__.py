"""The figures of clause 3.7 and what is near them: one question a file.

A figure is read from the ledgers in one snapshot, says at which position of the log, and names
what it was counted from.
"""
