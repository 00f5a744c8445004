"""`cds questionnaires`: one Bundle to load, or a file for each resource."""

import json

from click.testing import CliRunner

from cds.cli import main
from cds.fhir.write import problems
from tests.questionnaires.filling import exported
from tests.serving import ROOT

FOLDER = ["--rulesets", str(ROOT / "rulesets")]
NAMES = {f"{kind}/{name}" for kind, resources in exported().items() for name in resources}


def test_without_a_folder_it_is_one_transaction():
    bundle = json.loads(CliRunner().invoke(main, ["questionnaires", *FOLDER]).stdout)

    assert () == problems(bundle)
    assert NAMES == {entry["request"]["url"] for entry in bundle["entry"]}


def test_into_a_folder_it_writes_a_file_for_each(tmp_path):
    out = tmp_path / "definitions"
    told = CliRunner().invoke(main, ["questionnaires", "--out", str(out), *FOLDER])
    resources = [json.loads(path.read_bytes()) for path in out.glob("*.json")]

    assert (0, len(NAMES)) == (told.exit_code, len(told.stdout.splitlines()))
    assert NAMES == {f"{one['resourceType']}/{one['id']}" for one in resources}
