"""Feedback case (反馈单): what a customer told us, until it is answered. Clauses 3, 4.2.

register ──▶ classify ──▶ forward ──▶ contain ──▶ determine cause ──▶ approve (another person)
──▶ judge responsibility ──▶ reply ──▶ answered ──▶ close ──▶ (reopen). Classification comes before
everything else; after it the steps may come in any order that the facts allow. An open case may be
voided, or merged into another. `status` names the furthest step that stands.

`state.py` has the words and what a case adds up to, `facts.py` the events, `events.py` how one
leads to the other; `commands.py` what can be asked, `refusals.py` why not, `decisions.py` the
table of contents, the class and first aid, `intake.py` the way in, `causes.py` causes and
responsibility, `endings.py` the way out, `transport.py` the case that a damaged delivery opens,
`occurrences.py` and `counted.py` what the case counts as (R-01).
"""
