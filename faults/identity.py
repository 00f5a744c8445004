"""FHIR servers that cannot be found, or cannot prove who they are (F26): not read, and said to be so."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from faults.observed import Fault, Observed, Size
from faults.site import folder, service
from faults.upstream import CALLS, VISIT, judge, opened, told
from tests.ehr.client import Ehr
from tests.ehr.fhir_server import FhirServer
from tests.outbound.serving import serving


@contextmanager
def _servers(authority: trustme.CA) -> Iterator[dict[str, tuple[str, list[str]]]]:
    """The base of each, and what it is asked: a certificate of others, an expired one, no TLS, no such name."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    certificates = {
        "of an unknown authority": trustme.CA().issue_cert("127.0.0.1"),
        "expired": authority.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=9), not_after=yesterday),
        "of another name": authority.issue_cert("fhir.example.org"),
    }
    with ExitStack() as running:
        found: dict[str, tuple[str, list[str]]] = {"no such name": ("https://fhir.invalid/r4", [])}
        for name, certificate in certificates.items():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            server = running.enter_context(serving(lambda handler: handler.send(500, b"", {}), tls=context))
            found[name] = f"https://127.0.0.1:{server.server_port}/r4", server.paths
        yield found


def unproven(seen: Observed, _: Size) -> None:
    authority = trustme.CA()
    with folder() as place, _servers(authority) as servers, FhirServer({"ward": VISIT.chart}) as fhir:
        file = Path(place, "authority.pem")
        authority.cert_pem.write_to_path(file)
        settings = {
            "CDS_FHIR_SERVERS": ",".join(base for base, _ in servers.values()),
            "CDS_PRIVATE_NETWORKS": "127.0.0.0/8",
            "CDS_CA_FILE": str(file),
        }
        with service(**settings) as running:
            chart = opened(Ehr(running.base, fhir.base("ward")))
            everything = []
            for name, (base, asked) in servers.items():
                replies = [chart.without(Ehr(running.base, base)) for _ in range(CALLS)]
                judge(seen, name, chart, replies)
                seen.expect(f"{name}: is asked nothing", not asked)
                everything += replies
    told(seen, everything)


FAULTS = (Fault("F26", "a FHIR server is not who it should be", "not asked; missing data with the reason", unproven),)
