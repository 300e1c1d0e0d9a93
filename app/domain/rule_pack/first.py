"""The first pack: YTCXQP034, revision A0, as it was signed."""

from importlib.resources import files
from typing import Final

from app.domain.rules import Figures

FIRST_FIGURES: Final = Figures.model_validate_json(
    files("app.domain.rule_pack").joinpath("v1.json").read_bytes()
)
