"""The shape of services.yaml, of value sets and of the list of products."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from cds.ruleset.hooks import HOOKS
from cds.ruleset.schema.fields import Shape, choice, is_flag, is_quiet, is_text, key, named, several, shaped, text
from cds.ruleset.schema.rulesets import is_name, is_version


def is_service_id(value: Any) -> None:
    """The address of a service's feedback ends in a word that no service may have."""
    is_name(value)
    if value == "feedback":
        raise ValidationError('must not be "feedback"')


class ServiceShape(Shape):
    what = "a service"
    id = key(is_service_id)
    hook = key(choice(*HOOKS))
    title = text()
    description = text()
    rulesets = key(several(is_name))
    usage_requirements = text(required=False)
    indispensable = key(several(is_text), required=False)
    system_actions = key(is_flag, required=False)


class QuietShape(Shape):
    what = "`quiet`"
    warning = key(is_quiet, required=False)
    info = key(is_quiet, required=False)


class ServicesShape(Shape):
    what = "services.yaml"
    quiet = key(shaped(QuietShape), required=False)
    packs = key(named(several(is_name), by=is_name), required=False)
    services = key(several(shaped(ServiceShape)))


class CodeShape(Shape):
    what = "a code"
    system = text()
    code = text()
    display = text()
    verified_in = text()


class ValueSetShape(Shape):
    what = "a value set"
    valueset = key(is_name)
    version = key(is_version)
    title = text()
    source = text()
    editions = key(named(is_text), required=False)
    codes = key(several(shaped(CodeShape)))


class ProductShape(CodeShape):
    what = "a product"
    contains = key(several(is_text))


class IngredientsShape(Shape):
    what = "ingredients.yaml"
    ingredients = text()
    version = key(is_version)
    source = text()
    products = key(several(shaped(ProductShape)))


class SharedShape(Shape):
    what = "a shared code"
    system = text()
    code = text()
    because = text()


class ApartShape(Shape):
    what = "an entry of `apart`"
    because = text()
    sets = key(several(is_name))
    beside = key(several(is_name), required=False)
    shared = key(several(shaped(SharedShape)), required=False)


class AloneShape(Shape):
    what = "an exception"
    fact = text()
    because = text()


class AlikeShape(Shape):
    what = "an entry of `alike`"
    because = text()
    sets = key(several(is_name))
    alone = key(several(shaped(AloneShape)), required=False)


class RelationsShape(Shape):
    what = "relations.yaml"
    relations = text()
    version = key(is_version)
    apart = key(several(shaped(ApartShape)), required=False)
    alike = key(several(shaped(AlikeShape)), required=False)
