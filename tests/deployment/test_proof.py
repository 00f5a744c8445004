"""The proofs of docker/ can fail: a call that breaks off is counted as one that was not answered."""

from pathlib import Path
from runpy import run_path

import pytest

from tests.outbound.serving import babbles, hangs_up, says, serving
from tests.serving import free_port

STATUS = run_path(str(Path(__file__).parents[2] / "docker" / "smoke.py"))["status"]
NO_ANSWER = 0


@pytest.mark.parametrize(
    ("answer", "told"),
    [(says({}), 200), (says({}, status=503), 503), (hangs_up, NO_ANSWER), (babbles, NO_ANSWER)],
    ids=["answered", "busy", "hung up", "no HTTP"],
)
def test_what_becomes_of_a_call_is_told_by_a_status(answer, told):
    with serving(answer) as server:
        assert told == STATUS(f"http://127.0.0.1:{server.server_port}", "/healthz")


def test_nobody_there_is_no_answer():
    assert NO_ANSWER == STATUS(f"http://127.0.0.1:{free_port()}", "/healthz")
