"""Traces as OpenTelemetry has them: sent to a collector, never waited for, and nothing about a patient in them."""

import json
import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from click.testing import CliRunner

from cds.cli import main
from tests.hooks.messages import RULESETS, data, headache, nsaid_days, request
from tests.hostile.canary import calls, found, run
from tests.hostile.traces import answered, leaks, refused
from tests.outbound.serving import Server, says, serving
from tests.serve.processes import workers
from tests.serving import ROOT, Running, environment, free_port, started
from tests.web.collector import SERVER, Collector, collecting

PARENT = "00f067aa0ba902b7"
CALL = "/cds-services/pain"
PATIENCE = 30  # seconds
RIGHT = request(prefetch=data(headache(), nsaid_days()))
CLIENT = 3  # the kind of a span, as the standard has it
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "50"}
BOUND = 5  # seconds in which a service that is idle has to end, whatever its collector does
ACCESS = {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read", "subject": "s"}
ATTRIBUTES = {
    *("http.request.method", "http.route", "http.response.status_code", "error.type"),
    *("url.scheme", "server.address", "server.port"),
    *("cds.service", "cds.hook", "cds.client", "cds.recorded", "cds.feedback", "cds.read", "cds.foreign"),
    *("cds.cards", "cds.critical", "cds.warning", "cds.info", "cds.quieted", "cds.folded"),
    *("cds.unanswered", "cds.unreadable"),
}
"""All that a span may say."""


def spanned(collector, **settings):
    usual = {"CDS_RULESETS": str(RULESETS), "OTEL_EXPORTER_OTLP_ENDPOINT": collector, "CDS_LOG_LEVEL": "info"}
    return started(**usual | SOON | settings)


class Traced(NamedTuple):
    """A service with one worker, the collector it sends to, and FHIR servers that it may read from: one that answers,
    one that refuses everything, and a port where there is none.
    """

    service: Running
    collector: Collector
    far: Server
    strict: Server
    nobody: int


def fhir(port):
    return f"http://127.0.0.1:{port}/fhir"


@pytest.fixture(scope="module")
def traced():
    nothing = {"resourceType": "Bundle", "type": "searchset"}
    with collecting() as collector, serving(says(nothing)) as far, serving(says({}, status=403)) as strict:
        nobody = free_port()
        known = map(fhir, (far.server_port, strict.server_port, nobody))
        reads = {"CDS_FHIR_SERVERS": ",".join(known), "CDS_PRIVATE_NETWORKS": "127.0.0.0/8"}
        named = {"OTEL_SERVICE_NAME": "advice", "OTEL_EXPORTER_OTLP_HEADERS": "x-key=abc"}
        with spanned(collector.address, **reads | named) as service:
            yield Traced(service, collector, far, strict, nobody)


@pytest.fixture
def trace():
    """The trace of a caller, of which no other test has heard."""
    return uuid4().hex


def parent(trace, sampled="01"):
    return f"00-{trace}-{PARENT}-{sampled}"


def post(service, message, *, path=CALL, traceparent=""):
    headers = {"Content-Type": "application/json"} | ({"traceparent": traceparent} if traceparent else {})
    body = message if isinstance(message, bytes) else json.dumps(message).encode()
    try:
        with urlopen(Request(service.base + path, body, headers), timeout=PATIENCE) as reply:
            return reply.status, dict(reply.headers), reply.read()
    except HTTPError as error:
        return error.code, dict(error.headers), error.read()


def test_a_call_is_a_span_of_its_callers_trace_with_its_stages_inside(trace):
    with collecting() as collector, spanned(collector.address, CDS_WORKERS="2") as service:
        status, headers, _ = post(service, RIGHT, traceparent=parent(trace))
        server, *stages = sorted(collector.trace(trace), key=lambda span: -span.kind)
        line = next(json.loads(line) for line in service.log.read_text().splitlines() if '"request"' in line)

    assert (200, f"00-{trace}-{server.id}-01") == (status, headers["traceparent"])
    assert (trace, server.id) == (line["trace"], line["span"])
    assert ("POST /cds-services/<service_id>", SERVER, PARENT) == (server.name, server.kind, server.parent)
    assert {"http.response.status_code": 200, "cds.service": "pain", "cds.hook": "patient-view"}.items() <= (
        server.attributes.items()
    )
    assert "error.type" not in server.attributes and not server.failed
    assert {"cds"} == {span.resource["service.name"] for span in (server, *stages)}
    assert ["reading", "evaluation", "cards"] == [
        stage.name for stage in sorted(stages, key=lambda stage: stage.began) if stage.parent == server.id
    ]
    assert all(server.began <= stage.began <= stage.ended <= server.ended for stage in stages)
    assert "/v1/traces" == collector.headers[0][0]


def test_a_trace_that_is_not_sampled_is_continued_and_not_sent(traced, trace):
    _, headers, _ = post(traced.service, RIGHT, traceparent=parent(trace, sampled="00"))
    sampled = uuid4().hex
    post(traced.service, RIGHT, traceparent=parent(sampled))

    assert 4 == len(traced.collector.trace(sampled))
    assert (f"00-{trace}-", "-00") == (headers["traceparent"][:36], headers["traceparent"][-3:])
    assert PARENT not in headers["traceparent"]
    assert trace not in {span.trace for span in traced.collector.spans()}


def test_without_a_caller_s_trace_one_begins_and_the_standard_says_how_often(traced):
    _, headers, _ = post(traced.service, RIGHT)
    begun = headers["traceparent"].split("-")[1]
    (server,) = [one for one in traced.collector.trace(begun) if one.kind == SERVER]
    with spanned(traced.collector.address, OTEL_TRACES_SAMPLER="parentbased_always_off") as service:
        _, unsent, _ = post(service, RIGHT)

    assert "" == server.parent
    assert "advice" == server.resource["service.name"]
    assert "abc" == traced.collector.headers[0][1]["x-key"]
    assert unsent["traceparent"].endswith("-00")
    assert unsent["traceparent"].split("-")[1] not in {span.trace for span in traced.collector.spans()}


def spans_of_a_call_that_reads(traced, trace, base):
    """The span of the call, and those of its reads."""
    message = request(prefetch={}, fhirServer=base, fhirAuthorization=ACCESS)
    post(traced.service, message, traceparent=parent(trace))
    spans = traced.collector.trace(trace)
    (call,) = [span for span in spans if span.kind == SERVER]
    return call, [span for span in spans if span.kind == CLIENT]


def test_a_read_from_a_fhir_server_is_a_span_that_the_server_is_told_of(traced, trace):
    """Its address names the patient, and is in no span."""
    call, reads = spans_of_a_call_that_reads(traced, trace, fhir(traced.far.server_port))

    assert reads
    assert {f"00-{trace}-{span.id}-01" for span in reads} == {headers["traceparent"] for _, headers in traced.far.asked}
    assert {call.id} == {span.parent for span in reads}
    assert ("127.0.0.1", traced.far.server_port, 200) == tuple(
        reads[0].attributes[name] for name in ("server.address", "server.port", "http.response.status_code")
    )
    assert not any("fhir" in str(span.attributes) for span in traced.collector.trace(trace))


def test_a_read_that_is_refused_is_an_error_of_its_span_and_not_of_the_call_s(traced, trace):
    call, reads = spans_of_a_call_that_reads(traced, trace, fhir(traced.strict.server_port))

    assert {(True, "403", 403)} == {
        (read.failed, read.attributes["error.type"], read.attributes["http.response.status_code"]) for read in reads
    }
    assert (False, None) == (call.failed, call.attributes.get("error.type"))


def test_a_read_that_nobody_answers_says_why(traced, trace):
    _, reads = spans_of_a_call_that_reads(traced, trace, fhir(traced.nobody))

    assert {(True, "refused", None)} == {
        (read.failed, read.attributes["error.type"], read.attributes.get("http.response.status_code")) for read in reads
    }


@pytest.mark.parametrize(
    ("message", "path", "status"),
    [
        (b"{", CALL, 400),
        (RIGHT, "/cds-services/nobody", 404),
        ({"feedback": {}}, f"{CALL}/feedback", 400),
    ],
    ids=["not JSON", "no such service", "feedback"],
)
def test_a_call_that_is_refused_is_a_span_too_and_no_error_of_the_service(traced, trace, message, path, status):
    assert status == post(traced.service, message, path=path, traceparent=parent(trace))[0]
    (span,) = traced.collector.trace(trace)

    assert (status, False, "", 0) == (
        span.attributes["http.response.status_code"],
        span.failed,
        span.words,
        span.events,
    )


def test_pages_and_probes_are_no_spans(traced, trace):
    before = len(traced.collector.spans())
    for path in ("/healthz", "/readyz", "/cds-services", "/", "/no-such-page"):
        try:
            urlopen(traced.service.base + path, timeout=PATIENCE).close()
        except HTTPError as error:
            error.close()
    post(traced.service, RIGHT, traceparent=parent(trace))

    assert 4 == len(traced.collector.trace(trace))
    assert {trace} == {span.trace for span in traced.collector.spans()[before:]}


def test_a_worker_that_takes_the_place_of_another_sends_as_well(traced, trace):
    post(traced.service, RIGHT, traceparent=parent(trace))
    spans = traced.collector.trace(trace)
    (worker,) = workers(traced.service.process.pid)
    os.kill(worker, signal.SIGKILL)
    later = uuid4().hex
    post(traced.service, RIGHT, traceparent=parent(later))
    spans += traced.collector.trace(later)

    assert 8 == len(spans)
    assert 2 == len({span.resource["service.instance.id"] for span in spans})


def ended(service):
    began = time.monotonic()
    service.process.terminate()
    return service.process.wait(timeout=PATIENCE), time.monotonic() - began


def test_a_collector_that_is_away_is_told_of_once_and_waited_for_by_nobody():
    nobody = f"http://127.0.0.1:{free_port()}"
    with spanned(nobody, OTEL_EXPORTER_OTLP_TIMEOUT="1") as service:
        slowest = max(timed(service) for _ in range(50))
        time.sleep(2.5)
        slowest = max(slowest, *(timed(service) for _ in range(50)))
        status, seconds = ended(service)
        lines = service.log.read_text().splitlines()

    told = [line for line in lines if '"traces cannot be sent"' in line]
    assert 0 == status
    assert slowest < 1
    assert seconds < BOUND
    assert 1 == len(told)
    assert [] == [line for line in lines if "opentelemetry" in line or "Traceback" in line or "urllib3" in line]


def timed(service):
    began = time.monotonic()
    assert 200 == post(service, RIGHT)[0]
    return time.monotonic() - began


def test_a_collector_that_hangs_holds_up_neither_a_call_nor_the_end():
    with collecting(seconds=60) as collector, spanned(collector.address, OTEL_BSP_MAX_QUEUE_SIZE="512") as service:
        slowest = max(timed(service) for _ in range(400))  # of four spans each: more than wait in the queue
        status, seconds = ended(service)

    assert collector.bodies
    assert 0 == status
    assert slowest < 1
    assert seconds < BOUND


def test_what_was_not_sent_yet_is_sent_when_the_service_ends():
    with collecting() as collector:
        with spanned(collector.address, OTEL_BSP_SCHEDULE_DELAY="60000") as service:
            post(service, RIGHT)
            assert [] == collector.spans()
            assert 0 == ended(service)[0]
        assert 4 == len(collector.spans())


def test_no_span_says_anything_of_a_patient():
    """(P1) The same markers, in the same places, as for the log."""
    with collecting() as collector, run(OTEL_EXPORTER_OTLP_ENDPOINT=collector.address, **SOON) as service:
        answered(service, calls())
        for _ in refused(service):
            pass
        assert 0 == service.stop()
        spans = collector.spans()

        assert {} == leaks(service)
    assert len(spans) > 50
    assert [] == [found(body) for body in collector.bodies if found(body)]
    assert set() == {name for span in spans for name in span.attributes} - ATTRIBUTES
    assert {"", 0} == {value for span in spans for value in (span.words, span.events)}


WITHOUT = """
import sys
sys.modules["opentelemetry"] = None
from cds.cli import main
main()
"""


@pytest.mark.parametrize("command", [["config", "check"], ["serve"]])
def test_traces_that_are_wanted_and_not_installed_are_a_mistake_with_its_remedy(command, tmp_path):
    settings = {"CDS_RULESETS": str(RULESETS), "CDS_STATE": str(tmp_path), "CDS_PORT": str(free_port())}
    wanted = environment() | settings | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318"}

    def cds(more=None):
        return subprocess.run(
            [sys.executable, "-c", WITHOUT, *command],
            env=wanted | (more or {}),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )

    ended = cds()

    assert 2 == ended.returncode
    assert "traces are wanted at http://collector.example:4318/v1/traces, and what sends them is not installed" in (
        ended.stdout + ended.stderr
    )
    if command != ["serve"]:
        assert 0 == cds({"OTEL_SDK_DISABLED": "true"}).returncode


IMPORTED = """
import sys
from pathlib import Path
from cds.settings import Settings
from cds.web.app import create_app
create_app(Settings(rulesets=Path(sys.argv[1]), state=Path(sys.argv[2])))
print([name for name in sys.modules if name.startswith(("opentelemetry", "google", "requests", "urllib3"))])
"""


def test_a_service_that_sends_no_traces_imports_nothing_of_it(tmp_path):
    command = [sys.executable, "-c", IMPORTED, str(RULESETS), str(tmp_path)]

    assert "[]\n" == subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, "OTEL_EXPORTER_OTLP_PROTOCOL must be one of http/protobuf"),
        ({"OTEL_TRACES_EXPORTER": "console"}, "OTEL_TRACES_EXPORTER must be one of otlp, none"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, "OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL"),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "Geheim", "OTEL_SDK_DISABLED": "maybe"}, "OTEL_SDK_DISABLED must be one of"),
    ],
)
def test_a_setting_of_the_standard_that_is_not_meant_so_is_refused(given, said, tmp_path):
    settings = {"CDS_RULESETS": str(RULESETS), "CDS_STATE": str(tmp_path)} | given
    checked = CliRunner().invoke(main, ["config", "check"], env=settings)

    assert 2 == checked.exit_code
    assert said in checked.stdout
    assert "Geheim" not in checked.output


def test_where_traces_go_is_shown_and_what_is_secret_of_it_is_not():
    given = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.example:4318", "OTEL_EXPORTER_OTLP_HEADERS": "k=Geheim"}
    shown = CliRunner().invoke(main, ["config", "show"], env=given)

    assert "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector.example:4318\n" in shown.stdout
    assert "OTEL_EXPORTER_OTLP_HEADERS=***\n" in shown.stdout
    assert "Geheim" not in shown.output
