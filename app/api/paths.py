"""Addresses whose segments may hold any character: `/` is sent as `%2F` (RFC 3986, 2.2).

A lot number or a customer's code may hold a slash, and servers decode a path before it is routed:
`L1%2F2` would be two segments. So the path is read anew from the bytes that were sent, with `%2F`
(and `%` itself, as `%25`) left encoded until a segment has been told from its neighbours.
"""

import re
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.routing import Match, Route
from starlette.types import Scope
from typing_extensions import override

_SLASH: Final = re.compile("%2F", re.IGNORECASE)
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


class Segment(StringConvertor):
    """One segment of a path, decoded: `{lot_no:segment}` in a route."""

    @override
    def convert(self, value: str) -> str:
        """The value that was sent."""
        return unquote(value)


register_url_convertor("segment", Segment())


class Signpost(Route):
    """A route that is passed at a glance where the address ends in other words.

    A hundred commands share one shape of address; most of the way to one leads past others.
    """

    @override
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """See Starlette."""
        if not scope.get("path", "").endswith(self._ending):
            return Match.NONE, {}
        return super().matches(scope)

    @cached_property
    def _ending(self) -> str:
        last = self.path.rpartition("/")[2]
        return "" if "{" in last else f"/{last}"


def with_slashes_kept(raw_path: bytes) -> str:
    """A path as it is routed: decoded, but for `/` and `%` within a segment."""
    parts = _SLASH.split(raw_path.decode("latin-1"))
    return "%2F".join(unquote(part).replace("%", "%25") for part in parts)


def routed(address: str) -> str:
    """An address as a route takes it: each parameter is one segment, whatever it holds."""
    return _PARAMETER.sub(r"{\1:segment}", address)
