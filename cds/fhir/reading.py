"""One reading of what was sent: whose it is, which codes are asked for, what refers to what, what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import Any, NamedTuple, Protocol, TypeVar

from msgspec import Raw

from cds.clinical import Coding, Span
from cds.fhir import bundles, dates, sides, values
from cds.fhir import datatypes as fhir
from cds.fhir.decode import Sent
from cds.fhir.references import local
from cds.fhir.salvage import fitting, salvaged, tuple_of
from cds.fhir.structs import Condition, Observation, Resource
from cds.fhir.subjects import Subjects
from cds.ruleset.codes import CodeIndex

Known = TypeVar("Known")
Concept = fhir.CodeableConcept | fhir.CodeableReference

_NONE: frozenset[str] = frozenset()


class Reasoned(Protocol):
    """A resource that says why: R4's two members and R5's one."""

    @property
    def reason_code(self) -> Raw: ...

    @property
    def reason_reference(self) -> Raw: ...

    @property
    def reason(self) -> Raw: ...

    @property
    def contained(self) -> Raw: ...


class Sites(NamedTuple):
    codings: tuple[Coding, ...]
    sets: frozenset[str]
    side: str | None


class UnreadableMember(Exception):
    """A member without which the resource may say something else cannot be read."""


class Reading:
    """Lives as long as one request is read. ``here`` is the place of the resource that is being read."""

    def __init__(
        self, sent: Sequence[Sent], index: CodeIndex, zone: tzinfo, subjects: Subjects, visits_since: str
    ) -> None:
        self.zone = zone
        self.index = index
        self.match = index.match
        self.subjects = subjects
        self.visits_since = visits_since  # encounters without a reason that began before may be passed over
        self.lost: list[str] = []
        self.unmapped: dict[str, str] = {}  # by reference: the words of medicines that no code explains
        self.drugs_named: dict[str, frozenset[str]] = {}  # of these: the choices that have a drug of that name
        self.at: tuple[Sent, int] = (Sent(""), 0)
        self._sent = sent
        self._moments: dict[str, dates.When] = {}

    @property
    def here(self) -> str:
        sent, position = self.at
        return sent.place_of(position)

    def reference(self, resource: Resource) -> str:
        """``Condition/c1``; its place in the request if the resource has no id."""
        return f"{type(resource).__name__}/{resource.id}" if resource.id else self.here

    def note_unmapped(self, resource: Resource, words: str) -> None:
        """A medicine that no code explains."""
        reference = self.reference(resource)
        self.unmapped.setdefault(reference, words)
        if named := self.index.named(words):
            self.drugs_named.setdefault(reference, named)

    # -- codes

    def choices(self, concept: Concept | None) -> frozenset[str]:
        """The choices that ask for any coding of a concept. Nearly all concepts of a chart are asked for by none."""
        found = _NONE
        if concept is not None:
            mentions = self.index.mentions
            for coding in concept.coding:
                if coding.code is not None and mentions[coding.code]:
                    choices = self.match(coding.system or "", coding.code)
                    found = found | choices if found else choices
            if found and len(concept.coding) > 1:
                found = found.difference(*[self.index.exceptions(one.system, one.code) for one in concept.coding])
        return found

    def mentions(self, concept: Concept | None) -> bool:
        """Whether some choice may ask for a coding of it, or for an ingredient; if not, ``choices`` has none."""
        if concept is not None:
            mentions = self.index.mentions
            for coding in concept.coding:
                if mentions[coding.code]:
                    return True
        return False

    def choices_of(self, concepts: Iterable[Concept]) -> frozenset[str]:
        found = _NONE
        for concept in concepts:
            found |= self.choices(concept)
        return found

    def words(self, *concepts: Concept | None) -> str:
        """What a person would call it: as the sender puts it or, where only codes came, as the value sets do."""
        for concept in concepts:
            if told := values.words(concept):
                return told
        return self.called(values.codings(*concepts))

    def called(self, codings: Iterable[Coding]) -> str:
        """What the value sets call the first of the codings that they know."""
        names = (self.index.display(coding.system, coding.code) for coding in codings)
        return next((name for name in names if name), "")

    # -- members that are still bytes

    def part(self, member: Raw, kind: type[Known], name: str) -> Known | None:
        """The member as far as it can be read; the places of the rest are noted."""
        if member is fhir.ABSENT:
            return None
        whole = fitting(member, kind)
        return whole if whole is not None else salvaged(member, kind, f"{self.here}.{name}", self.lost)

    def parts(self, member: Raw, kind: type[Known], name: str) -> tuple[Known, ...]:
        """The elements of a list, or the one that was sent where the standard has a list."""
        if member is fhir.ABSENT:
            return ()
        if bytes(member)[:1] == b"[":
            return self.part(member, tuple_of(kind), name) or ()
        one = self.part(member, kind, name)
        return () if one is None else (one,)

    def sites(self, member: Raw, *codes: tuple[Coding, ...]) -> Sites:
        """Where in the body: the codings of ``bodySite``, and the side they or the codes themselves name.

        A ``bodySite`` that says no more than "left" is a side, and no place.
        """
        if member is fhir.ABSENT:
            return Sites((), _NONE, sides.side(*codes))
        concepts = self.parts(member, fhir.CodeableConcept, "bodySite")
        codings = values.codings(*concepts)
        places = tuple(one for one in codings if not sides.is_side(one))
        return Sites(places, self.choices_of(concepts), sides.side(codings) or sides.side(*codes))

    @staticmethod
    def altered(extension: Raw) -> bool:
        """Whether a modifier extension may turn the meaning of a resource around."""
        return extension is not fhir.ABSENT and bytes(extension) not in (b"null", b"[]")

    def reasons(self, resource: Reasoned) -> frozenset[str]:
        """The choices that the reasons of an order or an event are in, as codes or as the conditions referred to."""
        return _NONE.union(*self.each_reason(resource))

    def each_reason(self, resource: Reasoned) -> tuple[frozenset[str], ...]:
        """The same of each reason by itself; of one in words, or that did not come along, there are none."""
        if resource.reason_code is resource.reason_reference is resource.reason:  # none of the three was sent
            return ()
        concepts = self.parts(resource.reason_code, fhir.CodeableConcept, "reasonCode")
        references = self.parts(resource.reason_reference, fhir.Reference, "reasonReference")
        return (
            *(self.choices(each) for each in concepts),
            *(self.choices_behind(each, resource.contained) for each in references),
            *(
                self.choices(each.concept) | self.choices_behind(each.reference, resource.contained)
                for each in self.parts(resource.reason, fhir.CodeableReference, "reason")
            ),
        )

    def choices_behind(self, reference: fhir.Reference | None, contained: Raw) -> frozenset[str]:
        target = self.target(reference, contained)
        return self.choices(target.code) if isinstance(target, (Condition, Observation)) else _NONE

    # -- dates

    def when(self, text: str | None, name: str) -> dates.When:
        """When it was; what is no date is noted."""
        if text is None:
            return dates.NEVER
        # A chart says the few moments at which something was recorded over and over.
        moment = self._moments.get(text)
        if moment is None:
            moment = self._moments[text] = dates.when(text, self.zone)
        if moment.days is None:
            self.lost.append(f"{self.here}.{name}")
        return moment

    def date(self, text: str | None, name: str) -> Span | None:
        return self.when(text, name).days

    # -- references

    @cached_property
    def _targets(self) -> dict[str, Resource]:
        """What the resources of the request may refer to, by ``Type/id`` and by full URL."""
        targets: dict[str, Resource] = {}
        for sent in self._sent:
            for entry in sent.entries:
                if entry is not None and isinstance(entry.resource, bundles.REFERRED_TO):
                    targets.setdefault(f"{type(entry.resource).__name__}/{entry.resource.id}", entry.resource)
                    targets.setdefault(entry.full_url or "", entry.resource)
        return targets

    def target(self, reference: fhir.Reference | None, contained: Raw) -> Any:
        """The resource referred to, if it came along: contained, or anywhere in the request."""
        if reference is None or reference.reference is None:
            return None
        if reference.reference.startswith("#"):
            return self._contained(reference.reference[1:], contained)
        return self._targets.get(reference.reference) or self._targets.get(local(reference.reference))

    def _contained(self, name: str, contained: Raw) -> Any:
        resources = self.parts(contained, bundles.AnyResource, "contained")
        return next((resource for resource in resources if getattr(resource, "id", None) == name), None)

    def named(self, reference: fhir.Reference | None) -> str:
        """A reference as ``Type/id`` where that can be known, else as it was written."""
        text = (reference.reference if reference else None) or ""
        target = self._targets.get(text) if text.startswith("urn:") else None
        return f"{type(target).__name__}/{target.id}" if target and target.id else local(text)
