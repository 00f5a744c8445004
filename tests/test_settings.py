"""Settings from the environment."""

from pathlib import Path

import pytest

from cds.errors import SettingsError
from cds.settings import Settings


def read(**environment):
    return Settings.from_environment(environment)


def test_without_variables_the_service_is_for_this_machine_only():
    assert ("127.0.0.1", 8080, Path("rulesets"), "UTC", True) == (
        read().host,
        read().port,
        read().rulesets,
        read().time_zone,
        read().cross_check,
    )


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({"CDS_HOST": "0.0.0.0", "CDS_PORT": "9000"}, ("0.0.0.0", 9000)),
        ({"HOST": "0.0.0.0", "PORT": "9000"}, ("0.0.0.0", 9000)),
        ({"CDS_PORT": "9000", "PORT": "9001"}, ("127.0.0.1", 9000)),
        ({"CDS_PORT": "", "PORT": "9001"}, ("127.0.0.1", 9001)),
    ],
)
def test_the_address_goes_by_two_names(environment, address):
    settings = read(**environment)

    assert address == (settings.host, settings.port)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("CDS_PORT", "0", "CDS_PORT must be a whole number from 1 to 65535"),
        ("CDS_PORT", "65536", "CDS_PORT must be a whole number from 1 to 65535"),
        ("PORT", "http", "PORT must be a whole number from 1 to 65535"),
        ("CDS_WORKERS", "-1", "CDS_WORKERS must be a whole number from 1 to 256"),
        ("CDS_MAX_CARDS", "²", "CDS_MAX_CARDS must be a whole number from 1 to 50"),
        ("CDS_TIME_ZONE", "Vienna", 'CDS_TIME_ZONE must be the name of a time zone, such as "Europe/Vienna"'),
        ("CDS_TIME_ZONE", "../etc", 'CDS_TIME_ZONE must be the name of a time zone, such as "Europe/Vienna"'),
        ("CDS_PUBLIC_URL", "cds.example.org", "CDS_PUBLIC_URL must be an http or https URL without query"),
        ("CDS_PUBLIC_URL", "https://x/?y", "CDS_PUBLIC_URL must be an http or https URL without query"),
        ("CDS_PARAMETERS", "nowhere.yaml", "CDS_PARAMETERS must name a file that exists"),
        ("CDS_CROSS_CHECK", "maybe", "CDS_CROSS_CHECK must be one of 1, true, yes, on, 0, false, no, off"),
        ("CDS_LOG_LEVEL", "loud", "CDS_LOG_LEVEL must be one of debug, info, warning, error"),
        ("CDS_RECORD_KEYS_FILE", "nowhere", "CDS_RECORD_KEYS_FILE cannot be read: No such file or directory"),
        ("DATABASE_URL_FILE", "tests", "DATABASE_URL_FILE cannot be read: Is a directory"),
        ("CDS_RULSETS", "x", "CDS_RULSETS is not a setting; did you mean CDS_RULESETS?"),
        ("CDS_QQQQ", "x", "CDS_QQQQ is not a setting"),
        ("CDS_FHIRSERVER", "x", "CDS_FHIRSERVER is not a setting; did you mean CDS_FHIR_SERVERS?"),
    ],
)
def test_a_wrong_variable_is_refused(name, value, message):
    with pytest.raises(SettingsError) as caught:
        read(**{name: value})

    assert message == str(caught.value)


def test_all_wrong_variables_are_told_at_once():
    with pytest.raises(SettingsError) as caught:
        read(CDS_PORT="x", CDS_MAX_CARDS="x", CDS_NOTHING="x")

    assert 3 == len(str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"CDS_HOST": "::1"}, "http://[::1]:8080"),
        (
            {"CDS_PUBLIC_URL": "https://cds.example.org/base/", "CDS_PROXIES": "10.0.0.0/8"},
            "https://cds.example.org/base",
        ),
        ({"CDS_TLS_CERTIFICATE": "README.md", "CDS_TLS_KEY": "README.md"}, "https://127.0.0.1:8080"),
    ],
)
def test_the_address_that_clients_are_told(environment, url):
    assert url == read(**environment).url


@pytest.mark.parametrize(("text", "value"), [("off", False), ("0", False), ("No", False), ("ON", True), ("true", True)])
def test_a_switch_is_on_or_off(text, value):
    assert value == read(CDS_CROSS_CHECK=text).cross_check


KEY = "k" * 32
SHARED = {"DATABASE_URL": "postgresql://db/cds"}
TLS = {"CDS_TLS_CERTIFICATE": "README.md", "CDS_TLS_KEY": "README.md"}
CLIENTS = {"CDS_CLIENTS": "README.md"}


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        (CLIENTS, "CDS_CLIENTS needs CDS_PUBLIC_URL: it is the audience of the tokens"),
        (
            CLIENTS | {"CDS_PUBLIC_URL": "http://cds.example.org"},
            "CDS_CLIENTS needs https in CDS_PUBLIC_URL, unless it is this machine: anyone who sees a token can use it",
        ),
        (
            {"CDS_PUBLIC_URL": "https://cds.example.org"},
            "https in CDS_PUBLIC_URL needs CDS_TLS_CERTIFICATE, or CDS_PROXIES, which say what came by https",
        ),
        (
            TLS | {"CDS_PUBLIC_URL": "http://127.0.0.1:8080"},
            "CDS_TLS_CERTIFICATE needs https in CDS_PUBLIC_URL: with it the service speaks only https",
        ),
        (
            CLIENTS | {"CDS_PUBLIC_URL": "http://127.0.0.1", "CDS_FHIR_SERVERS": "https://ehr.example.org/fhir"},
            "CDS_FHIR_SERVERS is only for an open service; in CDS_CLIENTS each client has its own servers",
        ),
        (
            CLIENTS | {"CDS_PUBLIC_URL": "http://localhost", "CDS_SYSTEM_ACTIONS": "on"},
            "CDS_SYSTEM_ACTIONS is only for an open service; in CDS_CLIENTS each client allows them",
        ),
        ({"CDS_PROTECT_DISCOVERY": "on"}, "CDS_PROTECT_DISCOVERY needs CDS_CLIENTS"),
        ({"CDS_TLS_KEY": "README.md"}, "CDS_TLS_CERTIFICATE and CDS_TLS_KEY go together"),
        ({"CDS_TLS_CLIENT_CA": "README.md"}, "CDS_TLS_CLIENT_CA needs CDS_TLS_CERTIFICATE"),
        ({"CDS_HSTS_SUBDOMAINS": "on"}, "CDS_HSTS_SUBDOMAINS needs https in CDS_PUBLIC_URL"),
        (
            SHARED | {"CDS_RECORD_KEYS": KEY},
            "DATABASE_URL needs CDS_PSEUDONYM_KEY, the same on every machine",
        ),
        (SHARED | {"CDS_PSEUDONYM_KEY": KEY}, "DATABASE_URL needs CDS_RECORD_KEYS, the same on every machine"),
    ],
)
def test_what_is_half_configured_is_refused(environment, message):
    with pytest.raises(SettingsError) as caught:
        read(**environment)

    assert message == str(caught.value)


@pytest.mark.parametrize(
    "environment",
    [
        CLIENTS | {"CDS_PUBLIC_URL": "http://127.0.0.1:8080"},
        CLIENTS | {"CDS_PUBLIC_URL": "http://[::1]:8080"},
        CLIENTS | {"CDS_PUBLIC_URL": "https://cds.example.org", "CDS_PROXIES": "10.0.0.0/8"},
        CLIENTS | TLS | {"CDS_PUBLIC_URL": "https://cds.example.org", "CDS_PROTECT_DISCOVERY": "on"},
        SHARED | {"CDS_PSEUDONYM_KEY": KEY, "CDS_RECORD_KEYS": f"{KEY},{KEY[::-1]}"},
    ],
)
def test_what_is_wholly_configured_is_taken(environment):
    assert read(**environment)


@pytest.mark.parametrize(
    ("environment", "waits"),
    [
        ({}, False),
        ({"DATABASE_URL": "sqlite:////tmp/cds.sqlite"}, False),
        ({"CDS_FHIR_SERVERS": "https://ehr.example.org/fhir"}, True),
        (CLIENTS | {"CDS_PUBLIC_URL": "http://127.0.0.1"}, True),
        (SHARED | {"CDS_PSEUDONYM_KEY": KEY, "CDS_RECORD_KEYS": KEY}, True),
    ],
)
def test_a_call_may_wait_where_others_are_asked(environment, waits):
    assert waits == read(**environment).may_wait


@pytest.mark.parametrize(
    ("environment", "only_here"),
    [
        ({}, True),
        ({"CDS_HOST": "::1"}, True),
        ({"CDS_HOST": "localhost"}, True),
        ({"CDS_HOST": "0.0.0.0"}, False),
        ({"CDS_HOST": "::"}, False),
        ({"CDS_HOST": "cds.example.org"}, False),
        ({"CDS_PUBLIC_URL": "https://cds.example.org", "CDS_PROXIES": "127.0.0.1/32"}, False),
    ],
)
def test_who_can_reach_the_service(environment, only_here):
    assert only_here == read(**environment).only_here


@pytest.mark.parametrize("name", ["CDS_PSEUDONYM_KEY", "CDS_RECORD_KEYS", "DATABASE_URL"])
def test_a_secret_may_stand_in_a_file_and_is_never_shown(name, tmp_path):
    """(P6)"""
    secret = "postgresql://cds:Geheim-Geheim-Geheim-Geheim-12345@db/cds"
    (tmp_path / "secret").write_text(f"{secret}\n")
    keys = {"CDS_PSEUDONYM_KEY": KEY, "CDS_RECORD_KEYS": KEY}

    found = read(**{**keys, name: "", f"{name}_FILE": str(tmp_path / "secret")})

    assert secret in (found.pseudonym_key, found.database_url, *found.record_keys)
    assert "Geheim" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value"), [("CDS_RECORD_KEYS", f"{KEY},Geheim"), ("DATABASE_URL", "mysql://cds:Geheim@db/cds")]
)
def test_a_secret_that_is_wrong_is_not_repeated(name, value):
    with pytest.raises(SettingsError) as caught:
        read(**{name: value})

    assert "Geheim" not in str(caught.value)


def test_a_secret_of_a_file_that_is_no_text_is_not_repeated(tmp_path):
    file = tmp_path / "secret"
    file.write_bytes(b"\xff" * 32)

    with pytest.raises(SettingsError) as caught:
        read(CDS_PSEUDONYM_KEY_FILE=str(file))

    assert str(caught.value) == "CDS_PSEUDONYM_KEY_FILE names a file that is not in UTF-8"
