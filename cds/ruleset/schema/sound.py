"""The shape of sound.yaml."""

from __future__ import annotations

from cds.ruleset.schema.fields import Shape, is_text, key, several, shaped, text
from cds.ruleset.schema.rulesets import is_name


class AcceptedShape(Shape):
    what = "a reason"
    sort = text()
    findings = key(several(is_text))
    reason = text()


class SoundShape(Shape):
    what = "sound.yaml"
    ruleset = key(is_name)
    sound = key(several(shaped(AcceptedShape)))
