"""A closed service in this process: two clients, one of them for one service only, behind a proxy that ends TLS."""

import json
from dataclasses import dataclass, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from cds.journal import Entry
from cds.settings import Settings
from cds.web.app import create_app
from tests.hooks.messages import RULESETS, data, headache, nsaid_days, request
from tests.security.tokens import PUBLIC_URL, Issuer, jwk

HOSPITAL, PRACTICE = Issuer(), Issuer("https://practice.example.org", "RS384")
PAIN = "/cds-services/pain"
FEEDBACK = f"{PAIN}/feedback"
DISCOVERY = "/cds-services"
BY_TLS = {"X-Forwarded-Proto": "https"}
CALL = json.dumps(request(prefetch=data(headache(), nsaid_days()))).encode()
JSON = {"content_type": "application/json"}


def clients_file(folder: Path, **practice: Any) -> Path:
    """``practice``: further keys of the practice's entry."""
    clients = []
    for name, issuer in (("hospital", HOSPITAL), ("practice", PRACTICE)):
        (folder / f"{name}.json").write_text(json.dumps({"keys": [jwk(issuer.algorithm)]}))
        clients.append({"name": name, "issuer": issuer.url, "keys": f"{name}.json"})
    clients[1] |= practice
    path = folder / "clients.yaml"
    path.write_text(json.dumps({"clients": clients}, indent=1))
    return path


@dataclass(frozen=True)
class Closed:
    http: Any  # the client of Flask
    state: Path

    def post(self, path: str = PAIN, token: str | None = None, body: bytes = CALL, **headers: str) -> Any:
        return self.http.post(path, data=body, headers={**BY_TLS, **_bearer(token), **headers}, **JSON)

    def get(self, path: str, token: str | None = None) -> Any:
        return self.http.get(path, headers={**BY_TLS, **_bearer(token)})


def _bearer(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def token(path: str = PAIN, issuer: Issuer = HOSPITAL, **changes: Any) -> str:
    return issuer.token(**{"audience": PUBLIC_URL + path, **changes})


def opened(settings: Settings) -> Any:
    """A client of Flask for the application with these settings."""
    return create_app(settings).test_client()


def closed(folder: Path, practice: dict[str, Any] | None = None, **settings: Any) -> Closed:
    usual = Settings(
        rulesets=RULESETS,
        clients=clients_file(folder, **(practice or {})),
        public_url=PUBLIC_URL,
        proxies=(ip_network("127.0.0.1/32"),),
        state=folder / "state",
    )
    return Closed(opened(replace(usual, **settings)), folder / "state")


def journal(state: Path) -> list[Any]:
    """The entries written, in order, as long as nothing moves them to the database."""
    lines = [line for file in sorted((state / "spool").glob("*.jsonl")) for line in file.read_bytes().splitlines()]
    return [msgspec.json.decode(line, type=Entry) for line in lines]
