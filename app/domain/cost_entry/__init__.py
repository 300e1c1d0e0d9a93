"""Cost entry (售后费用): what after-sales service costs beside claims. Clause 3.7.

record ──▶ correct (another person). A visit, freight, sorting, replacement parts, an analysis: the
cost belongs to the day on which it arose, and with the claims to the yearly target (R-03). What a
service visit cost is recorded and corrected by a rule, under the visit's id: nobody enters it a
second time.
"""
