"""The variables of the environment: how each is named, which setting it is, and what it may say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from cds.errors import SettingsError
from cds.settings import values


class Variable(NamedTuple):
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


_OTLP = "OTEL_EXPORTER_OTLP"

VARIABLES = (
    Variable(("CDS_HOST", "HOST"), "host", str),
    Variable(("CDS_PORT", "PORT"), "port", values.between(1, 65_535)),
    Variable(("CDS_WORKERS",), "workers", values.between(1, 256)),
    Variable(("CDS_PUBLIC_URL",), "public_url", values.url),
    Variable(("CDS_WORKER_MEGABYTES",), "worker_megabytes", values.between(50, 1_000_000)),
    Variable(("CDS_STOP_DELAY",), "stop_delay", values.between(0, 600)),
    Variable(("CDS_METRICS_HOST",), "metrics_host", str),
    Variable(("CDS_METRICS_PORT",), "metrics_port", values.between(1, 65_535)),
    Variable(("CDS_LOG_LEVEL",), "log_level", values.one_of("debug", "info", "warning", "error")),
    Variable(("CDS_RULESETS",), "rulesets", Path),
    Variable(("CDS_RULESETS_KEY",), "rulesets_key", values.file),
    Variable(("CDS_KEPT_RULESETS",), "kept_rulesets", Path),
    Variable(("CDS_PARAMETERS",), "parameters", values.file),
    Variable(("CDS_PRODUCTION",), "production", values.yes_no),
    Variable(("CDS_TIME_ZONE",), "time_zone", values.zone),
    Variable(("CDS_MAX_CARDS",), "max_cards", values.between(1, 50)),
    Variable(("CDS_CROSS_CHECK",), "cross_check", values.yes_no),
    Variable(("CDS_SYSTEM_ACTIONS",), "system_actions", values.yes_no),
    Variable(("CDS_MAX_BODY_BYTES",), "max_body_bytes", values.between(1_000, 100_000_000)),
    Variable(("CDS_BODY_SECONDS",), "body_seconds", values.between(1, 600)),
    Variable(("CDS_CLIENTS",), "clients", values.file),
    Variable(("CDS_PROTECT_DISCOVERY",), "protect_discovery", values.yes_no),
    Variable(("CDS_REPLAY",), "replay", values.one_of("degraded", "strict")),
    Variable(("CDS_ORIGINS",), "origins", values.several(values.origin)),
    Variable(("CDS_PROXIES",), "proxies", values.several(values.network)),
    Variable(("CDS_TLS_CERTIFICATE",), "tls_certificate", values.file),
    Variable(("CDS_TLS_KEY",), "tls_key", values.file),
    Variable(("CDS_TLS_CLIENT_CA",), "tls_client_ca", values.file),
    Variable(("CDS_HSTS_SUBDOMAINS",), "hsts_subdomains", values.yes_no),
    Variable(("CDS_FHIR_SERVERS",), "fhir_servers", values.several(values.url)),
    Variable(("CDS_FHIR_MILLISECONDS",), "fhir_milliseconds", values.between(50, 60_000)),
    Variable(("CDS_PRIVATE_NETWORKS",), "private_networks", values.several(values.network)),
    Variable(("CDS_CA_FILE",), "ca_file", values.file),
    Variable(("CDS_STATE",), "state", Path),
    Variable(("CDS_DATABASE_URL", "DATABASE_URL"), "database_url", values.database, secret=True),
    Variable(("CDS_SPOOL_BYTES",), "spool_bytes", values.between(1_000_000, 100_000_000_000)),
    Variable(("CDS_RECORD",), "record", values.one_of("none", "minimal", "full")),
    Variable(("CDS_RECORD_KEYS",), "record_keys", values.several(values.secret), secret=True),
    Variable(("CDS_PSEUDONYM_KEY",), "pseudonym_key", values.secret, secret=True),
    Variable(("CDS_KEEP_DAYS",), "keep_days", values.between(1, 36_500)),
    # Of OpenTelemetry, by the names that its standard gives them.
    Variable(("OTEL_SDK_DISABLED",), "telemetry_disabled", values.yes_no),
    Variable(("OTEL_TRACES_EXPORTER",), "traces_exporter", values.one_of("otlp", "none")),
    Variable((f"{_OTLP}_ENDPOINT",), "otlp_endpoint", values.url),
    Variable((f"{_OTLP}_TRACES_ENDPOINT",), "otlp_traces_endpoint", values.url),
    Variable((f"{_OTLP}_TRACES_PROTOCOL", f"{_OTLP}_PROTOCOL"), "otlp_protocol", values.one_of("http/protobuf")),
    Variable((f"{_OTLP}_TRACES_HEADERS", f"{_OTLP}_HEADERS"), "otlp_headers", str, secret=True),
)
KNOWN = tuple(
    name for variable in VARIABLES for each in variable.names for name in (each, f"{each}_FILE")[: 1 + variable.secret]
)


def unknown(name: str) -> str:
    """What they all begin with makes none of them alike."""
    known = {each.removeprefix("CDS_"): each for each in reversed(KNOWN)}
    near = get_close_matches(name.removeprefix("CDS_"), known, n=1)
    return f"{name} is not a setting" + (f"; did you mean {known[near[0]]}?" if near else "")
