"""One frozen Settings, built from a given environment. docs/settings.md is generated from it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from contract.landing import IMPORT_SLOT, SLOT, Landing
from contract.mirror import FOLDER, Mirror

PREFIX = "HIRING_"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")
_LABEL = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_STORE = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,62}(/[A-Za-z0-9_.=-]+)*/?")
_ENDPOINT = re.compile(r"https?://[^/\s@]+/?")


class SettingsError(ValueError):
    """Variables are wrong; the text says which and what is expected, never the value."""


@dataclass(frozen=True)
class Token:
    """A secret by its hash: the secret itself is not kept."""

    label: str
    digest: bytes

    @classmethod
    def of(cls, text: str, label: str) -> Token:
        return cls(label, hashlib.sha256(text.encode()).digest())

    def matches(self, text: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest, hashlib.sha256(text.encode()).digest())


def _list(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _tokens(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    tokens = []
    for number, part in enumerate(_list(value), start=1):
        label, separator, token = part.partition("=")
        if not separator:
            label, token = f"token{number}", part
        if not _TOKEN.fullmatch(token) or not _LABEL.fullmatch(label):
            raise ValueError(
                f"token {number} must be [label=]token, the token 16 or more of A-Z a-z 0-9 _ -"
            )
        tokens.append(Token.of(token, label))
    return tuple(tokens)


Tokens = Annotated[tuple[Token, ...], BeforeValidator(_tokens)]


def _labels(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    pairs = [part.rpartition("=") for part in _list(value)]
    if not all(label.strip() and days.strip().isdecimal() for label, _, days in pairs):
        raise ValueError("must be LABEL=DAYS, comma separated")
    return tuple((label.strip(), int(days)) for label, _, days in pairs)


Labels = Annotated[tuple[tuple[str, int], ...], BeforeValidator(_labels)]
Secrets = Annotated[tuple[SecretStr, ...], BeforeValidator(_list)]
Names = Annotated[tuple[str, ...], BeforeValidator(_list)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_list)]


class Settings(BaseModel):
    """What the environment says. A field NAME is the variable HIRING_NAME."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    home: Path = Field(
        Path("data"), validate_default=True, description="Folder of everything that is kept."
    )
    engine: Literal["duckdb", "ducklake", "spark"] = Field(
        "duckdb",
        description="What holds raw tables and builds models: duckdb, a file of this machine;"
        " ducklake, a lake that several machines share (docs/ducklake.md); spark, a cluster"
        " (docs/spark.md). The figures are the same.",
    )
    spark_master: str = Field(
        "local[*]",
        description="For spark: the cluster, spark://HOST:7077; local[*] is this machine's cores.",
    )
    lake_catalog: SecretStr | None = Field(
        None,
        description="For ducklake: the catalog's PostgreSQL, postgresql://USER:PASSWORD@HOST/NAME;"
        " a secret.",
    )
    lake_data: str | None = Field(
        None, description="For ducklake: where the data lie, s3://BUCKET/PREFIX or a shared folder."
    )
    webhook_tokens: Tokens = Field(
        (),
        description="Secrets of the webhook URL, comma separated, each [label=]token of 16 or more"
        " of A-Z a-z 0-9 _ -. Also accepted as bearer tokens. `serve` refuses to start with none.",
    )
    admin_token: Tokens = Field(
        (), description="Bearer token for /metrics, /docs and the detail of /readyz; unset: 404."
    )
    signing_secrets: Secrets = Field(
        (), description="Standard Webhooks secrets (whsec_…), comma separated; set: required."
    )
    hmac_secrets: Secrets = Field(
        (), description="Secrets of a plain HMAC over the body, comma separated; set: required."
    )
    hmac_header: str = Field("x-signature", description="Header that carries the plain HMAC.")
    hmac_algorithm: Literal["sha1", "sha256", "sha512"] = Field(
        "sha256", description="Hash of the plain HMAC."
    )
    hmac_encoding: Literal["hex", "base64"] = Field(
        "hex", description="How the plain HMAC is written; a prefix like `sha256=` is accepted."
    )
    allowed_ips: Networks = Field((), description="Networks that may post; unset: all.")
    trusted_proxies: Networks = Field(
        (), description="Proxies whose X-Forwarded-For is believed; unset: none."
    )
    max_body_bytes: int = Field(1 << 20, ge=1024, description="Largest body; more is 413.")
    max_inflight_bytes: int = Field(
        16 << 20, ge=1024, description="Bytes being received or written at once; more is 503."
    )
    max_connections: int = Field(
        512,
        ge=1,
        description="Open connections of a worker, and an eighth more that have just come; one more"
        " is 503, or ends a slow one.",
    )
    header_seconds: float = Field(
        10.0, gt=0, description="Seconds in which a request's head must be there; later is 408."
    )
    body_seconds: float = Field(
        30.0, gt=0, description="Seconds in which a body must be there; later is 408."
    )
    seal_seconds: float = Field(5.0, gt=0, description="Age in seconds at which a batch is sealed.")
    seal_bytes: int = Field(64 << 20, ge=1024, description="Size at which a journal is sealed.")
    slot_host: str | None = Field(
        None,
        description="Name of this machine, where several share one HIRING_HOME or one object store:"
        " its slots become NAME-w0 and land-NAME, and its receivers recover journals of these"
        " alone.",
    )
    landing_url: str | None = Field(
        None,
        description="s3://BUCKET/PREFIX: sealed events are shipped there, and read from there"
        " (docs/object-store.md); unset: HIRING_HOME/landing is the landing zone.",
    )
    s3_endpoint: str | None = Field(
        None, description="https://HOST of an S3-compatible object store; unset: AWS."
    )
    s3_region: str | None = Field(
        None, description="Region of the object store; unset: AWS_REGION, else us-east-1."
    )
    s3_key_id: SecretStr | None = Field(
        None,
        description="Access key of the object store; unset: the standard AWS variables, or the role"
        " of the machine (a lake needs it set).",
    )
    s3_secret: SecretStr | None = Field(None, description="Secret of HIRING_S3_KEY_ID; a secret.")
    quarantine_bytes: int = Field(
        256 << 20, ge=0, description="Most that the quarantine may hold, in bytes."
    )
    quarantine_days: int = Field(30, ge=1, description="Days that quarantined bodies are kept.")
    compact_days: int = Field(
        7,
        ge=-1,
        description="Days after which what landed is kept as Parquet, an eighth of the size or"
        " less (docs/decisions/compaction.md); -1: never.",
    )
    redelivery_window: int = Field(
        600,
        ge=0,
        description="Seconds within which a repeat of an earlier job state is a redelivery.",
    )
    timezone: str = Field("UTC", description="Time zone of the days and months in reports.")
    source_timezone: str = Field("UTC", description="Time zone of times that Occupop sends bare.")
    analyst_group: str | None = Field(
        None, description="Unix group that may read hiring.duckdb and reports/."
    )
    sync_within: int = Field(
        3600,
        ge=1,
        description="Seconds within which a good run is expected; later, status and alerts speak.",
    )
    free_bytes: int = Field(
        1 << 30, ge=0, description="Free disk in bytes below which status and alerts speak."
    )
    alert_webhook: SecretStr | None = Field(
        None, description="Slack-compatible address that alerts are posted to; a secret."
    )
    alert_emails: Names = Field((), description="Addresses that alerts are mailed to.")
    alert_sender: str = Field("hiring@localhost", description="Sender of alert mails.")
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server: smtp://HOST:25, smtps://HOST:465, or smtp+tls://HOST:587 for"
        " STARTTLS, with USER:PASSWORD@ before HOST; a secret.",
    )
    retain_rejected_days: int | None = Field(
        None, ge=0, description="Days after rejection or withdrawal that a candidate is kept."
    )
    retain_hired_days: int | None = Field(
        None, ge=0, description="Days after the hire that a candidate is kept; unset: for ever."
    )
    retain_closed_days: int | None = Field(
        None, ge=0, description="Days after the job closed that who was not hired is kept."
    )
    retain_labels: Labels = Field(
        (),
        description="Days for jobs of a company label, for every rule: company_label_uuid=DAYS,"
        " comma separated.",
    )
    retain_preset: Literal["occupop"] | None = Field(
        None,
        description="occupop: who was not hired goes 30 days after the job was closed or filled,"
        " as at Occupop for candidates without opt-in.",
    )
    keep_anonymous: bool = Field(
        False,
        description="1: of an erased application month, job, furthest stage and outcome are kept"
        " in `erased_applications`, without any id (docs/privacy.md).",
    )
    kept_versions: int = Field(
        2,
        ge=0,
        description="Last versions of hiring.duckdb, this one among them, that are kept in"
        " published/; an erasure removes the former ones.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least level that is logged."
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("lake_data")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        if value and not value.startswith("s3://"):
            return str(Path(value).expanduser().absolute())
        return value.rstrip("/") if value else value

    @field_validator("slot_host")
    @classmethod
    def _slot_name(cls, value: str | None) -> str | None:
        # `land…` is how importers' slots are known, and a slot has 63 characters at most.
        if value and (not SLOT.fullmatch(value + "-w000") or value.startswith(IMPORT_SLOT)):
            raise ValueError("must be a-z 0-9 -, 58 at most, and not begin with - or land")
        return value

    @field_validator("landing_url")
    @classmethod
    def _in_a_bucket(cls, value: str | None) -> str | None:
        if value is not None and not _STORE.fullmatch(value):
            raise ValueError("must be s3://BUCKET or s3://BUCKET/PREFIX")
        return value and value.rstrip("/")

    @field_validator("s3_endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not _ENDPOINT.fullmatch(value):
            raise ValueError("must be https://HOST or http://HOST, without a path")
        return value and value.rstrip("/")

    @field_validator("timezone", "source_timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("must be a name of the IANA time zone database") from error
        return value

    @model_validator(mode="after")
    def _lake_is_named(self) -> Settings:
        if self.engine == "ducklake" and not (self.lake_catalog and self.lake_data):
            raise ValueError("ducklake needs HIRING_LAKE_CATALOG and HIRING_LAKE_DATA")
        return self

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Settings from HIRING_* variables; an empty variable counts as unset.

        Raises SettingsError on a wrong value and on a HIRING_ variable that does not exist.
        """
        given = {
            key.removeprefix(PREFIX).lower(): value
            for key, value in environ.items()
            if key.startswith(PREFIX) and value != ""
        }
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise SettingsError("\n".join(_explain(error))) from None

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def outbox(self) -> Landing:
        """Where writers seal."""
        return Landing(self.home)

    @property
    def zone(self) -> Landing:
        """Where readers read: the same place, or the mirror of the object store."""
        return Mirror(self.home / FOLDER) if self.landing_url else self.outbox

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def spark(self) -> Path:
        """What a cluster reads and writes; all of its machines see it under this path."""
        return self.home / "spark"

    @property
    def warehouse(self) -> Path:
        """With spark: views of the files that a cluster left."""
        return (self.spark if self.engine == "spark" else self.home) / "warehouse.duckdb"

    @property
    def published(self) -> Path:
        return self.home / "hiring.duckdb"

    @property
    def reports(self) -> Path:
        return self.home / "reports"


def _explain(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_input=False, include_url=False):
        name = PREFIX + str((problem["loc"] or ("engine",))[0]).upper()
        unknown = problem["type"] == "extra_forbidden"
        yield f"{name}: " + ("there is no such variable" if unknown else problem["msg"])
