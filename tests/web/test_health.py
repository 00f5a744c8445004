"""/healthz and /readyz: what does not work is named, and nothing that is secret."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cds.settings import Settings
from tests.hooks.messages import RULESETS
from tests.serve.processes import awaited
from tests.web.closed import CALL, JSON, PAIN, closed, opened, token

NOWHERE = "postgresql://cds:Geheim@127.0.0.1:9/cds"
KEYS: dict[str, Any] = {"pseudonym_key": "p" * 32, "record_keys": ("k" * 32,)}


@pytest.fixture
def settings(tmp_path):
    return Settings(rulesets=RULESETS, state=tmp_path / "state")


def connections_of(http):
    return http.application.extensions["cds.connections"]


def until_told(get, part):
    """How others are is found out in the background."""

    def told():
        found = get("/readyz").json
        return found if part in found.get("degraded", {}) else None

    return awaited(told)


def test_a_service_that_works_is_ok(settings):
    http = opened(settings)

    assert {"status": "ok"} == http.get("/healthz").json
    assert ("ok", 200) == (http.get("/readyz").json["status"], http.get("/readyz").status_code)
    assert "degraded" not in http.get("/readyz").json


def test_it_says_that_no_clinician_has_reviewed_what_it_runs(settings):
    told = opened(settings).get("/readyz").json

    assert "no clinician has reviewed 1 of the rulesets that are run" == told["unreviewed"]


@pytest.mark.parametrize(
    ("due", "told"),
    [("2020-01-01", "the review of 1 of the rulesets that are run was due before today"), ("2999-01-01", None)],
)
def test_it_says_that_a_review_is_overdue(settings, tmp_path, due, told):
    """(R7)"""
    rulesets = Path(shutil.copytree(RULESETS, tmp_path / "rulesets"))
    file = rulesets / "demo" / "pain" / "ruleset.yaml"
    file.write_text(re.sub(r"review_by: \S+", f"review_by: {due}", file.read_text()))

    assert told == opened(replace(settings, rulesets=rulesets)).get("/readyz").json.get("overdue")


def test_the_first_page_says_of_how_many_of_its_rulesets_nobody_is_the_reviewer(settings):
    assert "No clinician has reviewed any of its rulesets (1)." in opened(settings).get("/").text


@pytest.mark.parametrize(("reviewer", "warned"), [("none", True), ("Dr Ada Example", False)])
def test_pages_for_people_and_programs_warn_of_rulesets_only_until_a_clinician_has_reviewed_them(
    settings, tmp_path, reviewer, warned
):
    rulesets = Path(shutil.copytree(RULESETS, tmp_path / "rulesets"))
    file = rulesets / "demo" / "pain" / "ruleset.yaml"
    file.write_text(file.read_text().replace("reviewer: none", f"reviewer: {reviewer}"))
    http = opened(replace(settings, rulesets=rulesets))

    assert warned == ("Not for clinical use" in http.get("/").text)
    assert warned == ("Not for clinical use" in http.get("/openapi.json").json["info"]["description"])
    assert warned == ("unreviewed" in http.get("/readyz").json)


def test_a_database_that_is_away_degrades_it_and_no_more(settings):
    """(F9)"""
    http = opened(replace(settings, database_url=NOWHERE, **KEYS))
    connections_of(http).start()
    told = until_told(http.get, "database")
    answered = http.post(PAIN, data=CALL, **JSON)
    connections_of(http).stop()

    assert "degraded" == told["status"]
    assert told["degraded"]["database"].startswith("cannot be reached since 20")
    assert 200 == answered.status_code == http.get("/readyz").status_code
    assert "Geheim" not in str(told) and "127.0.0.1" not in str(told)


@pytest.mark.parametrize(("replay", "status", "called"), [("degraded", 200, 200), ("strict", 503, 503)])
def test_a_service_that_would_refuse_every_call_is_not_ready(tmp_path, replay, status, called):
    """(F23)"""
    service = closed(tmp_path, database_url=NOWHERE, replay=replay, **KEYS)
    connections_of(service.http).start()
    until_told(service.get, "database")
    answered = service.post(token=token())
    ready = service.get("/readyz")
    connections_of(service.http).stop()

    assert (status, called) == (ready.status_code, answered.status_code)
    assert ("refusing" if replay == "strict" else "degraded") == ready.json["status"]
    assert "replay" in ready.json["degraded"]


def test_what_could_not_be_kept_is_counted(settings):
    http = opened(replace(settings, spool_bytes=100))
    for _ in range(3):
        assert 200 == http.post(PAIN, data=CALL, **JSON).status_code

    assert "3 entries lost since this process began" == http.get("/readyz").json["degraded"]["journal"]


def test_a_spool_that_fills_is_told(settings):
    http = opened(replace(settings, spool_bytes=4_000))
    told: dict[str, str] = {}
    while "spool" not in told:
        assert 200 == http.post(PAIN, data=CALL, **JSON).status_code
        told = http.get("/readyz").json.get("degraded", {})

    assert told["spool"].endswith("% full") and 50 < int(told["spool"].split("%")[0]) <= 100


def test_keys_that_cannot_be_read_are_told_without_names(tmp_path):
    service = closed(tmp_path, {"jku": "https://practice.invalid/jwks.json", "keys": "practice.json"})
    connections_of(service.http).start()
    told = until_told(service.get, "key sets")
    connections_of(service.http).stop()

    assert "1 of 1 cannot be read; the keys last read are used for a day" == told["degraded"]["key sets"]
    assert "practice" not in str(told)


def test_a_service_without_a_place_to_write_answers_and_says_so(settings):
    """(F14)"""
    http = opened(replace(settings, state=Path("/proc/cds")))  # where nobody can make a folder
    connections_of(http).start()
    answered = http.post(PAIN, data=CALL, **JSON)
    told = http.get("/readyz")
    connections_of(http).stop()

    assert (200, 1) == (answered.status_code, len(answered.json["cards"]))
    assert (200, "degraded") == (told.status_code, told.json["status"])
    assert "the folder cannot be written to" == told.json["degraded"]["state"]
    assert "1 entries lost since this process began" == told.json["degraded"]["journal"]


def test_it_says_that_cards_of_drafts_are_not_shown(tmp_path):
    rulesets = shutil.copytree(RULESETS, tmp_path / "rulesets")
    ruleset = rulesets / "demo" / "pain" / "ruleset.yaml"
    ruleset.write_text(ruleset.read_text().replace("status: active", "status: draft", 1))
    http = opened(Settings(rulesets=rulesets, state=tmp_path / "state"))

    assert "1 of 1 rulesets are drafts, whose cards are recorded and not shown" == http.get("/readyz").json["shadow"]


def test_a_reload_that_failed_and_an_order_to_stop_are_told(settings):
    http = opened(settings)
    board = http.application.extensions["cds.post"].board
    board.reload_failed = datetime(2026, 11, 21, 17, 6, 31, tzinfo=UTC)
    degraded = http.get("/readyz")
    board.reload_failed = None
    board.stopping = True
    stopping = http.get("/readyz")

    assert (200, "degraded") == (degraded.status_code, degraded.json["status"])
    assert {"reload": "failed at 2026-11-21T17:06:31Z; the rulesets of before are served"} == degraded.json["degraded"]
    assert (503, "stopping") == (stopping.status_code, stopping.json["status"])
    assert 200 == http.get("/healthz").status_code
