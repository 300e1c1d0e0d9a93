"""What every figure stands on: one state of things, the figures in force, the causes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from app.domain.cause_catalogue.events import CAUSE_CATALOGUE, CauseCatalogue
from app.domain.decider import SINGLE
from app.domain.errors import Missing
from app.domain.rule_pack.events import RULE_PACKS
from app.domain.rules import RulePack
from app.domain.values import shanghai_day
from app.events.reading import Snapshot
from app.projections.catalogue import LEDGERS
from app.projections.pages import as_known

NAMED_MAX: Final = 200
"""Records that are named behind one figure; more are counted, not named."""

Quarter = Annotated[
    str, Field(pattern=r"^[12][0-9]{3}Q[1-4]$", description="季度.", examples=["2025Q2"])
]
Year = Annotated[str, Field(pattern=r"^[12][0-9]{3}$", description="年份.", examples=["2025"])]
Permille = Annotated[int, Field(description="Thousandths, cut off (千分比): 20 is 2 %.")]
Numbers = Annotated[
    tuple[str, ...], Field(description=f"What was counted, by number; at most {NAMED_MAX}.")
]


class NothingKnownYet(Missing):
    """Nothing was known yet at this moment: the log had not begun.

    「该时点日志尚未开始,没有任何记录。」
    """


class TargetStatus(StrEnum):
    """How a figure stands to its target (状态): exactly at the target is met."""

    MET = "MET"
    EXCEEDED = "EXCEEDED"
    UNKNOWN = "UNKNOWN"


class Answer(BaseModel):
    """What every answer says of itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position: int = Field(description="The log's last position when this was read.")
    rule_pack_version: int = Field(description="The rule pack whose figures are the limits.")


class Part(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Ground:
    """One state of things."""

    snapshot: Snapshot
    pack: RulePack
    catalogue: CauseCatalogue
    today: date

    @property
    def said(self) -> dict[str, int]:
        """The fields of `Answer`."""
        return {
            "position": self.snapshot.position,
            "rule_pack_version": self.pack.version,
        }

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:  # noqa: ANN401
        """Rows of the read tables, as they stood at the position."""
        if self.snapshot.position < self.snapshot.head:
            statement = as_known(statement, LEDGERS, self.snapshot.position)
        return await self.snapshot.fetch(statement, *arguments)


async def ground_of(snapshot: Snapshot, now: datetime) -> Ground:
    """What figures are read from, under the rule pack in force now.

    Args:
        snapshot: one state of things, now or as of a position.
        now: what counts as now: the clock's time, or that of the position.
    """
    packs = await snapshot.state_of(RULE_PACKS, SINGLE)
    pack = packs.in_force(now)
    if pack is None:
        raise NothingKnownYet(position=snapshot.position)
    catalogue = await snapshot.state_of(CAUSE_CATALOGUE, SINGLE)
    return Ground(snapshot, pack, catalogue, shanghai_day(now))


def permille(part: int, whole: int) -> int | None:
    """Thousandths, cut off; None of nothing."""
    return part * 1000 // whole if whole else None


def named(numbers: Iterable[str | None]) -> tuple[str, ...]:
    """Numbers in their order, once, as many as are named."""
    known = {each for each in numbers if each is not None}
    return tuple(sorted(known))[:NAMED_MAX]
