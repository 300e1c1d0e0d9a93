"""Warranty agreement (三包售后协议): who bears which share of a claim. Clauses 1 and 4.5.

One stream a customer, under the customer's code. Its versions are numbered within the agreement
year: draft ──▶ approve (technical director, another person) | reject. That a version is in force
is read from its days and never set; a later one supersedes the earlier without ending it by hand.
"""
