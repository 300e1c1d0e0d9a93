"""The past is what a fold up to it gives: ledgers and figures of the demo, at a hundred positions.

A quarter of a plant, and with `SANBAO_DEMO_SIZE=small` two years of it. The log is folded once
from its beginning, by nothing that the service keeps. At each position every ledger of the past
must hold the rows of that fold, and every figure of the past must be what the service says, live,
of a world of just these rows.
"""

import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from app.domain.values import Role, quarter_of, shanghai_day
from app.events.database import Database
from app.events.reading import Reader
from app.main import Plan, workings
from app.projections.catalogue import LEDGERS
from app.projections.ledger import AnyLedger
from app.projections.pages import Ask, read_page
from tests.api.desk import Json, open_desk
from tests.demo.conftest import PEPPER
from tests.demo.scratch import live_in_scratch, scratch_of

MOMENTS: Final = 100
QUARTERS: Final = tuple(f"{year}Q{n}" for year in range(2024, 2027) for n in range(1, 5))
WORKINGS: Final = workings()

OF_A_QUARTER: Final[tuple[tuple[str, Json], ...]] = (
    ("/v1/kpis/cause-frequency", {}),
    ("/v1/kpis/occurrence-quantity", {}),
    ("/v1/kpis/pareto", {"by": "cause"}),
    ("/v1/kpis/pareto", {"by": "spec"}),
    ("/v1/kpis/pareto", {"by": "customer"}),
    ("/v1/kpis/on-time", {}),
    ("/v1/kpis/analysis", {}),
)
REPORT: Final = "/v1/quarterly-reports/{quarter}/figures"
"""All figures of a quarter, and some more."""
OF_A_YEAR: Final = (
    "/v1/kpis/cost-ratio",
    "/v1/clause-coverage",
    "/v1/management-reviews/{year}/figures",
)
OF_A_DAY: Final = "/v1/kpis/near-miss"
OF_A_ROLE: Final = "/v1/work-list"
ROLES: Final = tuple(Role)


def questions(today: date, chance: random.Random) -> Iterator[tuple[str, Json]]:
    """Every figure of the quarter, the year and the day; and the report of some quarter before."""
    running, year = quarter_of(today), str(today.year)
    for path, asked in OF_A_QUARTER:
        yield path, asked | {"quarter": running}
    for quarter in {running: None, chance.choice(QUARTERS[: QUARTERS.index(running) + 1]): None}:
        yield REPORT.format(quarter=quarter), {}
    for path in OF_A_YEAR:
        yield path.format(year=year), {} if "{" in path else {"year": year}
    yield OF_A_DAY, {}
    yield OF_A_ROLE, {"role": chance.choice(ROLES)}


async def standing(reader: Reader, ledger: AnyLedger, position: int) -> dict[str, str]:
    """The rows of a ledger, as a reader gets them with `as_of` on one long page."""
    ask = Ask((), ledger.sorts[0], descending=True, after=None, limit=10**6, as_of=position)
    _, rows = await read_page(reader.fetch, ledger, ask)
    return {row["row_id"]: row["body"] for row in rows}


def test_every_figure_that_can_be_asked_of_the_past_is_asked() -> None:
    document = json.loads(Path("openapi/openapi.json").read_text(encoding="utf-8"))
    paths = set()
    for path, methods in document["paths"].items():
        names = {each["name"] for each in methods.get("get", {}).get("parameters", ())}
        if "as_of" in names and "revision" not in names:  # which is of a record, not a figure
            paths.add(path)
    beside = {f"/v1/ledgers/{each.address}" for each in LEDGERS}
    figures = {*dict(OF_A_QUARTER), REPORT, *OF_A_YEAR, OF_A_DAY, OF_A_ROLE}
    assert paths - beside == {*figures, "/v1/projections/{name}/checksum"}


async def test_ledgers_and_figures_as_of_a_hundred_positions_are_a_fold_from_scratch(
    grown: Database,
) -> None:
    chance = random.Random(20_250_401)  # noqa: S311 - the same every time
    plan = Plan(database=grown, pepper=PEPPER, clock_is_given=True)
    async with (
        open_desk(plan) as desk,
        scratch_of(grown, WORKINGS) as scratch,
        live_in_scratch(desk.edge, grown) as there,
        desk.edge.reader.log() as log,
    ):
        head = await desk.edge.reader.head()
        moments = {*chance.sample(range(2, head), MOMENTS - 1), head}
        bearer = {"Authorization": f"Bearer {desk.keys['u.aud']}"}
        for recorded in await log.between(0, head, head):
            scratch.fold(recorded)
            position = recorded.position
            if position not in moments:
                continue
            await scratch.stand_at(position)
            for ledger in LEDGERS:
                rows = await standing(desk.edge.reader, ledger, position)
                assert rows == scratch.rows[ledger.name], (ledger.name, position)
            for path, asked in questions(shanghai_day(recorded.happened.at), chance):
                known = await desk.http.get(
                    path, headers=bearer, params=asked | {"as_of": position}
                )
                live = await there.get(path, headers=bearer, params=asked)
                assert (known.status_code, live.status_code) == (200, 200), (known.text, live.text)
                assert known.json() == live.json(), (path, asked, position)
