"""Appeal (售后调查申诉书): why a claim should not stand as it is. Clauses 4.4, 4.5.

draft ──▶ review (another person) ──▶ approve (a third person) ──▶ submit ──▶ answer. It may be
revised until it is submitted, and is then reviewed and approved anew, and withdrawn until it is
answered. One a claim is open at a time. Submitting it objects to the claim: it keeps T11, and a
policy opens the negotiation. What the answer means for the amount is adjusted on the claim, by
two people as every adjustment is.
"""
