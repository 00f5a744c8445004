"""The clients file: what it may say, and that all that is wrong with it is told at once, with the line."""

import json
import re
import textwrap
from pathlib import Path

import pytest

from cds.errors import ClientsError
from cds.fhir.remote.servers import FhirServer
from cds.security.clients import load_clients
from cds.security.refusals import Refusal
from tests.security.tokens import Issuer, clients_file, jwk, packed, private_key

EHR = Issuer()


@pytest.fixture
def load(tmp_path):
    """Loads a clients file of this text, beside key files that are right, empty, and of another kind."""
    keys = {
        "good": {"keys": [jwk(), jwk("RS384")]},
        "small": {"keys": [jwk("ES256")]},
        "rsa": {"keys": [jwk("RS384")]},
        "empty": {"keys": []},
        "private": {"keys": [jwk() | {"d": packed(private_key().private_numbers().private_value.to_bytes(48))}]},
        "mixed": {"keys": [jwk(), jwk("RS384", use="enc"), jwk("ES512", kid="\x1b[2J", use="enc")]},
    }
    for name, content in keys.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    (tmp_path / "text.json").write_text("-----BEGIN PUBLIC KEY-----")
    (tmp_path / "large.json").write_text(" " * 300_000)

    def load(text):
        file = tmp_path / "clients.yaml"
        file.write_text(textwrap.dedent(text))
        return load_clients(file)

    return load


def only(clients):
    (client,) = clients
    return client


def test_an_entry_needs_a_name_an_issuer_and_keys_and_the_rest_has_careful_defaults(load):
    client = only(load("clients: [{name: a, issuer: https://a.example, keys: good.json}]"))

    assert ("a", "https://a.example", ["ES384", "RS384"]) == (client.name, client.issuer, list(client.keys.keys))
    assert {"ES384", "RS384"} == client.algorithms
    assert ("", 3_600, True, False, ()) == (
        client.key_address,
        client.longest,
        client.once,
        client.system_actions,
        client.fhir_servers,
    )
    assert (frozenset(), True) == (client.tenants, client.may_call("any-service"))


def test_an_entry_may_say_all_of_it(load):
    client = only(
        load(
            """\
            clients:
              - name: general-hospital
                issuer: urn:ehr:1
                keys: good.json
                jku: https://ehr.example.org/jwks.json?tenant=1
                algorithms: [ES384, PS256]
                tenants: [a, "7"]
                services: [spine-and-headache]
                longest: 15 min
                rsa_bits: 3072
                per_minute: 600
                replay: allowed
                system_actions: true
                fhir_servers:
                  - {base: HTTPS://EHR.example.org:443/fhir/, subject: client-id, anonymous: true}
                  - {base: http://127.0.0.1:8081/fhir}
            """
        )
    )

    assert "https://ehr.example.org/jwks.json?tenant=1" == client.key_address
    assert ({"ES384", "PS256"}, {"a", "7"}) == (client.algorithms, client.tenants)
    assert (True, False) == (client.may_call("spine-and-headache"), client.may_call("another"))
    assert (900, 3_072, False, True) == (client.longest, client.rsa_bits, client.once, client.system_actions)
    assert ["ES384"] == list(client.keys.keys)  # the other one of its file is of RSA and has 2,048 bits
    assert (
        FhirServer("https://ehr.example.org/fhir", "client-id", anonymous=True),
        FhirServer("http://127.0.0.1:8081/fhir"),
    ) == client.fhir_servers


def test_where_a_service_is_named_can_be_told_later(load):
    clients = load("clients:\n- {name: a, issuer: 'urn:a', keys: good.json, services: [x,\n y]}\n")

    assert [("x", 2), ("y", 3)] == [(service, spot.line) for service, spot in clients.services]


@pytest.mark.parametrize(
    ("written", "seconds"), [("60 s", 60), ("1 min", 60), ("900 s", 900), ("1 h", 3_600), ("24 h", 86_400)]
)
def test_a_lifetime_is_written_with_its_unit(written, seconds, load):
    assert (
        seconds == only(load(f"clients: [{{name: a, issuer: 'urn:a', keys: good.json, longest: {written}}}]")).longest
    )


ALGORITHMS = "ES256, ES384, ES512, RS256, RS384, RS512, PS256, PS384, PS512 or EdDSA"
KEBAB = "in kebab-case: small letters and digits with hyphens"
TIME = '"longest" must be a time from 60 s to 24 h, such as "900 s" or "1 h", not'
URL = '"jku" must be a plain URL without user name or fragment, not'
NO_JSON = "it is not a JSON object, or not one that all readers understand alike"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("issuer: urn:a, keys: good.json", '"name" is missing'),
        ("name: a, keys: good.json", '"issuer" is missing'),
        ("name: A B, issuer: urn:a, keys: good.json", f'"name" must be {KEBAB}, not "A B"'),
        (
            "name: a, issuer: not a uri, keys: good.json",
            '"issuer" must be a URI, as it stands in the tokens, not "not a uri"',
        ),
        ("name: a, issuer: 7, keys: good.json", '"issuer" must be a text; put it in quotes if 7 is a text'),
        ("name: a, issuer: urn:a", "a client needs `keys` (a file) or `jku` (where it publishes them), or both"),
        ("name: a, issuer: urn:a, keys: good.json, kys: x", '"kys" is not a key of a client; did you mean "keys"?'),
    ],
)
def test_an_entry_says_who_the_client_is_and_where_its_keys_are(entry, message, load):
    assert [f"clients.yaml:3: {message}"] == refusal(load, entry)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("tenant: [a]", '"tenant" is not a key of a client; did you mean "tenants"?'),
        ("algorithms: [HS256]", 'entry 1 of "algorithms" cannot be "HS256"; did you mean "RS256"?'),
        ("algorithms: [ES384, none]", f'entry 2 of "algorithms" cannot be "none"; it is {ALGORITHMS}'),
        ("algorithms: []", '"algorithms" is an empty list'),
        ("tenants: []", '"tenants" is an empty list'),
        ("tenants: [7]", 'entry 1 of "tenants" must be a text; put it in quotes if 7 is a text'),
        ("services: []", '"services" is an empty list'),
        ("longest: 59 s", f'{TIME} "59 s"'),
        ("longest: 86401 s", f'{TIME} "86401 s"'),
        ("longest: 25 h", f'{TIME} "25 h"'),
        ("longest: 1 day", f'{TIME} "1 day"'),
        ("longest: 3600", '"longest" must be a text; put it in quotes if 3600 is a text'),
        ("per_minute: 0", '"per_minute" must be a number of calls from 1 to 100,000, not 0'),
        ("per_minute: 100001", '"per_minute" must be a number of calls from 1 to 100,000, not 100001'),
        ("per_minute: 10 s", '"per_minute" must be a whole number'),
        ("rsa_bits: 2047", '"rsa_bits" must be a number of bits from 2,048 to 8,192, not 2047'),
        ("rsa_bits: 8193", '"rsa_bits" must be a number of bits from 2,048 to 8,192, not 8193'),
        ("rsa_bits: long", '"rsa_bits" must be a whole number'),
        ("replay: yes", '"replay" cannot be "yes"; it is refused or allowed'),
        ("system_actions: often", '"system_actions" must be true or false'),
        ("jku: http://ehr.example.org/k", '"jku" must begin with https://, not "http://ehr.example.org/k"'),
        ("jku: http://localhost/k", '"jku" must begin with https://, not "http://localhost/k"'),
        ("jku: http://10.0.0.1/k", '"jku" must begin with https://, not "http://10.0.0.1/k"'),
        ("jku: https://u:p@e.example/k", f'{URL} "https://u:p@e.example/k"'),
        ("jku: 'https://e.example/k#a'", f'{URL} "https://e.example/k#a"'),
        ("jku: file:///etc/passwd", f'{URL} "file:///etc/passwd"'),
        ("jku: /jwks.json", f'{URL} "/jwks.json"'),
        ("fhir_servers: []", '"fhir_servers" is an empty list'),
        ("fhir_servers: [{}]", '"base" is missing'),
        ("fhir_servers: [{base: http://e.example/f}]", '"base" must begin with https://, not "http://e.example/f"'),
        (
            "fhir_servers: [{base: 'https://e.example/f?a=1'}]",
            '"base" must be the base of a server, without a query, not "https://e.example/f?a=1"',
        ),
        (
            "fhir_servers: [{base: https://e.example/f, subjet: x}]",
            '"subjet" is not a key of a FHIR server; did you mean "subject"?',
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_with_its_line(more, message, load):
    assert [f"clients.yaml:3: {message}"] == refusal(load, f"name: a, issuer: urn:a, keys: good.json, {more}")


def test_a_client_whose_only_key_is_too_short_is_refused(load):
    message = 'clients.yaml:3: key file "rsa.json" has no key that fits ES384 or RS384'

    assert [message] == refusal(load, "name: a, issuer: urn:a, keys: rsa.json, rsa_bits: 3072")


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.json", "cannot be read: No such file or directory"),
        (".", "cannot be read: Is a directory"),
        ("text.json", f"is not a JWK set: {NO_JSON}"),
        ("large.json", "is not a JWK set: a key set has at most 256,000 bytes"),
        ("empty.json", "has no key that fits ES384 or RS384"),
        ("small.json", "has no key that fits ES384 or RS384"),
    ],
)
def test_a_key_file_has_to_hold_a_key_that_fits(file, message, load):
    assert [f'clients.yaml:3: key file "{file}" {message}'] == refusal(load, f"name: a, issuer: urn:a, keys: {file}")


def refusal(load, entry):
    with pytest.raises(ClientsError) as refused:
        load(f"\nclients:\n  - {{{entry}}}\n")
    return [str(problem) for problem in refused.value.problems]


def test_everything_is_told_at_once(load):
    with pytest.raises(ClientsError) as refused:
        load(
            """\
            clients:
              - name: a
                issuer: urn:a
                keys: empty.json
              - name: a
                issuer: urn:a
                keys: text.json
              - {name: c, issuer: "urn:a", keys: good.json}
            """
        )

    assert [
        'clients.yaml:4: key file "empty.json" has no key that fits ES384 or RS384',
        'clients.yaml:5: name "a" is already defined in line 2',
        'clients.yaml:6: issuer "urn:a" is already defined in line 3',
        f'clients.yaml:7: key file "text.json" is not a JWK set: {NO_JSON}',
        'clients.yaml:8: issuer "urn:a" is already defined in line 3',
    ] == str(refused.value).splitlines()
    assert 2 == refused.value.exit_code


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1: the file is empty"),
        ("[]", "1: the file must be a mapping: lines of the form `key: value`"),
        ("clients: []", '1: "clients" is an empty list'),
        ("client: []", '1: "client" is not a key of the clients file; did you mean "clients"?'),
        ("clients: {a: b}", '1: "clients" must be a list'),
        ("clients: [a]", '1: entry 1 of "clients" must be a mapping'),
        ("a: [", "2: not YAML: did not find expected node content"),
    ],
)
def test_a_file_of_another_shape_is_refused(text, message, load):
    with pytest.raises(ClientsError) as refused:
        load(text)

    assert f"clients.yaml:{message}" in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ClientsError) as refused:
        load_clients(tmp_path / "clients.yaml")

    assert "clients.yaml:1: cannot be read: No such file or directory" == str(refused.value)


def test_what_is_doubtful_is_a_warning(load):
    """(S9) A kid is shown so that a terminal does not obey it."""
    clients = load(
        """\
        clients:
          - {name: a, issuer: "urn:a", keys: private.json}
          - {name: b, issuer: "urn:b", keys: mixed.json}
        """
    )

    assert [
        'clients.yaml:2: key file "private.json" has the private part of key "ES384": anyone who reads it can sign',
        'clients.yaml:3: key file "mixed.json", key "RS384" is not used: it is not for signatures',
        'clients.yaml:3: key file "mixed.json", key "\\u001b[2J" is not used: it is not for signatures',
    ] == [str(warning) for warning in clients.warnings]


def test_a_key_file_is_looked_for_beside_the_clients_file(tmp_path, monkeypatch):
    monkeypatch.chdir("/")

    assert ["client-1"] == [client.name for client in load_clients(clients_file(tmp_path, EHR))]


def test_the_example_of_the_manual_loads(tmp_path):
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    example = re.search(r"## Trusted clients.*?```yaml\n(.*?)```", manual, re.DOTALL)
    assert example
    (tmp_path / "clients.yaml").write_text(example[1])
    (tmp_path / "general-hospital.jwks.json").write_text(json.dumps(EHR.jwks()))

    assert ["general-hospital"] == [client.name for client in load_clients(tmp_path / "clients.yaml")]


def test_the_manual_lists_every_refusal():
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()

    assert set() == {refusal for refusal in Refusal if f"`{refusal}`" not in manual}
