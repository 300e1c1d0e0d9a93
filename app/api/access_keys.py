"""Who has which key, and who one is oneself. Keys are given and taken by commands."""

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from app.api.auditing import count_read
from app.api.authority import Keeper
from app.api.edge import AtEdge, Known
from app.api.grounds import clock_of
from app.api.queries import (
    PROBLEMS,
    Cursor,
    Limit,
    NoParameters,
    not_a_cursor,
    opened,
    sealed,
)
from app.domain.values import Code, Role
from app.domain.values import Instant as ValidInstant
from app.events.recorded import written_at
from app.projections.delegations_ledger import DELEGATIONS_LEDGER, DelegationRow
from app.projections.ledger import Instant
from app.projections.pages import Ask, read_page

router: Final = APIRouter(prefix="/v1", responses=PROBLEMS)

_INSTANT: Final[TypeAdapter[datetime]] = TypeAdapter(ValidInstant)
DELEGATIONS_MAX: Final = 200

SELECT_KEYS: Final = """
    SELECT key_id, person, roles, label, created_at, expires_at, last_used_at, revoked_at,
           rotated_from
    FROM api_keys
    WHERE activated_at IS NOT NULL
      AND ($1::text IS NULL OR person = $1)
      AND ($2::text IS NULL OR key_id = $2)
      AND ($3::boolean IS NULL
           OR $3 = (revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $4)))
      AND ($5::timestamptz IS NULL OR (created_at, key_id) < ($5, $6))
    ORDER BY created_at DESC, key_id DESC LIMIT $7
"""


class AccessKeyRow(BaseModel):
    """One key, without anything that opens (访问密钥)."""

    model_config = ConfigDict(extra="forbid")

    key_id: str = Field(title="密钥编号")
    person: str = Field(title="人员")
    roles: list[Role] = Field(title="角色")
    label: str = Field(
        title="用途", description="`first start`: made before there was a log, named in no event."
    )
    created_at: Instant = Field(title="签发时间")
    expires_at: Instant | None = Field(
        title="到期时间", description="The first instant at which it opens nothing."
    )
    last_used_at: Instant | None = Field(title="最近使用", description="To the minute.")
    revoked_at: Instant | None = Field(title="撤销时间")
    rotated_from: str | None = Field(title="轮换自", description="The key that it succeeds.")


class AccessKeys(BaseModel):
    """Keys, the newest first."""

    model_config = ConfigDict(extra="forbid")

    data: list[AccessKeyRow]
    next_cursor: str | None


class AccessKeysQuery(BaseModel):
    """Which keys."""

    model_config = ConfigDict(extra="forbid")

    person: Code | None = None
    key_id: str | None = Field(default=None, max_length=64)
    opens: bool | None = Field(
        default=None, description="有效: true: neither ended nor revoked; false: one of both."
    )
    limit: Limit = 50
    cursor: Cursor = None


class WhoAmI(BaseModel):
    """Who is at the door (当前身份)."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field(title="人员", description="As events name you.")
    roles: list[Role] = Field(title="角色", description="In which you may ask.")
    client: str = Field(
        title="客户端", description="As events name it: the key's id, or `oidc:` and the client's."
    )
    expires_at: Instant | None = Field(
        title="到期时间", description="Of the key or the token; none: it does not end."
    )
    delegations: list[DelegationRow] = Field(
        title="受托授权", description="In whose name you may ask at this moment."
    )


@router.get("/access-keys", tags=["access-keys"])
async def list_access_keys(
    request: Request, edge: AtEdge, by: Keeper, asked: Annotated[AccessKeysQuery, Query()]
) -> AccessKeys:
    """Which keys there are, whose, until when, and when they were last used (访问密钥清单)."""
    created_at: datetime | None = None
    key_id = ""
    if asked.cursor is not None:
        created_at, key_id = _place(asked.cursor)
    found = await edge.reader.fetch(
        SELECT_KEYS,
        asked.person,
        asked.key_id,
        asked.opens,
        await clock_of(edge),
        created_at,
        key_id,
        asked.limit + 1,
    )
    rows = [AccessKeyRow.model_validate(row) for row in found[: asked.limit]]
    await count_read(request, by, len(rows))
    more = len(found) > asked.limit
    cursor = sealed([written_at(rows[-1].created_at), rows[-1].key_id]) if more else None
    return AccessKeys(data=rows, next_cursor=cursor)


def _place(cursor: str) -> tuple[datetime, str]:
    """The place in the list that a cursor means."""
    written, key_id = opened(cursor, (str, str))
    try:
        return _INSTANT.validate_python(written), key_id
    except ValidationError:
        raise not_a_cursor() from None


@router.get("/whoami", tags=["service"])
async def who_am_i(edge: AtEdge, by: Known, __: NoParameters) -> WhoAmI:
    """Who you are by the key or the token that you show (当前身份)."""
    filters = DELEGATIONS_LEDGER.filters
    ask = Ask(
        filters=[
            (filters["to_person"], by.person),
            (filters["lent_at"], written_at(await clock_of(edge))),
        ],
        sort="delegation_no",
        descending=False,
        after=None,
        limit=DELEGATIONS_MAX,
    )
    _, rows = await read_page(edge.reader.fetch, DELEGATIONS_LEDGER, ask)
    return WhoAmI(
        person=by.person,
        roles=list(by.roles),
        client=by.key_id,
        expires_at=by.expires_at,
        delegations=[DELEGATIONS_LEDGER.decode(row["body"]) for row in rows],
    )
