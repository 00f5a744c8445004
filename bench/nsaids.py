"""The medicines of the one rule that every server of a comparison has; this module needs no library."""

NSAIDS = frozenset(
    {"5640", "7258", "3355", "41493", "140587"}
)  # RxNorm: ibuprofen, naproxen, diclofenac, meloxicam, celecoxib
SUMMARY = "NSAID on record"
DETAIL = "One sentence of advice that is as long as a sentence of advice usually is."
