"""The keys of the record: given, or made once and kept."""

import multiprocessing

import pytest

from cds.errors import SettingsError
from cds.security.secrets import NAME, check_secrets, secrets_kept, secrets_of
from cds.settings import Settings

GIVEN = "given" * 8


def _fetch(state, begin, found):
    begin.wait()
    found.put(secrets_of(Settings(state=state)).pseudonym_key)


def test_keys_that_are_given_are_used_and_none_is_made(tmp_path):
    found = secrets_of(Settings(state=tmp_path, pseudonym_key=GIVEN, record_keys=(GIVEN, "old" * 11)))

    assert (GIVEN, (GIVEN, "old" * 11), "") == (found.pseudonym_key, found.record_keys, found.warning)
    assert [] == list(tmp_path.iterdir())


def test_keys_are_made_once_for_their_owner_alone(tmp_path):
    settings = Settings(state=tmp_path / "var" / "cds")

    first, again = secrets_of(settings), secrets_of(settings)

    assert first == again
    assert (64, [64], "") == (len(first.pseudonym_key), [len(key) for key in first.record_keys], first.warning)
    assert [NAME] == [file.name for file in settings.state.iterdir()]
    assert 0o600 == (settings.state / NAME).stat().st_mode & 0o777


def test_one_key_may_be_given_and_the_other_made(tmp_path):
    made = secrets_of(Settings(state=tmp_path))

    mixed = secrets_of(Settings(state=tmp_path, pseudonym_key=GIVEN))

    assert (GIVEN, made.record_keys) == (mixed.pseudonym_key, mixed.record_keys)


def test_who_works_on_what_is_stored_gets_the_keys_of_the_service_and_makes_none(tmp_path):
    with pytest.raises(SettingsError, match="in CDS_STATE, which has to be that of the service"):
        secrets_kept(Settings(state=tmp_path))
    assert [] == list(tmp_path.iterdir())

    assert secrets_of(Settings(state=tmp_path)) == secrets_kept(Settings(state=tmp_path))
    given = Settings(state=tmp_path / "nowhere", pseudonym_key=GIVEN, record_keys=(GIVEN,))
    assert secrets_of(given) == secrets_kept(given)


def test_processes_that_begin_at_once_agree(tmp_path):
    context = multiprocessing.get_context("fork")
    begin, found = context.Barrier(8), context.Queue()
    processes = [context.Process(target=_fetch, args=(tmp_path, begin, found)) for _ in range(8)]
    for process in processes:
        process.start()
    keys = {found.get(timeout=20) for _ in processes}
    for process in processes:
        process.join()

    assert 1 == len(keys)
    assert [NAME] == [file.name for file in tmp_path.iterdir()]


def test_a_folder_that_cannot_be_written_to_is_told_and_not_fatal(tmp_path):
    state = tmp_path / "file"
    state.write_text("no folder")

    found = secrets_of(Settings(state=state / "var"))

    assert 64 == len(found.pseudonym_key)
    assert "CDS_STATE cannot be written to (Not a directory): keys made now are lost at the next start" == found.warning


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b'{"pseudonym_key": "a"',
        b'{"pseudonym_key": 1, "record_keys": []}',
        b'{"pseudonym_key": "%b", "record_keys": []}' % GIVEN.encode(),
        b'{"pseudonym_key": "", "record_keys": ["%b"]}' % GIVEN.encode(),
        b"\xff",
    ],
)
def test_a_damaged_file_is_never_replaced(content, tmp_path):
    """New keys would make strangers of all patients, and what was sealed could not be opened any more."""
    (tmp_path / NAME).write_bytes(content)

    with pytest.raises(SettingsError, match="is damaged"):
        secrets_of(Settings(state=tmp_path))
    with pytest.raises(SettingsError, match="is damaged"):
        check_secrets(Settings(state=tmp_path))

    assert content == (tmp_path / NAME).read_bytes()


def test_a_file_that_others_can_read_is_told(tmp_path):
    secrets_of(Settings(state=tmp_path))
    (tmp_path / NAME).chmod(0o640)

    assert "keys.json in CDS_STATE can be read by others: chmod 600" == secrets_of(Settings(state=tmp_path)).warning


def test_keys_are_not_shown(tmp_path):
    found = secrets_of(Settings(state=tmp_path))

    assert not [key for key in (found.pseudonym_key, *found.record_keys) if key in repr(found)]
