"""Claim (索赔): what a customer wants paid, until it is settled, filed and closed. Clause 4.5.

register ──▶ check ──▶ verify (飞行确认) ──▶ confirm amount (another person) ──▶ split (by the
judgement, else by the agreement in force) ──▶ approve execution (another person) ──▶ settle
(another person) ──▶ close. Filed any time after the confirmation, before the close. A dispute, a
third party as main party, a tie or an appeal opens a negotiation, in which adjustment or
cancellation is proposed by one person and approved by another. It may be rejected until it is
confirmed, and withdrawn until it is settled. `status` names the furthest step that stands.

`words.py` has the words, `state.py` what a claim adds up to, `facts.py` the events, `events.py`
how one leads to the other; `commands.py` what can be asked and `refusals.py` why not, both for
disputes in `objections.py`; `decisions.py` the table of contents and the way in, `notices.py` the
lines and their currency, `amounts.py` confirmation and split, `disputes.py` negotiation and change,
`endings.py` the way out.
"""
