"""Correction (更正): a recorded fact was not as the record says. Clause 5.2.

proposed ──▶ approved by a second person, or rejected. It names the event, its field, what was
recorded and what is correct; the event itself stays as it was recorded, and both can be read. Where
figures follow from a fact (cases, claims, sales, costs) the fact has a correction of its own.
"""
