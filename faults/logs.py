"""A log that nobody reads (F27): whoever collects it hangs, and the pipe is full; calls do not wait for it."""

from __future__ import annotations

import os
import subprocess
import tempfile

from bench.arrivals import Load, at_rate
from faults.observed import Fault, Observed, Size
from faults.site import SOON, answered, hooks
from tests.serving import COMMAND, free_port, spawned

PIPE = 65_536  # bytes that a pipe holds; a call writes some three hundred of them
CALLS = 400


def unread(seen: Observed, size: Size) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as state:
        settings = {"CDS_PORT": str(port), "CDS_STATE": state, "CDS_WORKERS": "2", "CDS_LOG_LEVEL": "info"}
        with spawned([COMMAND, "serve"], settings, stderr=subprocess.PIPE) as process:
            assert process.stderr
            if not any(b'"event":"serving"' in line for line in process.stderr):
                raise RuntimeError("the service did not start")
            with Load(hooks(port), size.rate * 4, most=CALLS, at_once=8) as load:
                load.wait()
            after = at_rate(hooks(port), size.rate, size.seconds)
            alive = answered(port, "/healthz")[0]
            read = len(os.read(process.stderr.fileno(), 10 * PIPE))
            back = at_rate(hooks(port), size.rate, 1)
    seen.tell(unread_bytes=read)
    seen.expect(f"the pipe was full, not at {read} bytes", read > 0.9 * PIPE)
    seen.answered(load.replies, 200, of="while it fills")
    seen.answered(after, 200, p99=SOON, of="when it is full")
    seen.answered(back, 200, p99=SOON, of="when it is read again")
    seen.expect("/healthz answers", alive == 200)


FAULTS = (Fault("F27", "the log is not read any more", "calls do not wait for it", unread),)
