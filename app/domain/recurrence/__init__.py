"""Recurrence (重复发生): whether a failure came back after its improvement. Clause 4.6.1, R-08.

One a case, under the case's id. A policy judges it when a cause is approved, and anew when the
cause or the production day changes: ──▶ detected | known cause, made before the measure | for QA
to decide, who does in time (T23), or it is taken as a recurrence. A verdict is never taken back;
another one may follow it.
"""
