"""Medicines as entries: which drug, which use of it."""

from datetime import date, datetime

import pytest

from cds.clinical import Coding, Quantity, Span
from cds.fhir.bundle import patient_record
from cds.record import Dosage, MedicationEntry, Substance
from cds.ruleset.codes import CodeIndex
from cds.ruleset.model import Codes
from cds.ruleset.systems import SYSTEMS
from tests.fhir.sending import BERLIN, ICD, RXNORM, SNOMED, SUBJECT, UCUM, bundle, coded, entries, entry, record

IBUPROFEN = {"medicationCodeableConcept": coded(RXNORM, "5640", "ibuprofen")}


def request(**members):
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        **SUBJECT,
        "status": "active",
        "intent": "order",
        **(members if any(name.startswith("medication") for name in members) else IBUPROFEN | members),
    }


def medication(**members):
    return {"resourceType": "Medication", "id": "med1", **members}


def test_an_order_tells_what_was_ordered():
    found = entry(
        "nsaid.in",
        request(
            authoredOn="2026-11-10T10:00:00+01:00",
            identifier=[{"system": "https://example.org/rx", "value": "17"}],
            reasonCode=[coded(ICD, "M54.32")],
            dispenseRequest={
                "quantity": {"value": 30, "unit": "tablet"},
                "expectedSupplyDuration": {"value": 2, "code": "wk", "system": UCUM},
                "numberOfRepeatsAllowed": 1,
                "validityPeriod": {"start": "2026-11-10", "end": "2026-12"},
            },
            priorPrescription={"reference": "https://ehr.example.org/fhir/MedicationRequest/m0/_history/2"},
        ),
    )

    assert ("MedicationRequest/m1", "ibuprofen", "active", "order") == (
        found.reference,
        found.text,
        found.status,
        found.intent,
    )
    assert (Span(date(2026, 11, 10), date(2026, 11, 10)), 14.0, 1) == (found.authored, found.days_supply, found.repeats)
    assert (Quantity(30.0, "tablet"), frozenset({"sciatica.in"})) == (found.quantity, found.reasons)
    assert ((date(2026, 11, 10), date(2026, 12, 31)), ("MedicationRequest/m0",)) == (found.validity, found.based_on)
    assert ("https://example.org/rx|17",) == found.identifiers


@pytest.mark.parametrize(
    ("members", "stated"),
    [
        ({"reasonCode": [coded(ICD, "M54.32")]}, True),
        ({"reasonCode": [coded(ICD, "Z00.0")]}, True),
        ({"reasonReference": [{"reference": "Condition/elsewhere"}]}, True),
        ({}, False),
    ],
)
def test_a_reason_is_stated_whether_or_not_it_is_asked_for(members, stated):
    assert stated is entry("nsaid.in", request(**members)).reason_stated


@pytest.mark.parametrize(
    ("sent", "ingredients"),
    [
        (IBUPROFEN, ()),
        ({"medicationCodeableConcept": coded(RXNORM, "310965")}, (Coding(RXNORM, "5640"),)),
        ({"medication": {"concept": coded(RXNORM, "5640")}}, ()),
        ({"medication": coded(RXNORM, "5640")}, ()),
        ({"medication": {"reference": {"reference": "Medication/med1"}}}, ()),
        ({"medicationReference": {"reference": "Medication/med1"}}, ()),
        ({"medicationReference": {"reference": "https://ehr.example.org/fhir/Medication/med1"}}, ()),
        ({"medicationReference": {"reference": "#drug"}}, ()),
        ({"medicationReference": {"reference": "#parts"}}, (Coding(RXNORM, "5640"),)),
    ],
)
def test_the_drug_is_found_in_every_way_it_can_be_said(sent, ingredients):
    contained = [
        {"resourceType": "Medication", "id": "drug", "code": coded(RXNORM, "5640")},
        {
            "resourceType": "Medication",
            "id": "parts",
            "code": {"text": "Combination"},
            "ingredient": [{"itemCodeableConcept": coded(RXNORM, "5640")}],
        },
    ]
    found = entry("nsaid.in", medication(code=coded(RXNORM, "5640")), request(**sent, contained=contained))

    assert ingredients == found.ingredients


def test_a_drug_no_code_explains_is_listed_in_words():
    herb = request(medicationCodeableConcept={"text": "Willow bark"})
    unresolved = request(id="m2", medicationReference={"reference": "Medication/gone", "display": "Something"})
    known = request(id="m3", medicationCodeableConcept=coded(RXNORM, "999", "acetaminophen product"))
    stopped = request(id="m4", status="cancelled", medicationCodeableConcept={"text": "Old herb"})

    listed = record(herb, unresolved, known, stopped).unmapped_medications

    assert ["Willow bark", "Something"] == list(listed.values())


@pytest.mark.parametrize("status", ["Active", None])
def test_a_drug_no_code_explains_is_not_left_out_for_a_status_that_may_count(status):
    herb = request(status=status, medicationCodeableConcept={"text": "Willow bark"})

    assert (("bundle.entry[1].status",), {}) == (record(herb).unreadable, record(herb).unmapped_medications)


@pytest.mark.parametrize(
    "system, listed",
    [
        (RXNORM, ()),
        ("http://www.whocc.no/atc", ()),
        ("urn:oid:2.16.840.1.113883.6.88", ()),
        ("http://snomed.info/sct", ("Iron",)),
        ("https://hospital.example.org/formulary", ("Iron",)),
        (None, ("Iron",)),
    ],
)
def test_a_drug_code_that_nothing_asks_for_tells_that_it_is_something_else(system, listed):
    iron = {"coding": [{"system": system, "code": "310325"}], "text": "Iron"}

    assert listed == tuple(record(request(medicationCodeableConcept=iron)).unmapped_medications.values())


@pytest.mark.parametrize(
    ("code", "words", "listed"),
    [
        ("5640", "Ibuprofen", ()),
        ("310965", "Ibuprofen 200 MG Oral Tablet", ()),
        ("900000", "ibuprofen 300 MG Oral Tablet [Brand]", ("ibuprofen 300 MG Oral Tablet [Brand]",)),
        ("900001", "metformin 500 MG Oral Tablet", ()),
    ],
    ids=["asked for", "in the map", "not in the map", "another drug"],
)
def test_a_product_of_a_drug_that_is_asked_for_is_listed_when_the_map_lacks_it(code, words, listed):
    """Its code alone would tell that it is something else, and nobody would see that it was overlooked."""
    sent = {"coding": [{"system": RXNORM, "code": code}], "text": words}

    assert listed == tuple(record(request(medicationCodeableConcept=sent)).unmapped_medications.values())


@pytest.mark.parametrize(
    ("members", "there"),
    [
        ({}, 1),
        ({"status": "stopped"}, 1),
        ({"status": "on-hold"}, 1),
        ({"status": "draft"}, 0),
        ({"status": "cancelled"}, 0),
        ({"status": "entered-in-error"}, 0),
        ({"status": "ongoing"}, 0),
        ({"intent": "plan"}, 0),
        ({"intent": "proposal"}, 0),
        ({"intent": "option"}, 0),
        ({"intent": "reflex-order"}, 1),
        ({"intent": "Order"}, 1),
        ({"doNotPerform": True}, 0),
        ({"doNotPerform": False}, 1),
    ],
)
def test_only_real_orders_are_there(members, there):
    assert there == len(entries("nsaid.in", request(**members)))


def test_the_reason_may_be_a_condition_of_the_request():
    sciatica = {"resourceType": "Condition", "id": "c1", **SUBJECT, "code": coded(ICD, "M54.31")}
    found = entry("nsaid.in", sciatica, request(reasonReference=[{"reference": "Condition/c1"}]))

    assert frozenset({"sciatica.in"}) == found.reasons


@pytest.mark.parametrize(
    ("instruction", "dosage"),
    [
        (
            {
                "text": "1-2 as needed",
                "asNeededBoolean": True,
                "route": coded(SNOMED, "26643006"),
                "doseAndRate": [
                    {"doseRange": {"low": {"value": 1, "unit": "tab"}, "high": {"value": 2, "unit": "tab"}}}
                ],
                "timing": {"repeat": {"frequency": 1, "frequencyMax": 3, "period": 6, "periodUnit": "h"}},
                "maxDosePerPeriod": {
                    "numerator": {"value": 8, "unit": "tab"},
                    "denominator": {"value": 24, "code": "h"},
                },
            },
            Dosage(
                text="1-2 as needed",
                as_needed=True,
                routes=(Coding(SNOMED, "26643006"),),
                dose=1.0,
                dose_high=2.0,
                dose_unit="tab",
                frequency=1,
                frequency_max=3,
                period=6.0,
                period_unit="h",
                max_per_period=(8.0, "tab", 24.0, "h"),
            ),
        ),
        (
            {
                "asNeededCodeableConcept": {"text": "pain"},
                "doseQuantity": {"value": 400, "code": "mg"},
                "timing": {
                    "event": ["2026-11-20", None],
                    "code": coded("http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation", "BID"),
                    "repeat": {
                        "boundsPeriod": {"start": "2026-11", "end": "2026-12-05"},
                        "dayOfWeek": ["mon", "thu"],
                        "timeOfDay": ["08:00:00", "20:00:00"],
                        "when": ["MORN"],
                        "count": 10,
                    },
                },
            },
            Dosage(
                as_needed=True,
                dose=400.0,
                dose_unit="mg",
                events=(date(2026, 11, 20),),
                code="BID",
                bounds=(date(2026, 11, 1), date(2026, 12, 5)),
                days_of_week=("mon", "thu"),
                times_of_day=2,
                when=("MORN",),
                count=10,
            ),
        ),
        (
            {"timing": {"repeat": {"boundsDuration": {"value": 2, "code": "wk"}}}},
            Dosage(bounds_days=(14.0, 14.0)),
        ),
        (
            {
                "timing": {
                    "repeat": {"boundsRange": {"low": {"value": 5, "code": "d"}, "high": {"value": 1, "code": "wk"}}}
                }
            },
            Dosage(bounds_days=(5.0, 7.0)),
        ),
    ],
)
def test_a_dosage_says_doses_times_and_limits(instruction, dosage):
    assert (dosage,) == entry("nsaid.in", request(dosageInstruction=[instruction])).dosages


def test_a_time_pattern_that_can_be_read_in_part_only_is_not_read_at_all():
    wrong = {"text": "daily", "timing": {"repeat": {"frequency": "often", "period": 1, "periodUnit": "d"}}}
    order = request(dosageInstruction=[wrong, {"text": "weekly"}])

    assert (Dosage(text="weekly"),) == entry("nsaid.in", order).dosages
    assert ("bundle.entry[1].dosage[0]",) == record(order).unreadable


def statement(**members):
    return {"resourceType": "MedicationStatement", "id": "s1", **SUBJECT, "status": "active", **IBUPROFEN, **members}


@pytest.mark.parametrize(
    ("members", "effective"),
    [
        ({"effectiveDateTime": "2026-11-01"}, (Span(date(2026, 11, 1), date(2026, 11, 1)), None)),
        ({"effectiveDateTime": "2026-08"}, (Span(date(2026, 8, 1), date(2026, 8, 31)), None)),
        (
            {"effectivePeriod": {"start": "2026-10", "end": "2026-11"}},
            (Span(date(2026, 10, 1), date(2026, 10, 31)), Span(date(2026, 11, 1), date(2026, 11, 30))),
        ),
        ({}, None),
    ],
)
def test_a_statement_tells_since_when_and_until_when(members, effective):
    assert effective == entry("nsaid.in", statement(**members)).effective


@pytest.mark.parametrize(
    ("source", "who"),
    [
        ({"reference": "Patient/p1"}, "Patient"),
        ({"reference": "https://ehr.example.org/fhir/RelatedPerson/r1"}, "RelatedPerson"),
        ({"type": "Practitioner", "display": "Dr. Sample"}, "Practitioner"),
        ({"display": "mother"}, None),
    ],
)
def test_a_statement_tells_whose_word_it_is(source, who):
    assert who == entry("nsaid.in", statement(informationSource=source)).source


@pytest.mark.parametrize(("status", "there"), [("not-taken", 1), ("unknown", 0), ("entered-in-error", 0)])
def test_not_taken_is_a_statement_too(status, there):
    assert there == len(entries("nsaid.in", statement(status=status)))


def test_a_dispense_tells_what_was_handed_over():
    dispense = {
        "resourceType": "MedicationDispense",
        "id": "d1",
        **SUBJECT,
        "status": "completed",
        **IBUPROFEN,
        "whenHandedOver": "2026-11-12T16:00:00+01:00",
        "quantity": {"value": 20, "unit": "tablet"},
        "daysSupply": {"value": 10, "unit": "d", "code": "d", "system": UCUM},
        "authorizingPrescription": [{"reference": "MedicationRequest/m1"}],
    }
    found = entry("nsaid.in", dispense)

    assert (Span(date(2026, 11, 12), date(2026, 11, 12)), 10.0) == (found.handed_over, found.days_supply)
    assert (Quantity(20.0, "tablet"), ("MedicationRequest/m1",)) == (found.quantity, found.based_on)
    assert () == entries("nsaid.in", dispense | {"status": "declined"})


def test_an_administration_is_one_dose_at_one_time():
    given = {
        "resourceType": "MedicationAdministration",
        "id": "a1",
        **SUBJECT,
        "status": "completed",
        **IBUPROFEN,
        "effectiveDateTime": "2026-11-12T16:00:00+01:00",
        "dosage": {"dose": {"value": 400, "code": "mg", "system": UCUM}},
        "request": {"reference": "MedicationRequest/m1"},
    }
    found = entry("nsaid.in", given)

    day = Span(date(2026, 11, 12), date(2026, 11, 12))
    assert ((day, day), (Dosage(dose=400.0, dose_unit="mg"),)) == (
        found.effective,
        found.dosages,
    )
    assert (datetime(2026, 11, 12, 16, tzinfo=BERLIN), ("MedicationRequest/m1",)) == (found.instant, found.based_on)
    assert () == entries("nsaid.in", given | {"status": "not-done"})


def test_a_product_that_does_not_count_does_not_count_by_its_ingredient_either():
    gel = CodeIndex(
        {"nsaid.in": Codes(codings=(Coding(RXNORM, "5640"),), except_codings=(Coding(RXNORM, "310965"),))},
        {},
        {Coding(RXNORM, "310965"): (Coding(RXNORM, "5640"),)},
    )

    sent = bundle(request(medicationCodeableConcept=coded(RXNORM, "310965")))

    assert patient_record(sent, gel, BERLIN, patient_id="p1").entries == {}


def test_one_substance_has_one_name_in_all_code_systems():
    atc = SYSTEMS["atc"]
    names = {Coding(RXNORM, "5781", "indomethacin"), Coding(atc, "M01AB01", "indometacin")}
    index = CodeIndex({"nsaid.in": Codes(codings=tuple(names))}, {}, {})
    sent = [request(id=code, medicationCodeableConcept=coded(system, code)) for system, code, _ in names]

    found = patient_record(bundle(*sent), index, BERLIN, patient_id="p1").entries["nsaid.in"]

    assert [each.substances for each in found if isinstance(each, MedicationEntry)] == [
        (Substance("indometacin", frozenset({"nsaid.in"})),)
    ] * 2
