"""The cause catalogue: codes for ever, merged where two mean one."""

from typing import Final

from app.domain.cause_catalogue.decisions import (
    CauseAlreadyDefined,
    CauseMergedIntoItself,
    CauseNotActive,
    DefineCause,
    MergeCause,
    RetireCause,
    cause_catalogue,
)
from app.domain.cause_catalogue.events import CauseDefined, CauseMerged, CauseRetired
from app.domain.errors import WrongRole
from app.domain.values import CauseClass
from tests.people import CLERK, ENGINEER, QUALITY_MANAGER
from tests.spec import Spec

catalogue: Final = Spec(cause_catalogue)


def cause(code: str) -> CauseDefined:
    """A cause of manufacturing."""
    return CauseDefined(
        code=code, zh="缺胶", en="missing rubber", cause_class=CauseClass.MANUFACTURING
    )


define: Final = DefineCause(**cause("M01").model_dump())


def test_a_cause_gets_its_code_once() -> None:
    catalogue.when(ENGINEER.asks(define)).then(cause("M01"))
    catalogue.given(ENGINEER.did(cause("M01"))).when(ENGINEER.asks(define)).then_refused(
        CauseAlreadyDefined, cause_code="M01"
    )
    catalogue.when(CLERK.asks(define)).then_refused(WrongRole)


def test_an_active_cause_is_merged_into_an_active_one() -> None:
    merge = MergeCause(code="M01", into="M02", reason="Both mean missing rubber.")
    one = catalogue.given(ENGINEER.did(cause("M01")))
    both = one.given(ENGINEER.did(cause("M02")))

    both.when(QUALITY_MANAGER.asks(merge)).then(CauseMerged(**dict(merge)))
    one.when(QUALITY_MANAGER.asks(merge)).then_refused(CauseNotActive, cause_code="M02")
    both.when(QUALITY_MANAGER.asks(merge.model_copy(update={"into": "M01"}))).then_refused(
        CauseMergedIntoItself
    )


def test_a_merged_or_retired_cause_is_not_used_again() -> None:
    retire = RetireCause(code="M01", reason="The mould is scrapped.")
    defined = catalogue.given(ENGINEER.did(cause("M01")), ENGINEER.did(cause("M02")))
    retired = CauseRetired(**dict(retire))
    merged = CauseMerged(code="M01", into="M02", reason="Both mean missing rubber.")

    defined.when(QUALITY_MANAGER.asks(retire)).then(retired)
    for gone in (retired, merged):
        defined.given(QUALITY_MANAGER.did(gone)).when(QUALITY_MANAGER.asks(retire)).then_refused(
            CauseNotActive
        )
