"""Delegation (授权委托): somebody lends his role to another person for a time. Clause 3.

grant ──▶ revoke (the grantor, or the general manager), or until it ends by itself. Whoever acts
in another's name says so with each command (`acting`); nobody passes on what was lent to him, and
segregation of duties is tested on both heads.
"""
