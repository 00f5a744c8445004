"""Browsers (L2, L3): which pages may call, and what every answer tells a browser."""

from __future__ import annotations

from http.client import HTTPConnection

from faults.observed import Fault, Observed, Size
from faults.site import SERVICE, service

LISTED = "https://sandbox.example.org"
OTHERS = ("https://evil.example", f"{LISTED}.evil.example", "null", LISTED.replace("https", "http"), f"{LISTED}:8443")
HEADERS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
}
POLICY = {"default-src 'none'", "frame-ancestors 'none'"}
PATHS = ("/", "/cds-services", "/healthz", "/readyz", "/openapi.json", "/nothing-here")
PAGES = ("/rulesets",)  # the same for everybody: may be kept, and is asked for again each time


def asked(port: int, method: str, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        response.read()
        return response.status, {name.lower(): value for name, value in response.getheaders()}
    finally:
        connection.close()


def origins(seen: Observed, _: Size) -> None:
    with service(CDS_ORIGINS=LISTED) as listing, service() as silent:
        preflight = {"Access_Control_Request_Method": "POST"}
        allowed = asked(listing.port, "OPTIONS", SERVICE, Origin=LISTED, **preflight)[1]
        seen.expect("the listed origin is given back", allowed.get("access-control-allow-origin") == LISTED)
        seen.expect("the answer varies by origin", "origin" in allowed.get("vary", "").lower())
        for running, refused in ((listing, OTHERS), (silent, (LISTED, *OTHERS))):
            for origin in refused:
                told = asked(running.port, "OPTIONS", SERVICE, Origin=origin, **preflight)[1]
                seen.expect(f"{origin} is allowed nothing", not any("access-control" in name for name in told))
    seen.tell(origins=2 * len(OTHERS) + 2)


def headers(seen: Observed, _: Size) -> None:
    with service() as running:
        judge(seen, running.port, PATHS, HEADERS)
        judge(seen, running.port, PAGES, HEADERS | {"cache-control": "no-cache"})
    seen.tell(pages=len(PATHS) + len(PAGES))


def judge(seen: Observed, port: int, paths: tuple[str, ...], expected: dict[str, str]) -> None:
    for path in paths:
        _, told = asked(port, "GET", path)
        for name, value in expected.items():
            seen.expect(f"{path} says {name}: {value}, not {told.get(name)}", told.get(name) == value)
        policy = set(told.get("content-security-policy", "").split("; "))
        seen.expect(f"{path} has a content policy, not {policy}", policy >= POLICY)


FAULTS = (
    Fault("L2", "pages of other origins call", "only those listed may, and none without a list", origins),
    Fault("L3", "what every answer tells a browser", "nosniff, no-store, no referrer, content policy", headers),
)
