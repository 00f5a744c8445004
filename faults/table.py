"""Every fault that is tried, in the order in which it is told."""

from __future__ import annotations

from faults import bodies, browsers, callers, leaks, reload, slow, soak, storage, upstream, workers
from faults.observed import Fault

FAULTS: tuple[Fault, ...] = (
    *upstream.FAULTS,
    *bodies.FAULTS,
    *storage.FAULTS,
    *workers.FAULTS,
    *reload.FAULTS,
    *callers.FAULTS,
    *slow.FAULTS,
    *browsers.FAULTS,
    *leaks.FAULTS,
    *soak.FAULTS,
)
