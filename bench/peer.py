"""The one rule as HealthChain has it: ``python -m bench.peer PORT``, in an environment with `requirements/bench.lock`.

``--objects``: first makes objects of everything that was sent, with the function that the framework has for it; without
it the rule reads dictionaries. Nothing of this project is imported but the codes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from healthchain.fhir import convert_prefetch_to_fhir_objects
from healthchain.gateway import CDSHooksService, HealthChainAPI
from healthchain.models.requests.cdsrequest import CDSRequest
from healthchain.models.responses.cdsresponse import Card, CDSResponse, Source

from bench.nsaids import DETAIL, NSAIDS, SUMMARY


def orders_of_dictionaries(prefetch: dict[str, Any]) -> Iterator[list[str]]:
    """The codes of each active order."""
    for sent in prefetch.values():
        for entry in (sent or {}).get("entry", ()):
            resource = entry["resource"]
            if resource["resourceType"] == "MedicationRequest" and resource["status"] == "active":
                yield [coding["code"] for coding in resource["medicationCodeableConcept"]["coding"]]


def orders_of_objects(prefetch: dict[str, Any]) -> Iterator[list[str]]:
    given = {key: sent for key, sent in prefetch.items() if sent}
    for sent in convert_prefetch_to_fhir_objects(given).values():
        for entry in getattr(sent, "entry", None) or ():
            resource = entry.resource
            if resource.get_resource_type() == "MedicationRequest" and resource.status == "active":
                yield [coding.code for coding in resource.medicationCodeableConcept.coding]


def application(*, objects: bool) -> HealthChainAPI:
    service = CDSHooksService(use_events=False)
    orders = orders_of_objects if objects else orders_of_dictionaries

    @service.hook("patient-view", id="nsaid")
    def call(request: CDSRequest) -> CDSResponse:
        found = any(NSAIDS.intersection(codes) for codes in orders(request.prefetch or {}))
        card = Card(summary=SUMMARY, detail=DETAIL, indicator="info", source=Source(label="Measurements"))
        return CDSResponse(cards=[card] if found else [])

    api = HealthChainAPI(enable_events=False)
    api.register_service(service)
    return api


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("--objects", action="store_true")
    chosen = options.parse_args()
    application(objects=chosen.objects).run("127.0.0.1", chosen.port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
