"""The shape of a ruleset: about, facts, rules and cards."""

from __future__ import annotations

from cds.ruleset.hooks import HOOKS
from cds.ruleset.schema.fields import (
    Shape,
    anything,
    choice,
    is_day,
    is_flag,
    is_quiet,
    is_some,
    is_whole,
    key,
    like,
    named,
    one_or_several,
    several,
    shaped,
    text,
    told_apart,
)

is_name = like(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", "in kebab-case: small letters and digits with hyphens")
is_fact_name = like(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", "in snake_case: small letters and digits with underscores")
is_rule_id = like(
    r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9][A-Za-z0-9_.-]*)?", "letters, digits and hyphens, its parts joined by dots"
)
is_version = like(r"\d+\.\d+\.\d+", "three numbers with dots, such as 1.0.0")
is_https = like(r"https://[^\s/]+\S*", "an address that begins with https://")


class SourceShape(Shape):
    what = "a source"
    cite = text()
    label = text()
    url = key(is_https, required=False)
    edition = text(required=False)


class ApprovedShape(Shape):
    what = "`approved`"
    version = key(is_version)
    on = key(is_day)


class AboutShape(Shape):
    what = "`about`"
    purpose = text()
    intended_users = text()
    population = text()
    excludes = text()
    developer = text()
    funding = text()
    released = key(is_day)
    revised = key(is_day)
    review_by = key(is_day)
    reviewer = text()
    approved = key(shaped(ApprovedShape), required=False)
    limits = text(required=False)
    sources = key(named(shaped(SourceShape)))


class FactShape(Shape):
    """The other keys are parameters of the fact's kind."""

    what = "a fact"
    open = True
    title = text()
    find = text(required=False)
    derive = text(required=False)


class EvidenceShape(Shape):
    what = "`evidence`"
    source = text()
    strength = text(required=False)
    certainty = text(required=False)
    note = text(required=False)


class ActionShape(Shape):
    what = "an action"
    create = text(required=False)
    update = text(required=False)
    delete = key(choice("order"), required=False)
    description = text()


class SuggestionShape(Shape):
    what = "a suggestion"
    label = text()
    when = text(required=False)
    unless = text(required=False)
    recommended = key(is_flag, required=False)
    create = text(required=False)
    update = text(required=False)
    delete = key(choice("order"), required=False)
    actions = key(several(shaped(ActionShape)), required=False)


class SystemShape(Shape):
    what = "a system action"
    update = text()
    description = text()


class LinkShape(Shape):
    what = "a link"
    label = text()
    url = key(is_https)
    type = key(choice("absolute", "smart"), required=False)
    app_context = text(required=False)


class RemarkShape(Shape):
    what = "a remark"
    when = text()
    say = text()


class CardShape(Shape):
    what = "a card"
    indicator = key(choice("critical", "warning", "info"))
    tier = key(choice("T0", "T1", "T2", "T3", "T4"), required=False)
    summary = text()
    detail = text(required=False)
    remarks = key(several(shaped(RemarkShape)), required=False)
    merge = key(is_name, required=False)
    suggest = key(several(shaped(SuggestionShape)), required=False)
    selection = key(choice("any", "at-most-one"), required=False)
    offer_at_most = key(is_some, required=False)
    links = key(several(shaped(LinkShape)), required=False)
    override = key(several(like(r"\S+", "a code")), required=False)
    quiet = key(is_quiet, required=False)
    opposes = key(several(is_rule_id), required=False)


class RuleShape(Shape):
    what = "a rule"
    id = key(is_rule_id)
    title = text()
    when = key(several(anything))
    conclude = key(is_name, required=False)
    card = key(shaped(CardShape), required=False)
    each = text(required=False)
    system = key(several(shaped(SystemShape)), required=False)
    hooks = key(several(choice(*HOOKS)), required=False)
    evidence = key(one_or_several(shaped(EvidenceShape)), required=False)
    rank = key(is_whole, required=False)
    replaces = text(required=False)


class CountShape(Shape):
    what = "a count"
    count = key(is_fact_name)
    of = key(several(anything))


class RulesetShape(Shape):
    what = "a ruleset"
    ruleset = key(is_name)
    version = key(is_version)
    status = key(choice("draft", "active", "retired"))
    title = text()
    url = key(is_https)
    about = key(shaped(AboutShape))
    uses = key(several(is_name), required=False)
    rank = key(is_whole, required=False)
    facts = key(named(shaped(FactShape), by=is_fact_name), required=False)
    rules = key(several(told_apart("count", shaped(CountShape), shaped(RuleShape)), empty=True), required=False)
