"""The names and states of event types, with and without those of the server."""

import pytest

from custom_components.xprotect_events.api import (
    AnalyticsEvent,
    Resource,
    StateGroup,
)
from custom_components.xprotect_events.engine.built_in import (
    CPU_USAGE_GROUP,
    MOTION_GROUP,
    MOTION_STARTED,
    MOTION_STOPPED,
    TWO_SIDED,
    StateKind,
)
from custom_components.xprotect_events.engine.catalog import State
from custom_components.xprotect_events.engine.event_names import (
    EVENT_SLUGS,
    EVENT_TYPE_NAMES,
    SLUGS_OF,
)
from tests.engine.event_types import (
    GUID_A,
    GUID_B,
    GUID_C,
    catalog,
    event_type,
    user_defined,
)

PERIODIC_TIMER = "f07ac0e3-9662-4781-9176-ec9e488aa494"


def test_a_site_that_lists_nothing_still_has_the_built_in_names() -> None:
    """A user without rights to the configuration sees names, not GUIDs."""
    empty = catalog()
    assert empty.type_name(MOTION_STARTED) == "Motion Started"
    assert MOTION_STARTED in empty.names


def test_the_name_of_an_unknown_type_is_its_guid() -> None:
    """It is still unique, and can be looked up."""
    empty = catalog()
    assert empty.type_name(GUID_A) == GUID_A
    assert GUID_A not in empty.names


def test_the_server_s_names_come_before_ours() -> None:
    """They are in the language of its installation."""
    german = catalog(event_type(MOTION_STARTED, "Bewegung gestartet"))
    assert german.type_name(MOTION_STARTED) == "Bewegung gestartet"


def test_user_defined_events_are_named_without_the_list_of_types() -> None:
    """That list is long, and needs a separate right."""
    own = catalog(
        user_defined=(user_defined(GUID_A, "Gate open"),),
        analytics=(AnalyticsEvent(id=GUID_B, name="Licence plate"),),
    )
    assert own.type_name(GUID_A) == "Gate open"
    assert own.type_name(GUID_B) == "Licence plate"
    assert GUID_A in own.user_defined
    assert GUID_B not in own.user_defined
    assert GUID_B in own.analytics
    assert GUID_A not in own.analytics


def test_without_a_list_the_built_in_states_are_known() -> None:
    """The built-in types are the same at every site in the world."""
    empty = catalog()
    for two_sided in TWO_SIDED:
        for type_id in two_sided.on:
            state = empty.states.get(type_id)
            assert state is not None
            assert (state.group, state.is_on) == (two_sided.kind, True)
        for type_id in two_sided.off:
            state = empty.states.get(type_id)
            assert state is not None
            assert (state.group, state.is_on) == (two_sided.kind, False)
    assert empty.kinds(Resource.CAMERAS) == (
        StateKind.MOTION,
        StateKind.RECORDING,
        StateKind.COMMUNICATION,
    )
    assert empty.kinds(Resource.HARDWARE) == (StateKind.COMMUNICATION,)
    assert empty.kinds(Resource.INPUT_EVENTS) == (StateKind.INPUT,)
    assert empty.kinds(Resource.OUTPUTS) == (StateKind.OUTPUT,)
    assert empty.kinds(Resource.MICROPHONES) == ()


def test_a_state_has_the_server_s_words() -> None:
    """Users know the words of the Management Client."""
    known = catalog(
        event_type(MOTION_STARTED, group=MOTION_GROUP, state="Bewegung"),
        event_type(MOTION_STOPPED, group=MOTION_GROUP, state="Ruhe"),
        groups=(StateGroup(id=MOTION_GROUP, name="Bewegung"),),
    )
    assert known.states.get(MOTION_STOPPED) == State(
        group=StateKind.MOTION, group_name="Bewegung", name="Ruhe", is_on=False
    )


def test_a_state_without_the_server_s_words_has_ours() -> None:
    """Automations need a text to compare with."""
    assert catalog().states.get(MOTION_STOPPED) == State(
        group=StateKind.MOTION,
        group_name="Motion",
        name="Motion Stopped",
        is_on=False,
    )


@pytest.mark.parametrize(
    ("state", "is_on"), [("Motion", True), ("No Motion", False), ("Blinded", None)]
)
def test_a_driver_s_type_in_a_built_in_group_has_the_side_of_its_state(
    state: str, *, is_on: bool | None
) -> None:
    """Cameras have their own motion events, which the sensor must follow."""
    known = catalog(
        event_type(MOTION_STARTED, group=MOTION_GROUP, state="Motion"),
        event_type(MOTION_STOPPED, group=MOTION_GROUP, state="No Motion"),
        event_type(GUID_A, group=MOTION_GROUP, state=state),
    )
    found = known.states.get(GUID_A)
    assert found is not None
    assert (found.group, found.is_on) == (StateKind.MOTION, is_on)


def test_a_driver_s_type_in_a_built_in_group_may_be_neither_on_nor_off() -> None:
    """A guess would be wrong half the time."""
    known = catalog(
        event_type(MOTION_STARTED, group=MOTION_GROUP),
        event_type(GUID_A, group=MOTION_GROUP),
    )
    found = known.states.get(GUID_A)
    assert found is not None
    assert found.is_on is None


def test_a_driver_s_type_is_found_on_its_side_by_the_states_of_the_group() -> None:
    """Servers of 2025 R2 name no state in the type, but all states in the group."""
    known = catalog(
        event_type(MOTION_STARTED, "Motion Started", group=MOTION_GROUP),
        event_type(MOTION_STOPPED, "Motion Stopped", group=MOTION_GROUP),
        event_type(GUID_A, "Radar: no motion", group=MOTION_GROUP),
        groups=(
            StateGroup(id=MOTION_GROUP, name="Motion", states=("Motion", "No Motion")),
        ),
    )
    for type_id, name, is_on in (
        (MOTION_STARTED, "Motion", True),
        (MOTION_STOPPED, "No Motion", False),
        (GUID_A, "No Motion", False),
    ):
        state = known.states.get(type_id)
        assert state is not None
        assert (state.name, state.is_on) == (name, is_on)


def test_a_driver_s_type_finds_its_built_in_group_without_the_types_in_it() -> None:
    """The id of that group is the same at every site."""
    known = catalog(event_type(GUID_A, "Radar motion", group=MOTION_GROUP))
    state = known.states.get(GUID_A)
    assert state is not None
    assert (state.group, state.group_name) == (StateKind.MOTION, "Motion")


def test_a_built_in_group_has_a_name_without_the_right_to_read_groups() -> None:
    """A GUID has no meaning for users."""
    known = catalog(event_type(GUID_A, "CPU usage critical", group=CPU_USAGE_GROUP))
    assert known.group_name(CPU_USAGE_GROUP) == "CPU usage"


def test_another_group_is_neither_on_nor_off() -> None:
    """For example, normal, warning and critical are more than on and off."""
    known = catalog(
        event_type(GUID_A, "CPU normal", group=GUID_C, state="Normal"),
        event_type(GUID_B, "CPU critical", group=GUID_C, state="Critical"),
        groups=(StateGroup(id=GUID_C, name="CPU usage"),),
    )
    assert known.states.get(GUID_B) == State(
        group=GUID_C, group_name="CPU usage", name="Critical", is_on=None
    )
    assert known.group_name(GUID_C) == "CPU usage"
    assert known.group_states(GUID_C) == ("Normal", "Critical")


def test_a_group_that_cannot_be_looked_up_is_called_by_its_id() -> None:
    """The list of groups needs a separate right."""
    known = catalog(event_type(GUID_A, "CPU critical", group=GUID_C))
    state = known.states.get(GUID_A)
    assert state is not None
    assert state.group_name is None
    # Its type at least describes the event.
    assert state.name == "CPU critical"
    assert known.group_name(GUID_C) == GUID_C


def test_an_event_without_a_group_has_no_state() -> None:
    """Most events have no state."""
    known = catalog(event_type(GUID_A))
    assert known.states.get(GUID_A) is None
    assert GUID_A not in known.stateful_types


def test_stateful_types_are_all_those_that_belong_to_a_group() -> None:
    """Other types are not pushed if the user has selected only a few."""
    known = catalog(event_type(GUID_A, group=GUID_C), event_type(GUID_B))
    assert set(known.stateful_types) == {
        GUID_A,
        *(type_id for one in TWO_SIDED for type_id in one.on | one.off),
    }


def test_the_list_of_types_decides_which_sources_have_a_state() -> None:
    """Microphones record at one site and not at another."""
    known = catalog(
        event_type(MOTION_STARTED, sources=("Camera", "CameraGroup", "Toaster")),
        event_type(
            "4577f552-765a-438c-bc7d-e5ff1f754bc3", sources=("camera", "MICROPHONE")
        ),
    )
    assert known.kinds(Resource.CAMERAS) == (StateKind.MOTION, StateKind.RECORDING)
    assert known.kinds(Resource.MICROPHONES) == (StateKind.RECORDING,)
    assert known.kinds(Resource.SPEAKERS) == ()


def test_a_type_without_sources_has_those_of_the_table() -> None:
    """Older servers list no sources at all."""
    known = catalog(event_type(MOTION_STARTED))
    assert known.kinds(Resource.CAMERAS) == (StateKind.MOTION,)


def test_a_state_whose_type_is_not_listed_is_shown_nowhere() -> None:
    """A server that lists its types has none that it does not list."""
    known = catalog(event_type(MOTION_STARTED, sources=("Camera",)))
    assert StateKind.RECORDING not in known.kinds(Resource.CAMERAS)
    assert known.kinds(Resource.HARDWARE) == ()


def test_built_in_types_have_one_slug_each() -> None:
    """An automation could not distinguish two types with one key."""
    assert len(set(EVENT_SLUGS.values())) == len(EVENT_TYPE_NAMES)


@pytest.mark.parametrize("resource", SLUGS_OF)
def test_the_slugs_of_a_source_are_built_in_ones(resource: Resource) -> None:
    """A misspelt slug would never occur."""
    assert set(SLUGS_OF[resource]) <= set(EVENT_SLUGS.values())
    assert len(set(SLUGS_OF[resource])) == len(SLUGS_OF[resource])


def test_an_event_entity_has_its_own_kinds_of_events_the_site_s_and_other() -> None:
    """Six hundred types at each of two thousand cameras are 30 MB of registry."""
    own = catalog(
        user_defined=(user_defined(GUID_A, "Gate open"),),
        analytics=(AnalyticsEvent(id=GUID_B, name="Licence plate!"),),
        chosen=(GUID_C, PERIODIC_TIMER),
    )
    offered = own.offered
    assert offered.words(Resource.OUTPUTS) == [
        *SLUGS_OF[Resource.OUTPUTS],
        "periodic_timer",
        GUID_C,
        "Licence plate!",
        "other",
    ]
    assert offered.words(None)[-3:] == [GUID_C, "Licence plate!", "other"]
    # It has its own entity, so the server's entity does not have it.
    assert offered.words(Resource.USER_DEFINED_EVENTS) == ["Gate open"]
    assert offered.word(GUID_A, Resource.USER_DEFINED_EVENTS) == "Gate open"
    assert offered.word(GUID_A, None) == "other"
    assert offered.word(GUID_A, Resource.OUTPUTS) == "other"
    assert offered.word(MOTION_STARTED, Resource.CAMERAS) == "motion_started"
    assert offered.word(MOTION_STARTED, Resource.OUTPUTS) == "other"
    assert offered.word(MOTION_STARTED, None) == "motion_started"
    assert offered.word(PERIODIC_TIMER, Resource.OUTPUTS) == "periodic_timer"
    assert offered.words(None).count("periodic_timer") == 1
    assert offered.word("f" * 36, Resource.CAMERAS) == "other"
