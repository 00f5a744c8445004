"""Rulesets are data: what is not on the list of what they may say is refused, wherever it stands (I10 to I12)."""

import ast
import json
import os
import re
from time import process_time

import pytest

from cds.errors import RulesetError
from cds.ruleset.document import Unreadable, parsed
from cds.ruleset.files import Refused, content
from cds.ruleset.limits import MAX_FILE_BYTES
from cds.ruleset.load import load
from cds.ruleset.templates import TemplateError, template
from tests.ruleset.folders import completed, folder, services
from tests.serving import ROOT
from tests.test_house_rules import nodes

SECONDS = 3  # of computing

RULE = """\
rules:
  - id: R-1
    title: A rule
    when: [{condition}]
    evidence: [{{source: nice}}]
    card:
      indicator: info
      summary: {summary}
      detail: A detail
"""


def ruleset(condition="sciatica", summary="A summary", **more):
    text = RULE.format(condition=condition, summary=json.dumps(summary))
    return {
        "services.yaml": services("library", "attack"),
        "example/attack/ruleset.yaml": completed(text, "attack"),
        **more,
    }


def refusal(path, files):
    with pytest.raises(RulesetError) as refused:
        load(folder(path, files))
    return str(refused.value)


def test_the_ruleset_of_these_tests_is_sound(tmp_path):
    assert "attack" in load(folder(tmp_path, ruleset())).rulesets


LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system ['touch attacked']",
        "a: !!python/name:os.system",
        "a: !!python/module:os",
        "!!python/object/new:subprocess.Popen [['touch', 'attacked']]",
        "a: !include /etc/passwd",
        "a: !!binary aGVsbG8=",
        "a: !!set {b}",
        "%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system",
        LAUGHS,
        "a: &a {b: *a}",
        "a: &a {b: 1}\nc: {<<: *a}",
        "a: *nobody",
        "? !!python/name:os.system\n: b",
    ],
    ids=lambda text: text[:30],
)
def test_yaml_makes_nothing_but_plain_values(text, tmp_path, monkeypatch):
    """(I12)"""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unreadable):
        parsed(text.encode(), "a.yaml")

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 900_000,
        "a: " + "{" * 900_000,
        "- " * 450_000,
        "a: " + "[" * 400_000 + "]" * 400_000,
        "? " * 450_000,
        "a: " + "x" * 900_000,
        'a: "' + "\\\n" * 400_000 + '"',
        "a: [" + "x," * 30_000 + "]",
        "".join(f"k{number}: 1\n" for number in range(20_000)),
    ],
    ids=lambda text: f"{text[:8]!r}…",
)
def test_yaml_costs_a_bounded_time(text):
    """(I12)"""
    began = process_time()
    try:
        parsed(text.encode(), "a.yaml")
    except Unreadable as refused:
        assert refused.problems

    assert process_time() - began < 4 * SECONDS


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "templates/../../secret.json", "/etc/hostname", "templates/"]
)
def test_a_template_is_a_file_beside_its_ruleset(name, tmp_path):
    """(I12)"""
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "attack" / "templates").mkdir(parents=True)

    with pytest.raises(TemplateError):
        template(tmp_path / "attack", name)


@pytest.mark.parametrize("name", ["../vs-secret", "/etc/passwd", "..", "vs-secret/../vs-sciatica"])
def test_a_value_set_is_known_by_its_name_only(name, tmp_path):
    """(I12)"""
    facts = f'facts:\n  own: {{find: condition, title: Own, in: ["{name}"]}}\n'
    text = completed(facts + RULE.format(condition="own", summary="A summary"), "attack")

    assert f'unknown value set "{name}"' in refusal(tmp_path, ruleset(**{"example/attack/ruleset.yaml": text}))


LINKED = ["valuesets/vs-link.yaml", "example/link/ruleset.yaml", "example/attack/templates/link.json"]


@pytest.mark.parametrize("name", LINKED)
def test_a_link_out_of_the_folder_is_not_followed(name, tmp_path):
    """(I12) Nothing of the file it leads to is told."""
    secret = tmp_path / "secret"
    secret.write_text('{"password": "Geheim"}')
    root = folder(tmp_path, ruleset())
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).symlink_to(secret)

    with pytest.raises(Refused, match=r"^is a link to a place outside the folder$"):
        content(root / name, root)
    if name.endswith(".yaml"):
        with pytest.raises(RulesetError) as refused:
            load(root)
        assert "is a link to a place outside the folder" in str(refused.value)
        assert "Geheim" not in str(refused.value)
    else:
        with pytest.raises(TemplateError, match="is a link to a place outside the folder"):
            template(root / "example" / "attack", "templates/link.json")


def test_a_folder_that_is_a_link_is_not_followed_out_of_the_rulesets(tmp_path):
    """(I12)"""
    other = folder(tmp_path / "other", ruleset())
    root = folder(tmp_path, ruleset())
    (root / "linked").symlink_to(other / "example")

    with pytest.raises(RulesetError, match="is a link to a place outside the folder"):
        load(root)


def test_a_link_within_the_folder_is_followed(tmp_path):
    """As where a folder is mounted: the files lie in a folder of their own, and links lead to them."""
    root = folder(tmp_path, ruleset())
    (root / "..content").mkdir()
    (root / "example").rename(root / "..content" / "example")
    (root / "example").symlink_to("..content/example")

    assert "attack" in load(root).rulesets


def test_what_is_no_file_is_not_waited_for(tmp_path):
    root = folder(tmp_path, ruleset())
    os.mkfifo(root / "valuesets" / "vs-pipe.yaml")
    (root / "valuesets" / "vs-folder.yaml").mkdir()

    with pytest.raises(RulesetError) as refused:
        load(root)
    assert 2 == str(refused.value).count("the file is not a regular file")


@pytest.mark.parametrize(("size", "refused"), [(MAX_FILE_BYTES, False), (MAX_FILE_BYTES + 1, True)])
def test_a_file_has_a_limit(size, refused, tmp_path):
    (tmp_path / "a").write_bytes(b" " * size)
    if not refused:
        assert size == len(content(tmp_path / "a", tmp_path))
        return
    with pytest.raises(Refused, match=r"^is larger than 1,000,000 bytes$"):
        content(tmp_path / "a", tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1, "a": 2}',
        '{"a": ' + "9" * 5_000 + "}",
        "[" * 100_000,
        '{"a": ' * 60 + "1" + "}" * 60,
        "[]",
        '"a"',
        '{"a": "{patient.__class__}"}',
        '{"a": "{0}"}',
        '{"a": "{user!r}"}',
    ],
    ids=lambda text: text[:24],
)
def test_a_template_is_plain_json_with_placeholders_of_the_list(text, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.json").write_text(text)

    with pytest.raises(TemplateError):
        template(tmp_path, "templates/a.json")


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os').system('true')",
        "'sciatica: matches (a+)+$'",
        "{sciatica: 'matches ^(a+)+$'}",
        "{sciatica.code: '~ M54'}",
        "{sciatica.__class__: yes}",
        "{python: print(1)}",
        "{eval: 1 + 1}",
        "'lambda: True'",
    ],
)
def test_a_condition_is_of_the_list_and_no_code(condition, tmp_path):
    """(I10, I11)"""
    assert "attack/ruleset.yaml:4:" in refusal(tmp_path, ruleset(condition=condition))


@pytest.mark.parametrize("summary", ["{sciatica.__class__}", "{0}", "{sciatica!r}", "{__import__}", "{config.secret}"])
def test_a_placeholder_is_of_the_list_and_no_code(summary, tmp_path):
    """(I11)"""
    assert "attack/ruleset.yaml:" in refusal(tmp_path, ruleset(summary=f"Look: {summary}"))


def test_no_pattern_is_made_of_what_was_read():
    """(I10) Neither rulesets nor requests can bring a regular expression: each is a constant of the code."""
    made = [
        (name, node)
        for name, node in nodes(ast.Call)
        if ast.unparse(node.func).startswith("re.") and not constant(node.args[0], name)
    ]

    assert [] == [f"{name}:{node.lineno}" for name, node in made if (name, ast.unparse(node.args[0])) not in CHOSEN]


CHOSEN = {("cds.ruleset.schema.fields", "pattern")}
"""An argument, which every caller gives as a constant; the next test looks at them."""


def constant(value, module):
    """Whether an expression is a literal, or made of literals and of names that are bound once, in capitals."""
    names = [node for node in ast.walk(value) if isinstance(node, ast.Name)]
    return all(name.id.lstrip("_").isupper() for name in names)


def test_forms_of_texts_are_constants():
    calls = [(name, node) for name, node in nodes(ast.Call) if ast.unparse(node.func) in ("like", "fields.like")]

    assert calls
    assert [] == [f"{name}:{node.lineno}" for name, node in calls if not constant(node.args[0], name)]


FORBIDDEN = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "breakpoint",
    "pickle",
    "marshal",
    "shelve",
    "subprocess",
    "runpy",
}


GIT = "cds.cli.revisions"
"""Asks git, in fixed words but for a name after `--end-of-options`, for the rulesets of a commit; not while serving."""


def test_nothing_that_runs_code_of_others_is_in_the_code():
    """(I11)"""
    called = [(name, node.lineno, ast.unparse(node.func)) for name, node in nodes(ast.Call)]
    imported = [(name, node.lineno, alias.name) for name, node in nodes(ast.Import) for alias in node.names]
    imported += [(name, node.lineno, node.module or "") for name, node in nodes(ast.ImportFrom)]

    assert called
    found = [each for each in (*called, *imported) if each[2].split(".")[0] in FORBIDDEN]
    assert [] == [each for each in found if each[0] != GIT or not each[2].startswith("subprocess")]


def test_shipped_rulesets_hold_text_only():
    files = [path for path in (ROOT / "rulesets").rglob("*") if path.is_file()]

    assert {".yaml", ".json", ".md"} >= {path.suffix for path in files}
    assert [] == [path for path in files if path.is_symlink() or path.stat().st_mode & 0o111]
    assert [] == [path for path in files if re.search(rb"!!python|<script|javascript:", path.read_bytes())]
