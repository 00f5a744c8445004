"""What a page for people may load and run (Content-Security-Policy): its own style, by its digest, and no more."""

from __future__ import annotations

import hashlib
from base64 import b64encode


def policy(style: str) -> str:
    """``style``: the content of its one style element."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
