"""TLS of the service itself, over real connections, with certificates made for the test."""

import http.client
import signal
import socket
import ssl
from contextlib import closing
from pathlib import Path

import pytest
import trustme

from cds.errors import SettingsError
from cds.serve.listening import check_tls
from cds.settings import Settings
from tests.hooks.messages import RULESETS
from tests.serve.processes import awaited
from tests.serving import started
from tests.web.closed import CALL, DISCOVERY, PAIN
from tests.web.test_server import failure


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority, tmp_path_factory):
    """The settings of a service with a certificate for this machine."""
    folder = tmp_path_factory.mktemp("tls")
    certificate = authority.issue_cert("127.0.0.1")
    (folder / "chain.pem").write_bytes(b"".join(each.bytes() for each in certificate.cert_chain_pems))
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return {"CDS_TLS_CERTIFICATE": str(folder / "chain.pem"), "CDS_TLS_KEY": str(folder / "key.pem")}, folder


@pytest.fixture(scope="module")
def service(files):
    with started(CDS_RULESETS=str(RULESETS), **files[0]) as running:
        yield running


@pytest.fixture(scope="module")
def mutual(files):
    settings, folder = files
    with started(CDS_RULESETS=str(RULESETS), CDS_TLS_CLIENT_CA=str(folder / "authority.pem"), **settings) as running:
        yield running


def trusting(authority, *, newest=ssl.TLSVersion.TLSv1_3, own=None):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    context.maximum_version = newest
    if own:
        own.configure_cert(context)
    return context


def asked(port, context, path=PAIN):
    with closing(http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)) as connection:
        connection.request(
            "POST" if path == PAIN else "GET",
            path,
            CALL if path == PAIN else None,
            {"Content-Type": "application/json"},
        )
        response = connection.getresponse()
        response.read()
        return response.status, response.headers.get("Strict-Transport-Security")


@pytest.mark.requirement("CH-151")
@pytest.mark.parametrize("path", [PAIN, DISCOVERY])
@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_the_service_speaks_tls(service, authority, newest, path):
    assert (200, "max-age=31536000") == asked(service.port, trusting(authority, newest=newest), path)


@pytest.mark.requirement("CH-151")
def test_in_the_clear_it_answers_nothing(service):
    with closing(http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)) as connection:
        connection.request("POST", PAIN, CALL, {"Content-Type": "application/json", "X-Forwarded-Proto": "https"})
        with pytest.raises((http.client.HTTPException, OSError)):
            connection.getresponse()


def test_its_address_says_so(service):
    assert f'"address":"https://127.0.0.1:{service.port}/cds-services"' in service.log.read_text()


@pytest.mark.requirement("CH-152")
def test_with_mutual_tls_a_client_shows_a_certificate_of_the_authority(mutual, authority):
    known, stranger = authority.issue_cert("ehr.example.org"), trustme.CA().issue_cert("ehr.example.org")

    assert 200 == asked(mutual.port, trusting(authority, own=known))[0]
    for own in (None, stranger):
        with pytest.raises(OSError):
            asked(mutual.port, trusting(authority, own=own))


def serial(port, context):
    """Of the certificate that is shown."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as encrypted,
    ):
        return encrypted.getpeercert()["serialNumber"]


def test_a_certificate_is_changed_by_a_reload_and_one_that_is_broken_is_not_taken(service, authority, files):
    context, folder, new = trusting(authority), files[1], authority.issue_cert("127.0.0.1")
    first = serial(service.port, context)
    (folder / "chain.pem").write_text("no certificate")
    service.process.send_signal(signal.SIGHUP)
    awaited(lambda: "must be PEM files" in service.log.read_text())
    assert first == serial(service.port, context)

    (folder / "chain.pem").write_bytes(b"".join(each.bytes() for each in new.cert_chain_pems))
    new.private_key_pem.write_to_path(folder / "key.pem")
    service.process.send_signal(signal.SIGHUP)
    awaited(lambda: serial(service.port, context) != first)


NO_PEM = "CDS_TLS_CERTIFICATE, CDS_TLS_KEY and CDS_TLS_CLIENT_CA must be PEM files"


def test_with_a_key_that_is_not_the_certificates_it_does_not_start(files, tmp_path):
    trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(tmp_path / "other.pem")

    status, errors = failure(**files[0] | {"CDS_TLS_KEY": str(tmp_path / "other.pem"), "CDS_STATE": str(tmp_path)})

    assert status != 0
    assert NO_PEM in errors


def test_a_key_that_is_none_is_told(files, tmp_path):
    (tmp_path / "none.pem").write_text("no key")
    certificate = Path(files[0]["CDS_TLS_CERTIFICATE"])

    with pytest.raises(SettingsError, match=NO_PEM):
        check_tls(Settings(tls_certificate=certificate, tls_key=tmp_path / "none.pem"))
