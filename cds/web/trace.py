"""W3C Trace Context: the trace of a caller, continued by a span of ours, in the log and on the way to FHIR servers.

Nothing of it is used but the two ids and the flags, which are numbers: what a caller may put into ``tracestate`` is not
handed on, to others least of all.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

_PARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})(?P<parent>[0-9a-f]{16})"
    r"-(?P<flags>[0-9a-f]{2})"
    r"(?P<more>-.*)?",
    re.ASCII,
)
_SAMPLED = 1  # the one flag of which the meaning is settled


@dataclass(frozen=True, slots=True)
class Trace:
    """``id``: of the whole trace. ``span``: what this service does in it, for one request. ``parent``: what the caller
    does, "" where the trace begins here.
    """

    id: str
    span: str
    sampled: bool
    parent: str = ""

    @property
    def header(self) -> str:
        """Of a request that is part of it."""
        return f"00-{self.id}-{self.span}-{int(self.sampled):02x}"

    def asked(self, _server: str) -> Trace:
        """Where no spans are made, requests to FHIR servers are part of the one span there is."""
        return self

    def answered(self, status: int, fault: str) -> None:
        pass


def continued(given: str) -> Trace | None:
    """``given``: the header ``traceparent``, of this or a later version. None when it is none; then none is made up."""
    found = _PARENT.fullmatch(given)
    if found is None or (found["version"] == "00" and found["more"]):
        return None
    return Trace(found["trace"], secrets.token_hex(8), bool(int(found["flags"], 16) & _SAMPLED), found["parent"])
