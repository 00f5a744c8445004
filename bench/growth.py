"""How decoding and reading grow with the resources sent, of which nothing or something is relevant."""

from __future__ import annotations

from collections.abc import Iterator

from bench.bodies import body
from bench.shares import decoded_and_read, least
from bench.tables import Table
from cds.fhir.decode import hook_request

SIZES = (10, 50, 200, 500, 1000, 2000, 4000)


def tables() -> Iterator[Table]:
    head = ("resources", "kB", "decode ms", "read ms", "µs a resource", "read ms, relevant", "µs a resource, relevant")
    yield Table("resources", head, [_row(size) for size in SIZES])


def _row(size: int) -> tuple[object, ...]:
    """A resource is decoded and read."""
    plain, relevant = (body(size, relevant=kind) for kind in (False, True))
    decoding = least(lambda: hook_request(plain)), least(lambda: hook_request(relevant))
    whole = least(lambda: decoded_and_read(plain)), least(lambda: decoded_and_read(relevant))
    reading = [both - one for both, one in zip(whole, decoding, strict=True)]
    each = [both / size * 1e3 for both in whole]
    return size, len(plain) // 1000, decoding[0], reading[0], each[0], reading[1], each[1]
