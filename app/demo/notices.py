"""What a customer writes on a notice of claim: cost lines that multiply and add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.demo.chance import Chance
from app.demo.facts import CaseFacts
from app.demo.schedule import Json
from app.domain.money import written

MATERIAL_PERCENT: Final = 105
"""Parts are claimed with five per cent for handling."""
CATALOGUE_PERCENT: Final = 62
"""Of the labour rate, as working times of the catalogue are generous."""
OIL_YUAN: Final = {0: 40, 35: 20, 80: 25, 160: 15}
TRAVEL_YUAN: Final = {0: 62, 120: 20, 260: 12, 600: 6}
SORTING_YUAN: Final = {0: 50, 60: 25, 150: 15, 400: 8, 1200: 2}


def money(fen: int) -> Json:
    """An amount of money as the API takes it."""
    return {"amount": written(fen), "currency": "CNY"}


@dataclass(frozen=True, slots=True)
class Line:
    """A cost line; with a quantity in half units, or without."""

    type: str
    amount_fen: int
    spec_code: str | None = None
    pieces: int | None = None
    halves: int | None = None
    """The quantity in half pieces or half hours, so that it is whole."""

    def said(self, number: int) -> Json:
        """The line as the API takes it."""
        body: Json = {"line": number, "type": self.type, "amount": money(self.amount_fen)}
        if self.spec_code is not None:
            body |= {"spec_code": self.spec_code, "pieces": self.pieces}
        if self.halves is not None:
            quantity = f"{self.halves // 2}.5" if self.halves % 2 else str(self.halves // 2)
            unit_fen = self.amount_fen * 2 // self.halves
            body |= {"quantity": quantity, "unit_price": money(unit_fen)}
        return body


def total_of(lines: Sequence[Line]) -> int:
    """What a notice adds up to, in fen."""
    return sum(each.amount_fen for each in lines)


def material(facts: CaseFacts, unit_fen: int) -> Line:
    """The failed pieces at a price."""
    pieces = facts.pieces
    return Line("MATERIAL", unit_fen * pieces, facts.part.spec_code, pieces, pieces * 2)


def draw_lines(facts: CaseFacts, chance: Chance) -> tuple[Line, ...]:
    """What a failure cost the customer."""
    lines = [material(facts, facts.part.price_fen * MATERIAL_PERCENT // 100)]
    if facts.zero_km:
        lines.append(Line("OTHER", chance.weighted(SORTING_YUAN) * 100 * min(facts.pieces, 3)))
    else:
        lines.append(_labour(facts, chance))
        lines.append(Line("AUXILIARY", chance.weighted(OIL_YUAN) * 100 * facts.pieces))
        lines.append(Line("TRAVEL", chance.weighted(TRAVEL_YUAN) * 100))
    if chance.happens(20):
        lines.append(Line("FREIGHT", chance.whole(3, 18) * 500))
    return tuple(each for each in lines if each.amount_fen)


def _labour(facts: CaseFacts, chance: Chance) -> Line:
    """Hours at the customer's rate; an even price, so that half hours cost whole fen."""
    halves = chance.whole(*facts.part.family.half_hours) * facts.pieces
    price_fen = facts.customer.labour_fen * CATALOGUE_PERCENT // 100 // 2 * 2
    return Line("LABOUR", price_fen * halves // 2, halves=halves)
