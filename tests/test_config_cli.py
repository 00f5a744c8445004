"""`cds config`: everything that is wrong at once, nothing that is secret, and what may be set."""

import json
import os

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.settings import Settings
from cds.settings.variables import VARIABLES
from tests.hooks.messages import RULESETS
from tests.security.tokens import Issuer, clients_file

KEY = "Geheim-Geheim-Geheim-Geheim-Geheim"
WELL = "no mistake and no doubt: the service would start\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    for name in [name for name in os.environ if name.startswith(("CDS_", "DATABASE_URL"))] + ["HOST", "PORT"]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CDS_RULESETS", str(RULESETS))
    monkeypatch.setenv("CDS_STATE", str(tmp_path / "var"))
    return monkeypatch


def cds(*words):
    found = CliRunner().invoke(main, ["config", *words])
    return found.exit_code, found.output


def test_of_settings_without_a_fault_it_says_that_the_service_would_start(tmp_path):
    assert (0, WELL) == cds("check")
    assert (0, WELL) == cds("check", "--connect")
    assert not list(tmp_path.iterdir()), "a check writes nothing"


def test_everything_that_is_wrong_is_told_at_once(environment, tmp_path):
    rulesets = tmp_path / "rulesets"
    rulesets.mkdir()
    (rulesets / "services.yaml").write_text("services:\n  - id: x\n")
    (tmp_path / "clients.yaml").write_text("clients: []\nclient: []\n")
    (tmp_path / "no.pem").write_text("Geheim")
    for name, value in {
        "CDS_PORT": "http",
        "CDS_PROT": "80",
        "CDS_RULESETS": str(rulesets),
        "CDS_CLIENTS": str(tmp_path / "clients.yaml"),
        "CDS_CA_FILE": str(tmp_path / "no.pem"),
        "CDS_TLS_CERTIFICATE": str(tmp_path / "no.pem"),
        "CDS_TLS_KEY": str(tmp_path / "no.pem"),
    }.items():
        environment.setenv(name, value)
    status, output = cds("check")

    assert 2 == status
    for words in (
        "CDS_PORT must be a whole number",
        "CDS_PROT is not a setting; did you mean CDS_PORT?",
        "CDS_CLIENTS needs CDS_PUBLIC_URL",
        "must be PEM files",
        "CDS_CA_FILE holds no certificates",
        "services.yaml:2:",
        "clients.yaml:2:",
    ):
        assert words in output, words
    assert all(line.startswith("mistake: ") for line in output.splitlines())
    assert "Geheim" not in output


def test_what_is_away_is_a_doubt_and_only_looked_for_when_that_is_wanted(environment, tmp_path):
    clients = clients_file(tmp_path, Issuer(), jku="https://practice.invalid/jwks.json")
    environment.setenv("CDS_CLIENTS", str(clients))
    environment.setenv("CDS_PUBLIC_URL", "http://127.0.0.1")
    environment.setenv("DATABASE_URL", f"postgresql://cds:{KEY}@127.0.0.1:9/cds")
    environment.setenv("CDS_PSEUDONYM_KEY", KEY)
    environment.setenv("CDS_RECORD_KEYS", KEY)

    assert (0, WELL) == cds("check")
    status, output = cds("check", "--connect", "--json")
    found = json.loads(output)
    assert (1, []) == (status, found["mistakes"])
    assert ["the database is away", "client "] == [
        next(words for words in ("the database is away", "client ") if doubt.startswith(words))
        for doubt in found["doubts"][:2]
    ]
    assert KEY not in output


def test_a_folder_that_cannot_be_written_is_a_doubt(environment, tmp_path):
    (tmp_path / "file").touch()
    environment.setenv("CDS_STATE", str(tmp_path / "file" / "var"))

    assert 1 == cds("check")[0]


def test_keys_that_are_damaged_are_a_mistake(tmp_path):
    """The service would not start with them."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / "keys.json").write_text("{}")

    told = "mistake: keys.json in CDS_STATE is damaged: what was sealed needs it; restore it\n"
    assert (2, told) == cds("check")


def test_a_folder_of_earlier_versions_that_is_not_there_is_a_doubt(environment):
    environment.setenv("CDS_KEPT_RULESETS", "nowhere")

    told = "doubt: CDS_KEPT_RULESETS: nowhere is not a folder; earlier versions of rulesets have no page\n"
    assert (1, told) == cds("check")


def test_settings_are_shown_without_secrets(environment, tmp_path):
    environment.setenv("CDS_PORT", "9000")
    environment.setenv("CDS_RECORD_KEYS", KEY)
    (tmp_path / "key").write_text(KEY)
    environment.setenv("CDS_PSEUDONYM_KEY_FILE", str(tmp_path / "key"))
    status, output = cds("show")
    told = json.loads(cds("show", "--json")[1])

    assert 0 == status
    assert {
        "CDS_PORT=9000",
        "CDS_RECORD_KEYS=***",
        "CDS_PSEUDONYM_KEY_FILE=***",
        "CDS_HOST=127.0.0.1  (default)",
        "CDS_PRODUCTION=off  (default)",
        "CDS_CROSS_CHECK=on  (default)",
    } <= set(output.splitlines())
    assert {"value": 9000, "given": True} == told["CDS_PORT"]
    assert len(VARIABLES) == len(told)
    assert KEY not in output


def test_the_schema_has_every_setting_with_its_bounds_and_default():
    told = json.loads(cds("schema")[1])["properties"]

    assert {name for variable in VARIABLES for name in variable.names} <= told.keys()
    assert {"type": "integer", "minimum": 1, "maximum": 65_535, "default": Settings().port} == told["CDS_PORT"]
    assert {"enum": ["none", "minimal", "full"], "default": "minimal"} == told["CDS_RECORD"]
    assert told["DATABASE_URL"]["writeOnly"]
    assert "DATABASE_URL_FILE" in told
