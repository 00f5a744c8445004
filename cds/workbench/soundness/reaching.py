"""Rules that can never fire, conditions that never hold together, and exceptions for what can never be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import z3

from cds.ruleset.model import AnyOf, Condition, Rule, Test
from cds.workbench.soundness.finding import Finding
from cds.workbench.soundness.formulas import conjunction
from cds.workbench.soundness.seen import Seen, exceptions
from cds.workbench.soundness.solving import Prover
from cds.workbench.soundness.symbols import Term


def findings(prover: Prover, rule: Rule, seen: Seen) -> Iterator[Finding]:
    if rule.id not in seen.fired and not prover.holds([prover.formulas.rule(rule).true], [rule]):
        yield _unreachable(prover, rule)
        return
    for condition, test in _never_held(prover, rule, seen):
        kept_from = _kept_from(prover, rule, test, condition)
        yield _finding(rule, "never together", (test.words,), f"{_quoted([test])} never holds{kept_from}")
    for exception in _never_bitten(prover, rule, seen):
        yield _of_exception(prover, rule, exception)


def _never_held(prover: Prover, rule: Rule, seen: Seen) -> list[tuple[AnyOf, Test]]:
    """The alternatives of which none can hold while the rule fires."""
    found = [(one, test) for one in rule.when if isinstance(one, AnyOf) for test in one.tests]
    doubtful = [(one, test) for one, test in found if (rule.id, test) not in seen.held]
    whole, formulas = prover.formulas.rule(rule).true, prover.formulas
    possible = prover.possible([z3.And(whole, formulas.test(test).true) for _, test in doubtful], [rule])
    return [one for number, one in enumerate(doubtful) if number not in possible]


def _never_bitten(prover: Prover, rule: Rule, seen: Seen) -> list[Test]:
    """The exceptions for what can never be while everything else holds."""
    doubtful = [one for one in exceptions(rule) if (rule.id, one) not in seen.bitten]
    terms = [z3.And(_rest(prover, rule, one), _is_there(prover, one)) for one in doubtful]
    possible = prover.possible(terms, [rule])
    return [one for number, one in enumerate(doubtful) if number not in possible]


def _unreachable(prover: Prover, rule: Rule) -> Finding:
    core = _core(prover, rule, rule.when)
    if len(core) > 1:
        return _finding(rule, "never together", (), f"it never fires: {_quoted(core)} never hold together")
    if len(core) == 1:
        return _finding(rule, "unreachable", (), f"it never fires: {_quoted(core)} never holds{_why(prover, core[0])}")
    return _finding(rule, "unreachable", (), f"it never fires: there is never any {rule.each}")


def _of_exception(prover: Prover, rule: Rule, exception: Test) -> Finding:
    if not prover.holds([_is_there(prover, exception)], [rule]):
        message = f'{_quoted([exception])} says nothing: "{exception.subject}" can never be'
    else:
        message = f'{_quoted([exception])} says nothing: "{exception.subject}" never is while the rest holds'
    return _finding(rule, "never so", (exception.words,), message)


def _kept_from(prover: Prover, rule: Rule, test: Test, condition: Condition) -> str:
    if not prover.holds([prover.formulas.test(test).true], [rule]):
        return _why(prover, test)
    rest = [one for one in rule.when if one is not condition]
    return f" together with {_quoted(_core(prover, rule, (*rest, test))[:-1])}"


def _core(prover: Prover, rule: Rule, when: Sequence[Condition]) -> list[Condition]:
    """As few of the conditions as cannot hold together."""
    core = list(when)
    for condition in when:
        fewer = [one for one in core if one is not condition]
        if not prover.holds([_together(prover, rule, fewer)], [rule]):
            core = fewer
    return core


def _together(prover: Prover, rule: Rule, when: Sequence[Condition]) -> Term:
    there = [prover.formulas.symbols.state(rule.each).present] if rule.each else []
    return z3.And(*there, conjunction(prover.formulas.condition(one) for one in when).true)


def _rest(prover: Prover, rule: Rule, condition: Condition) -> Term:
    return _together(prover, rule, [one for one in rule.when if one is not condition])


def _is_there(prover: Prover, test: Test) -> Term:
    formulas = prover.formulas
    if test.subject in formulas.symbols.specs:
        return formulas.symbols.state(test.subject).present
    return formulas.conclusion(test.subject).true


def _why(prover: Prover, condition: Condition) -> str:
    subjects = [one.subject for one in (condition.tests if isinstance(condition, AnyOf) else (condition,))]
    undrawn = [one for one in subjects if one not in prover.specs and one not in prover.counts]
    undrawn = [one for one in undrawn if not prover.formulas.drawing.get(one)]
    return f", as nothing concludes {', '.join(undrawn)}" if undrawn else ""


def _quoted(conditions: Sequence[Condition]) -> str:
    return ", ".join(f"`{one.words}`" for one in conditions)


def _finding(rule: Rule, sort: str, of: tuple[str, ...], message: str) -> Finding:
    return Finding(sort, rule.ruleset, (rule.id, *of), rule.place, f'rule "{rule.id}": {message}')  # type: ignore[arg-type]
