"""Management review (管理评审输入): the year's pack, as it is known on the day of the review.

year ends (the clock) ──▶ prepare (QA manager) ──▶ prepare again before another review. The pack is
a position of the log, like a version of a quarterly report: what it says is read as it stood
there. Clause 4.6.2.
"""
