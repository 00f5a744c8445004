"""`cds check --production` and CDS_PRODUCTION: nothing runs that no named clinician has approved as it is."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.errors import RulesetError
from cds.ruleset.approval import unapproved, unreviewed
from cds.ruleset.load import load
from cds.settings import Settings
from cds.web.app import create_app
from tests import shipped
from tests.ruleset.folders import HEAD, LIBRARY, ROOT, completed, folder, services

TODAY = date(2026, 11, 21)
NAMED = "reviewer: Dr. Ada Example, general practice"
APPROVED = f"{NAMED}\n  approved: {{version: 1.0.0, on: 2026-11-20}}"


def library(about, status="active"):
    """The library with something else in place of its reviewer."""
    head = HEAD["about"].format(name="library").replace("reviewer: none", about)
    return completed(f"{LIBRARY}\nstatus: {status}\n{head}\n", "library")


def loaded(tmp_path, about, **given):
    return load(folder(tmp_path, {"example/library/ruleset.yaml": library(about, **given)}))


def told(tmp_path, about, today=TODAY, **given):
    return [re.sub(r"^.*?:\d+: ", "", str(problem)) for problem in unapproved(loaded(tmp_path, about, **given), today)]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        (APPROVED, []),
        (
            "reviewer: none",
            [
                'ruleset "library" has no reviewer: name the clinician who has reviewed it',
                'ruleset "library" is not approved: add `approved: {version: 1.0.0, on: <date>}`',
            ],
        ),
        (
            "reviewer: None\n  approved: {version: 1.0.0, on: 2026-11-20}",
            ['ruleset "library" has no reviewer: name the clinician who has reviewed it'],
        ),
        (NAMED, ['ruleset "library" is not approved: add `approved: {version: 1.0.0, on: <date>}`']),
        (
            APPROVED.replace("1.0.0", "0.9.0"),
            ['ruleset "library" is approved in version 0.9.0, but this is version 1.0.0'],
        ),
        (APPROVED.replace("11-20", "11-21"), []),
        (APPROVED.replace("11-20", "11-22"), ['ruleset "library" is approved on 2026-11-22, which is in the future']),
    ],
)
def test_a_ruleset_needs_a_named_reviewer_and_approval_of_its_version(tmp_path, about, expected):
    assert expected == told(tmp_path, about)


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2027, 11, 21), []), (date(2027, 11, 22), ['the review of ruleset "library" was due on 2027-11-21'])],
)
def test_a_review_that_is_overdue_is_none(tmp_path, today, expected):
    assert expected == told(tmp_path, APPROVED, today)


def test_a_problem_has_the_place_of_the_reviewer(tmp_path):
    text = library("reviewer: none")
    line = text[: text.index("reviewer: none")].count("\n") + 1

    assert {("rulesets/example/library/ruleset.yaml", line)} == {
        (problem.file, problem.line) for problem in unapproved(loaded(tmp_path, "reviewer: none"), TODAY)
    }


def test_a_draft_needs_no_approval_as_nobody_is_shown_it(tmp_path):
    knowledge = loaded(tmp_path, "reviewer: none", status="draft")

    assert ((), ()) == (unapproved(knowledge, TODAY), unreviewed(knowledge))


def test_what_no_service_runs_needs_no_approval_and_what_is_used_does(tmp_path):
    other = completed("rules: []", "other")
    used = completed("uses: [library]\nrules: []", "top")
    files = {"example/other/ruleset.yaml": other, "example/top/ruleset.yaml": used, "services.yaml": services("top")}

    assert ("top", "library") == unreviewed(load(folder(tmp_path, files)))


def test_the_command_refuses_with_the_status_of_mistakes(tmp_path):
    root = folder(tmp_path, {"example/library/ruleset.yaml": library("reviewer: none")})

    assert [0, 3] == [
        CliRunner().invoke(main, ["check", str(root), *more]).exit_code for more in ([], ["--production"])
    ]


def test_the_command_takes_what_is_approved(tmp_path):
    today = datetime.now(UTC).date()
    text = library(APPROVED.replace("2026-11-20", str(today - timedelta(days=1))))
    due = text.replace("review_by: 2027-11-21", f"review_by: {today + timedelta(days=1)}")
    root = folder(tmp_path, {"example/library/ruleset.yaml": due})

    assert 0 == CliRunner().invoke(main, ["check", str(root), "--production"]).exit_code


def test_the_command_lists_what_is_missing_in_json_too(tmp_path):
    text = library(NAMED).replace("review_by: 2027-11-21", "review_by: 2999-01-01")  # the command looks at the calendar
    root = folder(tmp_path, {"example/library/ruleset.yaml": text})
    answer = CliRunner().invoke(main, ["check", str(root), "--production", "--json"])

    assert ["rulesets/example/library/ruleset.yaml"] == [problem["file"] for problem in json.loads(answer.stdout)]


def test_a_service_in_production_does_not_start_with_unapproved_rulesets(tmp_path):
    root = folder(tmp_path, {"example/library/ruleset.yaml": library("reviewer: none")})

    create_app(Settings(rulesets=root, state=tmp_path / "state"))
    with pytest.raises(RulesetError, match="has no reviewer"):
        create_app(Settings(rulesets=root, state=tmp_path / "state", production=True))


def test_the_rulesets_of_the_project_are_reviewed_by_nobody_and_say_so():
    knowledge = shipped.knowledge()
    active = {name for name, one in knowledge.rulesets.items() if one.status == "active"}

    assert {"none"} == {one.about.reviewer for one in knowledge.rulesets.values()}
    assert set(unreviewed(knowledge)) == active & set(unreviewed(knowledge)) != set()
    assert "No clinician has reviewed this content." in (ROOT / "README.md").read_text(encoding="utf-8")
