"""A real browser without a window, spoken to over two pipes: what it makes of a page, asked from outside the page."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Browser:
    """Speaks the DevTools protocol: messages in JSON that end in a zero byte."""

    def __init__(self, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._number = 0
        self._session = ""
        self._loaded = ""  # the navigation whose page came last
        self.said: list[str] = []  # to the console of the page, and what was refused to it
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime", "Accessibility"):
            self._ask(f"{domain}.enable")
        self._ask("Page.setLifecycleEventsEnabled", enabled=True)

    def open(self, url: str, *, width: int = 1280, dark: bool = False) -> None:
        """Until the page has loaded: its own word for it counts, since the one before is there for a while."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme])
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        begun = self._ask("Page.navigate", url=url)
        assert "errorText" not in begun, begun
        while begun.get("loaderId", self._loaded) != self._loaded:  # none: another place of the same page
            self._told()

    def value(self, expression: str) -> Any:
        """Of an expression of JavaScript; the page's own policy does not hold for it."""
        found = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def _ask(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._outgoing.write(json.dumps(message).encode() + b"\0")
        self._outgoing.flush()
        while (told := self._told()).get("id") != self._number:
            pass
        assert "error" not in told, told
        return told["result"]

    def _told(self) -> Any:
        """The next message, an answer or news; the news that are asked for later are kept."""
        told = json.loads(self._next())
        match told:
            case {"method": "Log.entryAdded" | "Runtime.exceptionThrown", "params": news}:
                self.said.append(json.dumps(news))
            case {"method": "Page.lifecycleEvent", "params": {"name": "load", "loaderId": str(loaded)}}:
                self._loaded = loaded
        return told

    def _next(self) -> bytes:
        piece = bytearray()
        while (one := self._incoming.read(1)) != b"\0":
            assert one, "the browser has gone"
            piece += one
        return bytes(piece)


def _installed() -> str:
    """Where the browser is. CI has to have one; a newcomer's machine need not."""
    if found := next(filter(None, map(shutil.which, _NAMES)), None):
        return found
    absent = "Chromium is not installed: none of its names is on PATH"
    if os.environ.get("CI") == "true":
        pytest.fail(absent)
    pytest.skip(absent)


@contextmanager
def browser() -> Iterator[Browser]:
    """Ends with the block."""
    command = _installed()
    (to_it, our_end), (its_end, from_it) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        options += ["--disable-extensions", f"--user-data-dir={profile}", "--remote-debugging-pipe"]
        process = subprocess.Popen(
            # the browser reads from 3 and writes to 4; not every sh can tell it so
            ["bash", "-c", f'exec "$@" 3<&{to_it} 4>&{from_it}', "bash", command, *options],
            pass_fds=(to_it, from_it),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_it)
        os.close(from_it)
        with process, os.fdopen(its_end, "rb") as incoming, os.fdopen(our_end, "wb") as outgoing:
            try:
                yield Browser(incoming, outgoing)
            finally:
                process.terminate()
