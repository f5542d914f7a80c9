"""The events that the user has selected, and the subscription that they need."""

from dataclasses import replace

import pytest

from custom_components.xprotect_events.api import Event, Source, SubscriptionFilter
from custom_components.xprotect_events.engine.built_in import (
    SYSTEM_CONFIGURATION_CHANGED,
)
from custom_components.xprotect_events.engine.selection import Selection

MOTION = "6eb95dd6-7ccc-4bce-99f8-af0d0b582d77"
GATE = "8b2c0d4e-3f50-4b6c-9d7e-0f1a2b3c4d0d"
DOOR_ID = "e028f597-0000-4000-8000-000000000001"
DOOR = f"cameras/{DOOR_ID}"
TERRACE = "cameras/e028f597-0000-4000-8000-000000000002"
ONLY_DOOR = frozenset({Source.parse(DOOR)})


def event(type_id: str = MOTION, source: str | None = DOOR) -> Event:
    """Return an event of this type and source."""
    return Event.from_wire(
        {
            "id": "5e6a4c06-b290-473d-80b5-8e0dffa1d3a6",
            "type": type_id,
            "source": source,
            "time": "2026-03-02T06:00:00.0000000Z",
        },
        "event",
    )


@pytest.mark.parametrize(
    ("selection", "of_type", "of_source", "is_wanted"),
    [
        (Selection(), MOTION, DOOR, True),
        (Selection(), GATE, None, True),
        (Selection(event_types=frozenset({MOTION})), MOTION, TERRACE, True),
        (Selection(event_types=frozenset({MOTION})), GATE, DOOR, False),
        (Selection(sources=ONLY_DOOR), GATE, DOOR, True),
        (Selection(sources=ONLY_DOOR), MOTION, TERRACE, False),
        (Selection(sources=ONLY_DOOR), MOTION, None, False),
        (
            Selection(event_types=frozenset({MOTION}), sources=ONLY_DOOR),
            GATE,
            DOOR,
            False,
        ),
        (
            Selection(event_types=frozenset({MOTION}), sources=ONLY_DOOR),
            MOTION,
            DOOR,
            True,
        ),
        (Selection(excluded_types=frozenset({MOTION})), MOTION, DOOR, False),
        (Selection(excluded_types=frozenset({MOTION})), GATE, DOOR, True),
        (Selection(excluded_sources=ONLY_DOOR), MOTION, DOOR, False),
        (Selection(excluded_sources=ONLY_DOOR), MOTION, None, True),
        (
            Selection(sources=ONLY_DOOR, excluded_sources=ONLY_DOOR),
            MOTION,
            DOOR,
            False,
        ),
        (
            Selection(sources=ONLY_DOOR, excluded_types=frozenset({GATE})),
            GATE,
            DOOR,
            False,
        ),
    ],
)
def test_both_choices_must_fit_and_an_empty_one_is_everything(
    selection: Selection, of_type: str, of_source: str | None, *, is_wanted: bool
) -> None:
    """A type and a camera together mean that type of that camera; excluded wins."""
    assert selection.wants(event(of_type, of_source)) is is_wanted


def test_events_of_states_are_pushed_whatever_was_chosen() -> None:
    """Otherwise the audit would count them as lost and replace a working stream."""
    selection = Selection(event_types=frozenset({GATE}))
    assert selection.covers(event(MOTION), is_stateful=True)
    assert not selection.covers(event(MOTION), is_stateful=False)
    assert selection.covers(event(GATE), is_stateful=False)


def test_what_is_excluded_is_pushed_all_the_same() -> None:
    """It is not documented which of two matching filters of the server decides."""
    selection = Selection(excluded_types=frozenset({GATE}), excluded_sources=ONLY_DOOR)
    assert selection.subscription([MOTION]) == (SubscriptionFilter(),)
    assert selection.covers(event(GATE), is_stateful=False)


def test_without_a_choice_everything_is_pushed() -> None:
    """This includes types that no list has."""
    assert Selection().subscription([MOTION]) == (SubscriptionFilter(),)


@pytest.mark.parametrize(
    ("selection", "chosen"),
    [
        (
            Selection(event_types=frozenset({GATE})),
            SubscriptionFilter(event_types=(GATE,)),
        ),
        (
            Selection(sources=ONLY_DOOR),
            SubscriptionFilter(source_ids=(DOOR_ID,)),
        ),
        (
            Selection(event_types=frozenset({GATE}), sources=ONLY_DOOR),
            SubscriptionFilter(event_types=(GATE,), source_ids=(DOOR_ID,)),
        ),
    ],
)
def test_a_choice_is_subscribed_to_together_with_all_states(
    selection: Selection, chosen: SubscriptionFilter
) -> None:
    """A sensor whose events are not pushed would keep its state for ever."""
    needed = tuple(sorted((MOTION, SYSTEM_CONFIGURATION_CHANGED)))
    states = SubscriptionFilter(event_types=needed)
    assert selection.subscription([MOTION]) == (chosen, states)


def test_groups_add_their_current_members_to_the_sources() -> None:
    """Later members of a group are chosen, too; an empty group has none."""
    members: set[Source] = set()
    selection = Selection(
        sources=ONLY_DOOR, has_groups=True, members=lambda: frozenset(members)
    )
    assert selection.wants(event(source=DOOR))
    assert not selection.wants(event(source=TERRACE))
    members.add(Source.parse(TERRACE))
    assert selection.wants(event(source=TERRACE))
    chosen, _ = selection.subscription(())
    ids = sorted(Source.parse(one).id for one in (DOOR, TERRACE))
    assert chosen.source_ids == tuple(ids)
    excluding = replace(selection, excluded_sources=frozenset({Source.parse(TERRACE)}))
    assert not excluding.wants(event(source=TERRACE))
    empty = Selection(has_groups=True)
    assert not empty.wants(event())
    (states,) = empty.subscription((MOTION,))
    assert MOTION in states.event_types
