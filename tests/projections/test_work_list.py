"""What waits for whom: each way in which a record can wait, and that it ends."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from app.domain.appeal.state import AppealStatus
from app.domain.correction.events import CorrectionStatus
from app.domain.escalation.events import EscalationStatus
from app.domain.risk_control_project.state import ProjectStatus
from app.domain.warranty_agreement.events import AgreementVersionStatus
from app.projections.work_list import BY_COMMAND, Waiting
from tests.people import NOON


def appeal(**said: Any) -> SimpleNamespace:  # noqa: ANN401 - any field
    """A drafted statement."""
    drafted = {"appeal_no": "AP-1", "status": AppealStatus.DRAFTED, "submitted_at": None}
    return SimpleNamespace(**drafted | {"reviewed_by": None, "approved_by": None} | said)


def version(status: AgreementVersionStatus) -> SimpleNamespace:
    """A version of an agreement."""
    return SimpleNamespace(agreement_no="AG-C01-2025", version=1, status=status)


NOTHING = SimpleNamespace
SIGNED = {"reviewed_by": "Xu", "approved_by": "Guo"}
LAST = SimpleNamespace(issued_at=None)


@pytest.mark.parametrize(
    ("command", "state", "waiting"),
    [
        ("ApproveProposal", NOTHING(claim_no="CL-1", proposal=object()), Waiting("CL-1")),
        ("ApproveProposal", NOTHING(claim_no="CL-1", proposal=None), None),
        ("ApproveClaimCorrection", NOTHING(claim_no="CL-1", correction=object()), Waiting("CL-1")),
        (
            "FileClaim",
            NOTHING(claim_no="CL-1", settlement=object(), filing=None),
            Waiting("CL-1", ("FILING",)),
        ),
        ("FileClaim", NOTHING(claim_no="CL-1", settlement=object(), filing=object()), None),
        ("FileClaim", NOTHING(claim_no="CL-1", settlement=None, filing=None), None),
        (
            "ApproveFeedbackCorrection",
            NOTHING(case_no="FB-1", correction=object()),
            Waiting("FB-1"),
        ),
        ("ReviewAppeal", appeal(), Waiting("AP-1")),
        ("ReviewAppeal", appeal(reviewed_by="Xu"), None),
        ("ReviewAppeal", appeal(status=AppealStatus.WITHDRAWN), None),
        ("ApproveAppeal", appeal(reviewed_by="Xu"), Waiting("AP-1")),
        ("SubmitAppeal", appeal(**SIGNED), Waiting("AP-1")),
        ("SubmitAppeal", appeal(**SIGNED, submitted_at=NOON), None),
        (
            "ApproveAgreementVersion",
            NOTHING(versions=(version(AgreementVersionStatus.DRAFT),)),
            Waiting("AG-C01-2025 v1"),
        ),
        (
            "ApproveAgreementVersion",
            NOTHING(versions=(version(AgreementVersionStatus.APPROVED),)),
            None,
        ),
        ("ApproveRulePack", NOTHING(proposal=NOTHING(pack=NOTHING(version=2))), Waiting("v2")),
        ("ApproveRulePack", NOTHING(proposal=None), None),
        ("IssueReport", NOTHING(report_no="QR-2025Q1", last=LAST), Waiting("QR-2025Q1")),
        ("IssueReport", NOTHING(report_no="QR-2025Q1", last=None), None),
        (
            "IssueReport",
            NOTHING(report_no="QR-2025Q1", last=NOTHING(issued_at=date(2025, 4, 15))),
            None,
        ),
        (
            "ApproveCorrection",
            NOTHING(correction_no="CN-1", status=CorrectionStatus.REJECTED),
            None,
        ),
        (
            "CloseEscalation",
            NOTHING(escalation_no="ES-1", status=EscalationStatus.RAISED, missing=("TRACE",)),
            Waiting("ES-1", ("TRACE",)),
        ),
        (
            "CloseEscalation",
            NOTHING(escalation_no="ES-1", status=EscalationStatus.CLOSED, missing=()),
            None,
        ),
        (
            "CloseProject",
            NOTHING(project_no="RP-1", status=ProjectStatus.RUNNING, missing=("REVIEW_DFMEA",)),
            Waiting("RP-1", ("REVIEW_DFMEA",)),
        ),
        (
            "CloseProject",
            NOTHING(project_no="RP-1", status=ProjectStatus.VERIFIED, missing=()),
            None,
        ),
    ],
)
def test_a_record_waits_for_somebody_until_it_is_done(
    command: str,
    state: Any,  # noqa: ANN401 - states differ
    waiting: Waiting | None,
) -> None:
    assert BY_COMMAND[command].look(state) == waiting
