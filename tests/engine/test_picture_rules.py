"""The rules of pictures that need no server: moments, cache, limits, pauses."""

import asyncio
from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock, Mock

from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.xprotect_events.api import (
    ApiError,
    CertificateError,
    Event,
    Picture,
    Source,
    UnreachableError,
)
from custom_components.xprotect_events.engine import moment, picture_cache
from custom_components.xprotect_events.engine.breaker import Breaker
from custom_components.xprotect_events.engine.picture_cache import PictureCache
from custom_components.xprotect_events.engine.picture_limits import (
    AT_ONCE_PER_RECORDER,
    AT_ONCE_PER_SITE,
    BURST,
    MAX_WAITING_PICTURES,
    RecorderLimit,
    SiteLimit,
)
from custom_components.xprotect_events.engine.recent_events import KEPT, RecentEvents
from custom_components.xprotect_events.engine.recorder_way import RecorderWay
from custom_components.xprotect_events.engine.shot import BusyError, Shot
from xprotect_simulator import ManualClock

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Seconds:
    """A clock that stands still until the test advances it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def shot(size: int) -> Shot:
    """Return a picture of so many bytes."""
    return Shot(picture=Picture(jpeg=bytes(size), time=NOON), is_live=False)


def event(number: int, source: str | None = "cameras/a") -> Event:
    """Return an event of a source."""
    parsed = Source.parse(source) if source else None
    time = NOON + timedelta(seconds=number)
    return Event(f"event-{number}", "t", parsed, time, "", None, None, None, None)


@given(seconds=st.floats(-100, 100))
def test_a_picture_of_another_moment_is_recognised(seconds: float) -> None:
    """It is more than ten seconds away, on either side."""
    shown = NOON + timedelta(seconds=seconds)
    assert moment.is_of(NOON, shown) is (abs(shown - NOON) <= moment.TOLERANCE)


@pytest.mark.parametrize(
    ("age", "seconds"), [(-5.0, 2.0), (0.0, 2.0), (0.5, 1.5), (2.0, 0.0), (900.0, 0.0)]
)
def test_the_request_waits_until_the_picture_is_written(
    age: float, seconds: float
) -> None:
    """An earlier request would return an older picture; future events do not wait."""
    assert moment.wait_first(timedelta(seconds=age)) == seconds


def test_old_events_are_neither_retried_nor_shown_live() -> None:
    """A live picture shows nothing of an event of a minute ago."""
    young, old = timedelta(seconds=4), timedelta(seconds=60)
    assert moment.is_worth_another(young)
    assert moment.may_be_live(young)
    assert not moment.is_worth_another(old)
    assert not moment.may_be_live(old)


def test_the_cache_drops_what_was_used_least_when_it_is_full() -> None:
    """Small computers have little memory."""
    cache = PictureCache(Seconds(), max_bytes=100)
    for key in ("a", "b"):
        cache.keep(key, shot(40), 60)
    assert cache.find("a") is not None
    cache.keep("c", shot(40), 60)
    assert cache.find("b") is None
    assert cache.find("a") is not None
    assert cache.size == 80


def test_the_cache_forgets_in_time_and_replaces() -> None:
    """A live picture is current for some seconds only."""
    seconds = Seconds()
    cache = PictureCache(seconds)
    cache.keep("a", shot(40), 10)
    cache.keep("a", shot(30), 10)
    assert cache.size == 30
    seconds.now = 10.0
    assert cache.find("a") is None
    assert cache.size == 0


def test_the_number_of_remembered_failures_is_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They have no size, so their number is limited."""
    monkeypatch.setattr(picture_cache, "MAX_ENTRIES", 2)
    cache = PictureCache(Seconds())
    for key in ("a", "b", "c"):
        cache.keep(key, ApiError("no"), 10)
    assert cache.find("a") is None
    assert isinstance(cache.find("c"), ApiError)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60))
def test_the_cache_never_holds_more_than_it_may(kept: list[tuple[int, int]]) -> None:
    """With any requests, in any order."""
    cache = PictureCache(Seconds(), max_bytes=100)
    for key, size in kept:
        cache.keep(key, shot(size), 60)
        assert cache.size <= 100
        found = [cache.find(one) for one in range(10)]
        known = [one for one in found if isinstance(one, Shot)]
        assert sum(len(one.picture.jpeg) for one in known) == cache.size


def test_a_recorder_is_paused_after_three_failures() -> None:
    """Each further one doubles the pause, up to five minutes."""
    seconds = Seconds()
    breaker, reason = Breaker(seconds), UnreachableError("gone")
    assert [breaker.failed(reason) for _ in range(3)] == [False, False, True]
    rests = []
    for _ in range(6):
        begun = seconds.now
        while breaker.is_open:
            seconds.now += 1
        rests.append(seconds.now - begun)
        assert not breaker.failed(reason)
    assert rests == [30, 60, 120, 240, 300, 300]
    assert breaker.succeeded()
    assert not breaker.is_open
    assert not breaker.succeeded()
    assert not breaker.failed(reason)


def test_a_success_in_between_resets_the_failures() -> None:
    """Only consecutive failures mean that a recorder is down."""
    breaker = Breaker(Seconds())
    for _ in range(5):
        assert not breaker.failed(UnreachableError("gone"))
        assert not breaker.failed(UnreachableError("gone"))
        assert not breaker.succeeded()
    assert breaker.reason is None


async def test_the_number_of_requests_at_once_is_limited() -> None:
    """Per recorder, and for the whole site."""
    clock, site = ManualClock(), SiteLimit()
    limits = [RecorderLimit(site, clock.monotonic, clock.sleep) for _ in range(3)]
    inside, most = [0, 0, 0], [0, 0, 0, 0]
    leave = asyncio.Event()

    async def visit(number: int) -> None:
        async with limits[number].place():
            inside[number] += 1
            most[number] = max(most[number], inside[number])
            most[3] = max(most[3], sum(inside))
            await leave.wait()
            inside[number] -= 1

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            for _ in range(5):
                group.create_task(visit(number))
        for _ in range(5):
            await asyncio.sleep(0)
        leave.set()
    assert max(most[:3]) == AT_ONCE_PER_RECORDER
    assert most[3] == AT_ONCE_PER_SITE
    assert site.waiting == 0


async def test_a_recorder_gets_two_requests_a_second_after_a_burst() -> None:
    """A page with many cameras is served at once; a storm of requests is not."""
    clock = ManualClock()
    limit = RecorderLimit(SiteLimit(), clock.monotonic, clock.sleep)
    times = []

    async def visit() -> None:
        async with limit.place():
            times.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        for _ in range(BURST + 4):
            group.create_task(visit())
        await clock.until_asleep()
        await clock.advance(10)
    assert times == [*(0.0,) * BURST, 0.5, 1.0, 1.5, 2.0]


async def test_a_request_is_refused_while_twenty_wait() -> None:
    """Pages would not wait any longer."""
    clock, site = ManualClock(), SiteLimit()
    limit = RecorderLimit(site, clock.monotonic, clock.sleep)
    forever = asyncio.Event()

    async def visit() -> None:
        async with limit.place():
            await forever.wait()

    tasks = [asyncio.create_task(visit()) for _ in range(MAX_WAITING_PICTURES + 2)]
    for _ in range(3):
        await asyncio.sleep(0)
    with pytest.raises(BusyError):
        async with limit.place():
            pass
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert site.waiting == 0
    async with limit.place():
        pass


def test_the_last_events_of_cameras_are_found_by_their_ids() -> None:
    """The oldest ones are forgotten."""
    recent = RecentEvents()
    assert recent.find("event-0") is None
    assert (recent.last(), recent.newest()) == (None, {})
    for number in range(KEPT + 1):
        recent.keep(event(number, f"cameras/{number % 2}"))
    assert recent.find("event-0") is None
    found = recent.find("event-1")
    assert found is not None
    assert (found.camera_id, found.time) == ("1", NOON + timedelta(seconds=1))
    newest = recent.newest()
    ids = {camera: one.event_id for camera, one in newest.items()}
    assert ids == {"0": f"event-{KEPT}", "1": f"event-{KEPT - 1}"}
    assert recent.last() == newest["0"]


async def test_an_untrusted_certificate_is_reported_once() -> None:
    """An outage in between says nothing about the certificate."""
    clock, reports = ManualClock(), []
    recorder = Mock(address=URL("https://recorder.example:7563/"))
    picture = Picture(jpeg=b"", time=NOON)
    way = RecorderWay(
        "RECORDER-01",
        (recorder,),
        AsyncMock(),
        RecorderLimit(SiteLimit(), clock.monotonic, clock.sleep),
        Breaker(clock.monotonic),
        lambda: reports.append(way.untrusted_at),
    )
    for outcome in (CertificateError("no"), UnreachableError("gone")) * 2:
        with pytest.raises(type(outcome)):
            await way.ask(AsyncMock(side_effect=outcome))
        await clock.advance(300)
    assert reports == [str(recorder.address)]
    assert await way.ask(AsyncMock(return_value=picture)) is picture
    assert reports == [str(recorder.address), None]
