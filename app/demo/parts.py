"""What the plant makes: families of seals and their specifications."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Family:
    """A product family: how often it fails, and what a failure costs."""

    code: str
    zh: str
    where: str
    """Where it sits, in English."""
    weight: float
    price_fen: tuple[int, int]
    half_hours: tuple[int, int]
    """Repair time at the customer."""
    specs: tuple[str, ...]


def _family(  # noqa: PLR0913, PLR0917 - one row of a table
    code: str,
    zh: str,
    where: str,
    weight: float,
    price_fen: tuple[int, int],
    half_hours: tuple[int, int],
    specs: str,
) -> Family:
    return Family(code, zh, where, weight, price_fen, half_hours, tuple(specs.split(", ")))


FAMILIES: Final = (
    _family("CRK-R", "曲轴后油封", "rear crankshaft seal", 14, (3800, 12000), (12, 20),
            "TC 85×105×10 ACM, TC 85×105×10 FKM, TC 95×118×10 FKM, TC 95×118×10 PTFE, "
            "TC 110×130×12 FKM, TC 110×130×12 PTFE, TC 120×150×15 FKM, TC 120×150×15 PTFE"),
    _family("CRK-F", "曲轴前油封", "front crankshaft seal", 11, (1200, 3500), (3, 6),
            "TC 35×50×8 NBR, TC 35×50×8 ACM, TC 35×50×8 FKM, TC 45×62×8 ACM, TC 45×62×8 FKM, "
            "TC 55×75×10 ACM, TC 55×75×10 FKM, TC 55×75×10 VMQ"),
    _family("GBX", "变速箱油封", "gearbox shaft seal", 15, (1000, 3000), (6, 10),
            "TC 30×45×8 NBR, TC 30×45×8 ACM, TC 30×45×8 FKM, TC 42×62×8 NBR, TC 42×62×8 ACM, "
            "TC 42×62×8 FKM, TC 58×80×10 NBR, TC 58×80×10 ACM, TC 58×80×10 HNBR, TC 58×80×10 FKM"),
    _family("AXL", "半轴油封", "axle shaft seal", 16, (900, 2800), (2, 5),
            "TC 40×65×12 NBR, TC 40×65×12 ACM, TC 40×65×12 HNBR, TB 65×90×10 NBR, "
            "TB 65×90×10 ACM, TB 65×90×10 HNBR, TB 65×90×10 FKM, TB 70×95×12 NBR, "
            "TB 70×95×12 HNBR, TB 70×95×12 FKM"),
    _family("HUB", "轮毂油封", "hub seal", 14, (1500, 5500), (3, 5),
            "TB 95×125×12 NBR, TB 95×125×12 HNBR, TB 95×125×12 FKM, TB 115×140×12 NBR, "
            "TB 115×140×12 HNBR, TB 115×140×12 FKM, TB 130×160×14 HNBR, TB 130×160×14 FKM"),
    _family("VLV", "气门油封", "valve stem seal", 6, (120, 350), (8, 14),
            "VS 5.5 FKM, VS 6 FKM, VS 7 FKM, VS 9 FKM"),
    _family("STR", "转向器油封", "steering gear seal", 6, (600, 1800), (4, 7),
            "TCN 22×38×7 NBR, TCN 22×38×7 HNBR, TCN 26×40×6.5 NBR, TCN 26×40×6.5 HNBR, "
            "TCN 26×40×6.5 FKM"),
    _family("SHK", "减振器油封", "damper rod seal", 6, (300, 900), (2, 3),
            "SD 12.5×30×8 NBR, SD 12.5×30×8 FKM, SD 20×35×9 NBR, SD 20×35×9 HNBR"),
    _family("ORG", "O形圈", "O-ring", 6, (20, 300), (1, 6),
            "O 12×1.8 NBR, O 12×1.8 FKM, O 30×2.65 NBR, O 30×2.65 HNBR, O 30×2.65 FKM, "
            "O 56×3.55 NBR, O 56×3.55 FKM, O 100×5.3 NBR, O 100×5.3 VMQ, O 100×5.3 FKM"),
    _family("GSK", "组合垫", "bonded washer", 4, (80, 1200), (1, 8),
            "BS M10 NBR, BS M14 NBR, BS M18 FKM, BS M27 FKM"),
    _family("BOOT", "防尘罩", "dust boot", 2, (400, 2500), (2, 4),
            "BT 3071-12 CR, BT 3071-16 CR"),
)  # fmt: skip
BY_CODE: Final[Mapping[str, Family]] = {each.code: each for each in FAMILIES}
LIP_SEALS: Final = ("CRK-R", "CRK-F", "GBX", "AXL", "HUB", "VLV", "STR", "SHK")
EVERYTHING: Final = tuple(BY_CODE)


@dataclass(frozen=True, slots=True)
class Part:
    """One specification of a family, and its price."""

    family: Family
    spec_code: str
    price_fen: int


def part_of(family: Family, spec_code: str) -> Part:
    """A part; within its family the price rises with the place in the list."""
    least, most = family.price_fen
    place = family.specs.index(spec_code) if spec_code in family.specs else 0
    step = (most - least) // max(len(family.specs) - 1, 1)
    return Part(family, spec_code, least + place * step)
