"""Markers in every place where a request can hold something of a patient or a secret, and where they came out."""

import base64
import json
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.hooks.messages import MINIMAL, RULESETS, data, headache, nsaid_days
from tests.hooks.messages import request as call
from tests.hostile.wire import CLOSE, length, request, say
from tests.security.tokens import Issuer, clients_file
from tests.serving import COMMAND, free_port, spawned

MARKER = "Canary"
NUMBER = 4.73195  # a value that rules look at: days a week with a pain reliever
WORDS = {"display", "text", "title", "unit", "valueString", "comment", "family", "given", "description", "name"}
IDS = {"patientId", "encounterId", "id"}
REFERENCES = {"reference", "userId", "performer"}
ISSUER = Issuer("https://ehr.example.org")
SERVICE = "/cds-services/pain"
PATIENCE = 60


def planted(value, name=""):
    """A message with a marker in every word and id, and in a member more of every object."""
    if isinstance(value, dict):
        inner = {key: planted(member, key) for key, member in value.items()}
        return {**inner, "note": [{"text": f"{MARKER} note"}], "x-unknown": f"{MARKER} unknown"}
    if isinstance(value, list):
        return [planted(member, name) for member in value]
    if not isinstance(value, str):
        return value
    if name in IDS:
        return f"{MARKER}-{value}"
    if name in REFERENCES or name in ("selections", "dispatchedOrders"):
        kind, slash, rest = value.rpartition("/")
        return f"{kind}{slash}{MARKER}-{rest}"
    return f"{MARKER} {value}" if name in WORDS else value


def marked(call):
    return planted(call) | {
        "fhirAuthorization": authorization(),
        "fhirServer": f"https://{MARKER.lower()}.example/fhir",
    }


def calls():
    """A call of every hook, with data that a card speaks of."""
    return [marked(call(MINIMAL[hook], data(headache(), nsaid_days(NUMBER)), hook)) for hook in sorted(MINIMAL)]


def authorization():
    return {
        "access_token": f"{MARKER}-access-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": f"patient/*.read {MARKER}/scope",
        "subject": f"{MARKER}-client",
        "patient": f"{MARKER}-patient",
    }


def forms():
    """The marker as it would be found where it was encoded."""
    plain = MARKER.encode()
    yield plain.hex().encode()
    for skip in range(3):  # bytes that stand before it in a group of three
        encoded = base64.b64encode(bytes(skip) + plain + bytes(3))
        yield encoded[-(-skip * 8 // 6) : (skip + len(plain)) * 8 // 6]


FORMS = tuple(forms())


def found(content):
    """Which forms of a marker are in there, each with what stands around it."""
    places = [content.lower().find(MARKER.lower().encode()), *map(content.find, FORMS)]
    return [content[max(0, place - 60) : place + 60] for place in places if place >= 0]


@dataclass(frozen=True)
class Run:
    """A service that is run for its traces: all it writes goes into one folder."""

    port: int
    metrics_port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def output(self):
        return b"".join((self.folder / name).read_bytes() for name in ("stdout", "stderr"))

    @property
    def state(self):
        return self.folder / "var"

    def written(self):
        """By the files of the state folder and the folder for temporary files."""
        files = [path for name in ("var", "tmp") for path in (self.folder / name).rglob("*") if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}

    def keep_metrics(self):
        """Beside what it writes. The address of a registered server is of the settings, and is told there."""
        with urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=PATIENCE) as page:
            (self.folder / "tmp" / "metrics").write_bytes(page.read().replace(servers()[0]["base"].encode(), b""))

    def stop(self, how=signal.SIGTERM):
        self.keep_metrics()
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)

    def post(self, body, *, path=SERVICE, headers=(), bearer=None, kind="application/json"):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        token = bearer or ISSUER.bearer(audience=f"http://127.0.0.1:{self.port}{path}", sub=f"{MARKER}-sub")
        lines = [f"Authorization: {token}", *headers, length(body), CLOSE]
        return say(self.port, request(*lines, path=path, body=body).replace(b"application/json", kind.encode(), 1))


@contextmanager
def run(start=None, **settings):
    """A closed service, its log at its most talkative. ``start``: code to run in place of the command."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        port, metrics_port = free_port(), free_port()
        own = {
            "CDS_PORT": str(port),
            "CDS_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "CDS_CLIENTS": str(clients_file(folder, ISSUER, fhir_servers=servers())),
            "CDS_RULESETS": str(RULESETS),
            "CDS_LOG_LEVEL": "debug",
            "CDS_WORKERS": "1",
            "CDS_METRICS_PORT": str(metrics_port),
            "CDS_BODY_SECONDS": "1",
            "CDS_STATE": str(folder / "var"),
            "TMPDIR": str(folder / "tmp"),
        }
        command = [sys.executable, "-c", start] if start else [str(COMMAND), "serve"]
        with (
            (folder / "stdout").open("wb") as out,
            (folder / "stderr").open("wb") as err,
            spawned(command, own | settings, stdout=out, stderr=err) as process,
        ):
            running = Run(port, metrics_port, folder, process)
            await_line(running, b'"event":"serving"')
            yield running


def servers():
    return [{"base": f"https://{MARKER.lower()}.example/fhir", "subject": f"{MARKER}-client"}]


def await_line(running, line):
    deadline = time.monotonic() + PATIENCE
    while line not in running.output:
        assert running.process.poll() is None, running.output
        assert time.monotonic() < deadline
        time.sleep(0.05)
