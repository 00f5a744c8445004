"""`cds test --watch`: again when a file beside the rulesets is saved, and only then."""

from threading import Timer

from cds.workbench.watching import changes
from tests.workbench.small import rulesets


def test_the_first_run_waits_for_nothing_and_the_next_for_a_change_of_yaml(tmp_path):
    root = rulesets(tmp_path)
    seen = changes(root)
    next(seen)
    file = root / "demo" / "pain" / "ruleset.yaml"
    Timer(0.3, (root / "notes.txt").write_text, ["not ours"]).start()
    Timer(1.2, file.write_text, [file.read_text() + "\n"]).start()

    assert (file,) == next(seen)
