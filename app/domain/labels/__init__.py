"""代码表: every code that people meet, in Chinese and English. The only source of labels.

Codes stand in commands, events and rows; labels are for eyes only and may be reworded at any
time. `tests/contract/test_labels.py` holds that no value of an enumeration is without both.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from app.domain.labels import cases, claims, evidence, goods, projects, words
from app.domain.labels.codes import CodeList, Label

CODE_LISTS: Final[Mapping[str, CodeList]] = {
    each.name: each
    for each in (
        *words.LISTS,
        *cases.LISTS,
        *projects.LISTS,
        *claims.LISTS,
        *goods.LISTS,
        *evidence.LISTS,
    )
}

__all__ = ["CODE_LISTS", "CodeList", "Label", "code_list_of"]


def code_list_of(values: Iterable[str], name: str | None = None) -> CodeList | None:
    """The list that names all of these values.

    Args:
        values: those of an enumeration, or of a part of one.
        name: what it is called; of the lists that have all of the values, the one that is called
            so, else the shortest.
    """
    wanted = set(values)
    having = [each for each in CODE_LISTS.values() if wanted <= each.codes.keys()]
    return min(having, key=lambda each: (each.name != name, len(each.codes)), default=None)
