"""The dossier of a claim or a case: `GET /v1/claims/{claim_id}/dossier`."""

import asyncio
from os import SEEK_END
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.api.attachments import pieces
from app.api.auditing import count_read
from app.api.authority import By
from app.api.edge import AtEdge, edge_of
from app.api.explanations import explained
from app.api.exports import Lines
from app.api.keys import Caller
from app.api.queries import NOT_FOUND, PROBLEMS, ReadSince, reached
from app.api.timelines import EVENTS_MAX, Uuid, timeline_of
from app.evidence.dossier import Part, about, archive, as_json, documents_in, proven
from app.evidence.dossier_files import attached

router: Final = APIRouter(prefix="/v1")

ZIP: Final = "application/zip"
ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A zip file: timeline, explanations, documents, attachments, events, "
        "proofs, checkpoint, and a script that checks them without us.",
        "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get(
    "/claims/{claim_id}/dossier",
    tags=["claims"],
    responses=PROBLEMS | NOT_FOUND | ANSWER,
    response_class=Response,
)
async def get_claim_dossier(
    request: Request, claim_id: Uuid, edge: AtEdge, caller: By, since: ReadSince
) -> Response:
    """Everything of a claim as one archive that can be checked without us (索赔证据卷宗)."""
    await reached(edge, since.min_position)
    return await _dossier(request, caller, f"claim-{claim_id}", claim_id)


@router.get(
    "/feedback-cases/{feedback_case_id}/dossier",
    tags=["feedback-cases"],
    responses=PROBLEMS | NOT_FOUND | ANSWER,
    response_class=Response,
)
async def get_case_dossier(
    request: Request, feedback_case_id: Uuid, edge: AtEdge, caller: By, since: ReadSince
) -> Response:
    """Everything of a case as one archive that can be checked without us (反馈单证据卷宗)."""
    await reached(edge, since.min_position)
    return await _dossier(request, caller, f"feedback-case-{feedback_case_id}", feedback_case_id)


async def _dossier(request: Request, caller: Caller, stream: str, id_: str) -> Response:
    edge = edge_of(request)
    timeline = await timeline_of(edge, stream, id_)
    recorded = await edge.reader.streams(timeline.streams, EVENTS_MAX)
    documents = documents_in([(each.happened.event_id, each.data) for each in recorded])
    files = await attached(edge.reader, timeline.streams, documents)
    streams = list(dict.fromkeys([*timeline.streams, *files]))
    parts, count, newer = await proven(edge.reader, streams)
    await count_read(request, caller, count)
    explanations = [each.model_dump(mode="json") for each in await explained(edge, recorded)]
    position = recorded[-1].position
    front = about(stream, events=count, position=position, newer=newer)
    said = [
        front,
        Part("timeline.json", as_json(timeline.model_dump(mode="json"))),
        Part("explanations.json", as_json(explanations)),
        Part("documents.json", as_json(documents)),
        *parts,
    ]
    whole = await asyncio.to_thread(archive, stream, said, edge.contents, list(files.values()))
    size = whole.seek(0, SEEK_END)
    headers = {
        "Content-Disposition": f'attachment; filename="{stream}.zip"',
        "Content-Length": str(size),
    }
    return Lines(pieces(whole, 0, size), headers=headers, media_type=ZIP)
