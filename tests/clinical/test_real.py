"""The page on real data speaks of rules that there are, and of each it says what was found."""

from tests import shipped
from tests.clinical.real import FILE, judged, rules_told


def test_every_rule_that_spoke_is_there_with_its_indicator_and_was_read():
    told = rules_told(FILE.read_text(encoding="utf-8"))
    rules = {rule.id: rule for ruleset in shipped.knowledge().rulesets.values() for rule in ruleset.rules}

    assert {name: card.indicator for name in told if (card := rules[name].card)} == told
    assert judged().keys() == told.keys()
