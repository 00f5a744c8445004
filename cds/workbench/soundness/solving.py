"""Asks the solver what facts could let rules fire, and holds every answer against the plain evaluator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import z3

from cds.ruleset.asked import tests_of
from cds.ruleset.model import Count, FactSpec, Program, Rule, Test
from cds.ruleset.program import stages
from cds.workbench.soundness.finding import Witness
from cds.workbench.soundness.formulas import Formulas
from cds.workbench.soundness.symbols import Term
from cds.workbench.soundness.witness import least, read


class Prover:
    """Lives as long as one set of rulesets that run together is looked at."""

    def __init__(
        self,
        rules: Iterable[Rule],
        counts: Mapping[str, Count],
        specs: Mapping[str, FactSpec],
        apart: Collection[frozenset[str]] = (),
    ) -> None:
        """``apart``: pairs of facts that cannot be about the same order."""
        self.rules = tuple(rules)
        self.counts = counts
        self.specs = specs
        self.apart = apart
        self.formulas = Formulas(self.rules, counts, specs, apart)
        self._under: dict[str, frozenset[str]] = {}

    def without(self, rule: Rule) -> Prover:
        """The same as if the rule were not there."""
        return Prover([one for one in self.rules if one is not rule], self.counts, self.specs, self.apart)

    def possible(self, terms: Sequence[Term], rules: Iterable[Rule]) -> set[int]:
        """The numbers of the terms that facts can make true, each by itself. ``rules`` are those they speak of."""
        left = set(range(len(terms)))
        if not left:
            return left
        solver = self.solver(rules)
        while left and solver.check(z3.Or([terms[number] for number in left])) == z3.sat:
            model = solver.model()
            left -= {number for number in left if z3.is_true(model.eval(terms[number], model_completion=True))}
        return set(range(len(terms))) - left

    def holds(self, terms: Iterable[Term], rules: Iterable[Rule]) -> bool:
        """Whether facts can make all the terms true at once."""
        return bool(self.solver(rules).check(*terms) == z3.sat)

    def witness(self, fired: Sequence[Rule], silent: Sequence[Rule] = ()) -> Witness | None:
        """The fewest facts, of those that the solver came upon, that let the rules fire and not the silent ones.

        None: there are no such facts. The rules need not be among those that were given.
        """
        wanted = [self.formulas.rule(rule).true for rule in fired]
        unwanted = [z3.Not(self.formulas.rule(rule).true) for rule in silent]
        together = (*fired, *silent)
        solver = self.solver(together)
        if solver.check(*wanted, *unwanted) != z3.sat:
            return None
        found = read(solver.model(), self.formulas.symbols, self.facts_under(together))
        return Witness(least(self.part(together), found, fired, silent), tuple(fired), tuple(silent))

    def solver(self, rules: Iterable[Rule]) -> z3.Solver:
        """Of all facts that the rules rest on, it knows what holds of every patient."""
        solver = z3.Solver()
        rules = tuple(rules)
        for rule in rules:
            self.formulas.rule(rule)
        solver.add(*self.formulas.symbols.axioms(sorted(self.facts_under(rules))))
        return solver

    def part(self, rules: Iterable[Rule]) -> Program:
        """The rules with all that they rest on."""
        wanted = {rule.id: rule for rule in self.closure(rules)}
        names = dict.fromkeys(rule.each for rule in wanted.values() if rule.each)
        return Program(
            facts={name: self.specs[name] for name in sorted(self.facts_under(wanted.values()))},
            counts=self.counts,
            stages=stages([rule for rule in wanted.values() if not rule.each], self.counts),
            each={name: stages([rule for rule in wanted.values() if rule.each == name], self.counts) for name in names},
        )

    def facts_under(self, rules: Iterable[Rule]) -> frozenset[str]:
        return frozenset().union(*(self._of_rule(rule) for rule in self.closure(rules)))

    def closure(self, rules: Iterable[Rule]) -> list[Rule]:
        found = {rule.id: rule for rule in rules}
        waiting = list(found.values())
        while waiting:
            subjects = {test.subject for test in tests_of(waiting.pop(), self.counts)}
            news = [rule for name in subjects for rule in self.formulas.drawing.get(name, ()) if rule.id not in found]
            found |= {rule.id: rule for rule in news}
            waiting.extend(news)
        return list(found.values())

    def _of_rule(self, rule: Rule) -> frozenset[str]:
        if rule.id not in self._under:
            self._under[rule.id] = frozenset(self._asked(rule))
        return self._under[rule.id]

    def _asked(self, rule: Rule) -> Iterator[str]:
        yield from filter(None, [rule.each])
        for test in tests_of(rule, self.counts):
            yield from (name for name in _named(test) if name in self.specs)


def _named(test: Test) -> tuple[str, ...]:
    return (test.subject, test.anchor) if test.anchor else (test.subject,)
