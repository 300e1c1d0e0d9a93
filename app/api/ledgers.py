"""The ledgers (台账) over HTTP: pages by filters, sort and cursor; one row; and timelines."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, get_args, get_origin

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge, edge_of
from app.api.keys import Caller
from app.api.paths import routed
from app.api.queries import (
    NOT_FOUND,
    PROBLEMS,
    AsOf,
    Cursor,
    Limit,
    MinPosition,
    ReadSince,
    asked_for,
    opened,
    reached,
    sealed,
)
from app.domain.errors import NotFound
from app.domain.values import Day, Instant, one_spelling
from app.events.recorded import written_at
from app.projections.catalogue import LEDGERS
from app.projections.ledger import AnyLedger
from app.projections.pages import Ask, read_page

router: Final = APIRouter(prefix="/v1/ledgers", tags=["ledgers"])

ShortText = Annotated[str, Field(min_length=1, max_length=120)]


class LedgerPage(BaseModel):
    """Rows of a ledger, and where to read on."""

    model_config = ConfigDict(extra="forbid")

    next_cursor: str | None = Field(description="Ask with `cursor=` this for the next page.")
    has_more: bool
    position: int = Field(
        description="The position that the rows are known at: the log's last, or that of `as_of`."
    )


def query_of(ledger: AnyLedger) -> type[BaseModel]:
    """The query parameters of a ledger; any other is refused."""
    ways: list[str] = [f"{sign}{name}" for name in ledger.sorts for sign in ("-", "")]
    sort: Any = Literal[tuple(ways)]
    filters: dict[str, Any] = {
        name: (
            _asked_type(ledger, each.column) | None,
            Field(default=None, description=each.words),
        )
        for name, each in ledger.filters.items()
    }
    return create_model(
        f"{_pascal(ledger.name)}Query",
        __config__=ConfigDict(extra="forbid"),
        **filters,
        sort=(sort, Field(default=ways[0], description="`-` is falling.")),
        limit=(Limit, 50),
        cursor=(Cursor, None),
        min_position=(MinPosition, None),
        as_of=(AsOf, None),
    )


def _asked_type(ledger: AnyLedger, column: str) -> Any:  # noqa: ANN401 - a type
    """What a filter takes: whatever the row's field holds."""
    if ledger.columns[column] == "codes":
        return ShortText
    held = ledger.row_type.model_fields[column].annotation
    for each in get_args(held) or (held,):
        plain = get_args(each)[0] if get_origin(each) is Annotated else each
        if plain is datetime:
            return Instant
        if plain is int:
            return Annotated[int, Field(ge=-(2**62), le=2**62)]
        if plain is date:
            return Day
        if plain is bool or (isinstance(plain, type) and issubclass(plain, StrEnum)):
            return plain
    return ShortText


def as_kept(value: Any) -> str | int:  # noqa: ANN401 - whatever a filter takes
    """What a reader asked for, as the rows spell it."""
    if isinstance(value, datetime):
        return written_at(value.astimezone(UTC))
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, int) else str(one_spelling(value))


def _page_route(ledger: AnyLedger) -> Callable[..., Awaitable[Response]]:
    query_type = query_of(ledger)
    page_type = create_model(
        f"{_pascal(ledger.name)}Page",
        __base__=LedgerPage,
        data=(list[ledger.row_type], ...),  # type: ignore[name-defined]
    )

    async def list_rows(
        request: Request,
        caller: By,
        query: Annotated[query_type, Query()],  # type: ignore[valid-type]
    ) -> Response:
        return await page(request, caller, ledger, query)

    router.add_api_route(
        f"/{ledger.address}",
        list_rows,
        name=f"list_{ledger.name}",
        summary=f"{ledger.title} {ledger.title_zh}",
        description=f"{ledger.title} {ledger.title_zh}. Every row names the events behind it.",
        responses=PROBLEMS,
        response_model=page_type,
    )
    return list_rows


async def page(request: Request, caller: Caller, ledger: AnyLedger, query: Any) -> Response:  # noqa: ANN401 - made above
    """One page of a ledger."""
    edge = edge_of(request)
    await reached(edge, query.min_position)
    given = {name: getattr(query, name) for name in ledger.filters}
    filters = [(ledger.filters[name], as_kept(v)) for name, v in given.items() if v is not None]
    sort = query.sort.removeprefix("-")
    kind = int if ledger.columns[sort] == "number" else str
    after = opened(query.cursor, (kind, str)) if query.cursor else None
    as_of = await asked_for(edge, query.as_of)
    ask = Ask(
        filters=filters,
        sort=sort,
        descending=query.sort.startswith("-"),
        after=(after[0], after[1]) if after else None,
        limit=query.limit + 1,
        as_of=as_of,
    )
    head, rows = await read_page(edge.reader.fetch, ledger, ask)
    position = head if as_of is None else min(as_of, head)
    shown, has_more = rows[: query.limit], len(rows) > query.limit
    await count_read(request, caller, len(shown))
    cursor = sealed([shown[-1]["sorted_by"], shown[-1]["row_id"]]) if has_more else None
    tail = json.dumps({"next_cursor": cursor, "has_more": has_more, "position": position})
    bodies = ", ".join(row["body"] for row in shown)
    headers = {}
    if cursor:
        onward = request.url.include_query_params(cursor=cursor)
        headers["Link"] = f'<{onward.path}?{onward.query}>; rel="next"'
    return Response(
        f'{{"data": [{bodies}], {tail[1:]}', headers=headers, media_type="application/json"
    )


def _row_route(ledger: AnyLedger) -> Callable[..., Awaitable[Response]]:
    async def read_row(
        request: Request,
        row_id: Annotated[str, Path(max_length=120)],
        edge: AtEdge,
        caller: By,
        since: ReadSince,
    ) -> Response:
        await reached(edge, since.min_position)
        rows = await edge.reader.fetch(ledger.select(), [row_id])
        if not rows:
            raise NotFound(kind=ledger.name, id=row_id)
        await count_read(request, caller, 1)
        return Response(rows[0]["body"], media_type="application/json")

    router.add_api_route(
        routed(f"/{ledger.address}/{{row_id}}"),
        read_row,
        name=f"get_{ledger.name}_row",
        summary=f"One row of the {ledger.title} {ledger.title_zh}",
        responses=PROBLEMS | NOT_FOUND,
        response_model=ledger.row_type,
    )
    return read_row


def _pascal(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


for _ledger in LEDGERS:
    _page_route(_ledger)
    _row_route(_ledger)
