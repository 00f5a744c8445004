"""Which URLs belong to a FHIR server: those a token of it may be sent to."""

from __future__ import annotations

from cds.outbound.urls import Url, parsed


def normalised(base: str) -> str | None:
    """The base URL as it is compared: scheme and host in lower case, no default port, no slash at the end.

    None if it is no http or https URL, or has a user name, a query, a fragment, escapes or dot segments.
    """
    url = parsed(base)
    if url is None or url.query is not None:
        return None
    return url.origin + url.path.rstrip("/")


def joined(base: str, relative: str) -> str | None:
    """The address of a relative query, such as ``Condition?patient=1`` at a normalised base."""
    return f"{base}/{relative}" if is_under(base, f"{base}/{relative}") else None


def is_under(base: str, address: str) -> bool:
    """Whether an absolute URL is within a normalised base: same origin, same path or one below it."""
    server, url = parsed(base), parsed(address)
    return server is not None and url is not None and server.origin == url.origin and _is_below(server, url)


def _is_below(server: Url, url: Url) -> bool:
    return url.path == server.path or url.path.startswith(f"{server.path}/")
