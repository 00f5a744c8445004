"""headache.md HD-MOH-001: of which acute class a medicine is."""

import pytest
from msgspec.structs import replace

from cds.clinical import Coding, Evidence, State
from cds.record import Dosage
from tests.facts.asking import facts, record
from tests.facts.prescribing import (
    AS_NEEDED,
    DAILY,
    TWICE_DAILY,
    acute_spec,
    administration,
    bounds,
    dispense,
    every_use,
    order,
    said,
    used,
)

TOPICAL_ROUTE = (Coding("http://snomed.info/sct", "6064005", "Topical route"),)
NASAL_ROUTE = (Coding("http://snomed.info/sct", "46713006", "Nasal route"),)


def classes_of(*sets, dosages=(AS_NEEDED,), **given) -> set[str]:
    """The single classes that an order with codes in these sets counts for."""
    found = every_use(order("a drug", *dosages, of=sets, **given))
    families = {"nonopioid", "pain-reliever", "several", "any", "unnamed"}
    return {name for name, fact in found.items() if fact.state is State.PRESENT} - families


@pytest.mark.parametrize(
    ("sets", "expected"),
    [
        (("combination", "paracetamol", "aspirin", "adjuvant"), {"combination"}),  # 1: RxNorm 308297
        (("triptan", "nsaid"), {"triptan"}),  # 2: sumatriptan with naproxen
        (("ergot", "adjuvant"), {"ergot"}),  # ergotamine with caffeine
        (("topical", "nsaid"), set()),  # 3: diclofenac gel
        (("not_counted",), set()),  # 4: cyclobenzaprine
        (("paracetamol", "aspirin"), {"paracetamol", "aspirin"}),  # 6: without caffeine, one of each
        (("ditan", "triptan"), {"ditan"}),  # N02CC08 stands among the triptans of ATC
        (("gepant",), {"gepant"}),
        (("paracetamol", "opioid"), {"combination"}),
        (("paracetamol", "barbiturate", "adjuvant"), {"combination"}),
        (("opioid", "adjuvant"), {"combination"}),
        (("opioid_combination",), {"combination"}),
        (("barbiturate_combination",), {"combination"}),
        (("barbiturate", "adjuvant"), {"barbiturate"}),  # butalbital is among the adjuvants itself
        (("adjuvant",), set()),  # caffeine alone
        (("opioid",), {"opioid"}),
        (("nsaid",), {"nsaid"}),
        (("nsaid", "nsaid_except"), set()),  # glucosamine, by the prefix M01A
        (("nonopioid_other",), {"nonopioid-other"}),
        (("combination", "opioid"), {"combination"}),  # N02AJ outranks N02A
    ],
)
def test_the_first_class_that_fits_counts(sets, expected):
    assert classes_of(*sets) == expected


@pytest.mark.parametrize(
    ("dosage", "given", "expected"),
    [
        (Dosage(as_needed=True, dose=300, dose_unit="mg"), {}, {"aspirin"}),
        (Dosage(as_needed=True, dose=299, dose_unit="mg"), {}, set()),
        (Dosage(as_needed=True, dose=0.3, dose_unit="g"), {}, {"aspirin"}),
        (replace(DAILY, dose=325, dose_unit="mg"), {}, set()),
        (replace(DAILY, dose=326, dose_unit="mg"), {}, {"aspirin"}),
        (replace(DAILY, dose=325, dose_unit="mg"), {"reasons": frozenset({"acute.pain"})}, {"aspirin"}),
        (replace(DAILY, dose=81, dose_unit="mg"), {"reasons": frozenset({"acute.pain"})}, set()),
        (replace(TWICE_DAILY, dose=325, dose_unit="mg"), {}, {"aspirin"}),
        (DAILY, {}, set()),  # dose unknown, once daily
        (TWICE_DAILY, {}, {"aspirin"}),
        (AS_NEEDED, {}, {"aspirin"}),
    ],
)
def test_aspirin_of_antiplatelet_dose_is_not_counted(dosage, given, expected):
    assert classes_of("aspirin", dosages=[dosage], **given) == expected


def test_aspirin_coded_as_antiplatelet_is_not_counted_whatever_its_dose():
    assert classes_of("aspirin", "antiplatelet", dosages=[Dosage(as_needed=True, dose=500, dose_unit="mg")]) == set()


def test_a_dispensing_without_a_dosage_has_that_of_its_order():
    ordered = order("aspirin", replace(DAILY, dose=81, dose_unit="mg"), of=["aspirin"], reference="MedicationRequest/a")
    handed = dispense("aspirin", 90, days=10, of=["aspirin"], based_on=("MedicationRequest/a",))

    assert used("aspirin", ordered, handed).state is State.ABSENT
    assert used("aspirin", handed).state is State.PRESENT


@pytest.mark.parametrize(
    ("routes", "count_topical", "expected"),
    [(TOPICAL_ROUTE, False, State.ABSENT), (NASAL_ROUTE, False, State.PRESENT), (TOPICAL_ROUTE, True, State.PRESENT)],
)
def test_what_is_applied_locally_is_not_counted_unless_a_site_says_so(routes, count_topical, expected):
    gel = order("diclofenac", replace(TWICE_DAILY, routes=routes))

    assert used("nsaid", gel, count_topical=count_topical).state is expected


def test_gepants_join_the_families_only_where_a_site_counts_them():
    gepant = order("rimegepant", Dosage(frequency=1, period=2, period_unit="d"), of=["gepant"], days=60)

    assert bounds(used("gepant", gepant)) == (0, 15, 30)
    assert used("any", gepant).state is State.ABSENT
    assert bounds(used("any", gepant, count_gepant=True)) == (0, 15, 30)


@pytest.mark.parametrize(
    ("sets", "given", "expected"),
    [
        (("opioid", "substitution"), {}, "yes"),
        (("opioid",), {"reasons": frozenset({"acute.opioid_use_disorder"})}, "yes"),
        (("opioid",), {}, "no"),
    ],
)
def test_substitution_treatment_is_counted_and_flagged(sets, given, expected):
    opioid = used("opioid", order("buprenorphine", DAILY, of=sets, days=120, **given))

    assert (bounds(opioid), opioid.attributes["substitution"]) == ((0, 30, 30), expected)


@pytest.mark.parametrize(
    ("sets", "opioid", "barbiturate"),
    [
        (("opioid_combination",), "yes", "no"),
        (("barbiturate_combination",), "no", "yes"),
        (("paracetamol", "opioid"), "yes", "no"),
        (("combination",), "no", "no"),
    ],
)
def test_a_combination_says_what_needs_a_taper(sets, opioid, barbiturate):
    fact = used("combination", order("combined", AS_NEEDED, of=sets))

    assert (fact.attributes["with_opioid"], fact.attributes["with_barbiturate"]) == (opioid, barbiturate)


def test_the_shared_fact_tells_what_there_is():
    found = facts(
        [acute_spec()],
        record(
            order("naproxen", AS_NEEDED),
            order("sumatriptan", AS_NEEDED, of=["triptan"]),
            unmapped_medications={"MedicationStatement/tablet": "pain tablet"},
        ),
    )["acute"]

    assert (found.state, dict(found.attributes)) == (
        State.PRESENT,
        {"classes": "triptan, nsaid", "drugs": "naproxen, sumatriptan", "reported": "no", "unmapped": 1.0},
    )
    assert found.evidence[0] == Evidence("MedicationStatement/tablet", "pain tablet", "no known code")


@pytest.mark.parametrize(
    ("named", "expected"),
    [(set(), State.PRESENT), ({"acute.nsaid", "other"}, State.PRESENT), ({"other", "acutely"}, State.ABSENT)],
    ids=["nothing", "an acute medicine", "one of another kind"],
)
def test_a_medicine_without_a_code_is_left_out_when_its_words_name_one_of_another_kind(named, expected):
    tablet = "MedicationStatement/tablet"
    told = record(unmapped_medications={tablet: "some tablet"}, drugs_named={tablet: frozenset(named)})

    assert facts([acute_spec()], told)["acute"].state is expected


@pytest.mark.parametrize(
    ("entry", "reported"),
    [
        (administration(days=3), "yes"),
        (said("diary", False, of=None), "yes"),
        (order("naproxen", AS_NEEDED), "no"),
        (dispense(pieces=20, days=3), "no"),
    ],
)
def test_the_shared_fact_tells_whether_anyone_recorded_use(entry, reported):
    assert facts([acute_spec()], record(entry))["acute"].attributes["reported"] == reported


def test_without_acute_medicines_the_shared_fact_is_absent():
    assert facts([acute_spec()], record())["acute"].state is State.ABSENT
