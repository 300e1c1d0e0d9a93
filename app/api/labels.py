"""Labels of codes (代码表): what people read instead of `QA_ENGINEER`, in Chinese and English."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.api.edge import Known
from app.api.queries import NOT_FOUND, PROBLEMS
from app.domain.errors import NotFound
from app.domain.labels import CODE_LISTS, CodeList

router: Final = APIRouter(prefix="/v1/labels", tags=["labels"], responses=PROBLEMS)

Language = Literal["zh", "en"]
_RANGE: Final = re.compile(r"\s*([A-Za-z]+|\*)[A-Za-z0-9-]*\s*(?:;\s*q=([0-9.]{1,5}))?\s*")

NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "The labels have not changed."}
}


class CodeLabel(BaseModel):
    """One code, and what people read instead of it."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(examples=["CONFIRMED"])
    label: str = Field(description="In the language that was asked for.")
    zh: str = Field(examples=["金额已确认"])
    en: str = Field(examples=["Amount confirmed"])


class LabelledList(BaseModel):
    """The codes of one enumeration, in the order of their course (代码表)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(
        description="`x-labels` of an enumeration in the OpenAPI document ends in it.",
        examples=["ClaimStatus"],
    )
    label: str = Field(description="In the language that was asked for.")
    zh: str
    en: str
    codes: list[CodeLabel]


class Labels(BaseModel):
    """Every code list there is."""

    model_config = ConfigDict(extra="forbid")

    data: list[LabelledList]


class InLanguage(BaseModel):
    """In which language `label` is; `zh` and `en` are always there."""

    model_config = ConfigDict(extra="forbid")

    lang: Language | None = Field(
        default=None, description="Before `Accept-Language`; English when neither says."
    )


Asked = Annotated[InLanguage, Query()]
AcceptLanguage = Annotated[str | None, Header(max_length=1_000)]


def language_of(accepted: str | None) -> Language:
    """The language that an `Accept-Language` would rather have (RFC 9110, 12.5.4), else English."""
    weights: dict[str, float] = {}
    for part in (accepted or "").split(","):
        written = _RANGE.fullmatch(part)
        if written is not None:
            weights.setdefault(written[1].lower(), _weight(written[2]))
    by_weight: dict[Language, float] = {
        "en": weights.get("en", weights.get("*", 0.0)),
        "zh": weights.get("zh", weights.get("*", 0.0)),
    }
    return max(by_weight, key=lambda each: by_weight[each])


def _weight(quality: str | None) -> float:
    try:
        return 1.0 if quality is None else float(quality)
    except ValueError:
        return 0.0


@router.get("", response_model=Labels, responses=NOT_MODIFIED)
async def list_labels(
    request: Request, _: Known, asked: Asked, accept_language: AcceptLanguage = None
) -> Response:
    """Every code that stands in commands, events and ledgers, with its labels (代码表)."""
    language = asked.lang or language_of(accept_language)
    return _answer(request, _all_in(language), language)


@router.get("/{code_list}", response_model=LabelledList, responses=NOT_FOUND | NOT_MODIFIED)
async def get_labels(
    request: Request,
    _: Known,
    code_list: Annotated[str, Path(max_length=80, examples=["ClaimStatus"])],
    asked: Asked,
    accept_language: AcceptLanguage = None,
) -> Response:
    """The codes of one enumeration with their labels (代码表)."""
    if code_list not in CODE_LISTS:
        raise NotFound(kind="code-list", id=code_list)
    language = asked.lang or language_of(accept_language)
    return _answer(request, _one_in(code_list, language), language)


@cache
def _all_in(language: Language) -> bytes:
    return TypeAdapter(Labels).dump_json(Labels(data=_labelled(CODE_LISTS.values(), language)))


@cache
def _one_in(name: str, language: Language) -> bytes:
    (only,) = _labelled([CODE_LISTS[name]], language)
    return TypeAdapter(LabelledList).dump_json(only)


def _labelled(lists: Iterable[CodeList], language: Language) -> list[LabelledList]:
    return [
        LabelledList(
            name=each.name,
            label=each.zh if language == "zh" else each.en,
            zh=each.zh,
            en=each.en,
            codes=[
                CodeLabel(code=code, label=getattr(label, language), zh=label.zh, en=label.en)
                for code, label in each.codes.items()
            ],
        )
        for each in lists
    ]


def _answer(request: Request, body: bytes, language: Language) -> Response:
    headers = {
        "ETag": f'"{sha256(body).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",  # kept, but asked about each time
        "Content-Language": language,
        "Vary": "Accept-Language, Authorization",
    }
    if headers["ETag"] in _tags(request.headers.getlist("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def _tags(sent: Sequence[str]) -> set[str]:
    """The ETags of an `If-None-Match`, compared weakly as RFC 9110, 13.1.2 asks."""
    return {tag.strip().removeprefix("W/") for each in sent for tag in each.split(",")}
