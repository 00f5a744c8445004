"""How a graph of reasoning looks: its colours by day and by night, its lines and their ends."""

from __future__ import annotations

from collections.abc import Mapping

WORDS_OF_TRUTH: Mapping[str, str] = {
    "true": "lets a condition hold",
    "false": "lets it fail",
    "unknown": "leaves it unknown",
}

# Contrast to the page and to the boxes is at least 4.5 for words and 3 for lines (WCAG 2.2, 1.4.3 and 1.4.11).
STYLE = """
svg { --page: #ffffff; --box: #ffffff; --entry: #f3f4f6; --fact: #eef4fd; --ink: #1b1f24; --quiet: #57606a;
  --line: #7a828c; --true: #17692f; --false: #b3261e; --unknown: #855900; --evidence: #6b7480;
  --critical: #b3261e; --warning: #a85d00; --info: #1f5fbf;
  font-family: system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
@media (prefers-color-scheme: dark) { svg { --page: #14171c; --box: #1c2128; --entry: #22272e; --fact: #1a2636;
  --ink: #e8ebef; --quiet: #aab3bd; --line: #7d8793; --true: #5cc47c; --false: #ff8a80; --unknown: #e3b341;
  --evidence: #8c96a1; --critical: #ff8a80; --warning: #f0a54a; --info: #82b1ff; } }
.page { fill: var(--page); }
text { fill: var(--ink); }
.heading { font-size: 18px; font-weight: 600; }
.column { font-size: 13px; font-weight: 600; fill: var(--quiet); }
.above { font-size: 11.5px; font-weight: 600; fill: var(--quiet); }
.title { font-size: 13.5px; font-weight: 600; }
.line, .row { font-size: 12px; }
.note { font-size: 11px; fill: var(--quiet); }
.sign { font-size: 12px; font-weight: 700; }
.sign.true { fill: var(--true); } .sign.false { fill: var(--false); } .sign.unknown { fill: var(--unknown); }
.box { fill: var(--box); stroke: var(--line); stroke-width: 1; }
.entry .box { fill: var(--entry); } .fact .box { fill: var(--fact); }
.false-box .box { stroke-dasharray: 7 4; } .unknown-box .box { stroke-dasharray: 2 4; stroke-width: 1.5; }
.critical .box { stroke: var(--critical); stroke-width: 1.5; } .critical .band { fill: var(--critical); }
.warning .box { stroke: var(--warning); stroke-width: 1.5; } .warning .band { fill: var(--warning); }
.info .box { stroke: var(--info); stroke-width: 1.5; } .info .band { fill: var(--info); }
.critical .above { fill: var(--critical); } .warning .above { fill: var(--warning); }
.info .above { fill: var(--info); }
.edge { fill: none; stroke-width: 1.6; }
.edge.entry { stroke: var(--evidence); stroke-width: 1.2; }
.edge.true { stroke: var(--true); } .edge.false { stroke: var(--false); stroke-dasharray: 8 5; }
.edge.unknown { stroke: var(--unknown); stroke-dasharray: 2 4; stroke-width: 2; }
.edge:hover, .edge:focus { stroke-width: 3; }
.end-entry { fill: var(--evidence); } .end-true { fill: var(--true); }
.end-false { fill: none; stroke: var(--false); stroke-width: 2; }
.end-unknown { fill: var(--page); stroke: var(--unknown); stroke-width: 1.6; }
@media print { svg { --page: #ffffff; } }
"""

# An arrow where a condition holds, a bar where it fails, a ring where nobody knows.
MARKERS = """<defs>
<marker id="entry-end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"
  markerUnits="userSpaceOnUse" orient="auto"><path class="end-entry" d="M0 1 L10 5 L0 9 z"/></marker>
<marker id="true-end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10"
  markerUnits="userSpaceOnUse" orient="auto"><path class="end-true" d="M0 1 L10 5 L0 9 z"/></marker>
<marker id="false-end" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="12" markerHeight="12"
  markerUnits="userSpaceOnUse" orient="auto"><path class="end-false" d="M7 0 L7 10"/></marker>
<marker id="unknown-end" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10"
  markerUnits="userSpaceOnUse" orient="auto"><circle class="end-unknown" cx="5" cy="5" r="4"/></marker>
</defs>"""
