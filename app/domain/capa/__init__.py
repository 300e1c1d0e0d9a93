"""CAPA report (纠正预防措施): an 8D from the problem to its proven end. Clauses 4.2, 4.5.

issue (D2) ──▶ team (D1), containment (D3) ──▶ cause (D4) ──▶ plan actions (D5) ──▶ implement each
(D6) ──▶ check effectiveness (D8, another person than the owner) ──▶ close. Prevention (D7) comes
any time after the cause and before the close. A check that finds it ineffective begins the next
round of planning; one that could not be made closes it as unverified. It is issued for an
escalation, a feedback case, a risk-control project, or for what a quarter showed.
"""
