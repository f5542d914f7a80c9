"""The event types of event entities for events with names given by users."""

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import Resource
from custom_components.xprotect_events.engine import event_keys
from custom_components.xprotect_events.engine.event_keys import (
    EventKeys,
    OfferedEvents,
    Rename,
)

GUIDS = [f"{digit}a2b3c4d-0000-4000-8000-000000000000" for digit in "123456"]
FIRST, SECOND, THIRD = GUIDS[:3]
NAMES = ("Gate open", "Gate Open!", "gate  open", "other", "Unavailable", "ประตูเปิด", "")

SITES = st.dictionaries(st.sampled_from(GUIDS), st.sampled_from(NAMES))


def words(keys: EventKeys) -> dict[str, str]:
    """Return all event types by GUID."""
    return {type_id: key.word for type_id, key in keys.remembered.items()}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Gate open", "Gate open"),
        ("  Gate \t open ", "Gate open"),
        ("กดกริ่งประตู", "กดกริ่งประตู"),
        ("दरवाज़ा खुला", "दरवाज़ा खुला"),
        ("Gate Open!", "Gate Open!"),
        (" ", FIRST),
        ("motion_started", "motion_started (1a2b3c4d)"),
        ("Other", "Other (1a2b3c4d)"),
        ("unknown", "unknown (1a2b3c4d)"),
        ("unavailable", "unavailable (1a2b3c4d)"),
    ],
)
def test_the_event_type_is_the_display_name(name: str, word: str) -> None:
    """Users search for the name that they gave the event, in any script."""
    keys = EventKeys()
    assert keys.assign([(FIRST, name)]) == ()
    assert words(keys) == {FIRST: word}


def test_the_second_event_of_a_name_gets_its_guid_appended() -> None:
    """An automation for the first one must not run for the second."""
    keys = EventKeys()
    keys.assign([(SECOND, "Gate open")])
    keys.assign([(FIRST, "Gate open"), (SECOND, "Gate open")])
    assert words(keys) == {SECOND: "Gate open", FIRST: "Gate open (1a2b3c4d)"}


def test_of_two_new_events_of_a_name_the_smaller_guid_gets_it() -> None:
    """Any order works if it is the same after the file was lost."""
    keys = EventKeys()
    keys.assign([(SECOND, "Gate"), (FIRST, "Gate")])
    assert words(keys) == {FIRST: "Gate", SECOND: "Gate (2a2b3c4d)"}


def test_a_rename_is_returned_and_changes_no_other_event_type() -> None:
    """A name with a GUID appended stays, too."""
    keys = EventKeys()
    keys.assign([(FIRST, "Gate"), (SECOND, "Gate")])
    renames = keys.assign([(FIRST, "Door"), (SECOND, "Gate")])
    assert renames == (Rename("Gate", "Door"),)
    assert words(keys) == {FIRST: "Door", SECOND: "Gate (2a2b3c4d)"}


def test_a_list_that_becomes_unreadable_renames_nothing() -> None:
    """Types are then known by their GUIDs, and later have their names again."""
    keys = EventKeys()
    keys.assign([(FIRST, "Access granted")])
    assert keys.assign([(FIRST, FIRST)]) == ()
    assert words(keys) == {FIRST: "Access granted"}


def test_the_name_of_a_deleted_event_can_be_used_again() -> None:
    """The event was deleted and created again."""
    keys = EventKeys()
    keys.assign([(FIRST, "Gate")])
    keys.assign([])
    keys.assign([(SECOND, "Gate")])
    keys.forget(FIRST)
    keys.assign([(SECOND, "Gate"), (THIRD, "Gate")])
    assert words(keys) == {SECOND: "Gate (2a2b3c4d)", THIRD: "Gate"}


@given(sites=st.lists(SITES, max_size=8))
def test_no_event_type_has_two_meanings_or_changes_without_a_rename(
    sites: list[dict[str, str]],
) -> None:
    """With events that appear, are renamed, deleted and return, in any order."""
    keys = EventKeys()
    meaning: dict[str, str] = {}
    for site in sites:
        before = words(keys)
        renamed = {rename.old for rename in keys.assign(site.items())}
        after = words(keys)
        assert len(set(after.values())) == len(after)
        assert all(
            after[one] == word for one, word in before.items() if word not in renamed
        )
        for type_id, word in after.items():
            if word not in renamed and word in meaning and word in before.values():
                assert meaning[word] == type_id
            meaning[word] = type_id
        # As after a restart.
        keys = EventKeys(keys.remembered)


def test_the_number_of_names_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first ones keep their names; the others are shown as other."""
    monkeypatch.setattr(event_keys, "MAX_OF_SERVER", 3)
    monkeypatch.setattr(event_keys, "MAX_OF_SOURCE", 2)
    monkeypatch.setattr(event_keys, "MAX_KEYS", 4)
    named = {type_id: f"Event {type_id[0]}" for type_id in GUIDS}
    offered = OfferedEvents(
        named, user_defined=(), at_sources=GUIDS, chosen=frozenset()
    )
    assert offered.word(GUIDS[2], None) == "Event 3"
    assert offered.word(GUIDS[3], None) == "other"
    assert offered.word(GUIDS[2], Resource.CAMERAS) == "other"
    assert offered.left_out == 4
    keys = EventKeys()
    for type_id in GUIDS:
        keys.assign([(type_id, "Event")])
    assert len(keys.remembered) == 4
    assert GUIDS[-1] in keys.remembered
