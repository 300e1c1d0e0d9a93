"""Settings: read once at the start, checked whole, then passed on as values."""

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from typing_extensions import override

from app.api.identity_provider import IdentityPlan, is_safe
from app.domain.values import Role
from app.evidence.contents import BYTES_MAX
from app.evidence.signing_keys import private_key

Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "EdDSA", "Ed25519",
]  # fmt: skip
"""Signatures of key pairs; never `none`, never one that is made with a shared secret."""
ADDRESS: Final = re.compile(
    r"postgres(ql)?(\+\w+)?://([^/@?#]*@)?"
    r"(([^:/?#@,\[\]]*|\[[0-9A-Fa-f:.]+\])(:\d*)?)(,([^:/?#@,\[\]]*|\[[0-9A-Fa-f:.]+\])(:\d*)?)*"
    r"(/[^?#]*)?(\?[^#]*)?$"
)
"""What asyncpg and libpq read alike; what they refuse they repeat, and a password with it."""


class SecretFiles(PydanticBaseSettingsSource):
    """Secrets out of files, as containers mount them: `SANBAO_KEY_PEPPER_FILE`, and so on.

    Raises:
        SettingsError: a file cannot be read, or the secret is given twice.
    """

    @override
    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        for name in _names(self.settings_cls, field_name) if _is_secret(field) else ():
            path = os.environ.get(f"{name}_FILE")
            if not path:
                continue
            if os.environ.get(name):
                raise SettingsError(f"{name} and {name}_FILE are both given: which one holds?")
            try:
                return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "not UTF-8"
                raise SettingsError(f"{name}_FILE: {path} cannot be read: {why}") from None
        return None, field_name, False

    @override
    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in get_args(field.annotation)


def _names(settings: type[BaseSettings], field_name: str) -> list[str]:
    """The variables that a setting is read from."""
    alias = settings.model_fields[field_name].validation_alias
    if isinstance(alias, AliasChoices):
        return [str(each) for each in alias.choices]
    return [f"{settings.model_config['env_prefix']}{field_name}".upper()]


def secret_files() -> list[str]:
    """The variables that name files with secrets in them."""
    return [
        f"{name}_FILE"
        for field_name, field in Settings.model_fields.items()
        if _is_secret(field)
        for name in _names(Settings, field_name)
    ]


class Settings(BaseSettings):
    """Every knob, with its unit and its bounds. `SANBAO_` and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="SANBAO_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,  # an error is printed, and a secret is not
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
    uploads_max: int = Field(
        default=32, ge=1, le=100_000, description="Files that come in at once at each process."
    )
    uploads_per_key_max: int = Field(default=8, ge=1, le=100_000)
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
    oidc_issuer: str | None = Field(
        default=None,
        max_length=500,
        description="The identity provider whose bearer tokens are taken, as its tokens write it.",
    )
    oidc_audience: str | None = Field(
        default=None, min_length=1, max_length=500, description="Whom its tokens must be for: us."
    )
    oidc_roles: dict[str, tuple[Role, ...]] = Field(
        default={},
        description='Roles by a value of the claim, as JSON: `{"sanbao-qa": ["QA_ENGINEER"]}`.',
    )
    oidc_roles_claim: str = Field(
        default="roles",
        min_length=1,
        description="The claim that lists them, or the dotted path to it (`realm_access.roles`).",
    )
    oidc_person_claim: str = Field(
        default="preferred_username",
        min_length=1,
        description="The claim that names the person; no other one takes its place.",
    )
    oidc_algorithms: Annotated[tuple[Algorithm, ...], NoDecode] = Field(
        default=("RS256", "PS256", "ES256", "EdDSA"),
        min_length=1,
        description="How a token may be signed, with commas between.",
    )
    oidc_leeway_seconds: int = Field(
        default=30, ge=0, le=300, description="By how much its clock and ours may differ."
    )

    @field_validator("oidc_algorithms", mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        return [each.strip() for each in given.split(",")] if isinstance(given, str) else given

    @field_validator("oidc_issuer")
    @classmethod
    def _is_safe(cls, given: str | None) -> str | None:
        if given is not None and not is_safe(given):
            raise ValueError("an address that begins with https:// (http:// on the loopback only)")
        return given

    @field_validator("oidc_roles")
    @classmethod
    def _are_given(cls, given: dict[str, tuple[Role, ...]]) -> dict[str, tuple[Role, ...]]:
        if any(Role.SYSTEM in roles for roles in given.values()):
            raise ValueError("SYSTEM is the service's own role and is given to nobody")
        return given

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        told = (self.oidc_issuer, self.oidc_audience, self.oidc_roles)
        if any(told) and not all(told):
            raise ValueError("OIDC_ISSUER, OIDC_AUDIENCE and OIDC_ROLES are given together")
        return self

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

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Values, the environment, and secrets out of files."""
        return init_settings, env_settings, SecretFiles(settings_cls)

    @field_validator("database_url")
    @classmethod
    def _leads_somewhere(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and ADDRESS.match(given.get_secret_value()) is None:
            raise ValueError(
                "postgresql://user:password@host:port/name, with what is special in a password "
                "written as %xx"
            )
        return given

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

    @property
    def identity(self) -> IdentityPlan | None:
        """Whose tokens are taken beside our own keys."""
        if self.oidc_issuer is None or self.oidc_audience is None:
            return None
        return IdentityPlan(
            issuer=self.oidc_issuer,
            audience=self.oidc_audience,
            roles=self.oidc_roles,
            roles_claim=self.oidc_roles_claim,
            person_claim=self.oidc_person_claim,
            algorithms=self.oidc_algorithms,
            leeway_seconds=self.oidc_leeway_seconds,
        )
