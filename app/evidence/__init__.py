"""Evidence: the tree of hashes and its proofs, exports, verification, explanation and replay.

It reads the log and the read tables, and writes nothing into either.
"""
