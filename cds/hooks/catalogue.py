"""What is served: the services with their compiled rulesets and the prefetch they ask for; the answer to discovery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cds.engine.part import Whole
from cds.errors import RulesetError, UnknownService
from cds.evaluate import Prepared, prepare
from cds.fhir.templates import template_problems
from cds.hooks.library import hook_named
from cds.hooks.prefetch import Template, templates
from cds.hooks.recorded import Asked
from cds.ruleset.approval import unreviewed
from cds.ruleset.lasting import lasting
from cds.ruleset.model import Knowledge, Service
from cds.ruleset.names import listed
from cds.ruleset.program import program_of, requirements, with_used

_UNREVIEWED = "No clinician has reviewed this content: a site has to review and approve it before clinical use."
SPECIFICATION = "2.0.1"  # the version of CDS Hooks that is kept to the letter


@dataclass(frozen=True, slots=True)
class Offer:
    """One service at one hook. Several hooks may share the id of a service."""

    service: Service
    knowledge: Knowledge
    prepared: Prepared
    templates: tuple[Template, ...]
    asked: Asked


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``by_id``: the offers of each service id, by hook."""

    knowledge: Knowledge
    by_id: Mapping[str, Mapping[str, Offer]]

    def offers(self, service_id: str) -> Mapping[str, Offer]:
        if service_id not in self.by_id:
            raise UnknownService("there is no such service; GET /cds-services lists them")
        return self.by_id[service_id]

    def all_offers(self) -> Iterator[Offer]:
        for offers in self.by_id.values():
            yield from offers.values()


@lasting()
def catalogue(knowledge: Knowledge) -> Catalogue:
    """Compiles the rulesets of every service, for each hook what leads to its cards; of the engines as few as will do.

    Raises ``RulesetError`` for templates that do not make valid FHIR.
    """
    wrong = template_problems(rule for ruleset in knowledge.rulesets.values() for rule in ruleset.rules)
    if wrong:
        raise RulesetError(wrong)
    by_id: dict[str, dict[str, Offer]] = {}
    engines = _engines(knowledge)
    for service in knowledge.services:
        whole = next(whole for rulesets, whole in engines.items() if _run_by(service, knowledge) <= rulesets)
        by_id.setdefault(service.id, {})[service.hook] = _offer(service, knowledge, whole)
    return Catalogue(knowledge, by_id)


def _engines(knowledge: Knowledge) -> dict[frozenset[str], Whole]:
    """One for each set of rulesets that no other service runs and more: an engine is most of what a service weighs."""
    run = {_run_by(service, knowledge) for service in knowledge.services}
    largest = (rulesets for rulesets in run if not any(rulesets < other for other in run))
    return {rulesets: Whole.of(program_of(knowledge, sorted(rulesets))) for rulesets in largest}


def _run_by(service: Service, knowledge: Knowledge) -> frozenset[str]:
    return frozenset(ruleset.id for ruleset in with_used(knowledge.rulesets, service.rulesets))


def _offer(service: Service, knowledge: Knowledge, whole: Whole) -> Offer:
    prepared = prepare(knowledge, service.rulesets, service.hook, whole)
    needs = {"Patient": None, **requirements(prepared.program)}
    return Offer(service, knowledge, prepared, templates(needs, knowledge), Asked.of(prepared.program))


def discovery(served: Catalogue) -> dict[str, Any]:
    """Every service with its prefetch templates, in the order in which they are written."""
    return {"services": [_listed(offer) for offer in served.all_offers()]}


def _listed(offer: Offer) -> dict[str, Any]:
    service = offer.service
    members = {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "prefetch": {template.key: template.query for template in offer.templates},
        "usageRequirements": _requirements(offer),
        "version": SPECIFICATION,
        "hookVersion": hook_named(service.hook).version,
    }
    return {name: value for name, value in members.items() if value}


def _requirements(offer: Offer) -> str:
    """What a client has to bring, and whoever connects it has to know."""
    told = offer.service.usage_requirements or _usual_requirements(offer.service)
    return f"{told} {_UNREVIEWED}" if unreviewed(offer.knowledge) else told


def _usual_requirements(service: Service) -> str:
    """Where the service does not say so itself."""
    without = f"without {listed(service.indispensable)}" if service.indispensable else "without any of it"
    return (
        "Reads FHIR R4. Supply the prefetch; what is left out is read from fhirServer with fhirAuthorization, where "
        f"that server is registered with this service. The answer is 412 {without}; other gaps are told on a card."
    )
