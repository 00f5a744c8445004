"""Every fault that is tried, in the order in which it is told."""

from __future__ import annotations

from faults import (
    again,
    bodies,
    browsers,
    callers,
    counts,
    identity,
    leaks,
    logs,
    reload,
    restarts,
    rolling,
    slow,
    soak,
    storage,
    upstream,
    workers,
)
from faults.observed import Fault

FAULTS: tuple[Fault, ...] = (
    *upstream.FAULTS,
    *identity.FAULTS,
    *bodies.FAULTS,
    *storage.FAULTS,
    *workers.FAULTS,
    *reload.FAULTS,
    *restarts.FAULTS,
    *rolling.FAULTS,
    *counts.FAULTS,
    *logs.FAULTS,
    *callers.FAULTS,
    *slow.FAULTS,
    *browsers.FAULTS,
    *leaks.FAULTS,
    *soak.FAULTS,
    *again.FAULTS,
)
