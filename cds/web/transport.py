"""A call arrives by TLS or not at all, where the public address says https."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

from flask import Flask, Response, request

from cds.errors import Forbidden
from cds.settings.values import Network
from cds.web import current

PROBES = frozenset({"/healthz", "/readyz"})
"""Pages that whatever watches the process asks for, from beside it: in the clear, without a token, without a queue."""

_YEAR = "max-age=31536000"


def register(app: Flask) -> None:
    app.before_request(_refuse_in_the_clear)
    app.after_request(_insist_on_tls)


def _refuse_in_the_clear() -> None:
    """Not redirected: what was sent in the clear is lost already, and its client should be told so loudly."""
    if _https_wanted() and request.path not in PROBES and not _came_by_tls():
        raise Forbidden(f"this service is reached by https only, at {current.settings().url}")


def _insist_on_tls(response: Response) -> Response:
    if _https_wanted():
        below = "; includeSubDomains" if current.settings().hsts_subdomains else ""
        response.headers["Strict-Transport-Security"] = _YEAR + below
    return response


def _https_wanted() -> bool:
    return current.settings().url.startswith("https:")


def _came_by_tls() -> bool:
    """A proxy's word is taken when it is one of ours, and says exactly one thing."""
    if request.scheme == "https":
        return True
    told = request.headers.getlist("X-Forwarded-Proto")
    return told == ["https"] and _is_among(current.settings().proxies, request.remote_addr or "")


def _is_among(networks: tuple[Network, ...], client: str) -> bool:
    try:
        address: IPv4Address | IPv6Address = ip_address(client)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)
