"""Attachment (附件): a photo, a report or a letter that belongs to a record. Clause 5.2.

add ──▶ withdraw (whoever added it, or the quality manager). The event holds the SHA-256 of the
file; the file itself stands in a store beside the log, under that hash, and is never changed. A
withdrawn one stays, too: auditors and the quality manager still read it.
"""
