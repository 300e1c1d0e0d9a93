"""Risk warning (风险警示): what past problems warn a station of. Clause 4.6.1 e.

issued ──▶ valid until its last day, or withdrawn before. It hangs on the quality board, stands in
the risk manual, or is a targeted control of the process.
"""
