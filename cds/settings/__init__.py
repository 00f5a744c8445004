"""What a deployment may set, read from the environment once; ``docs/operations.md`` documents every variable."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from cds.errors import SettingsError
from cds.settings import values
from cds.settings.values import Network


def _cores() -> int:
    """The cores this process may use, not those of the machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The defaults serve one machine: loopback only, open, the rulesets of the working directory, an SQLite file."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = _cores()
    public_url: str = ""  # where clients reach the service, without trailing slash; "": as it is bound
    worker_megabytes: int = 0  # a worker that is larger is replaced; 0: however large it is
    stop_delay: int = 0  # seconds between being told to stop and no longer accepting calls
    log_level: str = "info"
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0  # 0: nothing is told

    rulesets: Path = Path("rulesets")
    kept_rulesets: Path | None = None  # monographs of earlier versions, for their pages
    parameters: Path | None = None
    production: bool = False  # refuses rulesets that no clinician has approved
    time_zone: str = "UTC"
    max_cards: int = 6
    cross_check: bool = True
    system_actions: bool = False  # for an open service; a trusted client has its own line for it

    max_body_bytes: int = 5_000_000
    body_seconds: int = 30

    clients: Path | None = None  # who may call; None: anyone
    protect_discovery: bool = False
    replay: Literal["degraded", "strict"] = "degraded"  # what a token is worth while the database is away
    origins: tuple[str, ...] = ()  # of pages that may call from a browser
    proxies: tuple[Network, ...] = ()  # whose word on the scheme of a call is taken
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_client_ca: Path | None = None  # clients need a certificate of this authority

    fhir_servers: tuple[str, ...] = ()  # of an open service: bases that any caller may name
    fhir_milliseconds: int = 800  # for all reads of one call together
    private_networks: tuple[Network, ...] = ()  # addresses that are not public and may be connected to all the same
    ca_file: Path | None = None  # authorities for connections to others, beside the system's

    state: Path = Path("var")  # what the service writes: spool, SQLite database, keys it made itself
    database_url: str = field(default="", repr=False)  # "": an SQLite file in ``state``
    spool_bytes: int = 200_000_000
    record: Literal["none", "minimal", "full"] = "minimal"  # how much of the patient a decision record holds
    record_keys: tuple[str, ...] = field(default=(), repr=False)  # the first encrypts, all decrypt
    pseudonym_key: str = field(default="", repr=False)
    keep_days: int = 365

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises ``SettingsError`` that lists every variable that is unknown, has no usable value or lacks another."""
        problems = [_unknown(name) for name in environment if name.startswith("CDS_") and name not in _KNOWN]
        found: dict[str, Any] = {}
        for variable in _VARIABLES:
            try:
                name, text = variable.given(environment)
                if text:
                    found[variable.field] = variable.read(text)
            except SettingsError as error:
                problems.append(str(error))
            except ValueError as error:
                problems.append(f"{name} {error}")
            except OSError as error:
                problems.append(f"{name} cannot be read: {error.strerror}")
        settings = cls(**found)
        problems.extend(_half_configured(settings))
        if problems:
            raise SettingsError("\n".join(problems))
        return settings

    @property
    def url(self) -> str:
        """Where clients reach the service."""
        scheme = "https" if self.tls_certificate else "http"
        return self.public_url or f"{scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def only_here(self) -> bool:
        """Whether nobody but this machine can reach the service."""
        return values.loopback(self.host) and values.loopback(urlsplit(self.url).hostname or "")

    @property
    def may_wait(self) -> bool:
        """Whether a call may have to wait for others: for keys, a FHIR server, or a database across the network."""
        return bool(self.clients or self.fhir_servers or self.shared)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.state.absolute() / 'cds.sqlite'}"

    @property
    def shared(self) -> bool:
        """Whether several machines may use the database: its keys cannot be made up by one of them."""
        return not self.database.startswith("sqlite:")


def _half_configured(settings: Settings) -> list[str]:
    """What is set but cannot work, or cannot be safe, without something else."""
    closed, shared, tls = settings.clients is not None, settings.shared, settings.tls_certificate is not None
    both = tls == (settings.tls_key is not None)
    in_the_clear = settings.public_url.startswith("http:")
    problems = {
        "CDS_CLIENTS needs CDS_PUBLIC_URL: tokens are made out to it": closed and not settings.public_url,
        "CDS_CLIENTS needs https in CDS_PUBLIC_URL, unless it is this machine: who sees a token can use it": (
            closed and in_the_clear and not values.loopback(urlsplit(settings.public_url).hostname or "")
        ),
        "https in CDS_PUBLIC_URL needs CDS_TLS_CERTIFICATE, or CDS_PROXIES that say what came by https": (
            settings.public_url.startswith("https:") and not tls and not settings.proxies
        ),
        "CDS_TLS_CERTIFICATE needs https in CDS_PUBLIC_URL: nothing else is spoken with it": tls and in_the_clear,
        "CDS_FHIR_SERVERS is for an open service; in CDS_CLIENTS each has its own": closed and settings.fhir_servers,
        "CDS_SYSTEM_ACTIONS is for an open service; CDS_CLIENTS allows them": closed and settings.system_actions,
        "CDS_PROTECT_DISCOVERY needs CDS_CLIENTS": settings.protect_discovery and not closed,
        "CDS_TLS_CERTIFICATE and CDS_TLS_KEY go together": not both,
        "CDS_TLS_CLIENT_CA needs CDS_TLS_CERTIFICATE": settings.tls_client_ca and not tls,
        "DATABASE_URL needs CDS_PSEUDONYM_KEY, the same on every machine": shared and not settings.pseudonym_key,
        "DATABASE_URL needs CDS_RECORD_KEYS, the same on every machine": shared and not settings.record_keys,
    }
    return [words for words, wrong in problems.items() if wrong]


def _unknown(name: str) -> str:
    near = get_close_matches(name, _KNOWN, n=1)
    return f"{name} is no setting" + (f"; did you mean {near[0]}?" if near else "")


class _Variable(NamedTuple):
    """``names``: the first that is set, and not to nothing, counts. A secret may also be the content of a file."""

    names: tuple[str, ...]
    field: str
    read: Callable[[str], object]
    secret: bool = False

    def given(self, environment: Mapping[str, str]) -> tuple[str, str]:
        for name in self.names:
            if environment.get(name):
                return name, environment[name]
            if self.secret and environment.get(f"{name}_FILE"):
                return f"{name}_FILE", _secret(f"{name}_FILE", Path(environment[f"{name}_FILE"]))
        return self.names[0], ""


def _secret(name: str, file: Path) -> str:
    """What is in the file is never repeated."""
    try:
        return file.read_bytes().decode().strip()
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{name} names a file that is not in UTF-8") from error


_VARIABLES = (
    _Variable(("CDS_HOST", "HOST"), "host", str),
    _Variable(("CDS_PORT", "PORT"), "port", values.between(1, 65_535)),
    _Variable(("CDS_WORKERS",), "workers", values.between(1, 256)),
    _Variable(("CDS_PUBLIC_URL",), "public_url", values.url),
    _Variable(("CDS_WORKER_MEGABYTES",), "worker_megabytes", values.between(50, 1_000_000)),
    _Variable(("CDS_STOP_DELAY",), "stop_delay", values.between(0, 600)),
    _Variable(("CDS_METRICS_HOST",), "metrics_host", str),
    _Variable(("CDS_METRICS_PORT",), "metrics_port", values.between(1, 65_535)),
    _Variable(("CDS_LOG_LEVEL",), "log_level", values.one_of("debug", "info", "warning", "error")),
    _Variable(("CDS_RULESETS",), "rulesets", Path),
    _Variable(("CDS_KEPT_RULESETS",), "kept_rulesets", Path),
    _Variable(("CDS_PARAMETERS",), "parameters", values.file),
    _Variable(("CDS_PRODUCTION",), "production", values.yes_no),
    _Variable(("CDS_TIME_ZONE",), "time_zone", values.zone),
    _Variable(("CDS_MAX_CARDS",), "max_cards", values.between(1, 50)),
    _Variable(("CDS_CROSS_CHECK",), "cross_check", values.yes_no),
    _Variable(("CDS_SYSTEM_ACTIONS",), "system_actions", values.yes_no),
    _Variable(("CDS_MAX_BODY_BYTES",), "max_body_bytes", values.between(1_000, 100_000_000)),
    _Variable(("CDS_BODY_SECONDS",), "body_seconds", values.between(1, 600)),
    _Variable(("CDS_CLIENTS",), "clients", values.file),
    _Variable(("CDS_PROTECT_DISCOVERY",), "protect_discovery", values.yes_no),
    _Variable(("CDS_REPLAY",), "replay", values.one_of("degraded", "strict")),
    _Variable(("CDS_ORIGINS",), "origins", values.several(values.origin)),
    _Variable(("CDS_PROXIES",), "proxies", values.several(values.network)),
    _Variable(("CDS_TLS_CERTIFICATE",), "tls_certificate", values.file),
    _Variable(("CDS_TLS_KEY",), "tls_key", values.file),
    _Variable(("CDS_TLS_CLIENT_CA",), "tls_client_ca", values.file),
    _Variable(("CDS_FHIR_SERVERS",), "fhir_servers", values.several(values.url)),
    _Variable(("CDS_FHIR_MILLISECONDS",), "fhir_milliseconds", values.between(50, 60_000)),
    _Variable(("CDS_PRIVATE_NETWORKS",), "private_networks", values.several(values.network)),
    _Variable(("CDS_CA_FILE",), "ca_file", values.file),
    _Variable(("CDS_STATE",), "state", Path),
    _Variable(("CDS_DATABASE_URL", "DATABASE_URL"), "database_url", values.database, secret=True),
    _Variable(("CDS_SPOOL_BYTES",), "spool_bytes", values.between(1_000_000, 100_000_000_000)),
    _Variable(("CDS_RECORD",), "record", values.one_of("none", "minimal", "full")),
    _Variable(("CDS_RECORD_KEYS",), "record_keys", values.several(values.secret), secret=True),
    _Variable(("CDS_PSEUDONYM_KEY",), "pseudonym_key", values.secret, secret=True),
    _Variable(("CDS_KEEP_DAYS",), "keep_days", values.between(1, 36_500)),
)
_KNOWN = tuple(
    name for variable in _VARIABLES for each in variable.names for name in (each, f"{each}_FILE")[: 1 + variable.secret]
)
