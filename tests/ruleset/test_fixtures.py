"""One file for each mistake an author can make, with the messages it gets: tests/rulesets/*.bad.yaml.

The comment at the top of a file lists its problems. What a file does not say is added below it (``folders.completed``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from cds.errors import RulesetError
from cds.ruleset.cases import cases_of
from cds.ruleset.load import load
from tests.ruleset.folders import ROOT, completed, folder, services

FILES = sorted((ROOT / "tests" / "rulesets").glob("*.bad.yaml"))
GOOD = sorted((ROOT / "tests" / "rulesets").glob("*.good.yaml"))


def placed(path: Path, text: str) -> dict[str, str]:
    """Where the text of a fixture stands in a folder of rulesets, by the middle of its name."""
    name, *kind = path.name.removesuffix(".yaml").removesuffix(".bad").removesuffix(".good").split(".")
    ruleset = f"example/{name}/ruleset.yaml"
    match kind:
        case ["valueset"]:
            return {f"valuesets/{name}.yaml": text}
        case ["ingredients" | "relations" as file]:
            return {f"valuesets/{file}.yaml": text}
        case ["questionnaire"]:
            return {f"questionnaires/{name}.yaml": text}
        case ["answers"]:
            return {"questionnaires/answers.yaml": text}
        case ["services"]:
            return {"services.yaml": text}
        case ["tests"]:
            return {"example/library/tests.yaml": text}
    return {ruleset: completed(text, name), "services.yaml": services("library", name)}


def problems_of(path: Path, tmp_path: Path) -> list[str]:
    """The problems of a fixture as "line: message", those of other files with the file before them."""
    files = placed(path, path.read_text(encoding="utf-8"))
    root = folder(tmp_path, files)
    own = f"rulesets/{next(iter(files))}:"
    try:
        knowledge = load(root)
        if ".tests." in path.name:
            cases_of(root / "example/library/tests.yaml", "rulesets/example/library/tests.yaml", knowledge)
    except RulesetError as error:
        return [str(problem).removeprefix(own) for problem in error.problems]
    return []


def expected(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".bad.yaml"))
def test_every_mistake_of_a_file_is_told_with_its_line(path, tmp_path):
    assert expected(path) == problems_of(path, tmp_path)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name.removesuffix(".good.yaml"))
def test_a_file_without_mistakes_loads(path, tmp_path):
    assert [] == problems_of(path, tmp_path)
