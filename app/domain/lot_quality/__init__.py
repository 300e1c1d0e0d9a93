"""Lot quality (批次质量): which production lots are a batch problem. Clause 4.6.1, R-09.

One a lot, under its number. The pieces that all cases found are added up by a register; a policy
says once that they are too many. QA may declare a lot whatever the figures say, with a reason.
"""
