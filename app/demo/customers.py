"""The customers of the demo. All names are fictitious."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.values import CauseClass, Party

WHOLE_BPS: Final = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class Customer:
    """A customer: how often it complains, what was agreed with it, what it builds."""

    code: str
    name: str
    city: str
    weight: float
    company_bps: Mapping[int, int]
    """What we bear of our own faults, from an agreement year on."""
    labour_fen: int
    """Its labour rate an hour."""
    vehicles: tuple[str, ...]
    counts_hours: bool
    """Whether its machines count hours, not kilometres."""
    families: tuple[str, ...]
    """The product families that it buys."""

    def company_share(self, year: int) -> int:
        """What we bear of our own faults, in basis points; the first figure counts before it."""
        last = max((each for each in self.company_bps if each <= year), default=None)
        return self.company_bps[min(self.company_bps) if last is None else last]


def _customer(  # noqa: PLR0913, PLR0917 - one row of a table
    code: str,
    name: str,
    city: str,
    weight: float,
    share: tuple[int, int],
    labour_yuan: int,
    vehicles: str,
    families: str,
) -> Customer:
    return Customer(
        code=code,
        name=name,
        city=city,
        weight=weight,
        company_bps={2024: share[0] * 100, 2025: share[1] * 100},
        labour_fen=labour_yuan * 100,
        vehicles=tuple(vehicles.split(", ")),
        counts_hours=code in {"C07", "C11"},
        families=tuple(families.split()),
    )


CUSTOMERS: Final = (
    _customer("C01", "鲁岳重型汽车 Luyue Heavy Truck", "Jinan", 18, (60, 70), 68,
              "LY4250 tractor, LY3310 tipper, LY1180 box truck", "CRK-R CRK-F GBX AXL HUB GSK"),
    _customer("C02", "海岱变速箱 Haidai Transmission", "Qingdao", 14, (70, 70), 62,
              "HD12 gearbox, HD9S gearbox, HD6 gearbox", "GBX ORG"),
    _customer("C03", "齐辰发动机 Qichen Engine", "Weifang", 14, (50, 60), 72,
              "QC6D engine, QC4D engine, QC6N engine", "CRK-R CRK-F VLV ORG GSK"),
    _customer("C04", "沂川车桥 Yichuan Axle", "Linyi", 12, (70, 65), 58,
              "YC13T drive axle, YC9T steering axle", "AXL HUB"),
    _customer("C05", "东莱乘用车 Donglai Passenger Car", "Yantai", 9, (30, 30), 92,
              "Donglai E5, Donglai S3, Donglai X7", "CRK-R CRK-F GBX VLV STR SHK HUB BOOT"),
    _customer("C06", "胶澳转向 Jiaoao Steering", "Qingdao", 7, (60, 60), 66,
              "JA-R2 rack, JA-G1 gear", "STR BOOT ORG"),
    _customer("C07", "云峰农机 Yunfeng Tractors", "Luoyang", 7, (80, 80), 50,
              "YF1604 tractor, YF904 tractor", "CRK-R CRK-F GBX AXL HUB"),
    _customer("C08", "昆嵛减振 Kunyu Damper", "Weihai", 6, (60, 60), 60,
              "KY-S20 damper, KY-S12 damper", "SHK"),
    _customer("C09", "辽港客车 Liaogang Bus", "Dalian", 4, (70, 70), 70,
              "LG6120 coach, LG6850 city bus", "CRK-R AXL HUB"),
    _customer("C10", "芝罘售后配件 Zhifu Service Parts", "Yantai", 4, (100, 100), 55,
              "several models", "CRK-R CRK-F GBX AXL HUB VLV ORG"),
    _customer("C11", "北安工程机械 Bei'an Construction", "Xuzhou", 3, (70, 75), 64,
              "BA955 loader, BA220 excavator", "AXL HUB ORG GSK"),
    _customer("C12", "晨岬新能源 Chenjia E-Drive", "Hefei", 2, (50, 50), 95,
              "CJ-e9 e-axle, CJ-e6 e-axle", "GBX AXL ORG"),
)  # fmt: skip
BY_CODE: Final = {each.code: each for each in CUSTOMERS}

OUR_FAULT: Final = frozenset({CauseClass.MANUFACTURING, CauseClass.DESIGN, CauseClass.PACKAGING})
NOT_OURS_BPS: Final = 2_000
"""What we bear where the customer assembled or used the part wrongly."""
THIRD_PARTY_BPS: Final = 7_000
"""What a supplier or carrier bears of its own faults."""


def shares(cause_class: CauseClass, customer: Customer, year: int) -> list[dict[str, object]]:
    """What an agreement says of a class of causes."""
    if cause_class in OUR_FAULT:
        return _between(Party.CUSTOMER, customer.company_share(year))
    if cause_class in {CauseClass.SUPPLIER, CauseClass.LOGISTICS}:
        return _between(Party.THIRD_PARTY, WHOLE_BPS - THIRD_PARTY_BPS)
    if cause_class is CauseClass.NTF:
        return _between(Party.CUSTOMER, WHOLE_BPS // 2)
    return _between(Party.CUSTOMER, NOT_OURS_BPS)


def _between(other: Party, company_bps: int) -> list[dict[str, object]]:
    return [
        {"party": Party.COMPANY, "bps": company_bps},
        {"party": other, "bps": WHOLE_BPS - company_bps},
    ]
