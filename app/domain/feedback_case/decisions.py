"""What a feedback case answers: the table of contents, the class and first aid."""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from app.domain.decider import Asked, Decider, World
from app.domain.errors import (
    InTheFuture,
    NotFound,
)
from app.domain.feedback_case.causes import approve_cause, determine_cause, judge, reject_cause
from app.domain.feedback_case.commands import (
    AcknowledgeFeedback,
    ApproveRootCause,
    ClassifyFeedback,
    CloseCase,
    ConfirmQuantity,
    DetermineRootCause,
    FeedbackCaseCommand,
    ForwardFeedback,
    JudgeResponsibility,
    MergeCase,
    ReclassifyFeedback,
    RecordContainment,
    RegisterFeedback,
    RejectRootCause,
    ReopenCase,
    StartEmergencyAction,
    VoidCase,
)
from app.domain.feedback_case.corrections import (
    ApproveFeedbackCorrection,
    ProposeFeedbackCorrection,
    RejectFeedbackCorrection,
    approve_correction,
    propose_correction,
    reject_correction,
)
from app.domain.feedback_case.endings import (
    close,
    merge,
    record_answer,
    reopen,
    reply,
    void,
)
from app.domain.feedback_case.events import (
    FEEDBACK_CASE,
    ContainmentRecorded,
    EmergencyActionStarted,
    FeedbackAcknowledged,
    FeedbackCaseEvent,
    FeedbackClassified,
    FeedbackForwarded,
    FeedbackReclassified,
    QuantityConfirmed,
)
from app.domain.feedback_case.intake import open_transport_case, register
from app.domain.feedback_case.limits import due_when_classified
from app.domain.feedback_case.occurrences import RecountOccurrence, recount
from app.domain.feedback_case.quantity import asked_again
from app.domain.feedback_case.refusals import (
    AlreadyAcknowledged,
    AlreadyClassified,
    BeforeReceipt,
    ClassUnchanged,
    DepartmentMismatch,
    MoreNokThanChecked,
)
from app.domain.feedback_case.replies import RecordCustomerAnswer, ReplyToCustomer
from app.domain.feedback_case.shared import QUALITY_CLASSES
from app.domain.feedback_case.standing import category_of, heading, must_be_open
from app.domain.feedback_case.state import CaseStatus, FeedbackCase
from app.domain.feedback_case.transport import (
    OpenTransportCase,
)
from app.domain.values import Category, Department

FORWARDING: Final[Mapping[Category, tuple[frozenset[Department], frozenset[Department]]]] = {
    Category.DELIVERY: (frozenset({Department.SALES}), frozenset()),
    Category.PRODUCT: (
        frozenset({Department.QA}),
        frozenset({Department.TECH, Department.PRODUCTION}),
    ),
    Category.PACKAGING: (frozenset({Department.QA, Department.LOGISTICS}), frozenset()),
    Category.TRANSPORT: (frozenset({Department.QA, Department.LOGISTICS}), frozenset()),
    Category.SERVICE: (frozenset({Department.SALES}), frozenset()),
}
"""Who must know of a class of feedback, and who may have a copy. Clause 4.2.1."""


def decide(  # noqa: C901, PLR0911, PLR0912 - a table of contents has as many lines as commands
    asked: Asked[FeedbackCaseCommand], case: FeedbackCase, world: World
) -> Sequence[FeedbackCaseEvent]:
    """The table of contents: one line a command."""
    if isinstance(asked.command, RegisterFeedback):
        return register(asked, asked.command, case, world)
    if isinstance(asked.command, OpenTransportCase):
        return open_transport_case(asked.command, case, world)
    if case.status is CaseStatus.NOT_REGISTERED:
        raise NotFound
    match asked.command:
        case ClassifyFeedback() as command:
            return classify(command, case, world)
        case ReclassifyFeedback() as command:
            return reclassify(command, case, world)
        case ForwardFeedback() as command:
            return forward(command, case)
        case AcknowledgeFeedback() as command:
            return acknowledge(asked, command, case)
        case StartEmergencyAction() as command:
            return start_emergency_action(command, case)
        case RecordContainment() as command:
            return record_containment(command, case)
        case ConfirmQuantity() as command:
            return confirm_quantity(command, case, world)
        case DetermineRootCause() as command:
            return determine_cause(command, asked.by, case, world)
        case ApproveRootCause():
            return approve_cause(asked.by, case)
        case RejectRootCause() as command:
            return reject_cause(command, asked.by, case)
        case JudgeResponsibility() as command:
            return judge(command, asked.by, case)
        case ReplyToCustomer() as command:
            return reply(command, case)
        case RecordCustomerAnswer() as command:
            return record_answer(command, case)
        case CloseCase() as command:
            return close(command, case, world)
        case ReopenCase() as command:
            return reopen(command, case)
        case VoidCase() as command:
            return void(command, case)
        case MergeCase() as command:
            return merge(asked.to, command, case, world)
        case RecountOccurrence():
            return recount(case)
        case ProposeFeedbackCorrection() as command:
            return propose_correction(asked, command, case)
        case ApproveFeedbackCorrection():
            return approve_correction(asked.by, case, world)
        case RejectFeedbackCorrection() as command:
            return reject_correction(command, asked.by, case)
        case _:
            assert_never(asked.command)


# --- class, hand-over, acknowledgement ------------------------------------------------------


def classify(
    command: ClassifyFeedback, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Classify once; a matter of quality has its time limits from now on."""
    must_be_open(case)
    if case.category is not None:
        raise AlreadyClassified(category=case.category, next="ReclassifyFeedback")
    due = due_when_classified(world, command.category, case)
    return [FeedbackClassified(**heading(case), **dict(command), due=due)]


def reclassify(
    command: ReclassifyFeedback, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Change category or severity; limits that ran for another class end or begin."""
    old_category, old_severity = category_of(case), case.severity
    if (command.category, command.severity) == (old_category, old_severity):
        raise ClassUnchanged(category=old_category, severity=old_severity)
    changed = FeedbackReclassified(
        **heading(case),
        **dict(command),
        old_category=old_category,
        old_severity=old_severity,
        cause_code=case.current_cause_code,
        due=()
        if old_category in QUALITY_CLASSES
        else due_when_classified(world, command.category, case),
    )
    return [changed]


def forward(command: ForwardFeedback, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Pass it on to all that the class requires; a copy may follow later."""
    category = category_of(case)
    required, copies = FORWARDING[category]
    to = frozenset(command.to_departments)
    missing = required - to - frozenset(case.forwarded_to)
    if missing or not to <= required | copies:
        raise DepartmentMismatch(
            field="to_departments",
            category=category,
            required=sorted(required),
            copies_allowed=sorted(copies),
        )
    departments = tuple(each for each in Department if each in to)
    return [FeedbackForwarded(**heading(case), category=category, to_departments=departments)]


def acknowledge(
    asked: Asked[FeedbackCaseCommand], command: AcknowledgeFeedback, case: FeedbackCase
) -> list[FeedbackCaseEvent]:
    """Confirm the receipt once, with the time at which the customer was told."""
    category_of(case)
    if case.acknowledged_at is not None:
        raise AlreadyAcknowledged(acknowledged_at=case.acknowledged_at.isoformat())
    told_at = command.acknowledged_at or asked.at
    if told_at > asked.at:
        raise InTheFuture(field="acknowledged_at", now=asked.at.isoformat())
    if told_at < case.received_at:
        raise BeforeReceipt(field="acknowledged_at", received_at=case.received_at.isoformat())
    told = FeedbackAcknowledged(**heading(case), acknowledged_at=told_at, channel=command.channel)
    return [told]


# --- first aid ------------------------------------------------------------------------------


def start_emergency_action(
    command: StartEmergencyAction, case: FeedbackCase
) -> list[FeedbackCaseEvent]:
    """Start emergency handling; as often as needed."""
    category_of(case)
    return [EmergencyActionStarted(**heading(case), **dict(command))]


def record_containment(command: RecordContainment, case: FeedbackCase) -> list[FeedbackCaseEvent]:
    """Record one check; batch problems are read from these."""
    category_of(case)
    if command.nok > command.checked:
        raise MoreNokThanChecked(field="nok", checked=command.checked)
    return [ContainmentRecorded(**heading(case), **dict(command))]


def confirm_quantity(
    command: ConfirmQuantity, case: FeedbackCase, world: World
) -> list[FeedbackCaseEvent]:
    """Confirm the pieces; R-02 is asked again, and an alert once raised follows the figure."""
    category_of(case)
    confirmed = QuantityConfirmed(**heading(case), qty_before=case.pieces, **dict(command))
    return [confirmed, *asked_again(command.qty_confirmed, case, world)]


feedback_case: Decider[FeedbackCaseCommand, FeedbackCase, FeedbackCaseEvent] = Decider(
    stream=FEEDBACK_CASE,
    decide=decide,
    collection="feedback-cases",
    label_zh="反馈单",
)
