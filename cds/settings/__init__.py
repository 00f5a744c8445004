"""What a deployment may set, read from the environment once; ``docs/operations.md`` documents every variable."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cds.errors import SettingsError
from cds.settings import values
from cds.settings.values import Network
from cds.settings.variables import KNOWN, VARIABLES, unknown


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
    rulesets_key: Path | None = None  # with which they have to be signed; None: they need not
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
    hsts_subdomains: bool = False  # browsers are told to reach hosts below this one by TLS, too

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

    telemetry_disabled: bool = False
    traces_exporter: Literal["otlp", "none"] = "otlp"
    otlp_endpoint: str = ""
    otlp_traces_endpoint: str = ""
    otlp_protocol: str = "http/protobuf"
    otlp_headers: str = field(default="", repr=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Raises ``SettingsError`` that lists every variable that is unknown, has no usable value or lacks another."""
        settings, problems = cls.read(environment)
        if problems:
            raise SettingsError("\n".join(problems))
        return settings

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> tuple[Settings, list[str]]:
        """What can be read, with defaults for the rest, and everything that is wrong."""
        problems = [unknown(name) for name in environment if name.startswith("CDS_") and name not in KNOWN]
        found: dict[str, Any] = {}
        for variable in VARIABLES:
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
        return settings, [*problems, *_half_configured(settings)]

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
    def traces_url(self) -> str:
        """Where spans are sent; "": nowhere."""
        if self.telemetry_disabled or self.traces_exporter == "none":
            return ""
        return self.otlp_traces_endpoint or (f"{self.otlp_endpoint}/v1/traces" if self.otlp_endpoint else "")

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
        "CDS_CLIENTS needs CDS_PUBLIC_URL: it is the audience of the tokens": closed and not settings.public_url,
        "CDS_CLIENTS needs https in CDS_PUBLIC_URL, unless it is this machine: anyone who sees a token can use it": (
            closed and in_the_clear and not values.loopback(urlsplit(settings.public_url).hostname or "")
        ),
        "https in CDS_PUBLIC_URL needs CDS_TLS_CERTIFICATE, or CDS_PROXIES, which say what came by https": (
            settings.public_url.startswith("https:") and not tls and not settings.proxies
        ),
        "CDS_TLS_CERTIFICATE needs https in CDS_PUBLIC_URL: with it the service speaks only https": tls
        and in_the_clear,
        "CDS_FHIR_SERVERS is only for an open service; in CDS_CLIENTS each client has its own servers": closed
        and settings.fhir_servers,
        "CDS_SYSTEM_ACTIONS is only for an open service; in CDS_CLIENTS each client allows them": closed
        and settings.system_actions,
        "CDS_PROTECT_DISCOVERY needs CDS_CLIENTS": settings.protect_discovery and not closed,
        "CDS_TLS_CERTIFICATE and CDS_TLS_KEY go together": not both,
        "CDS_TLS_CLIENT_CA needs CDS_TLS_CERTIFICATE": settings.tls_client_ca and not tls,
        "CDS_HSTS_SUBDOMAINS needs https in CDS_PUBLIC_URL": (
            settings.hsts_subdomains and not settings.url.startswith("https:")
        ),
        "DATABASE_URL needs CDS_PSEUDONYM_KEY, the same on every machine": shared and not settings.pseudonym_key,
        "DATABASE_URL needs CDS_RECORD_KEYS, the same on every machine": shared and not settings.record_keys,
    }
    return [words for words, wrong in problems.items() if wrong]
