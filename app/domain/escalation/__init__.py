"""Escalation (上报事项): what must go to the general manager, until all is done. Clause 4.5.

raise (a policy) ──▶ acknowledge (general manager) ──▶ trace, CAPA, accountability of the person
and of the leader, in any order ──▶ close. An escalation is never taken back: further claims of
the spec are linked to it while it is open, and when its basis changes, that is one more fact.
`missing` names the duties that are still to be done.
"""
