"""What is counted of calls, for Prometheus. Labels are names of our own: no label is ever what a request says.

Hook calls are counted from their records, so that metrics and records cannot tell different stories.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from cds.hooks.overrides import category
from cds.journal import Decision, Feedback
from cds.store import Response
from cds.web.laps import Stage
from cds.web.slots import Slots

PARTS: Final = ("database", "spool", "journal", "rejected", "state", "reload", "key sets", "replay")
"""Of /readyz: what may not work as it should."""

NO_RULES: Final[Mapping[str, str]] = MappingProxyType({})

_LOG = structlog.get_logger("cds")
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_OTHER = "_OTHER"  # as OpenTelemetry has it
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)  # and these bounds as well
_STAGE_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_OUTCOMES = {200: "answered", 412: "without-data", 429: "limited", 503: "busy"}


class Meters:
    """Of one process. Counts stay in it until ``start`` takes a place among the ``slots``; None: for good."""

    def __init__(self, slots: Slots | None = None, rules: Mapping[str, str] = NO_RULES) -> None:
        """``rules``: the ruleset of each."""
        self._ruleset_of = rules
        self._slots = slots
        self._lost = 0
        self._make()

    def start(self) -> None:
        """After the fork. Where there is no room for them, counts stay in this process, and are seen by nobody."""
        try:
            place = self._slots.take() if self._slots else None
        except OSError as error:
            _LOG.error("counts are not kept", reason=error.strerror)
            return
        if place is not None and self._slots:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self._slots.folder)
            values.ValueClass = values.MultiProcessValue(lambda: place)  # type: ignore[no-untyped-call]  # published so
            self._make()

    def request(self, method: str, route: str | None, status: int, seconds: float) -> None:
        known = method if method in _METHODS else _OTHER
        self._requests.labels(known, route or _OTHER, status).observe(seconds)

    def refused(self, reason: str) -> None:
        """A token. ``reason``: one of ``cds.security.refusals``."""
        self._refused.labels(reason).inc()

    def decision(self, told: Decision) -> None:
        self._hooks.labels(told.service, told.hook, outcome(told.status)).inc()
        for card in told.cards:
            self._cards.labels(told.service, card.indicator).inc()
            self._rules_of(card.rules, "shown")
        for card in told.quieted:
            self._rules_of(card.rules, "quieted")
        for result in ("folded", "withheld", "unanswered", "acted"):
            self._rules_of(getattr(told, result), result)
        for kind in told.unavailable:
            self._missing.labels(told.service, kind).inc()

    def feedback(self, entries: Iterable[Feedback]) -> None:
        for entry in entries:
            why = category(entry.reason_system, entry.reason_code)
            self._feedback.labels(entry.service, entry.outcome, why).inc()

    def responses(self, responses: Iterable[Response]) -> None:
        """A card of a rule that is no longer loaded counts for none of those that are."""
        for rule, outcome in responses:
            ruleset = self._ruleset_of.get(rule)
            self._responses.labels(ruleset or _OTHER, rule if ruleset else _OTHER, outcome).inc()

    def stages(self, service: str, stages: Iterable[Stage]) -> None:
        for stage in stages:
            taken = self._taken.get((service, stage.name))
            if taken is None:
                taken = self._taken[service, stage.name] = self._stages.labels(service, stage.name)
            taken.observe((stage.ended - stage.began) / 1e9)

    def fhir_reply(self, server: str, outcome: str, seconds: float) -> None:
        self._fhir.labels(server, outcome).observe(seconds)

    def fhir_late(self, server: str) -> None:
        self._late.labels(server).inc()

    def keys_read(self, client: str, result: str) -> None:
        self._keys.labels(client, result).inc()

    def degraded(self, parts: Iterable[str], lost: int) -> None:
        """``lost``: entries of the journal, since this process began."""
        wrong = set(parts)
        for part in PARTS:
            self._degraded.labels(part).set(part in wrong)
        self._replay.set("replay" in wrong)
        self._dropped.inc(lost - self._lost)
        self._lost = lost

    def _rules_of(self, references: Iterable[str], result: str) -> None:
        for reference in references:
            known = self._known.get((reference, result))
            if known is None:
                rule, _, version = reference.partition("@")
                known = self._known[reference, result] = self._rules.labels(rule, version, result)
            known.inc()

    def _make(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._known: dict[tuple[str, str], Counter] = {}  # looked up faster than by the library
        self._taken: dict[tuple[str, str], Histogram] = {}  # likewise

        def seconds(name: str, words: str, *labels: str, bounds: Sequence[float] = _SECONDS) -> Histogram:
            return Histogram(f"{name}_seconds", words, labels, buckets=bounds, registry=registry)

        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(name, words, labels, registry=registry)

        def gauge(name: str, words: str, *labels: str) -> Gauge:
            return Gauge(name, words, labels, registry=registry, multiprocess_mode="livemax")

        request = "http_server_request_duration", "Requests answered, and how long it took."
        self._requests = seconds(*request, "method", "route", "status")
        stage = "cds_hook_stage_duration", "Stages of answered hook calls, and how long they took."
        self._stages = seconds(*stage, "service", "stage", bounds=_STAGE_SECONDS)
        read = "cds_fhir_client_request_duration", "Requests to FHIR servers, and how long their replies took."
        self._fhir = seconds(*read, "server", "outcome")
        self._hooks = counter("cds_hook_requests", "Hook calls, by what became of them.", "service", "hook", "outcome")
        self._cards = counter("cds_cards", "Cards shown.", "service", "indicator")
        self._rules = counter("cds_rule_evaluations", "What became of rules.", "rule", "version", "result")
        self._missing = counter("cds_missing_data", "Calls without data of a type.", "service", "type")
        self._feedback = counter("cds_feedback", "What became of cards.", "service", "outcome", "category")
        what = "What became of cards, by each rule they are of."
        self._responses = counter("cds_rule_responses", what, "ruleset", "rule", "outcome")
        self._refused = counter("cds_auth_failures", "Tokens refused.", "reason")
        self._late = counter("cds_fhir_deadline_exceeded", "Calls whose time for reading ran out.", "server")
        self._keys = counter("cds_jwks_refresh", "Readings of published keys.", "client", "result")
        self._dropped = counter("cds_decision_records_dropped", "Entries of the journal that were lost.")
        self._degraded = gauge("cds_degraded", "Whether a part of /readyz is named there.", "part")
        self._replay = gauge("cds_jti_store_degraded", "Whether second uses are noticed by each process for itself.")


def outcome(status: int) -> str:
    """One word for a status of a hook call."""
    return _OUTCOMES.get(status, "failed" if status >= 500 else "refused")
