"""A ruleset as values: what the loader makes of the YAML, and all that evaluation knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar, Literal, TypeAlias

from cds.clinical import Coding
from cds.ruleset.about import About, Evidence
from cds.ruleset.advice import Action, Card
from cds.ruleset.forms import Forms
from cds.ruleset.systems import CodeForm, form_of, names_of

Relation: TypeAlias = Literal[
    # about the fact or conclusion as a whole
    "present",  # x             known and present
    "without",  # without: x    supplied data do not show it
    "denied",  # denied: x     documented as absent
    "unless",  # unless: x     not known to be present; never itself unknown
    "unrecorded",  # unrecorded: x neither present nor denied on record
    # about one attribute of a present fact
    "above",
    "at least",
    "below",
    "at most",
    "between",  # both ends included
    "is",  # number or text
    "is not",
    "is one of",  # texts
    "known",
    "unknown",
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the rulesets something is written."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Test:
    """One question about one fact, conclusion or count.

    ``operand`` is in the attribute's own unit: a number, a text, a pair of numbers (between) or texts (is one of).
    A test of the time between two facts asks for the attribute ``<event>_days_before_<anchor>``: how many days the
    subject's event came before the anchor's, negative when after it.
    """

    subject: str
    relation: Relation
    attribute: str = ""  # "" for the relations about the whole
    operand: float | str | tuple[float, float] | tuple[str, ...] | None = None
    words: str = ""  # as written, for explanations
    anchor: str = ""  # the fact whose date the attribute measures from
    line: int = field(default=0, compare=False)  # of the file where it is written

    __test__: ClassVar[bool] = False  # pytest takes every class called Test for one of its own


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of the tests."""

    tests: tuple[Test, ...]
    words: str = ""
    line: int = field(default=0, compare=False)


Condition: TypeAlias = Test | AnyOf


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the tests hold. ``at least 2 of`` is a test on an unnamed count.

    ``points``: what each test is worth, none of them zero; empty: one point each.
    """

    name: str
    tests: tuple[Test, ...]
    place: Place
    points: tuple[int, ...] = ()

    @property
    def worth(self) -> tuple[tuple[Test, int], ...]:
        return tuple(zip(self.tests, self.points or (1,) * len(self.tests), strict=True))


@dataclass(frozen=True, slots=True)
class Rule:
    """When all conditions hold, a conclusion, a card, system actions, or several of these."""

    id: str
    ruleset: str
    version: str
    title: str
    when: tuple[Condition, ...]
    place: Place
    topic: str = ""  # the rule's id in the clinical specification: the part of id before the first dot
    conclude: str = ""
    card: Card | None = None
    each: str = ""  # fact with items: one firing per item
    system: tuple[Action, ...] = ()  # what is added to the order of ``each`` without anybody being asked
    hooks: frozenset[str] = frozenset()  # where its card may show; empty: everywhere
    evidence: tuple[Evidence, ...] = ()
    rank: int = 50
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """A choice of codes: members of the value sets and the codings listed, less the exceptions."""

    sets: tuple[str, ...] = ()
    codings: tuple[Coding, ...] = ()
    except_sets: tuple[str, ...] = ()
    except_codings: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True)
class FactSpec:
    """One question about the patient: the kind of look-up or derivation, and its parameters.

    ``anchors`` are the other facts whose date the rules of a program measure from ("within 14 days of lumbar_episode"),
    known once the program is: for each of its events (``onset_days``) the fact also answers with
    ``<event>_days_before_<anchor>``, its own ``<event>_days`` less the anchor's days since the event of its kind.
    """

    name: str
    kind: str  # key of cds.ruleset.kinds.KINDS
    codes: Mapping[str, Codes]  # by parameter: "in" and whatever further sets the kind takes
    parameters: Mapping[str, float | str | bool | tuple[str, ...]]
    title: str  # for people: "Post-void residual"
    place: Place
    ruleset: str
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """What a site may set of a ruleset: as the ruleset writes it, and as it is here."""

    name: str
    about: str
    default: float | str | bool
    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One file of facts and rules on one subject."""

    id: str
    version: str
    status: Literal["draft", "active", "retired"]
    title: str
    url: str  # identifies the ruleset; the system of its rules' topic codes
    about: About
    uses: tuple[str, ...]
    facts: Mapping[str, FactSpec]
    counts: Mapping[str, Count]
    rules: tuple[Rule, ...]
    place: Place
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """A CDS service: one hook, the rulesets it runs.

    ``indispensable``: resource types without which it refuses to answer. ``system_actions``: whether it may send any.
    """

    id: str
    hook: str
    title: str
    description: str
    rulesets: tuple[str, ...]
    usage_requirements: str = ""
    indispensable: tuple[str, ...] = ()
    system_actions: bool = False
    place: Place = Place("services.yaml", 1)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that was loaded together: the rulesets by id, the value sets, the services, the questionnaires."""

    rulesets: Mapping[str, Ruleset]
    valuesets: Mapping[str, ValueSet]
    ingredients: Mapping[Coding, tuple[Coding, ...]]  # product -> ingredients
    services: tuple[Service, ...]
    fingerprint: str  # SHA-256 over the files and what a site has set, hex
    forms: Forms = field(default_factory=Forms)


@dataclass(frozen=True)
class ValueSet:
    """A named, versioned list of codes with the place each was verified.

    ``codings`` match exactly; ``prefixes`` (ICD-10-CM without its dot, ATC codes of fewer than 7 characters) by prefix.
    """

    id: str
    version: str
    title: str
    codings: tuple[Coding, ...]
    prefixes: tuple[Coding, ...]
    source: str
    place: Place

    @cached_property
    def forms(self) -> tuple[CodeForm, ...]:
        """Its codes as choices of them are compared."""
        return tuple(map(form_of, (*self.codings, *self.prefixes)))

    @cached_property
    def names(self) -> Mapping[CodeForm, str]:
        """What it calls its codes, without a star at any of them."""
        return names_of((*self.prefixes, *self.codings))


Stages: TypeAlias = tuple[tuple[Rule, ...], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """What one service runs: the facts it asks for and its rules in stages.

    Within a stage rules may feed each other; what a rule asks to be absent, or counts, is settled in an earlier stage.
    ``each`` holds the stages of the rules that run once per item of a fact; they run after ``stages``.
    """

    facts: Mapping[str, FactSpec]
    counts: Mapping[str, Count]
    stages: Stages
    each: Mapping[str, Stages]
