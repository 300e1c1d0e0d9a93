"""What can be asked of a management review, why it may say no, and what it answers."""

import re
from datetime import date, datetime, timedelta
from typing import ClassVar, Final, TypeAlias, assert_never

from pydantic import Field

from app.domain.decider import Asked, Command, Decider, World
from app.domain.due import due, limits_of
from app.domain.errors import AlreadyExists, Invalid, Missing, Refused
from app.domain.management_review.events import (
    MANAGEMENT_REVIEW,
    ManagementReview,
    ManagementReviewEvent,
    ReviewPackPrepared,
    YearEnded,
)
from app.domain.values import Day, Role, end_of_day

_YEAR: Final = re.compile(r"20\d\d")


class NoSuchYear(Missing):
    """A year is written as 2025.

    「年度应写作 2025。」
    """


class YearNotOver(Refused):
    """The year is not over yet.

    「该年度尚未结束。」
    """

    clause = "4.6.2"


class ReviewBeforeYear(Invalid):
    """A year is not reviewed before it began.

    「评审日期不能早于该年度。」
    """


class EndYear(Command):
    """Say that the year is over, and until when its pack is due."""

    clause: ClassVar[str] = "4.6.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.SYSTEM})
    refusals = (NoSuchYear, YearNotOver, AlreadyExists)


class PrepareReviewPack(Command):
    """Freeze what is known of the year for a management review (编制管理评审输入)."""

    clause: ClassVar[str] = "4.6.2"
    roles: ClassVar[frozenset[Role]] = frozenset({Role.QA_MANAGER})
    refusals = (NoSuchYear, ReviewBeforeYear)

    review_on: Day = Field(description="评审日期.")


ManagementReviewCommand: TypeAlias = EndYear | PrepareReviewPack


def decide(
    asked: Asked[ManagementReviewCommand], review: ManagementReview, world: World
) -> list[ManagementReviewEvent]:
    """The table of contents: one line a command."""
    match asked.command:
        case EndYear():
            return end(asked, review, world)
        case PrepareReviewPack() as command:
            return prepare(asked, command, world)
        case _:
            assert_never(asked.command)


def end(
    asked: Asked[ManagementReviewCommand], review: ManagementReview, world: World
) -> list[ManagementReviewEvent]:
    """Say once that it is over (T22 begins)."""
    year = _year(asked.to)
    over = _over(year)
    if asked.at < over:
        raise YearNotOver(year=year)
    if review.ended:
        raise AlreadyExists(review_no=review.review_no)
    prepared_by = due(world, "T22", limits_of(world).management_review, over - timedelta(seconds=1))
    return [YearEnded(review_no=f"MR-{year}", year=year, due=(prepared_by,))]


def prepare(
    asked: Asked[ManagementReviewCommand], command: PrepareReviewPack, world: World
) -> list[ManagementReviewEvent]:
    """Freeze the pack; a review within the year sees the part of it that is known."""
    year = _year(asked.to)
    if command.review_on < date(year, 1, 1):
        raise ReviewBeforeYear(field="review_on", year=year)
    pack = ReviewPackPrepared(
        review_no=f"MR-{year}", year=year, review_on=command.review_on, position=world.position
    )
    return [pack]


def _year(written: str) -> int:
    if not _YEAR.fullmatch(written):
        raise NoSuchYear(year=written)
    return int(written)


def _over(year: int) -> datetime:
    return end_of_day(date(year, 12, 31))


management_review: Final[
    Decider[ManagementReviewCommand, ManagementReview, ManagementReviewEvent]
] = Decider(
    stream=MANAGEMENT_REVIEW,
    decide=decide,
    collection="management-reviews",
    label_zh="管理评审输入",
    identity="code",
    code_name="year",
)
