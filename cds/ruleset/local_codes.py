"""The codes of the project's own systems: those in use, and those that facts ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cds.clinical import Coding
from cds.ruleset.model import FactSpec, Knowledge, ValueSet
from cds.ruleset.systems import LOCAL_SYSTEMS


def asked_for(facts: Iterable[FactSpec], valuesets: Mapping[str, ValueSet]) -> dict[str, Coding]:
    """By code, and called as a value set calls it: what a fact calls it may be the words of one question."""
    choices = [codes for spec in facts for codes in spec.codes.values()]
    written = [one for codes in choices for one in codes.codings]
    members = [one for codes in choices for name in codes.sets if name in valuesets for one in valuesets[name].codings]
    named = {(one.system, one.code): one for valueset in valuesets.values() for one in valueset.codings}
    return {
        one.code: named.get((one.system, one.code), one) for one in (*written, *members) if one.system in LOCAL_SYSTEMS
    }


def in_use(knowledge: Knowledge) -> tuple[Coding, ...]:
    """Every local code of value sets, facts and answers, each once, by system and code."""
    facts = [spec for ruleset in knowledge.rulesets.values() for spec in ruleset.facts.values()]
    answers = [one for each in knowledge.forms.answers.values() for one in each.codings]
    members = [one for valueset in knowledge.valuesets.values() for one in valueset.codings]
    found = {
        (one.system, one.code): one for one in (*answers, *asked_for(facts, knowledge.valuesets).values(), *members)
    }
    return tuple(found[key] for key in sorted(found) if key[0] in LOCAL_SYSTEMS)
