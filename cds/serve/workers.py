"""The worker processes of a shift: one that dies is replaced, one that has grown too large as well."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from granian._granian import SocketHolder
from granian.server import MPServer

from cds.serve.listening import BACKLOG, leave_to_others, unlock
from cds.web.board import Post

STOP_SECONDS: Final = 30  # for calls under way when a worker is told to stop
HANDOVER_SECONDS: Final = 0.5  # for which a worker that leaves answers, and has its callers connect anew

_YOUNG: Final = 5.0  # seconds
_DEAF: Final = 1.0  # seconds after which one that did not hear is told again
_SHORTEST_REST, _LONGEST_REST = 0.1, 2.0  # seconds before a worker that died young is replaced, doubling
_SAMPLE_SECONDS: Final = 2

_LOG = structlog.get_logger("cds")


class Workers(MPServer):
    """Granian's, on sockets that were bound before; and while the shift is on duty it never gives up."""

    def __init__(self, listeners: Sequence[socket.socket], post: Post, **options: Any) -> None:
        super().__init__(
            "cds",
            respawn_failed_workers=True,
            respawn_interval=HANDOVER_SECONDS,
            rss_sample_interval=_SAMPLE_SECONDS,
            workers_kill_timeout=STOP_SECONDS,
            backlog=BACKLOG,
            **options,
        )
        self._listeners = listeners
        self._post = post
        self._rest = 0.0

    def _init_shared_socket(self) -> None:
        """Granian's own sockets belong to the workers, and what waits there is lost with them."""
        self._ssp, self._sso = None, None
        unlock(self._listeners)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:  # type: ignore[override]
        """Each accepts where the one before it in its place did."""
        held: Any = SocketHolder  # published without its arguments
        self._shd = held(self._listeners[idx % len(self._listeners)].fileno(), False, BACKLOG)
        return super()._spawn_worker(idx, target, callback_loader)

    def _stop_workers(self) -> None:
        """A signal between the birth of a worker and the first turn of its loop is lost: the young are told twice.

        A door that nobody accepts at is not held open meanwhile.
        """
        leave_to_others(self._listeners)
        now = time.monotonic()
        young: list[Any] = [worker for worker in self.wrks if now - worker.birth < _YOUNG]
        for worker in young:
            worker.terminate()
        for worker in young:
            worker.join(max(now + _DEAF - time.monotonic(), 0))
        super()._stop_workers()  # type: ignore[no-untyped-call]  # published so

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        """The supervisor's business."""

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:
        """``delay``: not 0 for those that are alive. Deaths are forgotten: Granian would end the service after two."""
        board = self._post.board
        for index in workers:
            worker = self.wrks[index]
            if delay:
                _LOG.info("a worker has grown too large", worker=index + 1)
                board.replaced = worker._id()
            else:
                self._mourn(index, time.monotonic() - worker.birth)
            super()._respawn_workers([index], spawn_target, target_loader, delay)
        self.respawned_wrks.clear()

    def _mourn(self, index: int, seconds: float) -> None:
        """Workers that die one after the other must not keep the machine busy with their births."""
        _LOG.error("a worker died", worker=index + 1, seconds=round(seconds, 1))
        if self._post.board.on_duty < self._post.shift:  # it never served: this is no accident
            self.shutdown(1)  # type: ignore[no-untyped-call]  # published so
        self._rest = min(max(self._rest * 2, _SHORTEST_REST), _LONGEST_REST) if seconds < _YOUNG else 0.0
        time.sleep(self._rest)
