"""Whatever is done to a real resource, reading it ends in a record."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cds.fhir.bundles import READ_TYPES
from cds.fhir.decode import sent
from cds.fhir.read import read
from cds.record import PatientRecord
from tests.fhir.sending import BERLIN
from tests.fhir.test_real import BUNDLES, EXAMPLES, asking_for_all_of

RESOURCES = [json.loads(path.read_bytes()) for path in EXAMPLES] + [
    entry["resource"]
    for path in BUNDLES
    for entry in json.loads(path.read_bytes())["entry"][:40]
    if entry["resource"]["resourceType"] in READ_TYPES
]
ODD: list[Any] = [None, True, -1, 1e308, 10**30, "", "x" * 2000, "2026-99-99", "\x00", "#", "urn:uuid:"]
ODD += [[], {}, [[]], [None], {"coding": None}, {"reference": 5}, {"value": "3"}, [{"coding": [{"system": []}]}]]
TYPES = [*sorted(READ_TYPES), "Bundle", "OperationOutcome", "Nonsense", "Basic"]


def renamed(value, kind):
    return value | {"resourceType": kind} if isinstance(value, dict) else value


CHANGES = st.one_of(
    st.sampled_from(ODD).map(lambda odd: lambda _: odd),
    st.sampled_from(TYPES).map(lambda kind: lambda value: renamed(value, kind)),
    st.just(lambda value: [value]),
    st.just(lambda value: {"resource": value}),
    st.just(lambda value: {"coding": value}),
    st.just(lambda value: value * 50 if isinstance(value, list) else value),
    st.just(str),
)


def places(value, path=()):
    """The path to every value inside a resource."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inside:
        yield from places(member, (*path, key))


def changed(value, path, change):
    if not path:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = changed(value[path[0]], path[1:], change)
    return copy


@st.composite
def mutations(draw):
    resource = draw(st.sampled_from(RESOURCES))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(sorted(places(resource), key=str)))
        resource = changed(resource, path, draw(CHANGES))
    return resource


@settings(max_examples=400, deadline=None)
@given(mutations(), st.booleans())
def test_no_change_to_a_real_resource_stops_the_reading(resource, as_draft):
    content = json.dumps({"resourceType": "Bundle", "entry": [{"resource": resource}]}).encode()
    sound = sent(content, "prefetch.key").supplying(READ_TYPES)
    supplied, drafts = ([], sound) if as_draft else ([sound], sent(b"null", "drafts"))

    assert isinstance(
        read(supplied, asking_for_all_of(content), zone=BERLIN, patient_id="f001", drafts=drafts), PatientRecord
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 400), st.sampled_from(["item", "contained", "entry"]))
def test_depth_stops_nothing(depth, member):
    kind = "Bundle" if member == "entry" else "QuestionnaireResponse"
    value: object = {"resourceType": kind, "status": 5}
    for _ in range(depth):
        inner = {"resource": value} if member == "entry" else value
        value = {"resourceType": kind, "status": "completed", "linkId": "1", member: [inner]}
    content = json.dumps({"resourceType": "Bundle", "entry": [{"resource": value}]}).encode()
    record = read([sent(content, "key")], asking_for_all_of(content), zone=BERLIN, patient_id="p")

    assert "p" == record.patient.id
