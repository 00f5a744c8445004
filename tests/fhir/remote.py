"""A FHIR server on a real socket, and what is read from it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from cds.fhir.decode import Sent
from cds.fhir.remote.reads import Access, Reads, Unread
from cds.outbound import Outbound
from tests.outbound.serving import Answer, Handler, Names, Server, by_path, outbound, says, serving

TOKEN = "token-4711-of-this-call"
SECONDS = 5.0
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Remote:
    server: Server
    reads: Reads
    access: Access
    names: Names
    outbound: Outbound

    def read(
        self, wanted: Mapping[str, str] = NOTHING, *, follow: Mapping[str, Sent] = NOTHING, seconds: float = SECONDS
    ) -> Mapping[str, Sent | Unread]:
        return self.reads.read(self.access, wanted, seconds=seconds, follow=follow)

    def conditions(self, seconds: float = SECONDS) -> Sent | Unread:
        return self.read({"conditions": "Condition?patient=p1"}, seconds=seconds)["conditions"]

    def partly(self) -> Sent:
        """The conditions, of which there is at least a part."""
        found = self.conditions()
        assert isinstance(found, Sent)
        return found

    def with_access(self, **changes: Any) -> "Remote":
        return replace(self, access=replace(self.access, **changes))


@contextmanager
def remote(answer: Answer, *, names: Mapping[str, list[str]] = NOTHING, **of_reads: Any) -> Iterator[Remote]:
    """At ``http://ehr.test:port/fhir``. Other ``names`` can be looked up, too; they should not be."""
    known = Names({"ehr.test": ["127.0.0.1"], **names})
    with serving(answer) as server, outbound(resolve=known) as out:
        access = Access(base_of(server), TOKEN, "user/*.read")
        yield Remote(server, Reads(out, **{"jitter": lambda: 0.0} | of_reads), access, known, out)


def base_of(server: Server) -> str:
    return f"http://ehr.test:{server.server_port}/fhir"


def pages(answers: Mapping[str, Answer]) -> Answer:
    """By what follows the base; the first page of the conditions goes by ""."""
    return by_path({f"/fhir/{path or 'Condition?patient=p1'}": answer for path, answer in answers.items()})


def page(*resources: dict, next: str = "", total: int | None = None) -> Answer:
    """``next``: what follows the base, or a whole URL."""

    def answer(asked: Handler):
        url = next if "://" in next else next and f"{base_of(asked.server)}/{next}"
        says(bundle(*resources, next=url, total=total))(asked)

    return answer


def bundle(*resources: dict, next: str = "", total: int | None = None) -> dict:
    body: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        body["total"] = total
    if next:
        body["link"] = [{"relation": "self", "url": "x"}, {"relation": "next", "url": next}]
    return body | {"entry": [{"resource": each} for each in resources]}


def condition(name: str) -> dict:
    return {"resourceType": "Condition", "id": name, "subject": {"reference": "Patient/p1"}}


def ids(found: Sent | Unread) -> list[str | None]:
    assert isinstance(found, Sent)
    return [getattr(entry.resource, "id", None) for entry in found.entries if entry]
