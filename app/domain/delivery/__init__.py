"""Delivery (发运交付): from the packed goods to the signed list that comes back. Clause 4.1.

prepare ──▶ release (the gate of 4.1.3, R-12) ──▶ dispatch ──▶ track … ──▶ signed ──▶ signed list
back (R-13). Before the release it can be cancelled. What the carrier damaged is a side fact at any
time after the release: each report opens a feedback case of class TRANSPORT in the same turn
(R-10), and the leader acknowledges what was reported.

`state.py` has the words and what a delivery adds up to, `events.py` how one leads to the other;
`commands.py` what can be asked, `refusals.py` why not, `decisions.py` the table of contents and
the way of the goods, `release.py` the gate, `damages.py` what happened on the way.
"""
