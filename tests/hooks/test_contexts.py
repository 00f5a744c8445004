"""The contexts of the hooks: what each needs, and the variants that are understood."""

import pytest

from cds.errors import RequestError
from cds.hooks.contexts import understood
from cds.hooks.library import HOOKS, hook_named
from cds.ruleset.hooks import HOOKS as NAMES
from tests.hooks.messages import MINIMAL, PATIENT, USER, USUAL, bundle, headache, ibuprofen

ALLERGY = {"resourceType": "AllergyIntolerance", "id": "a"}
APPOINTMENT = {"resourceType": "Appointment", "id": "b", "status": "proposed"}


def read(hook, context):
    return understood(hook_named(hook), context)


def ids(context):
    return [resource["id"] for resource in context.proposed]


@pytest.mark.requirement("CH-188")
def test_a_service_may_be_offered_at_the_hooks_of_the_library():
    assert set(NAMES) == set(HOOKS)


@pytest.mark.requirement("CH-191")
@pytest.mark.parametrize("hook", MINIMAL)
def test_the_required_fields_are_enough(hook):
    assert "1" == read(hook, MINIMAL[hook]).patient


@pytest.mark.requirement("CH-191")
@pytest.mark.parametrize(("hook", "field"), [("medication-prescribe", "medications"), ("order-review", "orders")])
def test_deprecated_hooks_are_understood_too(hook, field):
    context = read(hook, {**USUAL, field: bundle(ibuprofen())})

    assert (["order-1"], True, True) == (ids(context), context.hook.orders, context.hook.deprecated)
    with pytest.raises(RequestError, match=rf"^context\.{field} is required$"):
        read(hook, USUAL)


@pytest.mark.requirement("CH-191", "CH-050")
@pytest.mark.parametrize(("hook", "field"), [(hook, field) for hook, context in MINIMAL.items() for field in context])
@pytest.mark.parametrize("value", [None, ""])
def test_a_required_field_that_is_missing_is_named(hook, field, value):
    without = {**MINIMAL[hook], field: value}

    with pytest.raises(RequestError, match=f"^context.{field} is required$"):
        read(hook, without)


@pytest.mark.requirement("CH-050")
def test_every_field_that_is_missing_or_wrong_is_named():
    with pytest.raises(RequestError) as caught:
        read("order-select", {"patientId": 7, "draftOrders": bundle(ibuprofen())})

    assert (
        "context.userId is required",
        "context.patientId must be a text",
        "context.selections is required",
    ) == caught.value.diagnostics


@pytest.mark.requirement("CH-050")
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("patientId", 7, "context.patientId must be a text"),
        ("patientId", ["1"], "context.patientId must be a text"),
        ("patientId", "a b", "context.patientId must be the id of a resource of type Patient"),
        ("patientId", "a\x00b", "context.patientId must be the id of a resource of type Patient"),
        ("patientId", "..", "context.patientId must be the id of a resource of type Patient"),
        ("patientId", "Patient/..", "context.patientId must be the id of a resource of type Patient"),
        ("patientId", "Practitioner/1", "context.patientId must be the id of a resource of type Patient"),
        ("encounterId", "Patient/1", "context.encounterId must be the id of a resource of type Encounter"),
        ("userId", {"x": 1}, "context.userId must be a text"),
        ("encounterId", 3, "context.encounterId must be a text"),
        ("draftOrders", "x", r"context.draftOrders\[0\] must be an object"),
        ("draftOrders", {"resourceType": "Bundle", "entry": "x"}, r"context.draftOrders.entry\[0\] must be an object"),
        (
            "draftOrders",
            {"resourceType": "Bundle", "entry": [{}, 7]},
            r"context.draftOrders.entry\[1\] must be an object",
        ),
        ("selections", [7], r"context.selections\[0\] must be a text"),
    ],
)
def test_a_field_of_the_wrong_type_is_named(field, value, message):
    with pytest.raises(RequestError, match=f"^{message}$"):
        read("order-select", {**MINIMAL["order-select"], field: value})


@pytest.mark.requirement("CH-055")
@pytest.mark.parametrize("hook", [hook for hook, context in MINIMAL.items() if "userId" in context])
@pytest.mark.parametrize("user", ["Practitioner/a", "PractitionerRole/a"])
def test_a_clinician_may_use_every_hook(hook, user):
    assert user == read(hook, {**MINIMAL[hook], "userId": user}).user


@pytest.mark.requirement("CH-055")
@pytest.mark.parametrize("user", ["Patient/1", "RelatedPerson/a"])
@pytest.mark.parametrize("hook", ["patient-view", "appointment-book"])
def test_patients_and_their_relatives_may_use_some_hooks(hook, user):
    assert user == read(hook, {**MINIMAL[hook], "userId": user}).user


@pytest.mark.requirement("CH-055")
@pytest.mark.parametrize("hook", ["order-sign", "encounter-start", "medication-verify"])
def test_advice_for_clinicians_is_not_given_to_patients(hook):
    with pytest.raises(RequestError, match=r"^context.userId must be one of Practitioner, PractitionerRole at"):
        read(hook, {**MINIMAL[hook], "userId": "Patient/1"})


@pytest.mark.requirement("CH-055")
@pytest.mark.parametrize(
    ("user", "understood_as", "remarks"),
    [
        ("https://ehr.example.org/fhir/Practitioner/a", "Practitioner/a", 0),
        ("COREPRACTITIONER1", None, 1),
        ("https://ehr.example.org/users/7", None, 1),
    ],
)
def test_a_user_in_another_form_is_tolerated(user, understood_as, remarks):
    context = read("patient-view", {**USUAL, "userId": user})

    assert (understood_as, remarks) == (context.user, len(context.remarks))


@pytest.mark.requirement("CH-197", "CH-198")
@pytest.mark.parametrize("hook", ["order-dispatch", "medication-refill"])
def test_some_hooks_do_without_a_user(hook):
    assert read(hook, MINIMAL[hook]).user is None


@pytest.mark.requirement("CH-056")
@pytest.mark.parametrize(
    ("given", "ident"),
    [
        ("1", "1"),
        ("Patient/1", "1"),
        ("https://ehr.example.org/fhir/Patient/1", "1"),
        ("x" * 194, "x" * 194),
        ("a_b", "a_b"),
    ],
)
def test_the_patient_is_known_by_the_bare_id(given, ident):
    assert ident == read("patient-view", {**USER, "patientId": given}).patient


@pytest.mark.requirement("CH-056")
def test_the_encounter_is_known_by_the_bare_id():
    assert "e1" == read("patient-view", {**USUAL, "encounterId": "Encounter/e1"}).encounter


@pytest.mark.requirement("CH-050")
def test_an_optional_field_may_be_missing():
    assert read("patient-view", USUAL).encounter is None


@pytest.mark.requirement("CH-009", "CH-189")
def test_an_unknown_field_is_ignored():
    assert read("patient-view", USUAL) == read("patient-view", {**USUAL, "x": {"y": 1}})


@pytest.mark.requirement("CH-196")
@pytest.mark.parametrize("name", ["dispatchedOrders", "dispatched-orders", "order"])
@pytest.mark.parametrize("value", ["ServiceRequest/1", ["ServiceRequest/1"], [{"reference": "ServiceRequest/1"}]])
def test_dispatched_orders_go_by_three_names(name, value):
    assert ("ServiceRequest/1",) == read(
        "order-dispatch", {**PATIENT, name: value, "performer": "Organization/1"}
    ).references


@pytest.mark.requirement("CH-196")
@pytest.mark.parametrize("name", ["fulfillmentTasks", "fulfillment-tasks", "task"])
def test_fulfillment_tasks_go_by_three_names(name):
    assert "1" == read("order-dispatch", {**MINIMAL["order-dispatch"], name: [{"resourceType": "Task"}]}).patient


@pytest.mark.requirement("CH-199")
@pytest.mark.parametrize(
    "given",
    [
        {"allergyIntolerance": ALLERGY},
        {"allergyIntolerance": {"resource": ALLERGY}},
        {"allergyIntolerance": bundle(ALLERGY)},
        {"allergyIntolerances": bundle(ALLERGY)},
    ],
)
def test_the_new_allergy_comes_in_several_forms(given):
    assert ["a"] == ids(read("allergyintolerance-create", {**USUAL, **given}))


@pytest.mark.requirement("CH-200")
@pytest.mark.parametrize("given", [{"medication": ibuprofen()}, {"order": {"resource": ibuprofen()}}])
def test_the_medication_to_verify_comes_in_two_forms(given):
    assert ["order-1"] == ids(read("medication-verify", {**USUAL, **given}))


@pytest.mark.requirement("CH-201")
@pytest.mark.parametrize("given", [bundle(APPOINTMENT), [APPOINTMENT], [{"resource": APPOINTMENT}]])
def test_appointments_come_in_a_bundle_or_a_list(given):
    assert ["b"] == ids(read("appointment-book", {**USUAL, "appointments": given}))


@pytest.mark.requirement("CH-058")
@pytest.mark.parametrize(
    "given",
    [
        {"resourceType": "Bundle", "entry": [{"resource": ibuprofen()}]},
        {"entry": [{"resource": ibuprofen()}]},
        {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:x"}, {"resource": None}, {"resource": ibuprofen()}]},
        {"resourceType": "Bundle", "entry": [ibuprofen()]},
    ],
)
def test_a_bundle_of_draft_orders_need_not_be_valid_fhir(given):
    assert ["order-1"] == ids(read("order-sign", {**USUAL, "draftOrders": given}))


@pytest.mark.requirement("CH-058")
@pytest.mark.parametrize("given", [{"resourceType": "Bundle"}, {"resourceType": "Bundle", "entry": []}, {}, []])
def test_there_may_be_no_draft_orders(given):
    assert [] == ids(read("order-sign", {**USUAL, "draftOrders": given}))


ORDERS = bundle(ibuprofen("one"), ibuprofen("two"))


@pytest.mark.requirement("CH-192", "CH-194")
@pytest.mark.parametrize(
    ("selections", "advised_on", "remarks"),
    [
        (["MedicationRequest/one"], ["one"], 0),
        (["https://ehr.example.org/fhir/MedicationRequest/two"], ["two"], 0),
        (["two"], ["two"], 0),
        (["MedicationRequest/two", "MedicationRequest/gone"], ["two"], 1),
        (["MedicationRequest/gone"], ["one", "two"], 1),
        ([], ["one", "two"], 0),
    ],
)
def test_advice_is_about_the_selected_orders(selections, advised_on, remarks):
    context = read("order-select", {**USUAL, "draftOrders": ORDERS, "selections": selections})

    assert advised_on == [order["id"] for order in context.proposed if context.is_selected(order)]
    assert remarks == len(context.remarks)


def test_a_hook_of_an_organisation_needs_a_patient():
    with pytest.raises(RequestError, match=r"^context.patientId is required$"):
        read("com.example.rounds", {})


def test_resources_are_kept_as_they_were_sent():
    order = ibuprofen(extension=[{"url": "x"}], _status={"id": "s"})

    assert (order,) == read("order-sign", {**USUAL, "draftOrders": bundle(order)}).proposed


@pytest.mark.requirement("CH-202")
def test_a_recorded_problem_is_no_order():
    context = read("problem-list-item-create", {**USUAL, "conditions": bundle(headache())})

    assert (["headache"], False) == (ids(context), context.hook.orders)
