"""R-02: more pieces in one occurrence than the target allows. Clause 3.7.

An alert that was raised is kept; when the figure moves, that is one more fact.
"""

from app.domain.decider import World
from app.domain.feedback_case.facts import AlertBasisChanged, OccurrenceQuantityTargetExceeded
from app.domain.feedback_case.standing import heading
from app.domain.feedback_case.state import FeedbackCase
from app.domain.rule_pack.events import pack_in_force
from app.domain.rules import Decision, RulePack, decided


def single_occurrence(pieces: int, case_no: str, pack: RulePack) -> Decision:
    """R-02: the failed pieces of one case; exactly at the target is no alert."""
    limit = pack.figures.occurrence_pieces_max
    return decided("R-02", "3.7", pack, pieces, ">", limit, "PIECES", (case_no,))


def asked_again(
    pieces: int, case: FeedbackCase, world: World
) -> list[OccurrenceQuantityTargetExceeded | AlertBasisChanged]:
    """What R-02 says to another figure: an alert, a moved one, or nothing."""
    seen = single_occurrence(pieces, case.case_no, pack_in_force(world))
    alert = case.quantity_alert
    if alert is None:
        raised = OccurrenceQuantityTargetExceeded(**heading(case), decision=seen)
        return [raised] if seen.fires else []
    if alert.observed == seen.observed:
        return []
    moved = AlertBasisChanged(
        **heading(case),
        rule_id=alert.rule_id,
        old_observed=alert.observed,
        new_observed=seen.observed,
        decision=seen,
    )
    return [moved]
