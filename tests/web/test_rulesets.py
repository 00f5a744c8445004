"""GET /rulesets: what every ruleset says, does and rests on, as a page and as JSON."""

import json
import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import jsonschema_rs
import pytest
from werkzeug.test import TestResponse

from cds import __version__
from cds.fhir.write import problems
from cds.monograph import results
from cds.monograph.document import Measure
from cds.monograph.states import States
from cds.ruleset.load import load
from cds.settings import Settings
from cds.web import current
from cds.web.app import create_app
from tests import shipped
from tests.hooks.messages import RULESETS as SMALL
from tests.hooks.messages import data, headache, nsaid_days, request
from tests.web.closed import closed
from tests.web.markup import Page, page

SHIPPED = sorted(shipped.knowledge().rulesets)
PAIN = "/rulesets/pain/1.2.0"
FHIR = "application/fhir+json"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The application with the rulesets of the project."""
    return shipped.client(tmp_path_factory.mktemp("state"))


class Forms(NamedTuple):
    page: Page
    json: TestResponse
    fhir: TestResponse


@pytest.fixture(scope="module")
def told(whole):
    """A ruleset of the project in all its forms, one asked for after the other: what they say is worked out once."""

    @cache
    def forms(name: str) -> Forms:
        seen, *others = (
            whole.get(f"/rulesets/{name}", headers={"Accept": one}) for one in ("text/html", "application/json", FHIR)
        )
        return Forms(page(seen.text), *others)

    return forms


@pytest.fixture(scope="module")
def valid(whole):
    """Judges JSON by the schema of that name in the OpenAPI document."""
    components = whole.get("/openapi.json").json["components"]

    def faults(name, instance):
        schema = {"$ref": f"#/components/schemas/{name}", "components": components}
        return [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(instance)]

    return faults


def opened(folder: Path, **settings):
    return create_app(Settings(**{"rulesets": SMALL, "state": folder / "state", **settings})).test_client()


def copied(folder: Path, *changes: tuple[str, str]) -> Path:
    """The small rulesets with these changes of the ruleset "pain"."""
    root = folder / "rulesets"
    for path in (path for path in SMALL.rglob("*") if path.is_file()):
        copy = root / path.relative_to(SMALL)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    ruleset = root / "demo/pain/ruleset.yaml"
    text = ruleset.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    ruleset.write_text(text, encoding="utf-8")
    return root


# Every ruleset


@pytest.mark.parametrize("name", SHIPPED)
def test_every_page_is_sound_and_tells_every_rule(told, name):
    ruleset, seen = shipped.knowledge().rulesets[name], told(name).page

    assert [] == seen.faults
    assert set() == {f"rule-{rule.id}" for rule in ruleset.rules} - set(seen.ids)
    assert (1, 1, 1, 1) == tuple(seen.elements[landmark] for landmark in ("main", "header", "footer", "h1"))
    assert not {"script", "img", "iframe", "link", "object"} & seen.elements.keys()
    assert not {one for one in seen.attributes if one in {"src", "style"} or one.startswith("on")}
    assert "Not approved for clinical use" in seen.text


def test_every_link_within_the_service_leads_somewhere(told):
    pages = {name: told(name).page for name in SHIPPED}
    versions = {name: one.version for name, one in shipped.knowledge().rulesets.items()}
    known: dict[str, set[str]] = {"/": set(), "/rulesets": set()}
    known |= {f"/rulesets/{name}/{versions[name]}": set(one.ids) for name, one in pages.items()}
    broken = set()
    for name, one in pages.items():
        for link in one.links:
            address, _, anchor = link.partition("#")
            if not link.startswith(("https://", "?")):
                there = known.get(address) if address else set(one.ids)
                if there is None or (anchor and anchor not in there):
                    broken.add((name, link))

    assert set() == broken


@pytest.mark.parametrize("name", SHIPPED)
def test_every_ruleset_is_json_as_its_schema_says(told, valid, name):
    answer = told(name).json

    assert (200, "application/json") == (answer.status_code, answer.content_type)
    assert [] == valid("RulesetMonograph", answer.json)
    assert list(range(1, 14)) == [one["number"] for one in answer.json["source_attributes"]]
    assert all(one["value"].strip() for one in answer.json["source_attributes"])
    assert all(one["when"] or one["unless"] for one in answer.json["rules"])


def test_the_list_names_every_ruleset(whole, valid):
    listed = whole.get("/rulesets", headers={"Accept": "application/json"}).json
    seen = page(whole.get("/rulesets").text)

    assert [] == valid("RulesetContents", listed)
    assert SHIPPED == sorted(one["id"] for one in listed["rulesets"])
    assert [] == seen.faults
    assert {one["address"] for one in listed["rulesets"]} <= set(seen.links)


@pytest.mark.parametrize(
    ("query", "finds", "leaves"),
    [
        ("triptan", "triptan-safety", "knee-pain"),
        ("HD-MOH-010", "medication-overuse", "knee-pain"),
        ("cauda EQUINA", "spine-cauda-equina", "first-triptan"),
    ],
)
def test_a_search_finds_words_ids_and_inputs_whatever_their_case(whole, query, finds, leaves):
    found = {one["id"] for one in whole.get("/rulesets", query_string={"q": query, "format": "json"}).json["rulesets"]}

    assert finds in found
    assert leaves not in found


def test_a_search_without_a_find_says_so(whole):
    assert f"0 of {len(SHIPPED)} rulesets speak of “zzz”" in page(whole.get("/rulesets?q=zzz").text).text


# The source of a card


def test_the_source_of_a_card_is_the_rule_on_the_page_of_its_version(client):
    [card] = client.post("/cds-services/pain", json=request(prefetch=data(headache(), nsaid_days(4)))).json["cards"]
    address, _, anchor = card["source"]["url"].partition("#")

    assert address.startswith("http://127.0.0.1:8080/rulesets/")
    assert anchor in page(client.get(address.removeprefix("http://127.0.0.1:8080")).text).ids
    assert {"label": "ICHD-3", "url": "https://ichd-3.org/", "type": "absolute"} in card["links"]


def test_the_source_of_a_card_has_the_address_that_clients_know(tmp_path):
    far = opened(tmp_path, public_url="https://cds.example.org/decisions")
    message = request(prefetch=data(headache(), nsaid_days(4)))
    answer = far.post("/cds-services/pain", json=message, base_url="https://inside:8080")

    page_of_rule = "https://cds.example.org/decisions/rulesets/pain/1.2.0#rule-P-01.card"
    assert [page_of_rule] == [card["source"]["url"] for card in answer.json["cards"]]


# What is asked for, and in which form


@pytest.mark.parametrize(
    ("accept", "query", "form"),
    [
        (None, "", "text/html; charset=utf-8"),
        ("*/*", "", "text/html; charset=utf-8"),
        (BROWSER, "", "text/html; charset=utf-8"),
        ("application/json", "", "application/json"),
        ("application/json;q=0.2, text/html;q=0.1", "", "application/json"),
        (BROWSER, "?format=json", "application/json"),
        ("application/json", "?format=html", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("path", ["/rulesets", "/rulesets/pain", PAIN])
def test_the_form_is_as_the_caller_prefers(client, path, accept, query, form):
    answer = client.get(path + query, headers={"Accept": accept} if accept else {})

    assert (200, form, "Accept") == (answer.status_code, answer.content_type, answer.headers["Vary"])


@pytest.mark.parametrize("name", SHIPPED)
def test_every_ruleset_is_a_fhir_library_too(told, name):
    """(R2)"""
    answer, attributes = told(name).fhir, told(name).json.json["source_attributes"]
    library = answer.json

    assert FHIR == answer.content_type
    assert () == problems(library)
    assert library["experimental"]
    assert not {"approvalDate", "reviewer"} & set(library)
    assert 13 == library["text"]["div"].count("<tr>")
    assert attributes[1]["value"] == library["author"][0]["name"]
    assert [one for one in library["relatedArtifact"] if one["type"] == "citation"]


def test_a_library_names_its_reviewer_and_until_when_the_review_holds(tmp_path):
    """(R2)"""
    approved = "reviewer: Dr Ada Example\n  approved: {version: 1.2.0, on: 2026-11-20}"
    library = opened(tmp_path, rulesets=copied(tmp_path, ("reviewer: none", approved))).get(f"{PAIN}?format=fhir").json

    assert () == problems(library)
    assert ([{"name": "Dr Ada Example"}], "2026-11-20", "2026-11-20", False) == (
        library["reviewer"],
        library["approvalDate"],
        library["lastReviewDate"],
        library["experimental"],
    )


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/rulesets", {"Accept": FHIR}, 406),
        ("/rulesets?format=fhir", {}, 400),
        ("/rulesets/none", {}, 404),
        ("/rulesets/pain/9.9.9", {}, 404),
        ("/rulesets/pain/1.2.0/more", {}, 404),
        ("/rulesets/PAIN", {}, 404),
        ("/rulesets/..%2f..%2fetc/1.0.0", {}, 404),
        ("/rulesets/pain/..", {}, 404),
        ("/rulesets/pain/1.2.0%00", {}, 404),
        ("/rulesets", {"Accept": "image/png"}, 406),
        (f"{PAIN}?format=pdf", {}, 400),
        (f"/rulesets?q={'x' * 201}", {}, 400),
    ],
)
def test_what_cannot_be_answered_is_an_operation_outcome(client, path, headers, status):
    answer = client.get(path, headers={"Accept": "application/json", **headers})

    assert (status, FHIR, "OperationOutcome") == (answer.status_code, answer.content_type, answer.json["resourceType"])


@pytest.mark.parametrize(
    ("path", "words", "links"),
    [
        ("/rulesets/pain/9.9.9", "Of pain this version cannot be read here; there is 1.2.0", [PAIN]),
        ("/rulesets/pian", 'There is no such ruleset; did you mean "pain"?', []),
        ("/rulesets/none", "There is no such ruleset; GET /rulesets lists them", []),
    ],
)
def test_a_person_is_told_on_a_page_what_there_is(client, path, words, links):
    answer = client.get(path, headers={"Accept": BROWSER})
    seen = page(answer.text)

    assert (404, []) == (answer.status_code, seen.faults)
    assert words in seen.text
    assert ["#content", "/", "/rulesets", *links] == seen.links


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("path", ["/rulesets", "/rulesets/pain", PAIN])
def test_who_has_a_page_already_is_told_that_it_is_the_same(client, path, accept):
    first = client.get(path, headers={"Accept": accept})
    again = client.get(path, headers={"Accept": accept, "If-None-Match": first.headers["ETag"]})
    head = client.head(path, headers={"Accept": accept})

    assert (304, b"", first.headers["ETag"]) == (again.status_code, again.data, again.headers["ETag"])
    assert "no-cache" == first.headers["Cache-Control"]
    assert (200, b"", first.headers["ETag"]) == (head.status_code, head.data, head.headers["ETag"])
    assert first.headers["Content-Length"] == head.headers["Content-Length"]


def test_the_page_and_its_json_are_told_apart(client):
    tags = {client.get(PAIN, headers={"Accept": one}).headers["ETag"] for one in ("text/html", "application/json")}

    assert 2 == len(tags)


def test_the_ruleset_is_that_of_the_version_in_use(client):
    newest, exact = client.get("/rulesets/pain"), client.get(PAIN)

    assert (exact.data, PAIN) == (newest.data, newest.headers["Content-Location"])


def test_a_page_may_load_nothing_and_run_nothing(client):
    policy = client.get(PAIN).headers["Content-Security-Policy"]

    style = r"style-src 'sha256-[\w+/=]{44}'"
    rest = "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    assert re.fullmatch(f"default-src 'none'; {style}; {rest}", policy)


@pytest.mark.parametrize("protected", [False, True])
def test_they_are_open_where_the_service_is_closed(tmp_path, protected):
    """A clinician who follows the source of a card has no token."""
    assert 200 == closed(tmp_path, protect_discovery=protected).get("/rulesets").status_code


def test_they_can_only_be_read(client):
    assert 405 == client.post(PAIN, json={}).status_code


# What a page says


def test_words_of_a_ruleset_are_never_markup(tmp_path):
    hostile = "<SCRIPT>alert(1)</SCRIPT>\"'><img src=x onerror=alert(2)>"  # <script> would be a parameter
    root = copied(
        tmp_path,
        ("title: Pain, for tests", f"title: {json.dumps(hostile)}"),
        ("purpose: Shows one card of every shape.", f"purpose: {json.dumps(hostile)}"),
        ("url: https://ichd-3.org/", f"url: {json.dumps('https://ichd-3.org/<B>' + chr(34) + 'onclick=alert(1)')}"),
        ("title: Headache", f"title: {json.dumps('</summary>' + hostile)}"),
        ("cite: International", "cite: <STYLE>*{display:none}</STYLE> International"),
    )
    seen = page(opened(tmp_path, rulesets=root).get(PAIN).text)

    assert [] == seen.faults
    assert not {"script", "img", "b"} & seen.elements.keys()
    assert 1 == seen.elements["style"]
    assert "onclick" not in seen.attributes
    assert hostile in seen.text


@pytest.mark.parametrize(("day", "overdue"), [(date(2027, 11, 21), False), (date(2027, 11, 22), True)])
def test_a_page_says_that_its_review_was_due_before_today(tmp_path, day, overdue):
    """(R7)"""
    app = create_app(Settings(rulesets=SMALL, state=tmp_path))
    with app.test_request_context():
        seen = page(current.shelf().page("pain", "1.2.0", day).decode())

    assert [] == seen.faults
    assert overdue == ("Review overdue The review of this version was due on 2027-11-21." in seen.text)


@pytest.mark.parametrize(("days", "overdue"), [(-1, True), (1, False)])
def test_the_list_says_whose_review_was_due_before_today(tmp_path, days, overdue):
    """(R7)"""
    client = opened(tmp_path)
    with client.application.app_context():
        due = current.today() + timedelta(days=2 * days)
    client = opened(tmp_path, rulesets=copied(tmp_path, ("review_by: 2027-11-21", f"review_by: {due}")))
    seen = page(client.get("/rulesets").text)

    assert [] == seen.faults
    assert overdue == ("The review of 1 of the rulesets listed here was due before today." in seen.text)
    assert overdue == (f"review overdue since {due}" in seen.text)
    assert [str(due)] == [one["review_by"] for one in client.get("/rulesets?format=json").json["rulesets"]]
    assert overdue == ("Review overdue" in page(client.get(PAIN).text).text)


_AGE = "    title: Age in years\n    derive: age\n"
_SEX = "    title: Sex of the patient\n    find: gender\n"
_ORIGIN = "    title: Origin of the family\n    find: finding\n    in: origin\n"


@pytest.mark.parametrize(
    ("asked", "condition", "numbers", "told"),
    [
        (_SEX, "{asked: is female}", {10}, "Sex of the patient (administrative gender)"),
        (_AGE, "{asked: above 60 a}", {11}, "Age in years"),
        (_ORIGIN, "asked", {5, 6}, "Origin of the family"),
    ],
)
def test_a_rule_that_begins_to_ask_who_the_patient_is_is_told_wherever_its_ruleset_is(
    tmp_path, asked, condition, numbers, told
):
    """(R11) Nobody has to declare it, and nobody can forget to."""
    fact = ("  burning:\n", f"  asked:\n{asked}  burning:\n")
    root = copied(tmp_path, fact, ("when: [burning]", f"when: [burning, {condition}]"))
    code = '{system: loinc, code: "46463-6", display: Roots, verified_in: the tests}'  # race or ethnicity
    head = "valueset: origin\nversion: 1.0.0\ntitle: Origin\nsource: the tests\ncodes:\n"
    (root / "valuesets" / "origin.yaml").write_text(f"{head}  - {code}\n")
    before, after = opened(tmp_path), opened(tmp_path, rulesets=root)

    def attributes(client):
        return {one["number"]: one["value"] for one in client.get(f"{PAIN}?format=json").json["source_attributes"]}

    changed = {number: value for number, value in attributes(after).items() if attributes(before)[number] != value}
    seen, narrative = page(after.get(PAIN).text).text, after.get(f"{PAIN}?format=fhir").json["text"]["div"]

    assert changed.keys() == numbers
    assert all(value.startswith("Used: ") and told in value for value in changed.values())
    assert all(value in seen and f"<td>{value}</td>" in narrative for value in changed.values())


def test_results_that_nobody_recorded_are_not_recorded(client):
    assert "not recorded for the files that run here" in page(client.get(PAIN).text).text
    assert client.get(PAIN, headers={"Accept": "application/json"}).json["validation"] is None


def recorded(root: Path, software: str = __version__, **of: str) -> None:
    """``of``: the states that were measured, where they are not those of the files."""
    measured = results.Measured(
        **{"state": States(load(root), root).own("pain"), **of},
        measured_on="2026-11-21",
        software=software,
        cases=12,
        failed=("one that failed",),
        coverage=(Measure(name="rules that fired", reached=11, of=12),),
        mutation=(Measure(name="found by a test", reached=9, of=10, remark="1 justified"),),
    )
    results.write(root, results.Results(rulesets={"pain": measured}))


def test_results_of_these_very_files_are_told(tmp_path):
    root = copied(tmp_path)
    recorded(root)
    seen = page(opened(tmp_path, rulesets=root).get(PAIN).text).text

    assert "Test cases passed 11 12 one that failed" in seen
    assert "Coverage: rules that fired 11 12" in seen
    assert "Seeded faults: found by a test 9 10 1 justified" in seen


def test_results_of_other_files_are_not_told_but_that_there_were_some(tmp_path):
    root = copied(tmp_path)
    recorded(root, state="0" * 64)
    service = opened(tmp_path, rulesets=root)
    told = service.get(f"{PAIN}?format=json").json

    assert (None, "2026-11-21") == (told["validation"], told["earlier_results"])
    assert "of an earlier state, measured on 2026-11-21" in page(service.get(PAIN).text).text


def test_seeded_faults_are_not_told_when_the_rulesets_whose_tests_noticed_them_have_changed(tmp_path):
    root = copied(tmp_path)
    recorded(root, around="0" * 64)
    told = opened(tmp_path, rulesets=root).get(f"{PAIN}?format=json").json["validation"]

    assert ([], 11) == (told["mutation"], told["coverage"][0]["reached"])
    assert "A ruleset that uses this one has changed since" in told["remark"]


def test_results_of_other_software_say_so(tmp_path):
    root = copied(tmp_path)
    recorded(root, software="0.0.1")
    told = opened(tmp_path, rulesets=root).get(f"{PAIN}?format=json").json["validation"]

    assert f"Software {__version__} runs here; with it nothing was measured." == told["remark"]


def test_what_is_filled_in_for_a_patient_is_named_with_what_it_is_of(whole):
    told = whole.get("/rulesets/triptan-safety?format=json").json
    card = next(rule["card"] for rule in told["rules"] if rule["id"] == "HD-RX-002.critical")

    assert "systolic pressure of the latest reading, however old› over ‹Blood pressure" in card["detail"]
    assert "“Medicines that are not recognised here” is present" in {remark["when"] for remark in card["remarks"]}


def test_a_conclusion_that_is_asked_for_is_told_with_the_rules_that_draw_it(whole):
    told = whole.get("/rulesets/triptan-safety?format=json").json
    asked = {one["words"]: one["drawn_when"] for rule in told["rules"] for one in rule["when"]}
    page_ = page(whole.get("/rulesets/triptan-safety").text).text

    assert 2 == len(asked["pressure-stop"])
    assert f"is concluded ({'; or: '.join(asked['pressure-stop'])})" in page_
    assert all(len(titles) <= 4 for titles in asked.values())


def test_a_parameter_is_told_with_what_this_site_has_set(tmp_path):
    (tmp_path / "site.yaml").write_text("medication-overuse: {gepant_days: 10}\n")
    site = opened(tmp_path, rulesets=shipped.RULESETS, parameters=tmp_path / "site.yaml")
    told = site.get("/rulesets/medication-overuse?format=json").json

    assert {"default": "31", "value": "10", "set_here": True}.items() <= next(
        one for one in told["parameters"] if one["name"] == "gepant_days"
    ).items()
    assert "at least 10 days a month" in {
        one["says"] for rule in told["rules"] if rule["id"] == "HD-MOH-030.gepant-certain" for one in rule["when"]
    }


# Versions that are replaced


def kept(folder: Path, version: str, title: str) -> Path:
    """A folder in which the monograph of an earlier version was kept."""
    root = copied(
        folder / version, ("version: 1.2.0", f"version: {version}"), ("title: Pain, for tests", f"title: {title}")
    )
    told = opened(folder / version, rulesets=root).get("/rulesets/pain?format=json")
    (folder / "kept/pain").mkdir(parents=True, exist_ok=True)
    (folder / f"kept/pain/{version}.json").write_bytes(told.data)
    return folder / "kept"


def test_a_version_that_was_kept_can_be_read_when_another_is_in_use(tmp_path):
    kept(tmp_path, "1.1.0", "Pain as it was")
    service = opened(tmp_path, kept_rulesets=kept(tmp_path, "1.10.0", "Pain as it was later"))
    old, newest = page(service.get("/rulesets/pain/1.1.0").text), page(service.get("/rulesets/pain").text)
    listed = service.get("/rulesets?format=json").json["rulesets"][0]

    assert ([], []) == (old.faults, newest.faults)
    assert "Not the version in use" in old.text
    assert "Pain as it was" in old.text
    assert "Not the version in use" not in newest.text
    assert {"/rulesets/pain/1.1.0", "/rulesets/pain/1.10.0"} <= set(newest.links)
    assert ["1.2.0", "1.10.0", "1.1.0"] == [one["name"] for one in listed["versions"]]


def test_a_ruleset_that_is_gone_can_be_read_as_it_was_kept(tmp_path):
    folder = kept(tmp_path, "1.1.0", "Pain as it was")
    (folder / "pain").rename(folder / "ache")
    service = opened(tmp_path, kept_rulesets=folder)

    assert "Pain as it was" in service.get("/rulesets/ache").text


def test_the_version_in_use_is_never_that_of_a_kept_file(tmp_path):
    service = opened(tmp_path, kept_rulesets=kept(tmp_path, "1.2.0", "An impostor"))

    assert "An impostor" not in service.get(PAIN).text


@pytest.mark.parametrize("content", [b"", b"{}", b'{"id": 1}'])
def test_a_kept_file_that_is_none_is_a_fault_without_its_content(tmp_path, content):
    folder = kept(tmp_path, "1.1.0", "Pain as it was")
    (folder / "pain/1.1.0.json").write_bytes(content)
    answer = opened(tmp_path, kept_rulesets=folder).get("/rulesets/pain/1.1.0")

    assert (500, "OperationOutcome") == (answer.status_code, answer.json["resourceType"])
