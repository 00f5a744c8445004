"""The shape of a journey: one patient over years, and exactly what is shown at each step."""

from __future__ import annotations

from cds.ruleset.hooks import HOOKS
from cds.ruleset.schema.fields import Shape, choice, is_mapping, is_text, key, several, shaped, text
from cds.ruleset.schema.rulesets import is_name
from cds.ruleset.schema.tests import ShownShape, is_moment


class AnsweredShape(ShownShape):
    what = "a card of a journey"
    answer = key(choice("accepted", "overridden"), required=False)
    reason = text(required=False)


class StepShape(Shape):
    what = "a step of a journey"
    at = key(is_moment)
    title = text()
    service = text(required=False)
    hook = key(choice(*HOOKS))
    user = text(required=False)
    record = key(several(is_mapping, empty=True), required=False)
    drafts = key(several(is_mapping), required=False)
    background = key(several(is_mapping), required=False)
    cards = key(several(shaped(AnsweredShape), empty=True))
    quiet = key(several(is_text), required=False)
    folded = key(several(is_text), required=False)
    because = text()


class JourneyShape(Shape):
    what = "a journey"
    journey = key(is_name)
    about = text()
    patient = key(is_mapping)
    service = text()
    steps = key(several(shaped(StepShape)))
