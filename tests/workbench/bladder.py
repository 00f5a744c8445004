"""A few rules about a bladder and a fever, and patients to ask them about."""

from cds.clinical import Bounds, Evidence, Fact, State
from cds.ruleset.model import AnyOf, Count, FactSpec, Place, Program, Rule, Test

PLACE = Place("small.yaml", 1)
KNOWN_STATES = (State.PRESENT, State.DENIED, State.ABSENT)


def spec(name: str, kind: str, title: str, **parameters: str) -> FactSpec:
    return FactSpec(name, kind, {}, parameters, title, PLACE, "small")


SPECS = (
    spec("residual", "observation", "Post-void residual", unit="mL"),
    spec("numb", "finding", "Saddle numbness"),
    spec("fever", "finding", "Fever"),
    spec("cough", "finding", "Cough"),
    spec("mri", "finding", "MRI of the spine"),
    spec("age", "age", "Age"),
    spec("order", "draft-request", "Draft order"),
    spec("film", "draft-request", "X-ray"),
)


def test(subject: str, relation: str = "present", attribute: str = "", operand=None, words: str = "") -> Test:
    return Test(subject, relation, attribute, operand, words or subject)  # type: ignore[arg-type]


RAISED = test("residual", "at least", "value", 200.0, "residual: at least 200 mL")
RECENT = test("numb", "at most", "onset_days", 14.0, "numb: onset within 14 days")


def rule(id_: str, *when: Test | AnyOf, conclude: str = "", each: str = "") -> Rule:
    return Rule(id_, "small", "1.0.0", f"Title of {id_}", when, PLACE, conclude=conclude, each=each)


RULES = (
    rule("raised", RAISED, conclude="full"),
    rule("recent", RECENT, conclude="sacral"),
    rule("ill", AnyOf((test("fever"), test("cough")), "any of: fever, cough"), conclude="infection"),
)
LATER = (
    rule("alarm", test("full"), test("sacral"), test("mri", "unless", words="unless: mri")),
    rule("quiet", test("infection", "without", words="without: infection"), test("age", "at least", "value", 50.0)),
    rule("points", test("signs", "at least", "value", 2.0, "signs: at least 2")),
    rule("denied", test("fever", "denied", words="denied: fever"), test("cough", "unrecorded")),
)
OF_ORDERS = (rule("film", test("film"), test("sacral"), each="order"),)
SIGNS = Count("signs", (test("full"), test("numb"), test("fever")), PLACE)

PROGRAM = Program({one.name: one for one in SPECS}, {"signs": SIGNS}, (RULES, LATER), {"order": (OF_ORDERS,)})


def rule_named(name: str) -> Rule:
    return next(one for one in (*RULES, *LATER, *OF_ORDERS) if one.id == name)


def patient(**told: Fact) -> dict[str, Fact]:
    """Everything that is not told is absent; the patient is 40."""
    absent = {one.name: Fact(one.name, State.ABSENT) for one in SPECS}
    return {**absent, "age": Fact("age", State.PRESENT, {"value": 40.0}), **told}


def present(name: str, **attributes: float | str | Bounds) -> Fact:
    evidence = (Evidence(f"Observation/{name}", name.title(), "", "2026-11-21"),)
    return Fact(name, State.PRESENT, attributes, evidence)


def unusable(name: str, missing: str) -> Fact:
    return Fact(name, State.UNUSABLE, missing=(missing,))
