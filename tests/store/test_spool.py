"""The spool: lines whole or not at all, never more than there is room for, none lost between writer and reader."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from cds.store import spool

ROOT = Path(__file__).parents[2]
ROOM = 1_000_000


@pytest.fixture
def writer(tmp_path):
    writer = spool.Writer(tmp_path, ROOM)
    yield writer
    writer.close()


def _lines(folder: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in spool.segments(folder):
        with spool.taken(path) as segment:
            found += list(segment.lines) if segment else []
    return found


def _take_all(folder: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in spool.segments(folder):
        with spool.taken(path) as segment:
            if segment:
                found += segment.lines
                segment.remove()
    return found


def test_lines_are_read_in_the_order_they_were_written(tmp_path, writer):
    lines = [str(number).encode() for number in range(5_000)]
    for line in lines:
        writer.append(line + b"\n")

    assert lines == _lines(tmp_path)
    assert 1 < len(spool.segments(tmp_path))
    assert sum(len(line) + 1 for line in lines) == spool.size(tmp_path)


def test_nothing_waits_before_anything_was_written(tmp_path):
    assert (0, None, []) == (spool.size(tmp_path / "x"), spool.oldest(tmp_path / "x"), spool.segments(tmp_path / "x"))


def test_it_is_known_since_when_something_waits(tmp_path, writer):
    before = time.time()
    writer.append(b"a\n")
    waiting_since = spool.oldest(tmp_path)

    assert waiting_since
    assert before <= waiting_since.timestamp() <= time.time()


def test_a_file_that_was_put_there_by_hand_is_read_too(tmp_path):
    (tmp_path / "by-hand.jsonl").write_bytes(b"a\n")

    assert (2, None, [b"a"]) == (spool.size(tmp_path), spool.oldest(tmp_path), _lines(tmp_path))


def test_the_files_are_for_their_owner_only(tmp_path):
    writer = spool.Writer(tmp_path / "state" / "spool", ROOM)
    writer.append(b"a\n")
    writer.close()
    folder = tmp_path / "state" / "spool"

    assert ["0o700", "0o600"] == [oct(path.stat().st_mode & 0o777) for path in (folder, *spool.segments(folder))]


def test_a_writer_never_waits_for_a_reader(tmp_path, writer):
    writer.append(b"a\n")
    with spool.taken(spool.segments(tmp_path)[0]) as segment:
        writer.append(b"b\n")
        assert segment
        assert (b"a",) == segment.lines
        segment.remove()

    assert [b"b"] == _lines(tmp_path)


def test_a_writer_whose_segment_was_removed_begins_another(tmp_path, writer):
    for line in (b"a", b"b", b"c"):
        writer.append(line + b"\n")
        assert [line] == _take_all(tmp_path)


def test_one_reader_at_a_time_has_a_segment(tmp_path, writer):
    writer.append(b"a\n")
    path = spool.segments(tmp_path)[0]
    with spool.taken(path) as first, spool.taken(path) as second:
        assert (True, None) == (first is not None, second)


def test_a_segment_that_is_gone_is_passed_by(tmp_path):
    with spool.taken(tmp_path / "1-gone.jsonl") as segment:
        assert segment is None


def test_no_line_is_lost_or_doubled_while_threads_write_and_a_reader_takes(tmp_path, writer):
    def write(name):
        for number in range(2_000):
            writer.append(f"{name}-{number}\n".encode())

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    found = []
    while any(thread.is_alive() for thread in threads):
        found += _take_all(tmp_path)
    found += _take_all(tmp_path)

    assert sorted(f"{name}-{number}".encode() for name in "abcd" for number in range(2_000)) == sorted(found)


def test_what_does_not_fit_is_refused_and_fits_again_later(tmp_path, writer):
    line = b"x" * 999 + b"\n"
    for _ in range(ROOM // 1_000):
        writer.append(line)
    with pytest.raises(spool.NoRoom):
        writer.append(b"\n")

    assert ROOM == spool.size(tmp_path)
    _take_all(tmp_path)
    writer.append(line)
    assert 1_000 == spool.size(tmp_path)


def test_the_room_is_that_of_all_writers_together(tmp_path, writer):
    other = spool.Writer(tmp_path, ROOM)
    other.append(b"x" * (ROOM - 10) + b"\n")
    with pytest.raises(spool.NoRoom):
        writer.append(b"y" * 10 + b"\n")
    writer.append(b"y" * 8 + b"\n")
    other.close()

    assert ROOM == spool.size(tmp_path)


def test_a_line_that_its_writer_died_over_is_left_out(tmp_path, writer):
    writer.append(b"whole\n")
    path = spool.segments(tmp_path)[0]
    with path.open("ab") as file:
        file.write(b'{"torn')
    with spool.taken(path) as segment:
        assert segment
        assert ((b"whole",), 6) == (segment.lines, segment.torn)


_UNTIL_FULL = """
import resource, sys
from pathlib import Path
from cds.store import spool
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
writer = spool.Writer(Path(sys.argv[1]), 100_000_000)
line = b"x" * 2_999 + b"\\n"
for _ in range(3):
    writer.append(line)
try:
    writer.append(line)
except OSError as error:
    print(error.strerror)
writer.append(line)
"""


def test_half_a_line_is_taken_back(tmp_path):
    """The file may not grow beyond ten thousand bytes: the fourth line fits only in part (F13)."""
    done = subprocess.run(
        [sys.executable, "-c", _UNTIL_FULL, tmp_path], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert "No space left on device" == done.stdout.strip()
    assert [b"x" * 2_999] * 4 == _lines(tmp_path)


_WRITE_FOREVER = """
import itertools, sys
from pathlib import Path
from cds.store import spool
writer = spool.Writer(Path(sys.argv[1]), 1_000_000_000)
for number in itertools.count():
    writer.append(b"%d %s\\n" % (number, b"x" * 20_000))
    print(number, flush=True)
"""


def test_what_was_written_survives_the_sudden_death_of_its_process(tmp_path):
    command = [sys.executable, "-c", _WRITE_FOREVER, tmp_path]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        said = [process.stdout.readline() for _ in range(200)]
        os.kill(process.pid, signal.SIGKILL)
        said += process.stdout.readlines()
    last = max(int(line) for line in said if line.endswith("\n"))
    found = [int(line.split(b" ")[0]) for line in _lines(tmp_path)]

    assert 199 <= last
    assert list(range(len(found))) == found
    assert last + 1 <= len(found) <= last + 2  # the last may have been written and not said
