"""`cds healthy`: what a container asks itself."""

import socket

import pytest
import trustme

from tests.hooks.messages import RULESETS
from tests.serving import COMMAND, spawned, started

SMALL = {"CDS_RULESETS": str(RULESETS)}  # loaded in no time


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Files of a certificate for another name than the one that is called."""
    folder, authority = tmp_path_factory.mktemp("tls"), trustme.CA()
    issued = authority.issue_cert("cds.example.org")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    return {"CDS_TLS_CERTIFICATE": str(folder / "certificate.pem"), "CDS_TLS_KEY": str(folder / "key.pem")}, folder


def asked(*options, **settings):
    with spawned([COMMAND, "healthy", *options], settings, stdout=-1, stderr=-1, text=True) as process:
        out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_a_service_that_answers_is_healthy():
    with started(**SMALL) as service:
        told = {"CDS_PORT": str(service.port)}

        assert (0, '200 {"status":"ok"}\n', "") == asked(**told)
        assert (0, "200") == (asked("--ready", **told)[0], asked("--ready", **told)[1][:3])
        assert 0 == asked(CDS_HOST="0.0.0.0", **told)[0]


def test_with_tls_its_own_certificate_is_good_enough(certificate):
    settings, folder = certificate
    mutual = {**settings, "CDS_TLS_CLIENT_CA": str(folder / "authority.pem")}
    with started(**SMALL, **settings) as service:
        assert (0, '200 {"status":"ok"}\n', "") == asked(CDS_PORT=str(service.port), **settings)
    with started(**SMALL, **mutual) as service:
        assert (0, "the service requires a client certificate\n", "") == asked(CDS_PORT=str(service.port), **mutual)


def test_nobody_there_is_not_healthy():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens

        assert (1, "", "no answer: [Errno 111] Connection refused\n") == asked(CDS_PORT=str(taken.getsockname()[1]))


def test_one_that_takes_connections_and_says_nothing_is_not_healthy():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])

        assert (1, "", "no answer: timed out\n") == asked("--seconds", "0.3", CDS_PORT=port)
