"""How long items have been missing from the lists."""

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
    """Return permissions for cameras, as servers from 2024 R2 on report them."""
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
            # Clocks step, and Home Assistant may be stopped for days.
            st.timedeltas(-timedelta(days=400), timedelta(days=400)),
        ),
        max_size=60,
    )
)
def test_an_item_is_gone_only_after_it_was_missing_for_a_day(
    readings: list[tuple[str, timedelta]],
) -> None:
    """With any content of other lists, and any clocks."""
    absences, now, in_a_row = Absences(), NOON, 0
    for name, step in readings:
        now = now + step if abs(now + step - NOON) < timedelta(days=3000) else now
        absences.follow(READINGS[name], now)
        in_a_row = in_a_row + 1 if name == "lacking" else 0
        # At most two hours count between two readings, so it takes 13.
        assert not (absences.is_gone(DOOR) and in_a_row < 13)
        assert not absences.is_gone(YARD) or name == "empty"


def test_an_item_is_gone_after_a_day_of_hourly_readings() -> None:
    """It counts as gone at one reading, and is forgotten after it."""
    absences = Absences()
    absences.follow(WHOLE, NOON)
    for hour in range(1, 25):
        absences.follow(LACKING, NOON + hour * HOUR)
        assert not absences.is_gone(DOOR)
    absences.follow(LACKING, NOON + 25 * HOUR)
    assert absences.is_gone(DOOR)
    absences.follow(LACKING, NOON + 26 * HOUR)
    assert DOOR not in absences.absent_for


def test_a_changed_right_on_a_listed_item_restarts_the_day() -> None:
    """A role that loses one camera often loses rights on others as well."""
    absences = Absences({DOOR: GONE_AFTER - HOUR})
    absences.follow(LACKING, NOON)
    changed = replace(LACKING, rights=rights({YARD.id: 3}))
    absences.follow(changed, NOON + HOUR)
    assert absences.absent_for == {DOOR: timedelta()}


def test_without_permissions_the_rights_count_as_unchanged() -> None:
    """Servers before 2024 R2 report none, and cameras are deleted there, too."""
    absences = Absences({DOOR: GONE_AFTER - HOUR})
    for hour in range(2):
        absences.follow(replace(LACKING, rights=None), NOON + hour * HOUR)
    assert absences.is_gone(DOOR)


def test_an_item_of_unknown_kind_waits_until_no_list_is_empty() -> None:
    """It may be in the list that is empty, for example a microphone."""
    absences = Absences()
    absences.expect([Source(None, "door")])
    for hour in range(30):
        absences.follow(LACKING, NOON + hour * HOUR)
    assert not absences.is_gone(Source(None, "door"))


def test_the_number_of_missing_ids_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hostile server may have new ids at each reading."""
    monkeypatch.setattr(absence, "MAX_ABSENT", 10)
    absences = Absences()
    for reading in range(10):
        cameras = (Source(Resource.CAMERAS, f"{reading} {n}") for n in range(5))
        absences.follow(site(*cameras), NOON + reading * HOUR)
    assert len(absences.absent_for) == 10
