"""What is recorded of the talk with the customer. Clauses 4.2.1 and 4.2.3."""

from typing import ClassVar

from app.domain.decider import Command
from app.domain.errors import (
    NotFound,
)
from app.domain.feedback_case.refusals import (
    CaseIsOver,
    CaseNotClassified,
    NotReplied,
)
from app.domain.feedback_case.state import (
    Outcome,
    ReplyStage,
)
from app.domain.values import (
    Code,
    Role,
)


class ReplyToCustomer(Command):
    """Record what the customer was told (回复顾客)."""

    clause: ClassVar[str] = "4.2.3"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.SALES_REP})
    refusals = (NotFound, CaseIsOver, CaseNotClassified)

    stage: ReplyStage
    doc_ref: Code


class RecordCustomerAnswer(Command):
    """Record what the customer says to our last reply (记录顾客答复)."""

    clause: ClassVar[str] = "4.2.1"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SALES_CLERK, Role.SALES_REP})
    refusals = (NotFound, CaseIsOver, CaseNotClassified, NotReplied)

    outcome: Outcome
