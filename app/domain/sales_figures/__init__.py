"""Sales figures (销售额): the net sales of a year, month by month, as the books have them.

One stream a year. record a month ──▶ correct it (another person). The yearly cost of after-sales
service is measured against them. Clause 3.7.
"""
