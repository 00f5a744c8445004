"""A hospital that is known calls over mutual TLS, has its server read, and leaves no trace in the clear."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.error import URLError

import pytest
import trustme

from tests.ehr.charts import sample
from tests.ehr.client import Ehr, authorization, overridden, rules
from tests.ehr.fhir_server import SERVICE_TOKEN, FhirServer
from tests.security.tokens import Issuer, clients_file
from tests.serving import Running, started

VISIT = sample("cauda-equina-new-saddle-numbness")
HOSPITAL = Issuer()
COMMENT = "Her husband Aurelius says it began on the stairs"


@dataclass(frozen=True, slots=True)
class Site:
    """``sent``: every token the hospital signed, ``stranger``: its connections without its certificate."""

    service: Running
    ehr: Ehr
    sent: list[str]
    fhir: FhirServer
    stranger: ssl.SSLContext


def signing(sent: list[str]) -> Callable[[str], str]:
    def sign(url: str) -> str:
        sent.append(HOSPITAL.token(audience=url))
        return sent[-1]

    return sign


@contextmanager
def hospital(folder: Path) -> Iterator[Site]:
    authority = trustme.CA()
    ours, theirs = authority.issue_cert("127.0.0.1"), authority.issue_cert("ehr.example.org")
    ours.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    ours.private_key_pem.write_to_path(folder / "server.key")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    known, stranger = (ssl.create_default_context(cadata=authority.cert_pem.bytes().decode()) for _ in range(2))
    theirs.configure_cert(known)
    with FhirServer({"hospital": VISIT.chart}) as fhir:
        base = fhir.base("hospital")
        settings = {
            "CDS_CLIENTS": clients_file(folder, HOSPITAL, fhir_servers=[{"base": base, "subject": "cds-service"}]),
            "CDS_TLS_CERTIFICATE": folder / "server.pem",
            "CDS_TLS_KEY": folder / "server.key",
            "CDS_TLS_CLIENT_CA": folder / "authority.pem",
            "CDS_PRIVATE_NETWORKS": "127.0.0.0/8",
            "CDS_FHIR_MILLISECONDS": "5000",
            "CDS_RECORD": "full",
            "CDS_LOG_LEVEL": "debug",
        }
        with started(**{name: str(value) for name, value in settings.items()}) as service:
            sent: list[str] = []
            yield Site(service, Ehr(service.base, base, signing(sent), known), sent, fhir, stranger)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with hospital(tmp_path_factory.mktemp("site")) as one:
        yield one


def opened(site, ehr=None, **members):
    """The chart is opened and nothing sent along: all has to be read."""
    service = site.ehr.services()[VISIT.service, VISIT.hook]
    return (ehr or site.ehr).call(service, VISIT.context, None, access=True, **members)


@pytest.mark.requirement("CH-151", "CH-152", "CH-154", "CH-155", "CH-175", "CH-072", "CH-148")
def test_a_hospital_that_is_known_is_answered(site):
    cards = opened(site).cards

    assert {"SRF-04.t0@1.0.0"} == rules(cards)
    [emergency] = cards
    service = site.ehr.services()[VISIT.service, VISIT.hook]
    reason = emergency["overrideReasons"][0]
    assert 200 == site.ehr.feedback(service, [overridden(emergency, reason, COMMENT)]).status


@pytest.mark.requirement("CH-152", "CH-154")
def test_neither_a_token_nor_a_certificate_is_enough_alone(site):
    with pytest.raises(
        (URLError, ConnectionError, ssl.SSLError)
    ):  # the refusal may come with the handshake or after it
        opened(site, replace(site.ehr, tls=site.stranger))

    assert 401 == opened(site, replace(site.ehr, token=lambda _: "")).status


@pytest.mark.requirement("CH-075", "CH-080", "CH-175", "CH-067")
@pytest.mark.parametrize(
    "members",
    [
        {"fhirAuthorization": authorization(patient="somebody-else")},
        {"fhirAuthorization": authorization(subject="another-service")},
        {"fhirAuthorization": authorization(expires_in=0)},
        {"fhirAuthorization": authorization(scope="patient/Immunization.rs")},
        {"fhirAuthorization": {"access_token": SERVICE_TOKEN}},
        {"fhirAuthorization": None},
        {"fhirServer": "http://127.0.0.1:9/r4"},
        {"fhirServer": "http://169.254.169.254/latest/meta-data"},
        {"fhirServer": "https://ehr.example.org/fhir"},
    ],
)
def test_a_token_is_used_for_what_it_was_given_for_and_nothing_else(site, members):
    with site.fhir.troubled() as asked:
        reply = opened(site, **members)

    assert (412, []) == (reply.status, asked)


def left_behind(service: Running) -> bytes:
    """Everything the service has written, once it has ended and put all in its place."""
    service.process.terminate()
    service.process.wait(timeout=60)
    written = [file for file in service.state.rglob("*") if file.is_file()]
    assert "cds.sqlite" in {file.name for file in written}
    return b"".join(file.read_bytes() for file in (service.log, *written))


@pytest.mark.requirement("CH-078", "CH-089", "CH-142", "CH-172", "CH-176")
def test_nothing_of_the_patient_and_no_token_is_written_in_the_clear(tmp_path):
    """Neither in the log, which is as talkative as it can be, nor in the state folder, which records all there is."""
    with hospital(tmp_path) as site:
        service = site.ehr.services()[VISIT.service, VISIT.hook]
        [emergency] = opened(site).cards
        told = site.ehr.feedback(service, [overridden(emergency, emergency["overrideReasons"][0], COMMENT)])
        refusals = [
            opened(site, fhirAuthorization=None),
            opened(site, replace(site.ehr, token=lambda _: site.sent[0])),
            opened(site, hookInstance="maren hollis"),
            opened(site, hook="maren-hollis"),
        ]
        written = left_behind(site.service)

    assert (200, [412, 401, 400, 400]) == (told.status, [reply.status for reply in refusals])
    assert emergency["uuid"].encode() in written
    born = VISIT.chart.resources[f"Patient/{VISIT.chart.patient}"]["birthDate"]
    names = ("maren", "hollis", "aurelius", "visit-today", "gp-rivera", born)
    secrets = [SERVICE_TOKEN, *(part for token in site.sent for part in token.split(".")[1:])]
    assert [] == [each for each in secrets if each.encode() in written]
    assert [] == [each for each in names if each.encode() in written.lower()]
    assert [] == [each for each in (SERVICE_TOKEN, "ollis") if each in str([reply.body for reply in refusals])]
