"""docs/rule-language.md tells the truth: its examples load, and its section on kinds is that of the code."""

import re
import shutil
from textwrap import indent

import pytest
from click.testing import CliRunner

from cds.cli import main
from cds.ruleset.cases import cases_of
from cds.ruleset.document import parsed
from cds.ruleset.kinds import KINDS
from cds.ruleset.language import with_kinds
from cds.ruleset.load import load
from cds.ruleset.site import parameters_of
from tests.ruleset.folders import ROOT, completed, folder

PAGE = ROOT / "docs" / "rule-language.md"
_BLOCK = re.compile(r"^```(yaml[a-z ]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)

_KINDS_OF_BLOCK = (
    "fact", "rule", "tests", "parameters", "valueset", "relations", "ingredients", "services", "questionnaire",
    "answers",
)  # fmt: skip
_TEMPLATE = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [text for marked, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")) if marked == kind]


def examples() -> str:
    """The marked blocks of the page as one ruleset."""
    facts, rules = "".join(blocks("yaml fact")), "".join(blocks("yaml rule"))
    return completed(f"facts:\n{indent(facts, '  ')}\nrules:\n{indent(rules, '  ')}", "examples")


@pytest.fixture(params=range(len(blocks("yaml services"))))
def root(tmp_path, request):
    rulesets = {parsed(text.encode(), "a.yaml")["ruleset"]: text for text in blocks("yaml")}
    files = {f"example/{name}/ruleset.yaml": text for name, text in {**rulesets, "examples": examples()}.items()}
    (valueset,), (relations,), (products,) = (
        blocks(f"yaml {kind}") for kind in ("valueset", "relations", "ingredients")
    )
    services = blocks("yaml services")[request.param]
    (questionnaire,), (answers,) = blocks("yaml questionnaire"), blocks("yaml answers")
    files |= {"questionnaires/pain-days.yaml": questionnaire, "questionnaires/answers.yaml": answers}
    files["example/examples/templates/assessed.json"] = _TEMPLATE.findall(PAGE.read_text(encoding="utf-8"))[0]
    files |= {"valuesets/vs-sciatica.yaml": valueset, "valuesets/relations.yaml": relations}
    files |= {"valuesets/ingredients.yaml": products, "services.yaml": services}
    return folder(tmp_path, files)


def test_the_examples_of_the_page_load(root):
    rulesets = load(root).rulesets

    assert {"nsaid-days", "overuse-limits", "examples", "library"} == set(rulesets)
    assert {"SRF-03.raised", "SRF-04.context", "SRF-13.card", "HD-MOH-012.scheduled", "EX-1.assessed"} == {
        rule.id for rule in rulesets["examples"].rules
    }


def test_the_first_ruleset_can_be_copied_with_its_cases_beside_the_shipped_ones(tmp_path):
    rulesets = shutil.copytree(ROOT / "rulesets", tmp_path / "rulesets")
    mine = rulesets / "practice" / "nsaid-days"
    mine.mkdir(parents=True)
    (mine / "ruleset.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    (mine / "tests.yaml").write_text(blocks("yaml tests")[0], encoding="utf-8")
    ended = CliRunner().invoke(main, ["test", "--rulesets", str(rulesets), str(mine)])

    assert (0, "3 passed, 0 failed") == (ended.exit_code, ended.stdout.strip())


def test_the_questionnaire_of_the_page_asks_what_its_facts_read(root):
    form = load(root).forms.questionnaires["pain-days"]

    assert ["group-relief", "acute-med-days-per-30d", "analgesic-days-per-week"] == [
        i.link_id for i in form.all_items()
    ]


def test_the_parameters_of_the_page_can_be_set(root, tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(blocks("yaml parameters")[0], encoding="utf-8")

    facts = load(root, parameters_of(path)).rulesets["overuse-limits"].facts

    assert [42.0, 42.0] == [spec.parameters["within"] for spec in facts.values()]


@pytest.mark.parametrize("number", range(len(blocks("yaml tests"))))
def test_the_cases_of_the_page_are_cases(root, number):
    path = root / "tests.yaml"
    path.write_text(blocks("yaml tests")[number], encoding="utf-8")

    assert cases_of(path, "tests.yaml", load(root))


def test_every_fenced_block_of_the_page_is_read_by_a_test():
    marks = {marked for marked, _ in _BLOCK.findall(PAGE.read_text(encoding="utf-8"))}
    read = {
        "yaml",
        *(f"yaml {kind}" for kind in _KINDS_OF_BLOCK),
    }

    assert read == marks


def test_the_kinds_of_the_page_are_those_of_the_code():
    page = PAGE.read_text(encoding="utf-8")

    assert with_kinds(page) == page, "`cds language` writes them anew"
    assert set(KINDS) == set(re.findall(r"^### (?:find|derive): (.+)$", page, re.MULTILINE))


def test_a_kind_that_can_be_denied_says_when():
    assert {name for name, kind in KINDS.items() if kind.denies} == {
        name for name, kind in KINDS.items() if re.search(r"\bdenied\b", kind.about, re.IGNORECASE)
    }
