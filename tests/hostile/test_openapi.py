"""The running service against its own description: what schemathesis makes of /openapi.json, sent and judged."""

import os

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import negative_data_rejection

from tests.hooks.messages import MINIMAL, RULESETS, data, headache, nsaid_days, request
from tests.hostile.mutations import LONG
from tests.serving import started

CALL, FEEDBACK = "/cds-services/pain", "/cds-services/pain/feedback"
GENERATED = [
    ("/cds-services", "GET", GenerationMode.POSITIVE, 3),
    ("/fhir/{type}", "GET", GenerationMode.POSITIVE, 6),
    ("/fhir/{type}/{id}", "GET", GenerationMode.POSITIVE, 10),
    ("/fhir/{type}/{id}", "GET", GenerationMode.NEGATIVE, 10),
    (FEEDBACK, "POST", GenerationMode.POSITIVE, 30),
    (FEEDBACK, "POST", GenerationMode.NEGATIVE, 30),
    (CALL, "POST", GenerationMode.NEGATIVE, 4),
]
"""How many examples of each: those of calls are slow to make. What keeps to the description is written by hand for
calls: eleven hooks, each with a context of its own, are beyond what is generated.
"""


@pytest.fixture(scope="module")
def described():
    with started(CDS_RULESETS=str(RULESETS)) as service:
        schema = schemathesis.openapi.from_url(f"{service.base}/openapi.json")
        schema.config.generation.update(allow_x00=False)  # refused everywhere, which no description can say
        yield schema


@pytest.mark.requirement("CH-001", "CH-087")
@pytest.mark.parametrize(("path", "method", "mode", "count"), GENERATED)
def test_the_service_keeps_to_its_description(described, path, method, mode, count):
    """Every status and media type it describes and no other, never a 5xx, answers of the shape it promises; what keeps
    to the description is taken. What breaks it may be taken as well: null and empty count as absent (CH-008).
    """
    strategy = described[path][method].as_strategy(generation_mode=mode)

    @settings(
        max_examples=int(os.environ.get(LONG, count)),
        derandomize=LONG not in os.environ,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def keeps(data):
        data.draw(strategy).call_and_validate(excluded_checks=[negative_data_rejection])

    keeps()


def judge(described, name):
    """A judge of messages of that name in the description."""
    return jsonschema_rs.validator_for({**described.raw_schema, "$ref": f"#/components/schemas/{name}"})


@pytest.mark.requirement("CH-083")
@pytest.mark.parametrize("hook", sorted(MINIMAL))
def test_a_call_of_every_hook_keeps_to_the_description_and_so_does_its_answer(described, hook):
    message = request(MINIMAL[hook], data(headache(), nsaid_days()), hook)
    case = described[CALL]["POST"].Case(body=message, media_type="application/json")

    assert judge(described, "Request").is_valid(message)
    assert case.call_and_validate().status_code == 200


@pytest.mark.parametrize("hook", sorted(MINIMAL))
def test_what_the_description_asks_of_a_context_the_service_asks_too(described, hook):
    for name in MINIMAL[hook]:
        context = {key: value for key, value in MINIMAL[hook].items() if key != name}
        message = request(context, data(headache()), hook)
        case = described[CALL]["POST"].Case(body=message, media_type="application/json")

        assert judge(described, "Request").is_valid(message) == (case.call().status_code == 200), name
