"""Audit access (审核访问): who took or read much of the log, or asked what would have been. 5.2.

Reading leaves the record as it is, but that it was read is part of the record. The service writes
it down itself, before it answers; nobody can ask for it, and auditors can ask for nothing else.
"""
