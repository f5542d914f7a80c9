"""Which event types a user may trigger, and how they are found by name."""

import time

import pytest

from custom_components.xprotect_events.api import (
    AnalyticsEvent,
)
from tests.engine.event_types import (
    GUID_A,
    GUID_B,
    GUID_C,
    catalog,
    event_type,
    user_defined,
)


@pytest.mark.parametrize(
    ("generator", "subtype", "is_triggerable"),
    [
        ("External", "UserDefinedEvent", True),
        ("MIPDevice", "AnalyticsEvent", True),
        ("external", None, True),
        ("External", "Generic", False),
        ("EXTERNAL", "GENERIC", False),
        ("RecorderPlugin", "Server", False),
        ("Driver", "Device", False),
        (None, None, False),
    ],
)
def test_only_what_a_user_s_token_may_trigger_is_triggerable(
    generator: str | None, subtype: str | None, *, is_triggerable: bool
) -> None:
    """The server would refuse the others with an unclear error."""
    known = catalog(event_type(GUID_A, generator=generator, subtype=subtype))
    assert known.is_triggerable(GUID_A) is is_triggerable


def test_generic_events_are_recognised() -> None:
    """They look like other events, but no user may trigger them."""
    known = catalog(event_type(GUID_A, subtype="Generic"), event_type(GUID_B))
    assert known.is_generic(GUID_A)
    assert not known.is_generic(GUID_B)
    assert not known.is_generic(GUID_C)


def test_user_defined_events_are_triggerable_without_the_list_of_types() -> None:
    """A user who can list them may trigger them."""
    own = catalog(
        user_defined=(user_defined(GUID_A, "Gate open"),),
        analytics=(AnalyticsEvent(id=GUID_B, name="Licence plate"),),
    )
    assert own.is_triggerable(GUID_A)
    assert own.is_triggerable(GUID_B)
    assert not own.is_triggerable(GUID_C)


@pytest.mark.parametrize("wanted", ["Gate open", "gate OPEN", "  Gate open ", GUID_A])
def test_an_event_is_found_by_name_or_guid_in_any_case(wanted: str) -> None:
    """Users type names from memory."""
    own = catalog(user_defined=(user_defined(GUID_A, "Gate open"),))
    assert own.find(wanted) == (GUID_A,)
    assert own.find(wanted.upper()) == (GUID_A,)


def test_all_events_of_a_name_are_found_and_none_of_another() -> None:
    """The caller has to choose one of the two."""
    own = catalog(
        user_defined=(user_defined(GUID_A, "Gate"), user_defined(GUID_B, "GATE"))
    )
    assert set(own.find("gate")) == {GUID_A, GUID_B}
    assert own.find("gate open") == ()
    assert own.find(GUID_C) == ()


def test_a_name_that_is_a_guid_does_not_hide_the_event_of_that_guid() -> None:
    """A GUID is never ambiguous."""
    own = catalog(user_defined=(user_defined(GUID_A, GUID_B), user_defined(GUID_B, "")))
    assert own.find(GUID_B) == (GUID_B,)


def test_names_are_looked_up_quickly_however_many_there_are() -> None:
    """Any user may request a thousand names, which would block the event loop."""
    ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(5000)]
    own = catalog(user_defined=tuple(user_defined(one, f"Event {one}") for one in ids))
    started = time.process_time()
    for one in ids[:1000]:
        assert own.find(f"event {one}") == (one,)
    # Seconds. A search for each name takes more than ten times as long.
    assert time.process_time() - started < 0.05
