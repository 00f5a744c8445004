"""Who calls: of a closed service the token is checked before anything else of a request is looked at."""

from __future__ import annotations

import time

from flask import Flask, g, request

from cds.errors import Forbidden, TooManyCalls, Unauthorized
from cds.journal import NOBODY, Caller
from cds.security.clients import Client
from cds.security.refusals import Refusal
from cds.web import current, requests

_SERVICES, _DEFINITIONS = "/cds-services", "/fhir/"
_DISCOVERY = "discovery.services"


def register(app: Flask) -> None:
    app.before_request(_check)


def caller() -> Caller:
    """For the record. Of an open service, and of a refused token, nobody is known."""
    found: Caller = g.get("caller", NOBODY)
    return found


def client() -> Client | None:
    """What the caller may do is said in its entry; None: the service is open.

    A page of a closed service that is reached without a check is a fault of ours, and answers nobody.
    """
    if current.connections().guard is None:
        return None
    found = g.get("client")
    if not isinstance(found, Client):
        raise Unauthorized(Refusal.NO_TOKEN)
    return found


def _check() -> None:
    guard = current.connections().guard
    if guard is None or not _guarded():
        return
    trusted = guard.check(request.headers.get("Authorization"), _audience(request.path), now=time.time())
    requests.note(client=trusted.client.name)
    wait = guard.pace.wait(trusted.client)
    if wait:
        raise TooManyCalls(wait)  # and is not recorded: that, too, would be too much
    g.caller, g.client = trusted.caller, trusted.client
    service = (request.view_args or {}).get("service_id")
    if service is not None and not trusted.client.may_call(service):
        raise Forbidden("this client may not call this service")


def _guarded() -> bool:
    """Addresses that lead nowhere are guarded too: a stranger does not learn what there is."""
    if request.path.startswith(_DEFINITIONS):  # they tell what the rules ask for, as discovery does
        return current.settings().protect_discovery and request.method != "OPTIONS"
    if not request.path.startswith(_SERVICES) or request.method == "OPTIONS":
        return False
    return request.endpoint != _DISCOVERY or current.settings().protect_discovery


def _audience(path: str) -> frozenset[str]:
    """The addresses a token for this path may be made out to, as clients are told them: what a request says of its
    host is never asked. Clients make tokens for feedback out to the service, or to the very address.
    """
    address = current.settings().url + path.rstrip("/")
    return frozenset({address, address.removesuffix("/feedback")})
