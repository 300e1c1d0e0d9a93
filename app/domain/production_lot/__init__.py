"""Production lot (生产批次): when it was made, where, and how it was stored. Clauses 4.1.1, 4.1.2.

One stream a lot, under the lot's number: record once ──▶ record storage conditions, as often as
somebody looks. Reference data: nothing here refuses a delivery or a return.
"""
