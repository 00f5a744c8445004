"""Mutants that change nothing beside the other rules: asks the solver for a patient of whom anything seen is other.

Seen of a rule is that it shows a card, that it could not be decided, and whether its ruleset draws its conclusion.
Where for no patient one of these differs, nothing that follows can: other rules learn no more of it than that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import z3

from cds.clinical import Fact
from cds.ruleset.asked import facts_shown, tests_of
from cds.ruleset.kinds import KINDS
from cds.ruleset.model import Count, FactSpec, Knowledge, Rule, Ruleset, Test
from cds.ruleset.program import with_used
from cds.workbench.mutation.mutant import Mutant
from cds.workbench.mutation.swapped import Pair, pairs
from cds.workbench.soundness.formulas import Kleene
from cds.workbench.soundness.orders import apart
from cds.workbench.soundness.solving import Prover
from cds.workbench.soundness.symbols import Term
from cds.workbench.soundness.witness import read

LONGEST = 20_000  # milliseconds that one proof may take


@dataclass(frozen=True, slots=True)
class Solver:
    """Lives as long as the mutants of one set of rulesets are looked at."""

    knowledge: Knowledge
    _provers: dict[tuple[str, str, bool], Prover] = field(default_factory=dict)

    def changes_nothing(self, mutant: Mutant) -> bool:
        """Whatever other rulesets run beside those that ask, and whatever these conclude.

        False where nothing is claimed: of rules that feed themselves, of a count that a card shows, of rules about the
        patient that ask for orders.
        """
        if not isinstance(mutant.changed, Rule | Count) or mutant.kind == "card" or self._is_shown(mutant.subject):
            return False
        changed = pairs(mutant, [rule for one in self.knowledge.rulesets.values() for rule in one.rules])
        return all(
            _proven(self._prover(ruleset, each, elsewhere=True), own, mutant)
            for (ruleset, each), own in _by_home(changed).items()
        )

    def patients(self, mutant: Mutant, ruleset: str) -> Iterator[dict[str, Fact]]:
        """Whose facts tell the mutant from its rule, by what the solver knows: to be played before it is believed."""
        own = pairs(mutant, self.knowledge.rulesets[ruleset].rules)
        for (_, each), of_home in _by_home(own).items():
            yield from _patients(self._prover(ruleset, each, elsewhere=False), of_home, mutant)

    def _is_shown(self, count: str) -> bool:
        rules = (rule for one in self.knowledge.rulesets.values() for rule in one.rules)
        return any(count in facts_shown(rule) for rule in rules)

    def _prover(self, ruleset: str, each: str, *, elsewhere: bool) -> Prover:
        key = (ruleset, each, elsewhere)
        if key not in self._provers:
            self._provers[key] = _prover(self.knowledge, ruleset, each, elsewhere=elsewhere)
        return self._provers[key]


def _by_home(changed: Iterable[Pair]) -> dict[tuple[str, str], list[Pair]]:
    """Rules about the patient apart from those about an order: these see no conclusion about another order."""
    found: dict[tuple[str, str], list[Pair]] = {}
    for pair in changed:
        found.setdefault((pair.before.ruleset, pair.before.each), []).append(pair)
    return found


def _prover(knowledge: Knowledge, ruleset: str, each: str, *, elsewhere: bool) -> Prover:
    """Of a ruleset with those it uses. ``elsewhere``: what others draw as well may be so for any further reason."""
    together = with_used(knowledge.rulesets, [ruleset])
    rules = [rule for one in together for rule in one.rules if rule.each in ("", each)]
    counts = {name: count for one in together for name, count in one.counts.items()}
    specs = {name: spec for one in together for name, spec in one.facts.items()}
    prover = Prover(rules, counts, specs, apart(specs.values(), knowledge.valuesets))
    if not elsewhere:
        return prover
    others = list(_elsewhere(knowledge, together, prover))
    for rule in others:
        reason = FactSpec(f"{rule.id} of {rule.ruleset}", "finding", {}, {}, "", rule.place, "")
        specs[reason.name] = reason
        when = (Test(reason.name, "present"), *_of_these(prover, rule, others))
        rules.append(replace(rule, id=reason.name, each="", when=when))
    return Prover(rules, counts, specs, prover.apart)


def _elsewhere(knowledge: Knowledge, together: Collection[Ruleset], prover: Prover) -> Iterator[Rule]:
    """The rules of other rulesets that draw what is drawn here."""
    for ruleset in knowledge.rulesets.values():
        if ruleset not in together:
            yield from (rule for rule in ruleset.rules if rule.conclude in prover.formulas.drawing)


def _of_these(prover: Prover, rule: Rule, others: Sequence[Rule]) -> Iterator[Test]:
    """What a rule of another ruleset asks of conclusions that are drawn here and do not wait for its own."""
    drawn_here = (one for one in rule.when if isinstance(one, Test) and one.subject in prover.formulas.drawing)
    return (test for test in drawn_here if rule.conclude not in _under(test.subject, prover, others))


def _under(conclusion: str, prover: Prover, others: Sequence[Rule]) -> set[str]:
    """All that it may wait for, itself among it."""
    waiting, met = [conclusion], {conclusion}
    while waiting:
        name = waiting.pop()
        drawing = [*prover.formulas.drawing.get(name, ()), *(rule for rule in others if rule.conclude == name)]
        asked = {test.subject for rule in drawing for test in tests_of(rule, prover.counts)}
        waiting.extend(asked - met)
        met |= asked
    return met


# What is seen


def _proven(prover: Prover, changed: Sequence[Pair], mutant: Mutant) -> bool:
    if _beyond(prover, changed):
        return False
    solver = _solver(prover, changed, mutant)
    return bool(solver.check(z3.Or(list(_differences(prover, changed)))) == z3.unsat)


def _beyond(prover: Prover, changed: Sequence[Pair]) -> bool:
    """Rules that feed themselves, and rules about the patient that ask for orders, of which there may be several."""
    for pair in changed:
        under = prover.closure([replace(pair.before, id=f"{pair.before.id}, as it is"), pair.after])
        if any(rule.id == pair.before.id for rule in under):
            return True
        asked = (test.subject for rule in under if not rule.each for test in tests_of(rule, prover.counts))
        if any(KINDS[prover.specs[name].kind].items for name in asked if name in prover.specs):
            return True
    return False


def _solver(prover: Prover, changed: Sequence[Pair], mutant: Mutant) -> z3.Solver:
    if isinstance(mutant.changed, Count):
        prover.counts = {**prover.counts, **{pair.count.name: pair.count for pair in changed if pair.count}}
        prover.formulas.counts = prover.counts
    solver = prover.solver([rule for pair in changed for rule in (pair.before, pair.after, *_beside(prover, pair))])
    solver.set("timeout", LONGEST)
    return solver


def _differences(prover: Prover, changed: Sequence[Pair]) -> Iterator[Term]:
    """Each of which somebody sees."""
    afters = {pair.before.id: pair.after for pair in changed}
    for pair in changed:
        before, after = prover.formulas.rule(pair.before), prover.formulas.rule(pair.after)
        yield z3.Xor(_undecided(before), _undecided(after))
        if pair.before.card or pair.before.system or not pair.before.conclude:
            yield z3.Xor(before.true, after.true)
        if pair.before.conclude:
            drawing = (pair.before, *_beside(prover, pair))
            as_it_is = z3.Or([prover.formulas.rule(rule).true for rule in drawing])
            yield z3.Xor(as_it_is, z3.Or([prover.formulas.rule(afters.get(rule.id, rule)).true for rule in drawing]))


def _beside(prover: Prover, pair: Pair) -> list[Rule]:
    """The other rules of the ruleset with the same conclusion."""
    drawing = prover.formulas.drawing.get(pair.before.conclude, [])
    return [rule for rule in drawing if rule.ruleset == pair.before.ruleset and rule.id != pair.before.id]


def _undecided(truth: Kleene) -> Term:
    return z3.Not(z3.Or(truth.true, truth.false))


# Patients


def _patients(prover: Prover, changed: Sequence[Pair], mutant: Mutant) -> Iterator[dict[str, Fact]]:
    solver = _solver(prover, changed, mutant)
    rules = [rule for pair in changed for rule in (pair.before, pair.after, *_beside(prover, pair))]
    names = prover.facts_under(rules)
    for difference in _differences(prover, changed):
        if solver.check(difference) == z3.sat:
            yield read(solver.model(), prover.formulas.symbols, names)
