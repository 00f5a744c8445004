"""What becomes of a message when chance has a hand in it: a strategy of changes to real ones."""

import json
import os
import re
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cds.workbench.samples import told_on
from tests.hostile.stories import TODAY
from tests.serving import ROOT

LONG = "FUZZ_EXAMPLES"
"""Environment variable: so many examples of each test, others on every run."""

fuzzing = settings(
    max_examples=int(os.environ.get(LONG, "150")),
    derandomize=LONG not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)

FOLDER = ROOT / "fhir_samples"
HOOKS = sorted(path for path in (FOLDER / "hooks").glob("*.json") if not path.name.endswith(".response.json"))
REAL = sorted((FOLDER / "real" / "hook-messages").glob("*.json"))
EXAMPLES = sorted((FOLDER / "real" / "hl7-r4-examples").glob("*.json"))

RESOURCES = [json.loads(path.read_bytes()) for path in EXAMPLES]
WORDS = [
    "",
    " ",
    "a" * 300,
    "\u0000",
    "\u202e",
    "\ufffd",
    "😀",
    "Ǆ",
    "-",
    "#",
    "urn:uuid:",
    "Patient/1",
    "null",
    "true",
]
WORDS += ["<b>", "https://a.example", "2026-13-45", "0000-00-00", "9999-12-31", "2026-11-21T25:00:00Z", "2026", "1e400"]
WORDS += [
    "draft",
    "active",
    "entered-in-error",
    "completed",
    "mg",
    "{tablet}",
    "10*3/uL",
    "http://snomed.info/sct",
    "d",
]
NUMBERS: list[Any] = [0, -1, 1, 2**31, 2**63, 2**64, 10**30, -(10**18), 0.1, 1e-300, 1e300, 1e15, 86_400, 400_000, -0.0]
SHAPES: list[Any] = [
    None,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    [{}],
    {"": {}},
    {"resourceType": "Bundle"},
    {"value": "3"},
]
SHAPES += [
    {"coding": None},
    {"reference": 5},
    {"start": "2026", "end": "2025"},
    {"low": {"value": 9}, "high": {"value": 1}},
]
SHAPES += [
    {"resourceType": "OperationOutcome", "issue": []},
    {"repeat": {"frequency": 0, "period": 0, "periodUnit": "d"}},
]
DIGITS = ["1e400", "-1e400", "NaN", "-Infinity", "1" * 50, "1" * 5_000, "-0", "1.10", "01", "1e", "1.0E+0005", "0x1"]
BYTES = [
    b"\xff",
    b"\x00",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b'"',
    b"\\",
    b"}",
    b"]",
    b",",
    b"{",
    b"\\ud800",
]

_NUMBER = re.compile(rb"(?<=[:\[, ])-?\d+(?:\.\d+)?(?=[,\]} ])")
_MEMBER = re.compile(rb'"(\w+)": ("[^"\\]*"|-?\d+|true|false|null)')


def places(value, path=()):
    """The path to every value inside a message."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in inside:
        yield from places(member, (*path, key))


def at(value, path):
    for step in path:
        value = value[step]
    return value


def replaced(value, path, new):
    """The message with another value at the path."""
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], new)
    return copy


def dropped(value, path):
    if not path:
        return {}
    parent = at(value, path[:-1])
    left = (
        {key: inner for key, inner in parent.items() if key != path[-1]}
        if isinstance(parent, dict)
        else [inner for index, inner in enumerate(parent) if index != path[-1]]
    )
    return replaced(value, path[:-1], left)


def retyped(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return value[0] if value else {}
    return list(value.items()) if isinstance(value, dict) else str(value)


def nested(value, times):
    for _ in range(times):
        value = {"item": [value], "entry": [{"resource": value}]} if times < 6 else [value]
    return value


ODD = st.sampled_from(WORDS) | st.sampled_from(NUMBERS) | st.sampled_from(SHAPES)


@st.composite
def changes(draw, message):
    """The message with one thing in it other than it was."""
    every = list(places(message))
    path = every[draw(st.integers(0, len(every) - 1))]
    value = at(message, path)
    match draw(st.integers(0, 8)):
        case 0:
            return dropped(message, path)
        case 1:
            return replaced(message, path, retyped(value))
        case 2:
            return replaced(message, path, nested(value, draw(st.sampled_from([1, 2, 5, 40, 100]))))
        case 3:
            return replaced(message, path, draw(st.sampled_from(RESOURCES)))
        case 4:
            other = every[draw(st.integers(0, len(every) - 1))]
            return replaced(message, path, at(message, other))
        case 5 if isinstance(value, dict):
            return replaced(message, path, {**value, draw(st.sampled_from(WORDS)): draw(ODD)})
        case 6 if isinstance(value, list):
            return replaced(message, path, value * draw(st.sampled_from([2, 20])) + [draw(ODD)])
        case 7 if isinstance(value, str):
            return replaced(message, path, value[::-1] + draw(st.sampled_from(WORDS)))
        case _:
            return replaced(message, path, draw(ODD))


@st.composite
def garbled(draw, body):
    """The body with something in it that no serialiser would write."""
    found = list((_NUMBER if draw(st.booleans()) else _MEMBER).finditer(body))
    if found and draw(st.booleans()):
        match = found[draw(st.integers(0, len(found) - 1))]
        if match.re is _NUMBER:
            return body[: match.start()] + draw(st.sampled_from(DIGITS)).encode() + body[match.end() :]
        return body[: match.end()] + b", " + match[0] + body[match.end() :]  # the member once more
    position = draw(st.integers(0, len(body)))
    cut = draw(st.sampled_from([0, 0, 1, 10, len(body)]))
    return body[:position] + draw(st.sampled_from(BYTES)) + body[position + cut :]


@st.composite
def bodies(draw, seeds):
    """The bytes of one of the messages, changed a few times, now and then garbled."""
    message = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 5))):
        message = draw(changes(message))
    body = json.dumps(message, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    return draw(garbled(body)) if draw(st.integers(0, 4)) == 0 else body


def messages(paths):
    """Those that are JSON; one of the real ones was published with a brace too many."""
    found = []
    for path in paths:
        try:
            found.append(told_on(json.loads(path.read_bytes()), TODAY))
        except json.JSONDecodeError:
            continue
    return found
