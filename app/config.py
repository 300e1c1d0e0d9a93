"""Settings: read once at the start, checked whole, then passed on as values."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.evidence.contents import BYTES_MAX
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

    attachments_url: str | None = Field(
        default=None,
        pattern=r"^(s3://[^/@]+(/[^@]*)?|file:///.+)$",
        description="Where files of attachments are: `file:///folder`, or `s3://bucket/prefix` "
        "with endpoint and keys in the environment (`AWS_ENDPOINT_URL`, `AWS_REGION`, "
        "`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`); default `<data dir>/attachments`.",
    )
    attachment_bytes_max: int = Field(
        default=BYTES_MAX, ge=1, le=2**30, description="How large a file may be."
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
