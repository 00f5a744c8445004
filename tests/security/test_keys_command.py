"""`cds keys check`: what the operator is told, and what not even the operator is."""

import json
import time

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.security.key_server import KeyServer
from tests.security.tokens import PUBLIC_URL, SERVICE_URL, Issuer, clients_file, jwk, signed

EHR = Issuer()
RSA = Issuer("https://rsa.example.org", "RS384")


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("CDS_PUBLIC_URL", PUBLIC_URL)
    monkeypatch.setenv("CDS_PROXIES", "127.0.0.1")
    monkeypatch.setenv("CDS_PRIVATE_NETWORKS", "127.0.0.0/8")
    return lambda *arguments, **options: CliRunner().invoke(main, ["keys", "check", *arguments], **options)


def test_every_client_is_told_with_its_keys(tmp_path, run):
    result = run("--clients", str(clients_file(tmp_path, EHR, RSA)))

    assert [
        "client-1  https://ehr.example.org",
        '  "ES384"  EC P-384  ES384  (keys)',
        "client-2  https://rsa.example.org",
        '  "RS384"  RSA 2048  RS384  (keys); 112 bits of security, enough until 2030; `rsa_bits: 3072` refuses it',
    ] == result.output.splitlines()
    assert 0 == result.exit_code


def test_the_file_of_the_settings_is_the_usual_one(tmp_path, run, monkeypatch):
    monkeypatch.setenv("CDS_CLIENTS", str(clients_file(tmp_path, EHR)))

    assert 0 == run().exit_code


def test_without_a_file_it_says_what_to_set(run):
    result = run()

    assert "cds: no clients file: set CDS_CLIENTS or use --clients\n" == result.stderr
    assert 2 == result.exit_code


def test_a_file_with_mistakes_is_told_like_any(tmp_path, run):
    (tmp_path / "clients.yaml").write_text("clients: [{name: a}]")

    result = run("--clients", str(tmp_path / "clients.yaml"))

    assert 'clients.yaml:1: "issuer" is missing' in result.stderr
    assert 2 == result.exit_code


def test_published_keys_are_read_and_those_that_are_not_used_told_with_the_reason(tmp_path, run):
    with KeyServer(jwk(), jwk("RS384", use="enc"), jwk("ES256", kid="\x1b[2J")) as server:
        result = run("--clients", str(clients_file(tmp_path, EHR, jku=server.address)))

    assert [
        "client-1  https://ehr.example.org",
        '  "ES384"  EC P-384  ES384  (keys)',
        '  "ES384"  EC P-384  ES384  (jku)',
        '  "\\u001b[2J"  EC P-256  for none of its algorithms  (jku)',
        '  not used: "RS384", it is not for signatures  (jku)',
    ] == result.output.splitlines()
    assert 0 == result.exit_code


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (500, "status 500"),
        (302, "it answers with a redirect; redirects are not followed"),
        (200, "it is not a JSON object, or not one that all readers understand alike"),
    ],
)
def test_a_key_set_that_cannot_be_read_is_wrong(status, words, tmp_path, run):
    with KeyServer() as server:
        server.answer = server.failing(status, b"<html>")
        result = run("--clients", str(clients_file(tmp_path, EHR, jku=server.address)))

    assert f"  WRONG: its key set cannot be read: {words}" in result.output.splitlines()
    assert 1 == result.exit_code


def test_an_address_that_may_not_be_connected_to_is_told(tmp_path, run, monkeypatch):
    monkeypatch.delenv("CDS_PRIVATE_NETWORKS")

    result = run("--clients", str(clients_file(tmp_path, EHR, jku="http://127.0.0.1:9/jwks.json")))

    assert "not within CDS_PRIVATE_NETWORKS" in result.output
    assert 1 == result.exit_code


def test_a_client_without_a_key_for_its_algorithms_is_wrong(tmp_path, run):
    with KeyServer(jwk("ES256")) as server:
        file = tmp_path / "clients.yaml"
        file.write_text(json.dumps({"clients": [{"name": "a", "issuer": "urn:a", "jku": server.address}]}))
        result = run("--clients", str(file))

    assert "  WRONG: it has no key for ES384, RS384" in result.output.splitlines()
    assert 1 == result.exit_code


def test_a_key_that_is_too_short_for_its_client_is_not_used(tmp_path, run):
    """(V11.2.3) Published or handed over."""
    with KeyServer(jwk("RS384")) as server:
        result = run("--clients", str(clients_file(tmp_path, EHR, jku=server.address, rsa_bits=3_072)))

    words = "an RSA key of 2,048 bits; it must have 3,072 to 8,192"
    assert f'  not used: "RS384", {words}  (jku)' in result.output.splitlines()
    assert 0 == result.exit_code


@pytest.mark.parametrize("before", ["", "Bearer ", "bearer "])
def test_a_token_that_would_be_accepted_is_told_so_and_never_shown(before, tmp_path, run):
    token = EHR.token(jti="a-jti")

    result = run("--clients", str(clients_file(tmp_path, EHR)), "--token", "-", input=f"{before}{token}\n")

    assert "token: would be accepted, unless it was used before" in result.output.splitlines()
    assert f'  made out to "{SERVICE_URL}"' in result.output.splitlines()
    assert 0 == result.exit_code
    assert not [part for part in token.split(".") if part in result.output + result.stderr]


def test_all_that_speaks_against_a_token_is_told_at_once(tmp_path, run):
    stranger = Issuer(EHR.url, which="-stranger")
    token = stranger.token(now=time.time() - 5_000, audience="https://elsewhere.example", header={"kid": EHR.kid})
    (tmp_path / "token").write_text(token)

    result = run("--clients", str(clients_file(tmp_path, EHR, tenants=["a"])), "--token", str(tmp_path / "token"))

    assert [
        "  REFUSED: the signature does not match the key (signature)",
        '  REFUSED: its "aud" is not CDS_PUBLIC_URL with the path of the call (audience)',
        "  REFUSED: it has expired (expired)",
        "  REFUSED: it was issued too long ago for this client (too-old)",
        "  REFUSED: its tenant is not one of this client's (tenant)",
    ] == [line for line in result.output.splitlines() if "REFUSED" in line]
    assert 1 == result.exit_code


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("rubbish", "not-a-token"),
        ("\xff\xfe", "not-a-token"),
        ("two words", "no-token"),
        (EHR.token(iss="urn:stranger"), "issuer"),
        (signed({"alg": "HS256", "kid": "a", "typ": "JWT"}, EHR.claims()), "algorithm"),
        (EHR.token(header={"typ": "at+jwt"}), "type"),
    ],
    ids=["rubbish", "bytes", "words", "stranger", "symmetric", "type"],
)
def test_a_token_that_is_none_is_refused_with_the_reason(text, refusal, tmp_path, run):
    result = run("--clients", str(clients_file(tmp_path, EHR)), "--token", "-", input=text)

    assert result.output.rstrip().endswith(f"({refusal})")
    assert 1 == result.exit_code


def test_all_of_it_can_be_had_as_json(tmp_path, run):
    result = run("--clients", str(clients_file(tmp_path, EHR)), "--json", "--token", "-", input=EHR.token(exp=1))
    told = json.loads(result.output)

    assert {"clients", "warnings", "token"} == told.keys()
    assert ["ES384"] == told["clients"][0]["keys"][0]["algorithms"]
    assert ["expired", "lives-too-long"] == told["token"]["refused"]
    assert [] == told["warnings"]
