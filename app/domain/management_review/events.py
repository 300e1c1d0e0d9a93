"""What can happen to a year's management review, and what it adds up to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, ClassVar, Final, TypeAlias, assert_never

from pydantic import Field
from typing_extensions import override

from app.domain.decider import Event, Happened, Stream
from app.domain.replacing import replace
from app.domain.values import Code

ReviewPosition = Annotated[int, Field(ge=1, strict=True, description="A position of the log.")]


class YearEnded(Event):
    """The year is over: its pack for the management review is due (R-17)."""

    clause: ClassVar[str] = "4.6.2"

    review_no: Code = Field(examples=["MR-2025"])
    year: int


class ReviewPackPrepared(Event):
    """The pack is frozen as the year is known at a position."""

    clause: ClassVar[str] = "4.6.2"

    review_no: Code
    year: int
    review_on: date
    position: ReviewPosition

    @override
    def stops(self) -> tuple[str, ...]:
        """See `Event.stops`."""
        return ("T22",)


ManagementReviewEvent: TypeAlias = YearEnded | ReviewPackPrepared


@dataclass(frozen=True, slots=True)
class ReviewPack:
    """A pack: for which day, frozen where, by whom."""

    review_on: date
    position: int
    prepared_by: str
    prepared_at: datetime


@dataclass(frozen=True, slots=True)
class ManagementReview:
    """A year's packs, oldest first."""

    review_no: str = ""
    year: int = 0
    ended: bool = False
    packs: tuple[ReviewPack, ...] = ()


def evolve(review: ManagementReview, happened: Happened[ManagementReviewEvent]) -> ManagementReview:
    """Apply one event."""
    match happened.event:
        case YearEnded() as event:
            return replace(review, review_no=event.review_no, year=event.year, ended=True)
        case ReviewPackPrepared() as event:
            pack = ReviewPack(event.review_on, event.position, happened.by.person, happened.at)
            return replace(
                review,
                review_no=event.review_no,
                year=event.year,
                packs=(*review.packs, pack),
            )
        case unknown:
            assert_never(unknown)


MANAGEMENT_REVIEW: Final = Stream(
    name="management-review", initial=ManagementReview(), evolve=evolve
)
