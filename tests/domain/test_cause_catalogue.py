"""The cause catalogue: codes for ever, merged where two mean one."""

from typing import Final

from app.domain.cause_catalogue.decisions import (
    CauseAlreadyDefined,
    CauseClassesDiffer,
    CauseMergedIntoItself,
    CauseNotActive,
    DefineCause,
    MergeCause,
    RetireCause,
    cause_catalogue,
)
from app.domain.cause_catalogue.events import (
    CAUSE_CATALOGUE,
    CauseCatalogueEvent,
    CauseDefined,
    CauseMerged,
    CauseRetired,
    codes_of_one_cause,
)
from app.domain.decider import SINGLE, Happened
from app.domain.errors import WrongRole
from app.domain.values import CauseClass
from tests.people import CLERK, ENGINEER, NOON, QUALITY_MANAGER
from tests.spec import Around, Spec

catalogue: Final = Spec(cause_catalogue)


def cause(code: str, cause_class: CauseClass = CauseClass.MANUFACTURING) -> CauseDefined:
    """A cause of manufacturing, unless told otherwise."""
    return CauseDefined(code=code, zh="缺胶", en="missing rubber", cause_class=cause_class)


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


def test_no_occurrence_disappears_in_a_cause_of_another_class() -> None:
    merge = MergeCause(code="M01", into="N01", reason="Both mean missing rubber.")
    both = catalogue.given(ENGINEER.did(cause("M01")), ENGINEER.did(cause("N01", CauseClass.NTF)))

    both.when(QUALITY_MANAGER.asks(merge)).then_refused(
        CauseClassesDiffer, cause_class="MANUFACTURING", into_class="NTF"
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


def test_causes_that_were_merged_are_one_cause_under_every_code() -> None:
    history: list[Happened[CauseCatalogueEvent]] = [
        ENGINEER.did(cause(code), to=SINGLE) for code in ("M01", "M02", "M03", "M04")
    ]
    for code, into in (("M01", "M02"), ("M02", "M03")):
        merged = CauseMerged(code=code, into=into, reason="Both mean missing rubber.")
        history.append(QUALITY_MANAGER.did(merged, to=SINGLE))
    world = Around(NOON, tuple((CAUSE_CATALOGUE.name, each) for each in history))

    assert codes_of_one_cause(world, "M02") == ("M02", "M01", "M03")
    assert codes_of_one_cause(world, "M03") == ("M03", "M01", "M02")
    assert codes_of_one_cause(world, "M04") == ("M04",)
    assert codes_of_one_cause(world, "NEW") == ("NEW",)
