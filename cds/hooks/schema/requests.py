"""What a client sends with a hook call, besides the prefetch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from cds.errors import RequestError
from cds.hooks.schema.fields import OBJECT, REQUIRED, is_not_empty, is_uuid, lines, text


class RequestSchema(Schema):
    """What a client sends besides the prefetch. Members not known to CDS Hooks, or not yet, are ignored."""

    class Meta:
        unknown = EXCLUDE

    hook = text(validate=is_not_empty)
    hookInstance = text(validate=is_uuid)  # noqa: N815
    context = fields.Dict(required=True, error_messages={**OBJECT, **REQUIRED})
    fhirServer = text(required=False)  # noqa: N815 - what is no address is no server that is registered
    fhirAuthorization = fields.Dict(error_messages=OBJECT)  # noqa: N815
    extension = fields.Dict(error_messages=OBJECT)

    @validates_schema
    def _authorized_for_something(self, members: Mapping[str, Any], **_: Any) -> None:
        if "fhirAuthorization" in members and "fhirServer" not in members:
            raise ValidationError("is required with fhirAuthorization", "fhirServer")


_REQUEST = RequestSchema()
_OPTIONAL = ("fhirServer", "fhirAuthorization", "extension")


def request_members(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The members that CDS Hooks knows. Raises ``RequestError`` naming all that are wrong.

    Optional members that are null or empty, as real clients send them, count as absent.
    """
    given = {
        name: value for name, value in envelope.items() if name not in _OPTIONAL or value not in (None, "", {}, [])
    }
    try:
        members: dict[str, Any] = _REQUEST.load(given)
    except ValidationError as error:
        raise RequestError(*lines(error.messages)) from error
    return members
