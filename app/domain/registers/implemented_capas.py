"""Which CAPA measures are in place against a cause on a specification, from which day on."""

from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from app.domain.capa.events import CapaActionImplemented, CapaEffectivenessChecked
from app.domain.cause_catalogue.events import codes_of_one_cause
from app.domain.decider import Happened, Register, World

KEPT_MAX: Final = 50
"""Measures against one cause on one specification that are remembered; the last ones."""


class Measure(BaseModel):
    """A measure that is wholly in place."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    capa_id: str
    capa_no: str
    effective_from: date


def cause_key(cause_code: str, spec_code: str) -> str:
    """No code contains a tab."""
    return f"{cause_code}\t{spec_code}"


def _keys(happened: Happened[CapaActionImplemented | CapaEffectivenessChecked]) -> list[str]:
    event = happened.event
    if event.cause_code is None or event.spec_code is None:
        return []
    if isinstance(event, CapaActionImplemented):
        moves = event.measure_effective_from is not None
    else:
        moves = event.result == "INEFFECTIVE"
    return [cause_key(event.cause_code, event.spec_code)] if moves else []


def _fold(
    known: list[Measure] | None,
    happened: Happened[CapaActionImplemented | CapaEffectivenessChecked],
    _: str,
) -> list[Measure] | None:
    event = happened.event
    others = [each for each in known or [] if each.capa_id != happened.to]
    if isinstance(event, CapaActionImplemented) and event.measure_effective_from is not None:
        others.append(
            Measure(
                capa_id=happened.to,
                capa_no=event.capa_no,
                effective_from=event.measure_effective_from,
            )
        )
    return others[-KEPT_MAX:] or None


IMPLEMENTED_CAPAS: Final[Register[list[Measure]]] = Register(
    name="implemented_capas",
    value_type=list[Measure],
    event_types=(CapaActionImplemented, CapaEffectivenessChecked),
    keys=_keys,
    fold=_fold,
)
"""By cause and specification. A measure found ineffective is none any more."""


def measures_against(world: World, cause_code: str, spec_code: str) -> list[Measure]:
    """The measures in place, the earliest first; causes that were merged count as one."""
    found = (
        each
        for code in codes_of_one_cause(world, cause_code)
        for each in world.entry_in(IMPLEMENTED_CAPAS, cause_key(code, spec_code)) or []
    )
    return sorted(found, key=lambda each: (each.effective_from, each.capa_no))
