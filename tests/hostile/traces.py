"""Everything a service can be asked with markers in every place, and where they came out afterwards."""

import json

from tests.hostile.canary import ISSUER, MARKER, SERVICE, calls, found
from tests.hostile.wire import CHUNKED, CLOSE, chunked, length, request, say

HEADERS = tuple(
    f"{name}: {MARKER} {name}"
    for name in ("User-Agent", "Cookie", "Referer", "X-Forwarded-For", "Origin", "Accept", "Traceparent", "X-Patient")
)
FEEDBACK = f"{SERVICE}/feedback"
LIMIT = 600_000
INJECTION = "x'); drop table decisions; --"  # (I13) a text, and stored as one


def feedback(card, **members):
    code = {"code": "=cmd|' /C calc'!A0", "system": "https://a.example", "display": INJECTION}
    reason = {"reason": code, "userComment": f"{MARKER} comment"}
    return {
        "feedback": [
            {
                "card": card,
                "outcome": "overridden",
                "overrideReason": reason,
                "outcomeTimestamp": "2026-11-21T10:00:00Z",
                **members,
            }
        ]
    }


def answered(service, calls, path=SERVICE):
    """Calls that are answered, with what became of their cards; how many cards there were."""
    cards = []
    for call in calls:
        heard = service.post(call, path=path, headers=HEADERS)
        assert (200,) == heard.statuses, heard
        cards += json.loads(heard.body)["cards"]
    for card in cards:
        assert (200,) == service.post(feedback(card["uuid"]), path=f"{path}/feedback", headers=HEADERS).statuses
    return len(cards)


def refused(service):
    """Every way to be refused, each with the status it ends in."""
    body = next(call for call in calls() if call["hook"] == "patient-view")
    text = json.dumps(body)
    where = f"http://127.0.0.1:{service.port}{SERVICE}"
    yield 400, service.post(text[:-1])
    yield 400, service.post(text.replace('"patientId": "', '"patientId": "\\ud800'))
    yield 400, service.post(text.replace('"hook": "patient-view"', f'"hook": "{MARKER}-hook"'))
    yield 400, service.post(text.replace('"hookInstance": "', f'"hookInstance": "{MARKER}'))
    yield 400, service.post({**body, "context": {**body["context"], "patientId": f"{MARKER} {MARKER}"}})
    yield 400, service.post({**body, "context": [MARKER]})
    yield 400, service.post({**body, "prefetch": MARKER})
    yield 400, service.post(text.replace('"context": {', f'"context": {{"{MARKER}": NaN, '))
    yield 400, service.post(text.replace('"context": {', f'"context": {{"{MARKER}": 1, "{MARKER}": 1, '))
    yield 400, service.post(b"\xff" + text.encode())
    yield 400, service.post(b'{"a":' * 40_000 + text.encode())
    yield 412, service.post({**body, "prefetch": {MARKER: MARKER}})
    yield 413, service.post(text.encode() + b" " * LIMIT)
    yield 415, service.post(text, kind=f"text/{MARKER}")
    yield 415, service.post(text, headers=[f"Content-Encoding: {MARKER}"])
    yield 431, service.post(text, headers=[f"X-A: {MARKER * 8_000}"])
    yield 400, service.post(text, headers=[f"Host: {MARKER}"])
    yield 401, service.post(text, bearer=f"Bearer {MARKER}")
    yield 401, service.post(text, bearer=f"Bearer {MARKER}.{MARKER}.{MARKER}")
    yield 401, service.post(text, bearer=f"{MARKER} {MARKER}")
    yield 401, service.post(text, bearer=bearer(where, header={"kid": MARKER}))
    yield 401, service.post(text, bearer=bearer(where, iss=f"https://{MARKER}.example"))
    yield 401, service.post(text, bearer=bearer(where, tenant=MARKER, exp=1))
    yield 401, service.post(text, bearer=bearer(f"{where}/{MARKER}"))
    yield 404, service.post(text, path=f"{SERVICE}-{MARKER}")
    yield 400, service.post(feedback("a", outcome=MARKER), path=FEEDBACK)
    yield 400, service.post(feedback("a", outcomeTimestamp=MARKER), path=FEEDBACK)
    yield 400, service.post({MARKER: MARKER}, path=FEEDBACK)
    yield 405, say(service.port, request(CLOSE, *HEADERS, path=f"/healthz?{MARKER}", method="PUT"))
    yield 404, say(service.port, request(CLOSE, *HEADERS, path=f"/{MARKER}?{MARKER}", method="GET"))
    yield 408, say(service.port, authorised(service, length(text.encode()), body=text.encode()[:-1]))
    yield 413, say(service.port, authorised(service, CHUNKED, CLOSE, body=chunked(text.encode() + b" " * LIMIT)))


def bearer(audience, **changes):
    return ISSUER.bearer(audience=audience, **changes)


def authorised(service, *lines, body):
    token = bearer(f"http://127.0.0.1:{service.port}{SERVICE}")
    return request(f"Authorization: {token}", *lines, body=body, path=SERVICE)


def pages(service):
    """What anybody may see."""
    for path in ("/", "/cds-services", "/healthz", "/readyz", "/openapi.json"):
        yield say(service.port, request(CLOSE, *HEADERS, path=f"{path}?{MARKER}={MARKER}", method="GET"))
    yield say(
        service.port, request(CLOSE, *HEADERS, "Access-Control-Request-Method: POST", path=SERVICE, method="OPTIONS")
    )


def leaks(service):
    """Where markers are among all that a service wrote, but for its answers."""
    everything = {"output": service.output, **service.written()}
    return {name: found(content) for name, content in everything.items() if found(content)}
