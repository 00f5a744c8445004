"""The README: its tour is walked, command by command, and what it says of files and commands is true."""

import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from tests.recorded import arrived
from tests.serving import COMMAND, ROOT, started

README = (ROOT / "README.md").read_text()
TOUR = README.split("## A five-minute tour", 1)[1].split("\n## ", 1)[0]
BLOCKS = re.findall(r"```sh\n(.*?)```", TOUR, re.DOTALL)
SEND, EXPLAIN, TOLD, CHANGE = range(4)
TABLE = [name for name in re.findall(r"^\| `([^`]+)` \|", README, re.MULTILINE) if not name.startswith("cds ")]
LINKS = re.findall(r"\]\((?!http)([^)#]+)\)", README)
PATHS = re.findall(r"(?:fhir_samples|rulesets|tests|docs)/[\w\-./]*[\w/]", README)


def run(command, base=""):
    """A command of the README as a shell runs it; the service is where this test started it."""
    here = command.replace("http://127.0.0.1:8080", base).replace(".venv/bin/cds", str(COMMAND))
    here = here.replace("python3", sys.executable)
    shell = ["bash", "-o", "pipefail", "-c", here]
    return subprocess.run(shell, check=False, cwd=ROOT, capture_output=True, text=True, timeout=300)


def commands(block):
    """The commands of a block one by one; a line that ends in a pipe goes on, a comment says nothing."""
    joined = re.sub(r"\|\n\s*", "| ", BLOCKS[block])
    return [line.split("#")[0].strip() for line in joined.splitlines() if line.strip()]


def test_the_tour_has_the_commands_that_are_tried_here():
    assert [len(commands(block)) for block in range(len(BLOCKS))] == [1, 2, 2, 2]


def test_the_story_of_the_tour_gets_one_critical_card_with_orders_to_sign(shipped_service):
    [command] = commands(SEND)
    [card] = json.loads(run(command, shipped_service).stdout)["cards"]
    made = [action["resource"]["resourceType"] for each in card["suggestions"] for action in each["actions"]]

    assert (card["indicator"], card["source"]["topic"]["code"]) == ("critical", "SRF-04")
    assert made == ["ServiceRequest", "ServiceRequest", "Task", "Task"]
    assert re.fullmatch(r"SRF-04\.t0@\d+\.\d+\.\d+", card["detail"].splitlines()[-1])


def test_the_card_says_why_what_it_rests_on_what_is_missing_and_the_evidence(shipped_service):
    [command] = commands(SEND)
    [card] = json.loads(run(command, shipped_service).stdout)["cards"]
    titles = re.findall(r"^\*\*(.+)\*\*$", card["detail"], re.MULTILINE)

    assert titles == ["Why this card", "Data used", "Evidence"]
    assert "Not in the data supplied: " in card["detail"]
    assert re.search(r"\d{4}-\d{2}-\d{2} \(Condition/saddle-numbness\)", card["detail"])


def test_the_first_explanation_leads_from_the_resource_to_the_card():
    lines = run(commands(EXPLAIN)[0]).stdout.splitlines()
    places = [
        next(number for number, line in enumerate(lines) if part in line)
        for part in ("CRITICAL SRF-04.t0", "ces-tier-0", "SRF-01.saddle", "[Condition/saddle-numbness]")
    ]

    assert places == sorted(places)


def test_the_second_explanation_says_why_another_rule_stayed_silent():
    said = run(commands(EXPLAIN)[1]).stdout

    assert said.startswith("✗ SRF-08.t2-lumbar: silent.")
    assert "✗ fracture-tier-2" in said


def test_the_record_of_the_call_names_its_rule_and_counts_its_card():
    with started() as service:
        run(commands(SEND)[0], service.base)
        assert [1, 0] == arrived(f"sqlite:///{service.state}/cds.sqlite", [1, 0])
        state = f"CDS_STATE={shlex.quote(str(service.state))} "
        found = run(state + commands(TOLD)[0]).stdout
        counted = run(state + commands(TOLD)[1]).stdout

    assert re.search(r"200 spine-and-headache patient-view 1 cards: SRF-04\.t0@", found)
    assert re.search(r"^SRF-04\.t0@.*\n.* 1/1 ", counted, re.MULTILINE)


def test_the_rulesets_are_without_mistakes_and_their_cases_pass():
    done = [run(command) for command in commands(CHANGE)]

    assert [each.returncode for each in done] == [0, 0]
    assert re.search(r"\d+ rules", done[0].stdout)
    assert re.search(r"\b0 failed", done[1].stdout)


def test_a_threshold_that_is_moved_makes_cases_fail_that_say_which_condition_decided(tmp_path):
    (named,) = re.findall(r"Open `(.+?)`", TOUR)
    shutil.copytree(ROOT / "rulesets", tmp_path / "rulesets")
    (tmp_path / "fhir_samples").symlink_to(ROOT / "fhir_samples")  # whole requests are cases, too
    ruleset = tmp_path / named
    for pins in ruleset.parent.glob("*pins.yaml"):
        pins.unlink()  # the cases that people wrote notice it
    before = ruleset.read_text()
    ruleset.write_text(before.replace("planned_days_28: at least 9 d", "planned_days_28: at least 12 d"))
    done = run(f".venv/bin/cds test --rulesets {tmp_path}/rulesets {ruleset.parent}")

    assert ruleset.read_text() != before
    assert done.returncode == 1
    assert "at least 12 d" in done.stdout


def test_all_stories_pass_against_the_running_service(shipped_service):
    assert "**Try all stories** against the running service: `.venv/bin/cds samples`." in TOUR
    done = run(f".venv/bin/cds samples {shipped_service}")

    assert (done.returncode, "FAIL" in done.stdout) == (0, False)
    assert re.fullmatch(r"(\d+) of \1 samples are answered as expected", done.stdout.splitlines()[-1])


def test_every_file_and_folder_it_names_is_there():
    named = {*TABLE, *LINKS, *PATHS} - {"tests/rulesets/"}
    missing = [path for path in named if not list(ROOT.glob(path.rstrip("/").removesuffix(".bad.yaml") or "."))]

    assert missing == []


@pytest.mark.parametrize("target", re.findall(r"^make (\w+)", README, re.MULTILINE))
def test_make_knows_the_two_commands(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
