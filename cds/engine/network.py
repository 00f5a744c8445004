"""A compiled network of clauses and its sessions: the only importer of durable_rules.

Of the library only the matcher is used, by the functions of its C module: it is told facts one by one and names the
clauses they complete. Its Python side, and with it timers, threads and actions that swallow exceptions, is left out.
docs/decisions/0002-engine.md lists the library's faults and what here stands against each.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence

from cds.errors import EngineFault

try:
    from durable.engine import durable_rules_engine as library
except ImportError as error:
    raise ImportError(
        "durable-rules is not installed, or was built for this Python without "
        "CPPFLAGS=-DPyEval_CallObject=PyObject_CallObject: install with scripts/install"
    ) from error

_OPENING = {"open": 1}
_OPENED = '"id":"open","open":1}'
_MATCHED_OR_NOT = (0, 1)  # of the codes an assertion answers with, those that are no fault

_lock = threading.Lock()
_sessions = itertools.count(1)

# A process forked while another thread infers starts with the lock open and no session under way.
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def message(question: int) -> str:
    """Says that a question is answered with yes, as the end of a JSON object."""
    return f'"id":"{question}","q{question}":1}}'


class Network:
    """Clauses compiled together. A clause is known by its place in the sequence, a question by its number."""

    def __init__(self, clauses: Sequence[Sequence[int]]) -> None:
        """``clauses``: what each of them asks."""
        rules = {str(number): {"all": _joined(questions)} for number, questions in enumerate(clauses)}
        definition = json.dumps({"open": {"all": [{"m": _OPENING}]}, **rules})
        self._handle: int = library.create_ruleset("clauses", definition)
        weakref.finalize(self, library.delete_ruleset, self._handle).atexit = False

    def fired(self, portions: Iterable[Iterable[str]], consequences: Mapping[int, str]) -> list[frozenset[int]]:
        """After each portion of messages, the clauses whose patterns are all met by then, also by the consequences of
        clauses that fired.

        Raises ``EngineFault`` when the library reports an error.
        """
        with _lock:
            try:
                return self._infer(portions, consequences)
            except (library.error, MemoryError) as error:
                raise EngineFault(f"the rule engine failed: {error}") from error

    def _infer(self, portions: Iterable[Iterable[str]], consequences: Mapping[int, str]) -> list[frozenset[int]]:
        name = str(next(_sessions))
        session = f'{{"sid":"{name}",'
        state = self._tell(session + _OPENED)
        # A session that has run no action yet must not be deleted: the library would free what it never set.
        fired = set(self._complete(state))
        after: list[frozenset[int]] = []
        told: set[str] = set()
        try:
            for portion in portions:
                news = [*portion, *_following(fired, consequences)]
                while news := [message for message in dict.fromkeys(news) if message not in told]:
                    for message in news:
                        self._tell(session + message)
                    told.update(news)
                    completed = self._complete(state)
                    fired.update(completed)
                    news = _following(completed, consequences)
                after.append(frozenset(fired))
        finally:
            library.delete_state(self._handle, name)
        return after

    def _tell(self, message: str) -> int:
        """Where the library keeps the session's state."""
        code, state = library.assert_fact(self._handle, message)
        if code not in _MATCHED_OR_NOT:
            raise EngineFault(f"the rule engine did not take a fact (code {code})")
        return int(state)

    def _complete(self, state: int) -> list[int]:
        """The clauses completed since the last time; one may be named more than once."""
        started = library.start_action_for_state(self._handle, state)
        firing = started and started[1]
        fired = []
        while firing:
            name = firing[2 : firing.index('"', 2)]  # {"12":{...}}
            if name != "open":
                fired.append(int(name))
            firing = library.complete_and_start_action(self._handle, state)
        return fired


def _following(fired: Iterable[int], consequences: Mapping[int, str]) -> list[str]:
    return [consequences[clause] for clause in fired if clause in consequences]


def _joined(questions: Sequence[int]) -> list[dict[str, object]]:
    """A clause that asks nothing holds whenever a session is open."""
    wanted = [{f"q{question}": 1} for question in questions] or [_OPENING]
    return [{f"m{place}": pattern} for place, pattern in enumerate(wanted)]
