"""Whether traces are sent, and by what: a library that is no part of the service unless it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cds.errors import SettingsError
from cds.settings import Settings

if TYPE_CHECKING:
    from cds.web.spans import Spans


def spans_of(settings: Settings) -> Spans | None:
    """None where the settings name nobody to send traces to. Raises ``SettingsError`` where the library is missing."""
    if not settings.traces_url:
        return None
    try:
        from cds.web.spans import Spans  # noqa: PLC0415 - an extra, and it takes its time
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"traces are wanted at {settings.traces_url}, and what sends them is not installed: "
            'requirements/otel.lock, or pip install "cds[otel]"; OTEL_SDK_DISABLED=true does without'
        ) from error
    return Spans(settings)
