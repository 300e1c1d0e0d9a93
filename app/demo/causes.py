"""Why seals fail: the cause catalogue of the demo, and the words people find for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from app.demo.parts import EVERYTHING, LIP_SEALS
from app.domain.values import CauseClass, Department

Verdict = Literal["AGREEMENT", "CUSTOMER", "EITHER", "THIRD_PARTY"]
"""How engineering judges: by the agreement's table, the customer alone, or a third party."""

LEAK, SEEP, NOISE, LIP, SPRING, WRONG, LOOKS, PACKING = (
    "漏油", "渗油", "异响", "唇口翻边", "弹簧脱落", "尺寸/错装", "外观(锈蚀、变形)", "包装/数量",
)  # fmt: skip
"""What the customer sees (故障现象); in English below."""
MODES_EN: Final[Mapping[str, str]] = {
    LEAK: "leaks", SEEP: "seeps", NOISE: "makes a noise", LIP: "has its lip turned over",
    SPRING: "has lost its spring", WRONG: "has the wrong size", LOOKS: "looks damaged",
    PACKING: "was packed or counted wrongly",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Cause:
    """A cause: how often, in what, how it shows, and what is done against it."""

    code: str
    zh: str
    en: str
    cause_class: CauseClass
    weight: float
    verdict: Verdict
    families: tuple[str, ...]
    modes: Mapping[str, float]
    why: str
    escaped: str
    remedy: str


def _cause(  # noqa: PLR0913, PLR0917 - one row of a table
    code: str,
    names: str,
    cause_class: CauseClass,
    weight: float,
    verdict: Verdict,
    families: tuple[str, ...],
    modes: Mapping[str, float],
    words: tuple[str, str, str],
) -> Cause:
    zh, _, en = names.partition(" | ")
    return Cause(code, zh, en, cause_class, weight, verdict, families, modes, *words)


_MADE, _DESIGN = CauseClass.MANUFACTURING, CauseClass.DESIGN
_BUILT, _USED = CauseClass.CUSTOMER_ASSEMBLY, CauseClass.USE_ENVIRONMENT
_CRANK_AND_GEARBOX: Final = ("CRK-R", "CRK-F", "GBX")
_STATIC: Final = ("ORG", "GSK")

CAUSES: Final = (
    _cause("M01", "唇口飞边/缺胶 | lip trimming defect, missing rubber", _MADE, 15, "AGREEMENT",
           LIP_SEALS, {LEAK: 72, SEEP: 18, LOOKS: 10},
           ("The trimming knife was worn and tore rubber off the lip.",
            "The lip was looked at by eye, one piece in fifty.",
            "Change the trimming knife by stroke count and show the count at the press.")),
    _cause("M02", "骨架锈蚀/粘接不良 | case rust, bond failure", _MADE, 9, "AGREEMENT",
           LIP_SEALS, {LEAK: 60, LOOKS: 40},
           ("The phosphate bath was below its strength and the case rusted under the rubber.",
            "The bond was not pulled apart in the release inspection.",
            "Titrate the phosphate bath every shift and stop the line below the limit.")),
    _cause("M03", "过盈量超差 | interference out of tolerance", _MADE, 7, "AGREEMENT",
           EVERYTHING, {LEAK: 82, SEEP: 18},
           ("The lip diameter drifted with the cavity temperature.",
            "The gauge was set for the sister size.",
            "Control the cavity temperature and measure the lip diameter twice a shift.")),
    _cause("M04", "弹簧力/接头不良 | spring load or joint", _MADE, 6, "AGREEMENT",
           LIP_SEALS, {LEAK: 62, SPRING: 38},
           ("The spring joint was screwed half a turn short and opened.",
            "Springs were counted, not pulled.",
            "Pull-test spring joints at the start of every lot.")),
    _cause("M05", "硫化不足(永久变形大) | under-cure, high compression set", _MADE, 5, "AGREEMENT",
           _STATIC, {LEAK: 78, SEEP: 22},
           ("A heating plate was 12 K too cold, the rubber was under-cured.",
            "Compression set was tested once a week.",
            "Record plate temperatures and release a lot by its own compression set.")),
    _cause("P01", "混料/错装 | mixed parts", _MADE, 5, "AGREEMENT",
           EVERYTHING, {WRONG: 100},
           ("Pieces of the sister size were left in the tray after a change of lots.",
            "The box was weighed, and both sizes weigh nearly the same.",
            "Clear the line by a list at every change of lots, signed by two.")),
    _cause("D01", "胶料选型不当(高温硬化) | compound unsuited, hardening", _DESIGN, 4, "AGREEMENT",
           _CRANK_AND_GEARBOX, {LEAK: 85, SEEP: 15},
           ("The oil at the lip is hotter than the compound endures; the lip hardened.",
            "The bench test ran 20 K below the field temperature.",
            "Offer the next better compound and raise the bench test temperature.")),
    _cause("D02", "间隙设计致挤出 | extrusion by gap design", _DESIGN, 3, "AGREEMENT",
           ("ORG",), {LEAK: 100},
           ("The gap opens under pressure and the ring is drawn into it.",
            "The gap was calculated without the deflection of the cover.",
            "Add a back-up ring and put the gap into the design checklist.")),
    _cause("S01", "原胶/弹簧供方不良 | sub-supplier material", CauseClass.SUPPLIER, 2,
           "THIRD_PARTY", EVERYTHING, {LEAK: 75, SEEP: 25},
           ("The raw rubber of one delivery had too high a Mooney viscosity.",
            "The delivery came in with the supplier's certificate alone.",
            "Test every delivery of raw rubber until the supplier's process is released again.")),
    _cause("A01", "装配划伤唇口 | lip cut at assembly", _BUILT, 11, "EITHER",
           LIP_SEALS, {LEAK: 84, LIP: 16},
           ("The lip was cut by the key way of the shaft: assembled without a sleeve.",
            "The customer's line has no check of the lip after assembly.",
            "Give the customer's line an assembly sleeve and a work instruction with photos.")),
    _cause("A02", "压装偏斜 | cocked press-fit", _BUILT, 7, "EITHER",
           LIP_SEALS, {LEAK: 76, LIP: 24},
           ("The seal was pressed in cocked by 0.8 mm; the lip runs eccentric.",
            "The press has no force-travel monitoring.",
            "Agree a press-fit tool with a stop shoulder with the customer.")),
    _cause("A03", "装配缺脂/干摩擦 | no grease, dry running", _BUILT, 5, "CUSTOMER",
           LIP_SEALS, {LEAK: 64, SEEP: 18, NOISE: 18},
           ("The lip ran dry: no grease was applied at assembly.",
            "Grease is applied by hand and not checked.",
            "Deliver the seal pre-greased and tell the customer's line.")),
    _cause("U01", "轴面粗糙度/划痕 | shaft finish", _USED, 4, "CUSTOMER",
           LIP_SEALS, {LEAK: 80, SEEP: 20},
           ("The shaft measures Ra 1.6 µm with a turning lead; 0.2 to 0.8 µm are allowed.",
            "The shaft is bought by the customer and not measured for lead.",
            "Write the shaft finish into the delivery specification of the customer.")),
    _cause("U02", "杂质/泥水侵入 | contamination", _USED, 3, "CUSTOMER",
           ("HUB", "AXL"), {LEAK: 80, SEEP: 20},
           ("Mud went past the dust lip and ground a groove into the shaft.",
            "The vehicle is used off the road more than was specified.",
            "Offer a cassette seal for vehicles that work in mud.")),
    _cause("U03", "内压过高/通气阻塞 | pressure, blocked breather", _USED, 3, "CUSTOMER",
           ("GBX", "AXL"), {LEAK: 88, SEEP: 12},
           ("The breather was blocked and the inner pressure lifted the lip.",
            "The breather is not on the list of the yearly service.",
            "Ask the customer to put the breather into the service manual.")),
    _cause("L01", "运输挤压/受潮 | transport damage", CauseClass.LOGISTICS, 3, "THIRD_PARTY",
           EVERYTHING, {LOOKS: 82, PACKING: 18},
           ("Boxes were stacked six high and the lowest seals were squeezed out of round.",
            "The load was signed for without opening a box.",
            "Pack in boxes that carry 120 kg and print the stacking limit on them.")),
    _cause("K01", "标识/数量错误 | label, quantity", CauseClass.PACKAGING, 2, "AGREEMENT",
           EVERYTHING, {PACKING: 100},
           ("The label of the lot before was still in the printer.",
            "Labels are not scanned against the box.",
            "Scan label and box before the lid is closed.")),
    _cause("NTF", "未发现故障 | no trouble found", CauseClass.NTF, 6, "AGREEMENT",
           EVERYTHING, {SEEP: 58, LEAK: 42},
           ("The part passes the standard test and the load test; no fault was found.",
            "Nothing escaped: the part is as drawn.",
            "Agree with the customer how seepage is told from assembly grease.")),
)  # fmt: skip
BY_CODE: Final = {each.code: each for each in CAUSES}

DEPARTMENTS: Final[Mapping[CauseClass, Department | None]] = {
    CauseClass.MANUFACTURING: Department.PRODUCTION,
    CauseClass.DESIGN: Department.TECH,
    CauseClass.SUPPLIER: Department.QA,
    CauseClass.PACKAGING: Department.LOGISTICS,
    CauseClass.LOGISTICS: Department.LOGISTICS,
}
"""Whose fault it is, where it is ours or came through our hands."""
SUPPLIERS: Final = ("SP-HENGYUAN", "SP-XINTAI")
CARRIERS: Final = ("CR-QILU", "CR-JIAODONG")
