"""Settings: read once at the start, checked whole, then passed on as values."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every knob, with its unit and its bounds. `SANBAO_` and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="SANBAO_", frozen=True, extra="ignore", populate_by_name=True
    )

    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL", "SANBAO_DATABASE_URL"),
        description="A PostgreSQL 18 of your own; without it the embedded one is started.",
    )
    schema_name: str = Field(
        default="sanbao",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        validation_alias=AliasChoices("SANBAO_SCHEMA", "schema_name"),
        description="The schema of the plant: one plant, one schema.",
    )
    data_dir: Path = Field(
        default=Path(".sanbao"), description="The embedded server, the keys, the pepper."
    )
    key_pepper: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Secret that keys are hashed with; without it one is made in the data "
        "directory. Services that share a database must share it.",
    )
    sandbox: bool = Field(default=False, description="Take the time from the request.")
    replay: bool = Field(
        default=False, description="Show a past that `sanbao replay` built; set by `serve`."
    )
    pool_connections_max: int = Field(default=8, ge=1, le=100)
    queue_commands_max: int = Field(default=2_000, ge=1, le=100_000)
    command_seconds_max: float = Field(default=10.0, gt=0, le=120)
