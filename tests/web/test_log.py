"""The log: what is not on the list of names is not written, whoever gives it."""

import ast
import json
import os
import pty
import subprocess
import sys

import pytest

from cds.security.refusals import Refusal
from cds.web.log import NAMES
from cds.web.requests import LOGGED
from tests.serving import ROOT

SAY = """
import structlog
from cds.web import log
log.configure("info")
structlog.get_logger("cds").info("request", status=200, patient={"name": "Unverwechselbar"}, body=b"Unverwechselbar")
structlog.get_logger().warning("database", reach="away", why="OperationalError", url="postgresql://cds:Geheim@db")
"""


def test_a_name_that_is_not_listed_is_left_out():
    """(P2)"""
    said = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True, cwd=ROOT).stderr
    lines = [json.loads(line) for line in said.splitlines()]

    assert [
        {"event": "request", "status": 200, "left_out": 2, "level": "info"},
        {"event": "database", "reach": "away", "why": "OperationalError", "left_out": 1, "level": "warning"},
    ] == [{name: value for name, value in line.items() if name != "timestamp"} for line in lines]


def logged():
    """The names that calls of a logger give, with their place."""
    for path in sorted((ROOT / "cds").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[0].lower() in ("_log", "say"):
                yield from ((f"{path.relative_to(ROOT)}:{node.lineno}", each.arg) for each in node.keywords if each.arg)


def test_every_name_the_service_gives_is_listed():
    """Else it would be lost without a word."""
    given = list(logged())

    assert len(given) > 15
    assert [] == [place for place, name in given if name not in NAMES]


@pytest.mark.parametrize("name", ["patient", "user", "name", "text", "body", "token", "authorization", "url", "error"])
def test_nothing_is_listed_that_could_be_about_a_patient(name):
    assert name not in NAMES | LOGGED


def test_the_reason_of_a_refusal_is_one_of_a_few_words():
    """(P3)"""
    assert all(reason.replace("-", "").isalpha() for reason in Refusal)


def test_at_a_terminal_it_is_for_reading():
    ours, its = pty.openpty()
    environment = {**os.environ, "NO_COLOR": "1"}
    subprocess.run([sys.executable, "-c", SAY], stderr=its, check=True, cwd=ROOT, env=environment)
    os.close(its)
    said = os.read(ours, 10_000).decode()
    os.close(ours)

    assert "request" in said and "status=200" in said
    assert "{" not in said and "\x1b" not in said and "Unverwechselbar" not in said


def test_the_server_says_one_line_and_no_trace():
    say = SAY.split("structlog.get_logger", maxsplit=1)[0] + (
        "import logging.config\n"
        "logging.config.dictConfig({'version': 1, **log.OF_THE_SERVER})\n"
        "logging.getLogger('_granian').error('Application callable raised an exception\\nUnverwechselbar')\n"
    )
    said = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, check=True, cwd=ROOT).stderr
    line = json.loads(said)

    assert ("server", "error", "Application callable raised an exception") == (
        line["event"],
        line["level"],
        line["problem"],
    )
