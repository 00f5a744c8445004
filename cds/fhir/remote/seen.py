"""Who looks on while FHIR servers are asked: what counts their replies, and the trace that requests are part of."""

from __future__ import annotations

from typing import Final, Protocol


class Seen(Protocol):
    """Called on the loop that asks, so it may not wait. ``server``: the base that is registered, nothing of a query."""

    def fhir_reply(self, server: str, outcome: str, seconds: float) -> None:
        """``outcome``: "ok", a class of statuses such as "4xx", or why there is no reply."""

    def fhir_late(self, server: str) -> None:
        """The time of a call was over before everything was read."""


class Asked(Protocol):
    """One request. ``header``: the ``traceparent`` that it is sent with."""

    @property
    def header(self) -> str: ...

    def answered(self, status: int, fault: str) -> None:
        """``status`` 0: there is no reply, and ``fault`` says why."""


class Trail(Protocol):
    """The trace of one call. ``server`` as above; called on the loop that asks."""

    def asked(self, server: str) -> Asked: ...


class Unseen:
    """Nobody looks on."""

    def fhir_reply(self, server: str, outcome: str, seconds: float) -> None:
        pass

    def fhir_late(self, server: str) -> None:
        pass


UNSEEN: Final = Unseen()
