"""What is kept: decisions and feedback on their way through the spool into the database, and what is asked of it."""

from cds.store.feedback import Response
from cds.store.journal import Journal, State
from cds.store.lookups import Lookups
from cds.store.schema import check_address, check_reach, connected, opened, prepare
from cds.store.spool import waiting_bytes

__all__ = [
    "Journal",
    "Lookups",
    "Response",
    "State",
    "check_address",
    "check_reach",
    "connected",
    "opened",
    "prepare",
    "waiting_bytes",
]
