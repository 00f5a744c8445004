"""`cds test --watch`: again when a file beside the rulesets is saved, and only then."""

from contextlib import contextmanager
from itertools import cycle
from threading import Event, Thread

from cds.workbench.watching import changes
from tests.workbench.small import rulesets


@contextmanager
def saved_by_turns(*files):
    """Until the block ends: nobody can tell from when on they are looked at."""
    over = Event()

    def save():
        for file in cycle(files):
            file.write_text("# saved\n")
            if over.wait(0.5):
                return

    thread = Thread(target=save)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_the_first_run_waits_for_nothing_and_the_next_for_a_change_of_yaml(tmp_path):
    root = rulesets(tmp_path)
    seen = changes(root)
    next(seen)
    file = root / "demo" / "pain" / "ruleset.yaml"

    with saved_by_turns(root / "notes.txt", file):
        assert (file,) == next(seen)
