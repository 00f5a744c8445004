"""Gets from the client's FHIR server what its request left out: keys that are missing, pages that follow, references.

Nothing is asked for twice: what the client says there is none of, and what it failed to read itself, stays as it is.
All keys and pages are read at once; medicines that they refer to in one more round, with what is left of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from time import monotonic
from typing import Final

from cds.fhir.decode import Sent
from cds.fhir.remote.medicines import unresolved
from cds.fhir.remote.reads import Access, Unread
from cds.hooks.access import Remote
from cds.hooks.prefetch import Lack, Supply

_DECLINED: Final = frozenset({"scope", "token", "expired", "absent", "refused"})


def gathered(supplied: Supply, patient: str, access: Access, remote: Remote) -> Supply:
    """What was supplied, completed as far as the server lets itself be read. Never raises for what a server does."""
    ends = monotonic() + remote.seconds
    wanted = {key: lack.template.expanded(patient) for key, lack in supplied.lacking.items() if lack.readable}
    follow = {key: one for key, one in supplied.sent.items() if one.next is not None}
    if wanted or follow:
        supplied = _completed(supplied, remote.reads.read(access, wanted, follow=follow, seconds=remote.seconds))
    references = unresolved(supplied.sent.values(), access.base)
    left = ends - monotonic()
    if not references or left <= 0:
        return supplied
    beside = remote.reads.read(access, {each: each for each in references}, seconds=left)
    return replace(supplied, beside=tuple(one for one in beside.values() if isinstance(one, Sent)))


def _completed(supplied: Supply, found: Mapping[str, Sent | Unread]) -> Supply:
    """In the order of the templates: which of the data were sent and which were read must make no difference."""
    sent, lacking, read = dict[str, Sent](), dict[str, Lack](), set[str]()
    for template in supplied.asked:
        key, lack, one = template.key, supplied.lacking.get(template.key), found.get(template.key)
        if isinstance(one, Sent):
            sent[key] = one.supplying(frozenset({template.type}))
            read.add(template.type)
        elif lack is None:
            sent[key] = supplied.sent[key]
        else:
            lacking[key] = lack if one is None else _unread(lack, one)
    return replace(supplied, sent=sent, lacking=lacking, read=frozenset(read))


def _unread(lack: Lack, unread: Unread) -> Lack:
    """What a server does not let be read is as little a fault as what its client does not send."""
    why = lack.why if unread.fault in _DECLINED else f"{lack.why}, and {unread.reason}"
    return replace(lack, why=why, unread=unread)
