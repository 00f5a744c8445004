"""Who looks on while FHIR servers are asked: such as what counts their replies."""

from __future__ import annotations

from typing import Final, Protocol


class Seen(Protocol):
    """Called on the loop that asks, so it may not wait. ``server``: the base that is registered, nothing of a query."""

    def fhir_reply(self, server: str, outcome: str, seconds: float) -> None:
        """``outcome``: "ok", a class of statuses such as "4xx", or why there is no reply."""

    def fhir_late(self, server: str) -> None:
        """The time of a call was over before everything was read."""


class Unseen:
    """Nobody looks on."""

    def fhir_reply(self, server: str, outcome: str, seconds: float) -> None:
        pass

    def fhir_late(self, server: str) -> None:
        pass


UNSEEN: Final = Unseen()
