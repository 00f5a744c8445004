"""A draft runs in shadow: evaluated and written down, shown to nobody."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from cds.hooks.answer import answer
from tests.hooks.messages import condition, data, request
from tests.workbench.test_differences import revision, served

NOON = datetime(2026, 12, 10, 12, tzinfo=UTC)


def answered(folder):
    body = json.dumps(request(prefetch=data(condition("36349006", "Burning pain")))).encode()
    offers = served(folder).offers("pain")
    return answer(offers, body, now=NOON, new_id=lambda: str(uuid4()), max_cards=6, record="minimal")


def test_a_draft_is_evaluated_and_written_down_and_not_shown(tmp_path):
    shown = answered(revision(tmp_path / "active"))
    shadow = answered(revision(tmp_path / "draft", ("status: active", "status: draft")))

    assert [len(shown.response["cards"]), len(shadow.response["cards"])] == [1, 0]
    assert (shown.decision.withheld, shadow.decision.withheld) == ((), ("P-20.card@1.2.0",))
    assert bytes(shadow.decision.facts) == bytes(shown.decision.facts)
