"""How long the lists have lacked what they once had."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.xprotect_events.api import (
    Device,
    EffectivePermissions,
    Resource,
    Site,
    Source,
)
from custom_components.xprotect_events.engine import absence
from custom_components.xprotect_events.engine.absence import GONE_AFTER, Absences
from custom_components.xprotect_events.engine.inventory import SiteInventory
from custom_components.xprotect_events.engine.rights import Rights

SITE = Site(id="site", name="Site", version=None)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DOOR, YARD = (Source(Resource.CAMERAS, name) for name in ("door", "yard"))


def site(
    *cameras: Source, unreadable: frozenset[str] = frozenset(), admin: bool = True
) -> SiteInventory:
    """Return a site of these cameras."""
    return SiteInventory(
        site=SITE,
        recording_servers=(),
        hardware=(),
        devices=tuple(
            Device(
                resource=Resource.CAMERAS,
                id=camera.id,
                name=camera.id,
                enabled=True,
                hardware_id=None,
            )
            for camera in cameras
        ),
        event_types=(),
        state_groups=(),
        user_defined_events=(),
        analytics_events=(),
        unreadable=unreadable,
        rights=rights({camera.id: 1 for camera in cameras}, admin=admin),
    )


def rights(masks: dict[str, int], *, admin: bool = True) -> Rights:
    """Return the permissions for cameras of a server from 2024 R2 on."""
    cameras = EffectivePermissions(is_administrator=admin, masks=masks)
    return Rights(is_administrator=admin, cameras=cameras)


WHOLE, LACKING = site(DOOR, YARD), site(YARD)
READINGS = {
    "whole": WHOLE,
    "lacking": LACKING,
    "empty": site(),
    "refused": site(YARD, unreadable=frozenset({Resource.MICROPHONES})),
    "other rights": site(YARD, admin=False),
}


@given(
    readings=st.lists(
        st.tuples(
            st.sampled_from(list(READINGS)),
            # Clocks step, and Home Assistant sleeps for days.
            st.timedeltas(-timedelta(days=400), timedelta(days=400)),
        ),
        max_size=60,
    )
)
def test_nothing_is_gone_before_lists_have_lacked_it_in_a_row_for_a_day(
    readings: list[tuple[str, timedelta]],
) -> None:
    """Whatever other lists contain, and whatever the clocks do."""
    absences, now, in_a_row = Absences(), NOON, 0
    for name, step in readings:
        now = now + step if abs(now + step - NOON) < timedelta(days=3000) else now
        absences.follow(READINGS[name], now)
        in_a_row = in_a_row + 1 if name == "lacking" else 0
        # At most two hours count between two of them, so that it takes 13.
        assert not (absences.is_gone(DOOR) and in_a_row < 13)
        assert not absences.is_gone(YARD) or name == "empty"


def test_it_is_gone_after_a_day_of_hourly_readings() -> None:
    """It counts as gone for one reading, and is forgotten after that."""
    absences = Absences()
    absences.follow(WHOLE, NOON)
    for hour in range(1, 25):
        absences.follow(LACKING, NOON + hour * HOUR)
        assert not absences.is_gone(DOOR)
    absences.follow(LACKING, NOON + 25 * HOUR)
    assert absences.is_gone(DOOR)
    absences.follow(LACKING, NOON + 26 * HOUR)
    assert DOOR not in absences.absent_for


def test_a_right_that_changes_on_what_is_still_listed_starts_the_day_anew() -> None:
    """A role that loses one camera often loses rights on others, too."""
    absences = Absences({DOOR: GONE_AFTER - HOUR})
    absences.follow(LACKING, NOON)
    changed = replace(LACKING, rights=rights({YARD.id: 3}))
    absences.follow(changed, NOON + HOUR)
    assert absences.absent_for == {DOOR: timedelta()}


def test_without_permissions_the_rights_count_as_unchanged() -> None:
    """Servers before 2024 R2 have none, and cameras are deleted there, too."""
    absences = Absences({DOOR: GONE_AFTER - HOUR})
    for hour in range(2):
        absences.follow(replace(LACKING, rights=None), NOON + hour * HOUR)
    assert absences.is_gone(DOOR)


def test_what_is_known_by_its_guid_only_waits_until_every_list_has_something() -> None:
    """It may be a microphone, and that list may be the one that is empty."""
    absences = Absences()
    absences.expect([Source(None, "door")])
    for hour in range(30):
        absences.follow(LACKING, NOON + hour * HOUR)
    assert not absences.is_gone(Source(None, "door"))


def test_ids_without_end_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server that invents ids has new ones at each reading."""
    monkeypatch.setattr(absence, "MAX_ABSENT", 10)
    absences = Absences()
    for reading in range(10):
        cameras = (Source(Resource.CAMERAS, f"{reading} {n}") for n in range(5))
        absences.follow(site(*cameras), NOON + reading * HOUR)
    assert len(absences.absent_for) == 10
