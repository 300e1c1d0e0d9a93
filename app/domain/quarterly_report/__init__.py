"""Quarterly report (售后问题季度分析报告): what a quarter was like, frozen as it was known.

quarter ends (the clock) ──▶ close (an engineer prepares) ──▶ issue (the QA manager, another
person) ──▶ acknowledge (each department). Late facts move the live figures, never a version that
was issued: restate (prepared) ──▶ issue the next version. Clause 4.6.1.

A version is a position of the log: what it says is read from the read tables as they stood there,
so that it can be shown again for ever; a digest in the event proves that it is the same.
"""
