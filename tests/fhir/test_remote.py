"""Reading from a FHIR server: what it sends, what it fails to send, and what it must never be sent."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cds.fhir.decode import Sent
from cds.fhir.remote.breaker import FAILURES, REST, Breaker
from cds.fhir.remote.reads import Access, Reads
from cds.fhir.remote.unread import WORDS, Unread
from cds.web.trace import Trace
from tests.fhir.remote import TOKEN, bundle, condition, ids, page, pages, remote
from tests.outbound import serving as a_server_that
from tests.outbound.serving import GZIP, by_path, one_after_the_other, outbound, says, serving, slowly

PATIENT = {"resourceType": "Patient", "id": "p1", "birthDate": "1974-03-12"}
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
HINT = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "not-supported"}]}
GOOD = page(condition("c1"))


@pytest.mark.requirement("CH-072")
@pytest.mark.requirement("CH-073")
def test_a_patient_is_read_and_conditions_are_searched_with_the_token():
    answer = by_path({"/fhir/Patient/p1": says(PATIENT), "/fhir/Condition?patient=p1&code=http://x%7Cy": GOOD})
    with remote(answer) as far:
        found = far.read({"patient": "Patient/p1", "conditions": "Condition?patient=p1&code=http://x|y"})

        assert {key: ids(each) for key, each in found.items()} == {"patient": ["p1"], "conditions": ["c1"]}
        assert [(each.place, each.types) for each in found.values() if isinstance(each, Sent)] == [
            ("fhir.patient", frozenset({"Patient"})),
            ("fhir.conditions", frozenset({"Condition"})),
        ]
        for _, headers in far.server.asked:
            assert (headers["authorization"], headers["accept"]) == (f"Bearer {TOKEN}", "application/fhir+json")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (says("", 401), "token"),
        (says(FAILED, 403), "token"),
        (says(FAILED, 404), "refused"),
        (says(FAILED, 410), "refused"),
        (says(FAILED, 400), "refused"),
        (says("", 406), "refused"),
        (says("", 429), "busy"),
        (says("", 503), "busy"),
        (says(FAILED, 500), "broken"),
        (says("", 502), "broken"),
        (says("", 204), "broken"),
        (says(bundle(), 201), "broken"),
        (says("", 302, Location="/fhir/x"), "redirect"),
        (says(""), "garbage"),
        (says("null"), "garbage"),
        (says("[]"), "garbage"),
        (says("{}"), "garbage"),
        (says('"Bundle"'), "garbage"),
        (says("<html>Sign in</html>", 200, Content_Type="text/html"), "garbage"),
        (says('<Bundle xmlns="http://hl7.org/fhir"/>', 200, Content_Type="application/fhir+xml"), "garbage"),
        (says('{"resourceType":"Bundle","entry":[{"resource":{"resourceT'), "garbage"),
        (says('{"resourceType":["Bundle"]}'), "garbage"),
        (says('{"resourceType":"Bundle","entry":{}}'), "garbage"),
        (says(b'{"resourceType":"Bundle","x":"\xff"}'), "garbage"),
        (says('{"resourceType":"Bundle","x":' + "[" * 100_000 + "]" * 100_000 + "}"), "garbage"),
        (says('{"resourceType":"Bundle","x":[' + "0," * 1_000_000 + "0]}"), "garbage"),
        (says("no gzip", 200, **GZIP), "garbage"),
        (says(FAILED), "broken"),
        (says(HINT), "broken"),
        (says(condition("c1")), "other"),
        (says({"resourceType": "Binary"}), "other"),
        (says({"resourceType": "Nonsense"}), "other"),
        (a_server_that.hangs, "time"),
        (a_server_that.drips, "time"),
        (a_server_that.drips_headers, "time"),
        (a_server_that.hangs_up, "reset"),
        (a_server_that.goes_away, "reset"),
        (a_server_that.breaks_off, "garbage"),
        (a_server_that.babbles, "garbage"),
    ],
)
def test_whatever_a_server_does_to_a_search_it_is_unread_and_not_empty(answer, fault):
    """F1 to F5, CH-067: never an exception, never "there is none"."""
    with remote(answer) as far:
        assert far.conditions(0.4 if fault == "time" else 10) == Unread(fault)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (says(FAILED, 404), "absent"),
        (says(FAILED, 410), "absent"),
        (says(bundle(PATIENT)), "other"),
        (says(condition("p1")), "other"),
        (says(FAILED), "broken"),
        (says("null"), "garbage"),
        (says('{"resourceType":"Patient"'), "garbage"),
    ],
)
def test_a_patient_that_cannot_be_read_is_unread(answer, fault):
    with remote(answer) as far:
        assert far.read({"patient": "Patient/p1"}) == {"patient": Unread(fault)}


@pytest.mark.parametrize(
    ("resources", "gap"),
    [((condition("c1"), HINT), ""), ((condition("c1"), FAILED), "its server could not read all of it")],
)
def test_an_outcome_among_the_results_makes_them_incomplete_when_something_failed(resources, gap):
    with remote(page(*resources)) as far:
        found = far.partly()

        assert (found.gap, found.next) == (gap, "" if gap else None)


def test_a_server_that_is_not_there_is_unread():
    """F1"""
    with remote(GOOD) as far:
        far.names.known["ehr.test"] = ["127.0.0.9"]
        unreached = far.conditions()
        far.names.known.clear()

        assert (unreached, far.conditions()) == (Unread("unreached"), Unread("unreached"))


def test_a_server_at_an_address_that_is_not_listed_is_not_asked():
    with serving(GOOD) as server, outbound(private=()) as out:
        access = Access(f"http://127.0.0.1:{server.server_port}/fhir", TOKEN)

        assert Reads(out).read(access, {"c": "Condition?x"}, seconds=2) == {"c": Unread("address")}
        assert server.connections == 0


def test_every_fault_has_words_for_a_clinician_without_a_full_stop():
    assert [] == [words for words in WORDS.values() if words[:1].isupper() or words.endswith(".") or "http" in words]


# -- scopes


@pytest.mark.requirement("CH-077")
def test_a_type_that_the_scope_does_not_cover_is_not_asked_for():
    with remote(by_path({"/fhir/Patient/p1": says(PATIENT)})) as far:
        narrow = far.with_access(scope="user/Patient.read")
        found = narrow.read({"patient": "Patient/p1", "conditions": "Condition?patient=p1"})

        assert ids(found["patient"]) == ["p1"]
        assert found["conditions"] == Unread("scope")
        assert (Unread("scope").permitted, Unread("token").permitted) == (False, True)
        assert far.server.paths == ["/fhir/Patient/p1"]


@pytest.mark.requirement("CH-076")
def test_a_scope_for_a_part_gives_incomplete_data():
    with remote(GOOD) as far:
        found = far.with_access(scope="patient/Condition.rs?category=problem-list-item").partly()

        assert (ids(found), found.next, found.gap) == (["c1"], "", "the token allows to read only part of it")


@pytest.mark.requirement("CH-081")
def test_without_a_token_none_is_sent():
    with remote(GOOD) as far:
        found = far.with_access(token=None, scope=None).partly()

        assert (ids(found), found.next) == (["c1"], None)
        assert [headers.get("authorization") for _, headers in far.server.asked] == [None]


# -- the token


@pytest.mark.requirement("CH-078")
def test_the_token_reaches_one_server_and_no_text(caplog):
    """3.3: a redirect, a next link and a reference to another server, all with the token under way."""
    caplog.set_level(logging.DEBUG)
    with serving(GOOD) as elsewhere:
        url = f"http://127.0.0.1:{elsewhere.server_port}/fhir/x"
        answer = pages(
            {
                "": page(condition("c1"), next=url),
                "Task?x": says("", 307, Location=url),
                "Patient/p1": a_server_that.hangs,
            }
        )
        with remote(answer) as far:
            found = far.read(
                {"conditions": "Condition?patient=p1", "tasks": "Task?x", "patient": "Patient/p1"}, seconds=1.5
            )
            told = [repr(far.access), str(far.access), repr(found), repr(far.reads), caplog.text]

            assert all(headers["authorization"] == f"Bearer {TOKEN}" for _, headers in far.server.asked)
            assert len(far.server.asked) == 3
        assert elsewhere.connections == 0
    assert not any(TOKEN in text for text in told)


@pytest.mark.requirement("CH-079")
def test_an_expired_token_is_not_used():
    with remote(GOOD) as far:
        now = time.monotonic()

        assert far.with_access(deadline=now - 0.001).conditions() == Unread("expired")
        assert far.server.asked == []
        assert ids(far.with_access(deadline=now + 60).conditions()) == ["c1"]


@pytest.mark.requirement("CH-079")
def test_a_token_that_expires_while_reading_ends_the_reading():
    slow = slowly(page(condition("c2"), next="3"), 0.5)
    with remote(pages({"": page(condition("c1"), next="2"), "2": slow, "3": page(condition("c3"))})) as far:
        found = far.with_access(deadline=time.monotonic() + 0.4).partly()
        time.sleep(0.3)

        assert (ids(found), found.gap) == (["c1"], "its server did not answer in time")
        assert far.server.paths[1:] == ["/fhir/2"]


# -- time


@pytest.mark.parametrize("answer", [a_server_that.hangs, a_server_that.drips, a_server_that.drips_headers])
def test_many_reads_of_a_server_that_hangs_end_in_time(answer):
    """F2"""
    with remote(answer) as far:
        began = time.monotonic()
        found = far.read({f"k{number}": f"Condition?k={number}" for number in range(12)}, seconds=0.3)

        assert 0.29 < time.monotonic() - began < 5
        assert {each.fault for each in found.values() if isinstance(each, Unread)} <= {"time", "resting"}


def test_what_came_in_time_is_kept():
    """F2"""
    answer = pages({"Task?x": GOOD, "Condition?x": page(condition("c1"), next="2"), "2": a_server_that.hangs})
    with remote(answer) as far:
        found = far.read({"tasks": "Task?x", "conditions": "Condition?x", "orders": "ServiceRequest?x"}, seconds=1.5)

        assert [ids(found["tasks"]), ids(found["conditions"])] == [["c1"], ["c1"]]
        assert getattr(found["conditions"], "gap", None) == "its server did not answer in time"
        assert found["orders"] == Unread("refused")


def test_a_reply_that_takes_long_to_understand_is_given_up_in_time():
    """Each of these resources has to be taken apart, for no id is a number."""
    hard = '{"resourceType":"Condition","id":1,"code":{"coding":[{"code":2}],"text":"' + "pain " * 12 + '"}}'
    body = '{"resourceType":"Bundle","entry":[' + ",".join([f'{{"resource":{hard}}}'] * 100_000) + "]}"
    with remote(says(body)) as far:
        began = time.monotonic()

        assert far.conditions(0.5) == Unread("time")
        assert time.monotonic() - began < 1.5


def test_when_the_service_goes_down_what_is_read_is_unread():
    with remote(a_server_that.hangs) as far, ThreadPoolExecutor(1) as callers:
        reading = callers.submit(far.conditions, 20)
        while not far.server.asked:
            time.sleep(0.01)
        far.outbound.close()

        assert reading.result(timeout=5) == Unread("time")


def test_a_query_that_leaves_the_server_is_not_asked():
    with remote(GOOD) as far:
        assert far.with_access(scope=None).read({"x": "../admin?y"}) == {"x": Unread("address")}
        assert far.server.asked == []


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_nobody_is_asked(seconds):
    with remote(GOOD) as far:
        assert far.conditions(seconds) == Unread("time")
        assert far.server.asked == []


def test_four_are_read_side_by_side():
    """Eight reads of 0.3 s take two rounds."""
    at_once, most = [], []

    def counted(asked):
        at_once.append(asked)
        most.append(len(at_once))
        time.sleep(0.3)
        at_once.remove(asked)
        GOOD(asked)

    with remote(counted) as far:
        began = time.monotonic()
        found = far.read({f"k{number}": f"Condition?k={number}" for number in range(8)})

        assert all(isinstance(each, Sent) for each in found.values())
        assert max(most) == 4
        assert 0.6 <= time.monotonic() - began < 2.4


# -- once more


@pytest.mark.parametrize("first", [says("", 429), says("", 502), says("", 503), says("", 504), a_server_that.hangs_up])
def test_what_may_pass_is_tried_once_more(first):
    """F3"""
    with remote(one_after_the_other(first, GOOD)) as far:
        assert ids(far.conditions()) == ["c1"]
        assert len(far.server.asked) == 2


def test_it_is_not_tried_a_third_time():
    """F3"""
    with remote(says("", 503)) as far:
        assert (far.conditions(), len(far.server.asked)) == (Unread("busy"), 2)


@pytest.mark.parametrize(
    ("wished", "times"), [("0", 2), ("1", 2), ("3", 1), ("120", 1), ("Wed, 21 Oct 2026 07:28:00 GMT", 1), ("-1", 1)]
)
def test_the_wish_of_a_busy_server_is_kept_or_there_is_no_second_time(wished, times):
    """F3"""
    with remote(says("", 503, Retry_After=wished)) as far:
        began = time.monotonic()

        assert (far.conditions(2), len(far.server.asked)) == (Unread("busy"), times)
        assert (time.monotonic() - began >= 1) is (wished == "1")


@pytest.mark.parametrize("answer", [says("", 401), says("", 403), says("", 404), says("", 500), says("nonsense")])
def test_what_will_not_pass_is_not_tried_again(answer):
    """F4"""
    with remote(answer) as far:
        far.conditions()

        assert len(far.server.asked) == 1


# -- servers that keep failing


def test_a_server_that_keeps_failing_is_left_alone_and_tried_again_after_a_rest():
    """F1"""
    now = [1000.0]
    with remote(says("", 500), clock=lambda: now[0]) as far:
        found = [far.conditions() for _ in range(FAILURES + 3)]

        assert found == [Unread("broken")] * FAILURES + [Unread("resting")] * 3
        assert len(far.server.asked) == FAILURES

        now[0] += REST
        assert [far.conditions(), far.conditions()] == [Unread("broken"), Unread("resting")]

        now[0] += REST
        far.server.answer = GOOD
        assert [ids(far.conditions()) for _ in range(FAILURES)] == [["c1"]] * FAILURES


def test_a_server_that_fails_does_not_keep_another_from_being_read():
    with remote(says("", 500)) as far, serving(GOOD) as healthy:
        for _ in range(FAILURES + 1):
            far.conditions()
        other = far.with_access(base=f"http://127.0.0.1:{healthy.server_port}/fhir")

        assert ids(other.conditions()) == ["c1"]


@pytest.mark.parametrize("answer", [says("", 401), says("", 404), says("", 429), says("nonsense"), says("", 302)])
def test_a_refusal_is_no_failure_of_the_server(answer):
    with remote(answer) as far:
        found = {far.conditions() for _ in range(FAILURES + 2)}

        assert Unread("resting") not in found


def test_after_a_rest_one_is_sent_ahead():
    now = [0.0]
    breaker = Breaker(lambda: now[0])
    for _ in range(FAILURES - 1):
        breaker.failed()
    assert breaker.admits()

    breaker.failed()
    assert not breaker.admits()
    now[0] = REST - 0.001
    assert not breaker.admits()
    now[0] = REST
    assert [breaker.admits(), breaker.admits()] == [True, False]

    breaker.succeeded()
    assert [breaker.admits(), breaker.admits()] == [True, True]


def test_a_server_is_told_of_which_trace_it_is_part_and_nothing_where_there_is_none():
    with remote(page()) as far:
        far.with_access(trail=Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)).conditions()
        far.conditions()

        assert ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", None] == [
            headers.get("traceparent") for _, headers in far.server.asked
        ]


class Counted:
    """What a looker-on is told."""

    def __init__(self):
        self.outcomes, self.late = [], []

    def fhir_reply(self, server, outcome, seconds):
        assert 0 <= seconds < 5
        self.outcomes.append((server, outcome))

    def fhir_late(self, server):
        self.late.append(server)


@pytest.mark.parametrize(
    ("answer", "outcome", "late"),
    [
        (page(), "ok", 0),
        (says(b"", 404), "4xx", 0),
        (says(b"", 500), "5xx", 0),
        (a_server_that.hangs, "timeout", 1),
    ],
)
def test_who_looks_on_is_told_what_became_of_a_request_and_nothing_of_what_was_asked(answer, outcome, late):
    seen = Counted()
    with remote(answer, seen=seen) as far:
        far.conditions(seconds=1)

        assert ([(far.access.base, outcome)], late) == (seen.outcomes, len(seen.late))
