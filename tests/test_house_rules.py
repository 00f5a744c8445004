"""The rules of CONTRIBUTING.md that a machine can judge."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).parents[1]

FILE_LINES = 250
FUNCTION_LINES = 40
VAGUE_MODULES = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
VAGUE_CLASSES = ("Factory", "Handler", "Helper", "Manager", "Processor")

# A library, and the modules or packages that alone may import it.
OWNERS = {
    "alembic": {"cds.store"},
    "anyio": {"cds.outbound"},
    "apispec": {"cds.web"},
    "click": {"cds.cli"},
    "durable": {"cds.engine.network"},
    "fhir": {"cds.fhir.write"},
    "flask": {"cds.web"},
    "httpcore2": {"cds.outbound"},
    "jinja2": {"cds.web", "cds.workbench.pages"},
    "jwt": {"cds.security"},
    "opentelemetry": {"cds.web.spans"},
    "marshmallow": {"cds.hooks.schema", "cds.ruleset.schema", "cds.security.schema"},
    "prometheus_client": {"cds.serve.telling", "cds.web.meters"},
    "sqlalchemy": {"cds.store"},
    "werkzeug": {"cds.web"},
    "yaml": {"cds.ruleset.document", "cds.workbench.golden"},
}

# "module:function" of a handler that may catch everything, and why nothing narrower will do.
BROAD_HANDLERS: dict[str, str] = {
    "cds.serve.forking:_run": "whatever ends a forked process, nothing of its parent may go on in it",
    "cds.store.bounded:_answer": "whatever a question raises is raised again to who asked, in another thread",
    "cds.store.drain:_attempt": "the thread goes on whatever happens: if it ended, no record would reach the database",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


def modules() -> dict[str, Path]:
    """Every module of the package by its dotted name; a package goes by the name of its folder."""
    paths = sorted((ROOT / "cds").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(*kinds: type[Node]) -> Iterator[tuple[str, Node]]:
    """Every node of these kinds with the name of its module."""
    for name, path in modules().items():
        yield from ((name, node) for node in ast.walk(tree(path)) if isinstance(node, kinds))


def functions() -> Iterator[tuple[str, Function]]:
    yield from nodes(ast.FunctionDef)
    yield from nodes(ast.AsyncFunctionDef)


def code_lines(function: Function) -> int:
    """The lines of a function from its `def`, without its docstring."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    docstring = first.end_lineno - first.lineno + 1 if documented and first.end_lineno else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def libraries(node: ast.Import | ast.ImportFrom) -> set[str]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return {name.split(".")[0] for name in names}


def words(node: ast.AST) -> set[str]:
    """The identifiers that a node spells out."""
    fields = ("id", "attr", "arg", "name", "asname")
    return {word for word in (getattr(node, field, None) for field in fields) if isinstance(word, str)}


def inside(name: str, owners: set[str]) -> bool:
    return any(name == owner or name.startswith(f"{owner}.") for owner in owners)


def catches_everything(handler: ast.ExceptHandler) -> bool:
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(name is None or ast.unparse(name) in {"Exception", "BaseException"} for name in caught)


def broad_handlers() -> set[str]:
    """Each handler of everything, by its module and the function around it."""
    return {
        f"{name}:{enclosing(name, handler)}"
        for name, handler in nodes(ast.ExceptHandler)
        if catches_everything(handler)
    }


def enclosing(module: str, handler: ast.ExceptHandler) -> str:
    """The innermost function around a handler."""
    around = [f for name, f in functions() if name == module and handler in ast.walk(f)]
    return max(around, key=lambda function: function.lineno).name if around else "<module>"


def lock_files() -> list[Path]:
    return sorted((ROOT / "requirements").glob("*.lock"))


def requirements(lock: Path) -> list[str]:
    """The entries of a lock file, each on one line with its hashes."""
    text = re.sub(r"^\s*#.*\n?", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def pins(lock: Path) -> set[str]:
    return {entry.split("--hash")[0].strip() for entry in requirements(lock)}


def project_files() -> list[Path]:
    """What is committed, or would be."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for path in (ROOT / name for name in listed.split("\0") if name) if path.is_file()]


def test_every_file_is_short():
    measuring = {
        str(path.relative_to(ROOT)): path for name in ("bench", "faults") for path in (ROOT / name).rglob("*.py")
    }
    every = modules() | measuring
    lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in every.items()}

    assert {} == {name: count for name, count in lines.items() if count > FILE_LINES}


def test_every_function_is_short():
    long = ((name, function) for name, function in functions() if code_lines(function) > FUNCTION_LINES)

    assert [] == [f"{name}:{f.name}, {code_lines(f)} lines" for name, f in long]


def test_every_module_says_what_it_is_for():
    assert [] == [name for name, path in modules().items() if ast.get_docstring(tree(path)) is None]


def test_no_module_has_a_vague_name():
    assert [] == [name for name in modules() if VAGUE_MODULES & set(name.split("."))]


def test_no_class_has_a_vague_name():
    classes = nodes(ast.ClassDef)

    assert [] == [f"{name}:{node.name}" for name, node in classes if node.name.endswith(VAGUE_CLASSES)]


def test_a_handler_of_everything_has_a_written_reason():
    assert broad_handlers() == {place for place, reason in BROAD_HANDLERS.items() if reason}


@pytest.mark.parametrize("library", OWNERS)
def test_only_its_owner_imports_a_library(library):
    imports: list[tuple[str, ast.Import | ast.ImportFrom]] = [*nodes(ast.Import), *nodes(ast.ImportFrom)]
    strangers = [(name, node) for name, node in imports if not inside(name, OWNERS[library])]

    assert [] == [f"{name}:{node.lineno}" for name, node in strangers if library in libraries(node)]


def test_the_name_of_the_engine_stays_in_the_engine():
    outside = {name: path for name, path in modules().items() if not inside(name, OWNERS["durable"])}
    named = {(name, word) for name, path in outside.items() for node in ast.walk(tree(path)) for word in words(node)}

    assert [] == sorted((name, word) for name, word in named if "durable" in word.lower())


def test_every_setting_is_documented():
    variable = re.compile(r"\bCDS_[A-Z0-9_]*[A-Z0-9]\b")
    read = {name for file in (ROOT / "cds" / "settings").glob("*.py") for name in variable.findall(file.read_text())}
    documented = set(variable.findall((ROOT / "docs" / "operations.md").read_text(encoding="utf-8")))

    assert read
    assert set() == read - documented


def test_every_requirements_list_is_locked():
    tools = ["audit.lock", "bench.lock", "build.lock", "image.lock", "lock.lock", "otel.lock", "stack.lock"]

    assert sorted([*tools, "dev.lock", "runtime.lock"]) == [lock.name for lock in lock_files()]


@pytest.mark.parametrize("lock", lock_files(), ids=lambda lock: lock.name)
def test_a_lock_file_names_no_host(lock):
    places = re.compile(r"://|--(?:extra-)?index-url|--find-links|--trusted-host|\bfile:")

    assert [] == places.findall(lock.read_text(encoding="utf-8"))


@pytest.mark.parametrize("lock", lock_files(), ids=lambda lock: lock.name)
def test_a_lock_file_pins_every_requirement_by_hash(lock):
    pinned = re.compile(r"^[\w.-]+==\S+ (?:; .+? )?\s*--hash=sha256:[0-9a-f]{64}")

    assert requirements(lock)
    assert [] == [entry for entry in requirements(lock) if not pinned.match(entry)]


def test_development_runs_on_the_releases_that_are_shipped():
    runtime, dev = (pins(ROOT / "requirements" / name) for name in ("runtime.lock", "dev.lock"))

    assert set() == runtime - dev


def test_no_file_names_a_place_of_one_machine():
    place = re.compile(rb"(?<![\w./-])/(?:root|work)/|\.pyenv/versions|/Users/\w")

    assert [] == [
        str(path.relative_to(ROOT))
        for path in project_files()
        if path != Path(__file__) and place.search(path.read_bytes())
    ]
