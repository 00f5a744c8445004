"""docker/nginx.conf in front of two instances: a call that one has not begun goes to the other, and no other does."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections import Counter
from contextlib import closing, contextmanager
from http.client import HTTPSConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.deployment.nginx import in_front_of
from tests.serving import free_port

HOOK = "/cds-services/spine-and-headache"
FEEDBACK = f"{HOOK}/feedback"
CALLS = 8  # so many that each of the two would get some
BROKEN = 0  # in place of a status: the connection ends without an answer


class Instance(ThreadingHTTPServer):
    """Answers everything with the same status. ``heard``: how many calls came."""

    def __init__(self, status, seconds=0.0):
        super().__init__(("127.0.0.1", 0), Answering)
        self.status, self.seconds, self.heard = status, seconds, 0


class Answering(BaseHTTPRequestHandler):
    server: Instance

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard += 1
        time.sleep(self.server.seconds)
        if self.server.status == BROKEN:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def pair(folder, *instances):
    """None: nobody listens there."""
    threads = [threading.Thread(target=each.serve_forever) for each in instances if each]
    for thread in threads:
        thread.start()
    ports = [each.server_port if each else 9 for each in instances]
    try:
        with in_front_of((ports[0], ports[1]), free_port(), folder) as proxy:
            yield proxy
    finally:
        for each in filter(None, instances):
            each.shutdown()
            each.server_close()


def asked(proxy, path=HOOK):
    """Status, when to come again, and the kind of error that is told."""
    with closing(HTTPSConnection("localhost", proxy.port, timeout=30, context=proxy.trust)) as connection:
        connection.request("POST", path, b'{"a": 1}')
        answer = connection.getresponse()
        told = json.loads(answer.read() or "null")
        return answer.status, answer.headers["Retry-After"], told and told["issue"][0]["code"]


def answers(proxy, path=HOOK):
    return Counter(asked(proxy, path)[0] for _ in range(CALLS))


@pytest.mark.parametrize("path", [HOOK, FEEDBACK])
def test_where_nobody_listens_nothing_is_lost(path, tmp_path):
    with pair(tmp_path, Instance(200), None) as proxy:
        assert {200: CALLS} == answers(proxy, path)


def test_a_hook_call_that_one_has_no_turn_for_goes_to_the_other(tmp_path):
    busy, free = Instance(503), Instance(200)
    with pair(tmp_path, busy, free) as proxy:
        assert {200: CALLS} == answers(proxy)
    assert 0 < busy.heard
    assert CALLS == free.heard


def test_each_is_asked_once_when_both_are_busy(tmp_path):
    both = Instance(503), Instance(503)
    with pair(tmp_path, *both) as proxy:
        assert {503: CALLS} == answers(proxy)
    assert [CALLS, CALLS] == [each.heard for each in both]


def test_a_call_that_has_waited_for_its_turn_waits_no_second_time(tmp_path):
    """Why it was refused the proxy does not know: for want of a turn, or because tokens cannot be looked up."""
    both = Instance(503, seconds=0.4), Instance(503, seconds=0.4)
    with pair(tmp_path, *both) as proxy:
        assert (503, "1", "transient") == asked(proxy)
    assert 1 == sum(each.heard for each in both)


def test_a_busy_one_beside_one_that_is_away_is_told_so(tmp_path):
    with pair(tmp_path, Instance(503), None) as proxy:
        assert {503: CALLS} == answers(proxy)


@pytest.mark.parametrize(("path", "status", "told"), [(FEEDBACK, 503, 503), (HOOK, BROKEN, 503), (HOOK, 500, 500)])
def test_what_may_have_been_begun_is_not_made_twice(path, status, told, tmp_path):
    """Feedback that could not be kept has used its token; a connection that broke may have been answered to nobody."""
    both = Instance(status), Instance(status)
    with pair(tmp_path, *both) as proxy:
        assert told == asked(proxy, path)[0]
    assert 1 == sum(each.heard for each in both)
