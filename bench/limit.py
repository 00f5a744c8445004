"""The limit to be held against: the same bodies, one trivial rule, one constant card.

``python -m bench.limit PORT`` serves it. What a CDS service of the same libraries cannot be faster than: it
decodes no more than what its rule reads, and everything the service does beyond (whose data, which codes, which dates,
facts, rules, reasons, checks) shows as the distance.
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import msgspec
from flask import Flask, Response, request
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from bench.nsaids import NSAIDS
from cds.fhir.bundles import TYPES

CARD = b'{"cards":[{"uuid":"5b4a7b9c-6c1f-4b0e-9d55-0d4b8f1c2a10","summary":"NSAID on record","indicator":"info",\
"source":{"label":"Limit"},"detail":"One sentence of advice that is as long as a sentence of advice usually is."}]}'
COLLECT_EVERY = 200  # requests


class Coding(msgspec.Struct, gc=False):
    code: str | None = None


class Concept(msgspec.Struct, gc=False):
    coding: tuple[Coding, ...] = ()


class MedicationRequest(msgspec.Struct, gc=False, rename="camel", tag_field="resourceType", tag=True):
    status: str | None = None
    medication_codeable_concept: Concept | None = None


class Bundle(msgspec.Struct, gc=False, tag_field="resourceType", tag=True):
    entry: tuple[Entry, ...] = ()


class Entry(msgspec.Struct, gc=False):
    resource: AnyResource | None = None


class Body(msgspec.Struct, gc=False):
    prefetch: dict[str, AnyResource | None]


if TYPE_CHECKING:
    AnyResource: TypeAlias = msgspec.Struct
else:
    _READ = {kind.__name__: kind for kind in (Bundle, MedicationRequest)}
    _SKIPPED = (
        msgspec.defstruct(name, (), tag_field="resourceType", tag=name, gc=False) for name in TYPES.keys() - _READ
    )
    AnyResource = Union[(*_READ.values(), *_SKIPPED)]

decoder = msgspec.json.Decoder(Body)
app = Flask(__name__)


def active_nsaids(body: bytes) -> int:
    return sum(
        any(coding.code in NSAIDS for coding in entry.resource.medication_codeable_concept.coding)
        for sent in decoder.decode(body).prefetch.values()
        if isinstance(sent, Bundle)
        for entry in sent.entry
        if isinstance(entry.resource, MedicationRequest)
        and entry.resource.status == "active"
        and entry.resource.medication_codeable_concept is not None
    )


@app.post("/cds-services/<service>")
def call(service: str) -> Response:
    response = Response(CARD, content_type="application/json")
    response.headers["X-Count"] = f"{service} {active_nsaids(request.get_data())}"
    return response


def collected(application: Callable[..., Iterable[bytes]], regime: str) -> Callable[..., Iterable[bytes]]:
    """The application under a regime of the garbage collector: default, off, frozen, or seldom."""
    count = 0

    def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        nonlocal count
        if count == 0:
            _start(regime)
        count += 1
        if regime == "seldom" and count % COLLECT_EVERY == 0:
            gc.collect(1)
        return application(environ, start_response)

    return application if regime == "default" else counted


def _start(regime: str) -> None:
    """Once everything is loaded: what is there now stays, and need not be looked at again."""
    gc.collect()
    gc.freeze()
    if regime in ("off", "seldom"):
        gc.disable()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("--gc", default="seldom", choices=("default", "frozen", "seldom", "off"))
    options.add_argument("--threads", type=int, default=1, help="blocking threads")
    options.add_argument("--runtime", default="auto", choices=("auto", "st", "mt"))
    chosen = options.parse_args()
    server = Server(
        "bench.limit",
        address="127.0.0.1",
        port=chosen.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=chosen.threads,
        runtime_mode=chosen.runtime,
        log_level=LogLevels.warning,
        websockets=False,
    )
    server.serve(target_loader=lambda *_: collected(app, chosen.gc), wrap_loader=False)


if __name__ == "__main__":
    main()
