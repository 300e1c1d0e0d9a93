"""The tree of hashes over HTTP: checkpoints, tiles (C2SP tlog-tiles), proofs and keys.

Everything here is about signed trees, which never change; only the latest checkpoint does.
"""

import base64
from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge, Edge
from app.api.kinds import (
    MALFORMED,
)
from app.api.problems import (
    Fault,
    Problem,
    ProtocolError,
)
from app.api.queries import NOT_FOUND, PROBLEMS, Limit, NoParameters, listed
from app.domain.errors import NotFound
from app.events.recorded import written_at
from app.evidence.checkpoint_store import CheckpointStore, Kept
from app.evidence.entries import bundle
from app.evidence.hash_tree import HashTree
from app.evidence.proofs import Node
from app.evidence.refusals import EntryTooLong, NotSignedYet, TreeIncomplete
from app.evidence.tiles import NotATile, Tile, tile_at

FOR_EVER: Final = "private, max-age=31536000, immutable"
TEXT: Final = "text/plain; charset=utf-8"

REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    409: {
        "model": Problem,
        "description": listed(NotSignedYet, TreeIncomplete),
    }
}
TOO_LONG: Final[dict[int | str, dict[str, Any]]] = {
    409: {
        "model": Problem,
        "description": listed(EntryTooLong),
    }
}
BYTES: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    }
}
NOTE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}

router: Final = APIRouter(prefix="/v1/tree", tags=["tree"], responses=PROBLEMS)

Place = Annotated[
    str,
    Path(
        max_length=64,
        description="The tile's number in groups of three digits, all but the last behind an `x`; "
        "`.p/` and a width where it is not full. 分片编号.",
        examples=["x001/x234/067", "000.p/17"],
    ),
]
Hash = Annotated[str, Field(description="SHA-256 in base64.")]
Position = Annotated[int, Field(ge=1, le=2**62)]


class CheckpointKept(BaseModel):
    """A signed checkpoint (检查点)."""

    model_config = ConfigDict(extra="forbid")

    number: int
    size: int = Field(title="大小", description="Events; also the position of the last one.")
    root: Hash
    signed_at: str = Field(title="签名时间", description="UTC.")
    note: str = Field(title="签名文本", description="A C2SP signed note.")


class CheckpointPage(BaseModel):
    """Checkpoints in the order in which they were signed."""

    model_config = ConfigDict(extra="forbid")

    data: list[CheckpointKept]
    next_after: int = Field(description="Ask with `after=` this for what comes next.")
    has_more: bool


class CheckpointKey(BaseModel):
    """A key, and the sizes of the trees that it signs (验证密钥)."""

    model_config = ConfigDict(extra="forbid")

    verifier_key: str = Field(
        description="As C2SP signed-note writes it: name, id and key.",
        examples=["example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"],
    )
    from_position: int
    to_position: int | None = Field(description="None while this key signs.")
    added_at: str


class CheckpointKeys(BaseModel):
    """Every key that ever signed, oldest first."""

    model_config = ConfigDict(extra="forbid")

    data: list[CheckpointKey]


class InclusionProof(BaseModel):
    """That an event is in a signed tree (包含证明)."""

    model_config = ConfigDict(extra="forbid")

    position: int = Field(description="Of the event; its leaf's index is one less.")
    size: int
    leaf_hash: Hash
    root: Hash
    hashes: list[Hash] = Field(description="Nearest to the leaf first (RFC 9162, 2.1.3).")
    checkpoint: str | None = Field(description="The note that signs the root, where there is one.")


class ConsistencyProof(BaseModel):
    """That a tree continues a smaller one (一致性证明)."""

    model_config = ConfigDict(extra="forbid")

    first: int
    second: int
    first_root: Hash
    second_root: Hash
    hashes: list[Hash] = Field(description="As RFC 9162, 2.1.4, orders them.")
    checkpoint: str | None = Field(description="The note that signs the second root.")


class CheckpointQuery(BaseModel):
    """Where to read on."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=2**62, description="Numbers above this one.")
    limit: Limit = 50


class InclusionQuery(BaseModel):
    """Which event, in which tree."""

    model_config = ConfigDict(extra="forbid")

    position: Position
    size: Position | None = Field(default=None, description="Default: the last one signed.")


class ConsistencyQuery(BaseModel):
    """From which tree to which."""

    model_config = ConfigDict(extra="forbid")

    first: int = Field(ge=0, le=2**62)
    second: Position | None = Field(default=None, description="Default: the last one signed.")


@router.get(
    "/checkpoint", responses=NOT_FOUND | NOTE, response_class=PlainTextResponse
)  # fmt: skip
async def get_checkpoint(edge: AtEdge, _: By, __: NoParameters) -> Response:
    """Read the latest signed checkpoint, a C2SP note (最新检查点)."""
    latest = await CheckpointStore(edge.reader).latest()
    if latest is None:
        raise NotFound(kind="checkpoint")
    return Response(latest.note, media_type=TEXT)


@router.get("/checkpoints")
async def list_checkpoints(
    query: Annotated[CheckpointQuery, Query()], edge: AtEdge, _: By
) -> CheckpointPage:
    """Read every checkpoint that was ever signed (检查点列表)."""
    found = await CheckpointStore(edge.reader).page(query.after, query.limit + 1)
    page = found[: query.limit]
    return CheckpointPage(
        data=[_shown(each) for each in page],
        next_after=page[-1].number if page else query.after,
        has_more=len(found) > query.limit,
    )


@router.get("/keys")
async def list_checkpoint_keys(edge: AtEdge, _: By, __: NoParameters) -> CheckpointKeys:
    """Read the public keys of the checkpoints, also those that no longer sign (验证密钥)."""
    return CheckpointKeys(
        data=[
            CheckpointKey(
                verifier_key=str(each.verifier),
                from_position=each.from_position,
                to_position=each.to_position,
                added_at=written_at(each.added_at),
            )
            for each in await CheckpointStore(edge.reader).keys()
        ]
    )


@router.get("/inclusion", responses=REFUSED)
async def get_inclusion_proof(
    query: Annotated[InclusionQuery, Query()], edge: AtEdge, _: By
) -> InclusionProof:
    """Prove that an event is in a signed tree (包含证明)."""
    size = await _signed(edge, query.size, at_least=query.position)
    if query.position > size:
        raise _misfit("query:position", "The tree of this size has not this event")
    tree = HashTree(edge.reader)
    (leaf,) = await tree.nodes([Node(0, query.position - 1)])
    return InclusionProof(
        position=query.position,
        size=size,
        leaf_hash=_base64(leaf),
        root=_base64(await tree.root(size)),
        hashes=_all_base64(await tree.inclusion(query.position - 1, size)),
        checkpoint=await _note(edge, size),
    )


@router.get("/consistency", responses=REFUSED)
async def get_consistency_proof(
    query: Annotated[ConsistencyQuery, Query()], edge: AtEdge, _: By
) -> ConsistencyProof:
    """Prove that a signed tree continues a smaller one (一致性证明)."""
    second = await _signed(edge, query.second, at_least=query.first)
    if query.first > second:
        raise _misfit("query:first", "Not above `second`")
    tree = HashTree(edge.reader)
    hashes = await tree.consistency(query.first, second) if query.first else []
    return ConsistencyProof(
        first=query.first,
        second=second,
        first_root=_base64(await tree.root(query.first)),
        second_root=_base64(await tree.root(second)),
        hashes=_all_base64(hashes),
        checkpoint=await _note(edge, second),
    )


@router.get(
    "/tile/entries/{place:path}", responses=NOT_FOUND | TOO_LONG | BYTES, response_class=Response
)
async def get_entries(
    request: Request, place: Place, edge: AtEdge, caller: By, __: NoParameters
) -> Response:
    """Read the canonical bytes of up to 256 events, each behind its length (C2SP tlog-tiles)."""
    tile = await _tile_within(edge, "0", place)
    await count_read(request, caller, tile.width, (tile.first, tile.first + tile.width))
    return _bytes(await bundle(edge.reader, tile))


@router.get(
    "/tile/{level}/{place:path}", responses=NOT_FOUND | REFUSED | BYTES, response_class=Response
)
async def get_tile(
    level: Annotated[str, Path(max_length=2, pattern=r"^[0-9]+$", description="0 to 63. 层级.")],
    place: Place,
    edge: AtEdge,
    _: By,
    __: NoParameters,
) -> Response:
    """Read a tile: up to 256 hashes of the tree, 32 bytes each (C2SP tlog-tiles; 哈希分片)."""
    tile = await _tile_within(edge, level, place)
    return _bytes(await HashTree(edge.reader).tile(tile))


async def _tile_within(edge: Edge, level: str, place: str) -> Tile:
    """The tile at an address, which the latest signed tree has.

    Raises:
        NotFound: it is the address of none, or the tree has it not.
    """
    latest = await CheckpointStore(edge.reader).latest()
    try:
        tile = tile_at(level, place)
    except NotATile:
        raise NotFound(kind="tile", id=f"{level}/{place}") from None
    if latest is None or not tile.within(latest.size):
        raise NotFound(kind="tile", id=f"{level}/{place}", signed=latest.size if latest else 0)
    return tile


async def _signed(edge: Edge, size: int | None, *, at_least: int) -> int:
    """The size of a tree that is asked about.

    Raises:
        NotSignedYet: it is larger than the last one signed, or that is too small.
    """
    latest = await CheckpointStore(edge.reader).latest()
    signed = latest.size if latest else 0
    asked = max(signed, at_least) if size is None else size
    if asked > signed or signed == 0:
        raise NotSignedYet(signed=signed, asked=asked)
    return asked


async def _note(edge: Edge, size: int) -> str | None:
    found = await CheckpointStore(edge.reader).of_size(size)
    return None if found is None else found.note


def _shown(kept: Kept) -> CheckpointKept:
    return CheckpointKept(
        number=kept.number,
        size=kept.size,
        root=_base64(kept.root),
        signed_at=written_at(kept.signed_at),
        note=kept.note,
    )


def _misfit(pointer: str, detail: str) -> ProtocolError:
    fault = Fault(pointer=pointer, code="not_in_the_tree", detail=detail)
    return ProtocolError(MALFORMED, faults=[fault])


def _bytes(content: bytes) -> Response:
    return Response(
        content, media_type="application/octet-stream", headers={"Cache-Control": FOR_EVER}
    )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _all_base64(hashes: Sequence[bytes]) -> list[str]:
    return [_base64(each) for each in hashes]
