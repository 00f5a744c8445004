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
        ("CDS_RULSETS", "x", "CDS_RULSETS is no setting; did you mean CDS_RULESETS?"),
        ("CDS_QQQQ", "x", "CDS_QQQQ is no setting"),
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
        ({"CDS_PUBLIC_URL": "https://cds.example.org/base/"}, "https://cds.example.org/base"),
    ],
)
def test_the_address_that_clients_are_told(environment, url):
    assert url == read(**environment).url


@pytest.mark.parametrize(("text", "value"), [("off", False), ("0", False), ("No", False), ("ON", True), ("true", True)])
def test_a_switch_is_on_or_off(text, value):
    assert value == read(CDS_CROSS_CHECK=text).cross_check
