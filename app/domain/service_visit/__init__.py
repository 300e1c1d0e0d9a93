"""Service visit (现场服务): somebody goes to the customer and helps. Clauses 3.6, 4.3.

dispatch (who goes, where, what to bring) ──▶ start (T5) ──▶ findings, as many as there are ──▶
complete, with the customer's signature or why there is none ──▶ correct what it cost (another
person). It may be cancelled until it is complete. What it cost is counted by itself, as the cost
entry under the visit's own id (clause 3.7). What is written on the spot is what was seen and
done; whose fault it was is judged by engineering, so there is no place for it here.
"""
