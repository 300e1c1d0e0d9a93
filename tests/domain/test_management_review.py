"""The management review's pack: the year as it is known on a day."""

from datetime import UTC, date, datetime
from typing import Final

from app.domain.errors import AlreadyExists
from app.domain.limits import Due
from app.domain.management_review.decisions import (
    EndYear,
    NoSuchYear,
    PrepareReviewPack,
    ReviewBeforeYear,
    YearNotOver,
    management_review,
)
from app.domain.management_review.events import ReviewPackPrepared, YearEnded
from app.domain.work_calendar.events import LIBRARY
from tests.people import NOON, POLICY, QUALITY_MANAGER
from tests.spec import Spec

YEAR: Final = "2024"
OVER: Final = datetime(2024, 12, 31, 16, tzinfo=UTC)
ENDED: Final = YearEnded(
    review_no="MR-2024",
    year=2024,
    due=(Due(limit="T22", due_at=datetime(2025, 3, 4, 16, tzinfo=UTC), calendar=LIBRARY),),
)
PREPARE: Final = PrepareReviewPack(review_on=date(2025, 2, 10))
PACK: Final = ReviewPackPrepared(
    review_no="MR-2024", year=2024, review_on=date(2025, 2, 10), position=1
)

review: Final = Spec(management_review, to=YEAR)


def test_the_clock_says_that_the_year_is_over_once() -> None:
    asks = POLICY.asks(EndYear(), to=YEAR, at=OVER)

    review.when(asks).then(ENDED)
    review.given(POLICY.did(ENDED, to=YEAR)).when(asks).then_refused(AlreadyExists)
    early = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)
    review.when(POLICY.asks(EndYear(), to=YEAR, at=early)).then_refused(YearNotOver)
    review.when(POLICY.asks(EndYear(), to="24", at=OVER)).then_refused(NoSuchYear)


def test_a_pack_is_the_year_as_it_is_known_now_and_there_may_be_several() -> None:
    review.when(QUALITY_MANAGER.asks(PREPARE, to=YEAR, at=NOON)).then(PACK)
    again = review.given(
        POLICY.did(ENDED, to=YEAR),
        QUALITY_MANAGER.did(PACK, to=YEAR, at=NOON),
        QUALITY_MANAGER.did(PACK.model_copy(update={"position": 9}), to=YEAR, at=NOON),
    ).state()
    assert [each.position for each in again.packs] == [1, 9]
    assert again.packs[0].prepared_by == QUALITY_MANAGER.name
    assert PACK.stops() == ("T22",)
    early = PrepareReviewPack(review_on=date(2023, 12, 31))
    review.when(QUALITY_MANAGER.asks(early, to=YEAR, at=NOON)).then_refused(ReviewBeforeYear)
