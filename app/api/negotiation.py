"""Which of the forms that we have an `Accept` would rather see (RFC 9110, 12.5.1)."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from starlette.requests import Request

_RANGE: Final = re.compile(r"\s*([!#$%&'*+.^_`|~\w-]+)/([!#$%&'*+.^_`|~\w-]+)\s*(;.*)?", re.ASCII)
_QUALITY: Final = re.compile(r";\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*(?:;|$)", re.ASCII)


def best_of(request: Request, offers: Sequence[str]) -> str:
    """The media type to answer with: the one that is wanted most, of equals the first.

    Where nothing is wanted that we have, the first: RFC 9110 lets us answer in it all the same.

    Args:
        request: with or without `Accept`.
        offers: media types, our own preference first.
    """
    accepted = list(_ranges(request))
    if not accepted:
        return offers[0]
    return max(offers, key=lambda offer: _weight(offer, accepted))


def names(request: Request, media_type: str) -> bool:
    """Whether a media type is asked for by its name, not by a wildcard."""
    return any(
        f"{kind}/{form}" == media_type and quality > 0
        for kind, form, quality in _ranges(request)
    )  # fmt: skip


def _ranges(request: Request) -> Iterator[tuple[str, str, float]]:
    for header in request.headers.getlist("accept"):
        for part in header.split(",")[:100]:
            written = _RANGE.fullmatch(part)
            if written is not None:
                quality = _QUALITY.search(written[3] or "")
                weight = float(quality[1]) if quality else 1.0
                yield written[1].lower(), written[2].lower(), weight


def _weight(offer: str, accepted: Sequence[tuple[str, str, float]]) -> float:
    """How much an offer is wanted: by the range that names it most closely."""
    kind, form = offer.split("/")
    for wanted in ((kind, form), (kind, "*"), ("*", "*")):
        found = [quality for *range_, quality in accepted if tuple(range_) == wanted]
        if found:
            return max(found)
    return 0.0
