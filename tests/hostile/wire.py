"""Bytes to and from a server, below what any client library would do."""

import json
import re
import socket
from contextlib import suppress
from typing import NamedTuple

PATIENCE = 5  # seconds


class Heard(NamedTuple):
    """What came back on one connection: each response's status, the last one's headers and body; whether it ended."""

    statuses: tuple[int, ...]
    headers: dict[str, str]
    body: bytes
    closed: bool

    @property
    def outcome(self):
        """The words of an OperationOutcome, checked to be one and nothing else."""
        assert "application/fhir+json" == self.headers["content-type"]
        message = json.loads(self.body)
        assert {"resourceType", "issue"} == message.keys()
        return message["issue"][0]["diagnostics"]


def say(port, sent, *, then_stop=False, patience=PATIENCE):
    """Sends the bytes, all at once, and listens until the server ends the connection or says no more."""
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        with suppress(OSError):  # refused before all of it was sent
            connection.sendall(sent)
            if then_stop:
                connection.shutdown(socket.SHUT_WR)
        closed = False
        with suppress(TimeoutError):
            with suppress(ConnectionResetError):
                while piece := connection.recv(65_536):
                    heard += piece
            closed = True
    return understood(heard, closed)


def understood(heard, closed):
    """Response after response, each as long as it says."""
    statuses, headers, body = [], {}, b""
    while heard:
        head, _, rest = heard.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.[01] (\d{3}) ?.*", first)
        assert match, first
        statuses.append(int(match[1]))
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", 0))
        body, heard = rest[:length], rest[length:]
    return Heard(tuple(statuses), headers, body, closed)


def request(*lines, body=b"", path="/cds-services/pain", method="POST", host="Host: a"):
    """A request with these header lines, which may hold any bytes, and what is usual besides."""
    usual = [f"{method} {path} HTTP/1.1", *([host] if host else []), "Content-Type: application/json"]
    encoded = [line if isinstance(line, bytes) else line.encode() for line in (*usual, *lines)]
    return b"\r\n".join([*encoded, b"", b""]) + body


def length(body):
    return f"Content-Length: {len(body)}"


def chunked(body, size=1_000):
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


CHUNKED = "Transfer-Encoding: chunked"
CLOSE = "Connection: close"
