"""The messages of CDS Hooks as schemas: what comes in is judged by them, and what goes out."""

from cds.hooks.schema.requests import request_members
from cds.hooks.schema.responses import check_response

__all__ = ["check_response", "request_members"]
