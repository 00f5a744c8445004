"""Pages of a search, as servers send them and as they should not."""

import json

import pytest

from cds.fhir.decode import Sent, bundle_file
from cds.fhir.remote import round as limits
from cds.fhir.remote.paging import continued
from cds.fhir.remote.unread import Unread
from tests.fhir.remote import TOKEN, base_of, bundle, condition, ids, page, pages, remote
from tests.outbound import serving as a_server_that
from tests.outbound.serving import says

MORE = "its server has more of it than could be read"
LARGE = "its server has more of it than can be taken"
GARBAGE = "its server sent something that is not FHIR"
ONE, TWO, THREE = condition("c1"), condition("c2"), condition("c3")


def whole(found: Sent) -> bool:
    return found.next is None and found.gap == ""


@pytest.mark.requirement("CH-066")
@pytest.mark.requirement("CH-073")
def test_all_pages_are_read_with_the_token():
    onward = "Condition?p=2"
    with remote(pages({"": page(ONE, next=onward), onward: page(TWO, next="?p=3"), "?p=3": page(THREE)})) as far:
        found = far.partly()

        assert (ids(found), whole(found)) == (["c1", "c2", "c3"], True)
        assert [headers["authorization"] for _, headers in far.server.asked] == [f"Bearer {TOKEN}"] * 3


@pytest.mark.parametrize(
    ("answers", "expected", "gap"),
    [
        # whole
        ({"": page()}, [], ""),
        ({"": page(total=0)}, [], ""),
        ({"": page(ONE, total=1)}, ["c1"], ""),
        ({"": page(ONE, next="2", total=2), "2": page(TWO, total=2)}, ["c1", "c2"], ""),
        ({"": page(ONE, next="2", total=2), "2": page(TWO)}, ["c1", "c2"], ""),
        ({"": page(ONE, next="2"), "2": page(next="3"), "3": page(TWO)}, ["c1", "c2"], ""),
        ({"": page(ONE, next="2"), "2": page()}, ["c1"], ""),
        # not whole
        ({"": page(ONE, total=2)}, ["c1"], MORE),
        ({"": page(ONE, next="2", total=3), "2": page(TWO, total=3)}, ["c1", "c2"], MORE),
        ({"": page(ONE, next="Condition?patient=p1")}, ["c1"], MORE),  # to itself
        ({"": page(ONE, next="2"), "2": page(TWO, next="Condition?patient=p1")}, ["c1", "c2"], MORE),  # in a circle
        ({"": page(ONE, next="2"), "2": page(TWO, next="2")}, ["c1", "c2"], MORE),
        ({"": page(ONE, next="2"), "2": page(ONE)}, ["c1", "c1"], MORE),  # the first page once more
        ({"": page(ONE, next="2", total=2), "2": page(ONE, total=2)}, ["c1", "c1"], MORE),
        ({"": page(ONE, next="2"), "2": says("gone", 404)}, ["c1"], "its server did not accept the question"),
        ({"": page(ONE, next="2"), "2": says("", 302, Location="/fhir/3")}, ["c1"], "its server refers to another one"),
        ({"": page(ONE, next="2"), "2": says("", 401)}, ["c1"], "its server refused the token"),
        ({"": page(ONE, next="2"), "2": says(ONE)}, ["c1"], "its server sent something else"),
        ({"": page(ONE, next="2"), "2": says('{"resourceType":"Bundle","entry":[')}, ["c1"], GARBAGE),
        ({"": page(ONE, next="2"), "2": says('{"resourceType":"Bundle","entry":"x"}')}, ["c1"], GARBAGE),
        ({"": says('{"resourceType":"Bundle","link":"x","entry":[]}')}, [], MORE),
        ({"": says('{"resourceType":"Bundle","link":[{"relation":"next"}],"entry":[]}')}, [], MORE),
    ],
)  # fmt: skip
def test_a_set_is_whole_or_says_why_it_is_not(answers, expected, gap):
    """F6: what was read is kept, and nothing is concluded from what is not there."""
    with remote(pages(answers)) as far:
        found = far.partly()

        assert (ids(found), found.gap, whole(found)) == (expected, gap, gap == "")


def test_pages_without_end_are_read_up_to_a_limit():
    """F6"""

    def another(asked):
        number = len(asked.server.asked)
        page(condition(f"c{number}"), next=f"Condition?p={number}")(asked)

    with remote(another) as far:
        found = far.partly()

        assert (len(far.server.asked), len(found.entries), found.gap) == (limits.PAGES, limits.PAGES, MORE)


def test_a_very_large_set_is_read_up_to_a_limit():
    """F7"""

    def another(asked):
        number = len(asked.server.asked)
        many = (condition(f"c{number}-{i}") for i in range(4_000))
        page(*many, next=f"Condition?p={number}")(asked)

    with remote(another) as far:
        found = far.conditions(20)

        assert isinstance(found, Sent)
        assert (len(found.entries), found.gap) == (12_000, LARGE)


@pytest.mark.parametrize(
    ("size", "expected", "gap"), [(6_000_000, 3, ""), (10_000_000, 2, LARGE), (10_000_001, 1, LARGE)]
)
def test_all_replies_of_a_call_together_have_a_size(size, expected, gap):
    """3.3: 20 MB"""

    def large(asked):
        number = len(asked.server.asked)
        content = bundle(condition(f"c{number}"), next=f"{base_of(asked.server)}/{number}" if number < 3 else "")
        says(content | {"id": "x" * (size - len(json.dumps(content)) - len(', "id": ""'))})(asked)

    with remote(large) as far:
        found = far.conditions(20)

        assert isinstance(found, Sent)
        assert (len(found.entries), found.gap) == (expected, gap)


def test_a_reply_that_is_too_large_is_not_taken():
    with remote(a_server_that.endless) as far:
        assert far.conditions(20) == Unread("size")


@pytest.mark.parametrize(
    ("second", "gap"),
    [
        ({"entry": [{"fullUrl": "urn:uuid:2", "resource": {"resourceType": "Binary"}}]}, ""),
        ({"entry": [{"resource": {"resourceType": "Binary"}}]}, ""),
        ({"entry": [5]}, ""),
        ({"entry": [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Binary"}}]}, MORE),
    ],
)
def test_what_has_no_id_is_known_by_its_address_or_counts_as_one_of_its_own(second, gap):
    whole_page = {"resourceType": "Bundle", "total": 2}
    first = {"entry": [{"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Binary"}}]}

    assert continued(page_of(whole_page | first), page_of(whole_page | second)).gap == gap


def page_of(content: dict) -> Sent:
    return bundle_file(json.dumps(content).encode())


# -- pages that follow what was sent with the call


def sent(next: str, *resources: dict, total: int | None = None) -> Sent:
    import orjson

    first = bundle_file(orjson.dumps(bundle(*resources, next=next, total=total)), "prefetch.conditions")
    return first.supplying(frozenset({"Condition"}))


@pytest.mark.requirement("CH-066")
def test_the_pages_after_what_was_sent_are_read():
    with remote(pages({"2": page(TWO, total=2)})) as far:
        first = sent(f"{far.access.base}/2", ONE, total=2)
        found = far.read(follow={"conditions": first})["conditions"]

        assert isinstance(found, Sent)
        assert (ids(found), whole(found), found.place) == (["c1", "c2"], True, "prefetch.conditions")
        assert found.types == frozenset({"Condition"})
        assert far.server.paths == ["/fhir/2"]


@pytest.mark.parametrize(
    ("next", "changes", "gap"),
    [
        ("http://evil.test/fhir/2", {}, "its server keeps the rest somewhere else"),
        ("{base}/2", {"scope": "user/Patient.read"}, "the token does not allow to read it"),
        ("{base}/2", {"deadline": 0.0}, "the token has expired"),
    ],
)
def test_a_first_page_alone_stays_incomplete(next, changes, gap):
    with remote(pages({"2": page(TWO)})) as far:
        first = sent(next.format(base=far.access.base), ONE)
        found = far.with_access(**changes).read(follow={"conditions": first})["conditions"]

        assert isinstance(found, Sent)
        assert (ids(found), found.gap, found.next) == (["c1"], gap, first.next)
        assert far.server.asked == []
