"""Settings: read once at the start, checked whole, then passed on as values."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.evidence.signing_keys import private_key


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
        pattern=r"^[a-z_][a-z0-9_]{0,57}$",
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
    person_key: SecretStr | None = Field(
        default=None,
        min_length=32,
        description="Master key that wraps the keys of persons; without it one is made in the data "
        "directory. Services that share a database must share it; lost, it erases everybody.",
    )
    sandbox: bool = Field(default=False, description="Take the time from the request.")
    replay: bool = Field(
        default=False, description="Show a past that `sanbao replay` built; set by `serve`."
    )
    pool_connections_max: int = Field(default=8, ge=1, le=100)
    queue_commands_max: int = Field(default=2_000, ge=1, le=100_000)
    command_seconds_max: float = Field(default=10.0, gt=0, le=120)
    rate_requests_per_second_max: float = Field(
        default=500.0,
        ge=1,
        le=1_000_000,
        description="Requests of one key, by each process, on and on. Each 50 rows of a "
        "page count as 1, of the past as 2; changes as 5, a dossier as 10, an export as 20, a "
        "what-if as 50.",
    )
    rate_burst_requests_max: int = Field(
        default=1_000, ge=1, le=10_000_000, description="Requests of one key at once, before that."
    )
    rate_keyless_per_second_max: float = Field(
        default=100.0,
        ge=1,
        le=1_000_000,
        description="Requests of one address without a key; and as many with a wrong one.",
    )
    rate_keyless_burst_max: int = Field(default=1_000, ge=1, le=10_000_000)
    requests_at_once_max: int = Field(
        default=256,
        ge=2,
        le=100_000,
        description="Taken in by each process, worked on or waiting; others are answered 503.",
    )
    requests_at_once_per_key_max: int = Field(
        default=64, ge=1, le=100_000, description="Of these, of one key; others are answered 429."
    )
    requests_worked_on_max: int = Field(
        default=32,
        ge=2,
        le=100_000,
        description="Worked on at once by each process; keys take turns at these places.",
    )
    requests_worked_on_per_key_max: int = Field(
        default=2,
        ge=1,
        le=100_000,
        description="Of these, for one key while others ask, too; alone it may have all of them.",
    )
    streams_max: int = Field(default=200, ge=1, le=100_000, description="Open at each process.")
    streams_per_key_max: int = Field(default=8, ge=1, le=100_000)
    connections_max: int = Field(
        default=1_000, ge=10, le=100_000, description="Open at each process."
    )
    connections_per_address_max: int = Field(
        default=200,
        ge=1,
        le=100_000,
        description="Of one client address; raise it for a proxy that stands on another machine.",
    )
    head_seconds_max: float = Field(
        default=10.0, gt=0, le=600, description="Until address and headers are there."
    )
    body_seconds_max: float = Field(
        default=30.0, gt=0, le=600, description="Until a body is there, or comes at 4 KiB/s."
    )
    reader_seconds_max: float = Field(
        default=30.0, gt=0, le=600, description="How long a reader may leave an answer standing."
    )
    idle_seconds_max: int = Field(
        default=30, ge=1, le=600, description="How long a connection is kept for the next request."
    )
    checkpoint_key: SecretStr | None = Field(
        default=None,
        description="Ed25519 key that signs checkpoints, in PEM or as a seed of 32 bytes in hex or "
        "base64; without it one is made in the data directory.",
    )
    checkpoint_origin: str | None = Field(
        default=None,
        pattern=r"^[!-*,-~]{1,200}$",
        description="The log's name in its checkpoints, best an address without its scheme; "
        "default `sanbao/<schema>`.",
    )
    checkpoint_dir: Path | None = Field(
        default=None,
        description="Where copies of checkpoints and leaf hashes are kept, best on a disk that "
        "the database's operators cannot write; default `<data dir>/checkpoints/<schema>`.",
    )
    checkpoint_url: SecretStr | None = Field(
        default=None, description="Where each new checkpoint is posted to, as text/plain."
    )
    checkpoint_seconds_min: float = Field(
        default=2.0, ge=0.1, le=3_600, description="Between two checkpoints."
    )

    @field_validator("checkpoint_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            private_key(given.get_secret_value())
        return given

    @field_validator("checkpoint_url")
    @classmethod
    def _is_an_address(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not given.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("an address that begins with https://")
        return given

    @property
    def origin(self) -> str:
        """The log's name in its checkpoints."""
        return self.checkpoint_origin or f"sanbao/{self.schema_name}"
