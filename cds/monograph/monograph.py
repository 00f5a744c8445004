"""Puts the monograph of a ruleset together from what is loaded."""

from __future__ import annotations

from collections.abc import Iterator

from cds import __version__
from cds.monograph import places
from cds.monograph.attributes import source_attributes
from cds.monograph.document import (
    Case,
    Code,
    Monograph,
    Parameter,
    Purpose,
    Review,
    Service,
    Source,
    Validation,
    ValueSet,
)
from cds.monograph.inputs import inputs
from cds.monograph.logic import Reference
from cds.monograph.scope import Subject, spoken, subject_of
from cds.monograph.writing import conclusions, counts, rules
from cds.ruleset import cases, model
from cds.ruleset.about import NOBODY
from cds.ruleset.program import with_used
from cds.ruleset.systems import short_name

UNREVIEWED = "Not approved for clinical use: no clinician has reviewed this ruleset."
_UNAPPROVED = "Not approved for clinical use: its reviewer has not approved this version."
_TIME_CRITICAL = (
    "It answers when the EHR calls, from the data it is given then, and watches nothing in between: it is not meant to "
    "be relied on where minutes count."
)
_NOT_SAID = "not said"


def monograph(
    knowledge: model.Knowledge, ruleset: model.Ruleset, tested: tuple[cases.Case, ...], validation: Validation | None
) -> Monograph:
    subject = subject_of(knowledge, ruleset)
    facts, reached = subject.facts_asked(), subject.facts_reached()
    return Monograph(
        id=ruleset.id,
        version=ruleset.version,
        address=places.of_ruleset(ruleset),
        canonical=ruleset.url,
        title=ruleset.title,
        status=ruleset.status,
        domain=domain(ruleset),
        review=review(ruleset),
        about=_purpose(ruleset),
        source_attributes=source_attributes(ruleset, reached, knowledge),
        sources=tuple(_sources(ruleset)),
        services=tuple(_services(knowledge, ruleset)),
        uses=tuple(_page(knowledge.rulesets[name]) for name in ruleset.uses),
        used_by=tuple(_page(one) for one in knowledge.rulesets.values() if ruleset.id in one.uses),
        inputs=tuple(inputs(subject, facts)),
        further_inputs=tuple(_further(spec, knowledge) for spec in reached if spec not in facts),
        rules=rules(subject),
        conclusions=tuple(conclusions(subject)),
        counts=tuple(counts(subject)),
        valuesets=tuple(_valuesets(subject, facts)),
        parameters=tuple(map(_parameter, ruleset.settings)),
        validation=validation,
        cases=tuple(_case(one) for one in tested),
        software=__version__,
        rulesets_fingerprint=knowledge.fingerprint,
    )


def domain(ruleset: model.Ruleset) -> str:
    """The folder it lies in."""
    return ruleset.place.file.split("/")[-3]


def review(ruleset: model.Ruleset) -> Review:
    about, given = ruleset.about, ruleset.about.approved
    nobody = about.reviewer.strip().casefold() == NOBODY
    approved = not nobody and given is not None and given.version == ruleset.version
    statement = f"Version {ruleset.version} is approved by {about.reviewer}." if approved else _UNAPPROVED
    return Review(
        approved=approved,
        reviewer=about.reviewer,
        approved_version=given.version if given else "",
        approved_on=given.on.isoformat() if given else "",
        review_by=about.review_by,
        statement=UNREVIEWED if nobody else statement,
    )


def _further(spec: model.FactSpec, knowledge: model.Knowledge) -> Reference:
    owner = knowledge.rulesets[spec.ruleset]
    return Reference(name=spec.title, to=places.of_input(spec, owner))


def _page(ruleset: model.Ruleset) -> Reference:
    return Reference(name=f"{ruleset.title} {ruleset.version}", to=places.of_ruleset(ruleset))


def _purpose(ruleset: model.Ruleset) -> Purpose:
    about = ruleset.about
    return Purpose(
        purpose=about.purpose.strip(),
        intended_users=about.intended_users.strip(),
        population=about.population.strip(),
        excludes=about.excludes.strip(),
        limits=about.limits.strip() or _NOT_SAID,
        time_critical=_TIME_CRITICAL,
    )


def _sources(ruleset: model.Ruleset) -> Iterator[Source]:
    for key, source in ruleset.about.sources.items():
        citing = sum(any(one.source == key for one in rule.evidence) for rule in ruleset.rules)
        yield Source(
            key=key,
            label=source.label,
            cite=source.cite.strip(),
            edition=source.edition,
            url=source.url,
            anchor=places.anchor("source", key),
            cited_by=citing,
        )


def _services(knowledge: model.Knowledge, ruleset: model.Ruleset) -> Iterator[Service]:
    for service in knowledge.services:
        if any(one.id == ruleset.id for one in with_used(knowledge.rulesets, service.rulesets)):
            yield Service(id=service.id, hook=service.hook, title=service.title)


def _valuesets(subject: Subject, facts: tuple[model.FactSpec, ...]) -> Iterator[ValueSet]:
    """In the order of the alphabet; those that only make exceptions as well."""
    choices = [codes for spec in facts for codes in spec.codes.values()]
    for name in sorted({name for codes in choices for name in (*codes.sets, *codes.except_sets)}):
        valueset = subject.knowledge.valuesets[name]
        yield ValueSet(
            id=name,
            version=valueset.version,
            title=valueset.title,
            anchor=places.anchor("valueset", name),
            source=valueset.source.strip(),
            codes=tuple(_codes(valueset)),
        )


def _codes(valueset: model.ValueSet) -> Iterator[Code]:
    for below, codings in ((False, valueset.codings), (True, valueset.prefixes)):
        for coding in codings:
            system = short_name(coding.system)
            yield Code(system=system, code=coding.code, display=coding.display, and_below=below)


def _parameter(one: model.Setting) -> Parameter:
    return Parameter(
        name=one.name,
        about=one.about.strip(),
        default=_written(one.default),
        value=_written(one.value),
        set_here=one.value != one.default,
    )


def _written(value: float | str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _case(case: cases.Case) -> Case:
    return Case(
        name=case.name,
        pin=case.is_pin,
        given=_given(case),
        cards=tuple(sorted({*case.cards, *(rule for shown in case.answer for rule in shown.rules)})),
        conclusions=tuple(map(spoken, sorted(case.conclusions))),
        unanswered=tuple(sorted(case.unanswered)),
    )


def _given(case: cases.Case) -> str:
    if case.request:
        return f"the call of {case.request}"
    if case.facts is not None:
        return "bare facts"
    return f"the patient of {case.bundle}" if case.bundle else "a record"
