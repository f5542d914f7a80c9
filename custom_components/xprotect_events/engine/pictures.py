"""Fetches recorded and live pictures, each only once for all viewers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from ..api import (
    ApiError,
    NoPictureError,
    NotFoundError,
    NotSupportedError,
    Picture,
    RejectedError,
    Stills,
    TimedOutError,
)
from . import moment
from .picture_cache import PictureCache
from .recorder_way import RecorderWay
from .shot import BusyError, NoWayError, OtherMomentError, Shot

# Seconds for the whole fetch; Home Assistant waits ten for the picture of an entity.
FETCH_TIMEOUT = 8.0
# Seconds for which a live picture is cached. Pages request two pictures a second of
# each camera on them; with less, the recorder's load would grow for little benefit.
LIVE_FOR = 10.0
# Seconds for which a recorded picture is cached. It does not change, but is rarely
# viewed after an hour.
MOMENT_FOR = 3600.0
# Seconds for which a failure is cached, so that not each viewer causes a new attempt.
FAILURE_FOR = 10.0
# Seconds until the gateway is asked again whether it has live pictures. It may have
# been updated, or the first camera may have been one that the user may not see.
STILLS_AGAIN_AFTER = 3600.0
# The largest size of a live picture in pixels; recorded ones keep their size.
LIVE_SIZE = (1280, 720)

type Spawn = Callable[[Coroutine[Any, Any, Shot], str], asyncio.Task[Shot]]


class Pictures:
    """Fetches pictures from the gateway and from recording servers.

    `stills` reads live pictures from the gateway, if allowed. `find_way` returns the
    `RecorderWay` for a camera's GUID, or `None`. `server_now` returns the server's
    time. `spawn` runs a fetch as its own task, so that it continues for other viewers
    when one leaves.
    """

    def __init__(
        self,
        *,
        stills: Stills | None,
        find_way: Callable[[str], RecorderWay | None],
        server_now: Callable[[], datetime],
        monotonic: Callable[[], float],
        spawn: Spawn,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._stills = stills
        self._find_way = find_way
        self._server_now = server_now
        self._spawn = spawn
        self._sleep = sleep
        self._monotonic = monotonic
        self._cache = PictureCache(monotonic)
        self._fetches: dict[Hashable, asyncio.Task[Shot]] = {}
        # Whether the gateway has live pictures; `None` before the first request.
        self._has_stills: bool | None = None
        self._no_stills_until = 0.0
        self._is_closed = False

    def close(self) -> None:
        """Fetch nothing more; Home Assistant keeps calling for pages that are open."""
        self._is_closed = True

    async def live(self, camera_id: str) -> Shot:
        """Return the live picture of a camera's GUID. Raises any `ApiError`."""
        key = (camera_id, None)
        return await self._once(key, lambda: self._fetch_live(camera_id), LIVE_FOR)

    async def of_event(self, camera_id: str, time: datetime) -> Shot:
        """Return the recorded picture at an event's time.

        If there is none, a live picture replaces it while the event is young. Raises
        `OtherMomentError` or `NoPictureError` if nothing was recorded, `NoWayError`,
        or any other `ApiError`.
        """
        key = (camera_id, time.astimezone(UTC).replace(microsecond=0))
        return await self._once(
            key, lambda: self._fetch_moment(camera_id, time), MOMENT_FOR
        )

    def describe(self) -> Mapping[str, object]:
        """Return figures for the diagnostics."""
        return {
            "cached_bytes": self._cache.size,
            "under_way": len(self._fetches),
            "gateway_has_live_pictures": self._has_stills,
        }

    async def _once(
        self,
        key: Hashable,
        fetch: Callable[[], Coroutine[Any, Any, Shot]],
        seconds: float,
    ) -> Shot:
        if self._is_closed:
            raise NoWayError("The pictures of this site have ended")
        known = self._cache.find(key)
        if isinstance(known, ApiError):
            raise known.with_traceback(None)
        if known is not None:
            return known
        task = self._fetches.get(key)
        if task is None:
            work = self._fetch_and_keep(key, fetch, seconds)
            task = self._fetches[key] = self._spawn(work, f"picture {key}")
            task.add_done_callback(lambda done: self._finished(key, done))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if task.cancelled() and not (current and current.cancelling()):
                # The entry is being unloaded, which is no reason to end the viewer.
                raise BusyError from None
            raise

    def _finished(self, key: Hashable, task: asyncio.Task[Shot]) -> None:
        del self._fetches[key]
        if not task.cancelled():
            # Mark the error as retrieved: there may be no viewer left.
            task.exception()

    async def _fetch_and_keep(
        self,
        key: Hashable,
        fetch: Callable[[], Coroutine[Any, Any, Shot]],
        seconds: float,
    ) -> Shot:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                shot = await fetch()
        except TimeoutError as err:
            late = TimedOutError("The picture did not come in time")
            self._cache.keep(key, late, FAILURE_FOR)
            raise late from err
        except BusyError:
            # Not cached: it says nothing about the picture.
            raise
        except ApiError as err:
            self._cache.keep(key, err, FAILURE_FOR)
            raise
        # Any replacement is kept only until the picture itself may be available.
        is_kept = shot.is_final and not shot.is_live
        self._cache.keep(key, shot, seconds if is_kept else LIVE_FOR)
        return shot

    async def _fetch_moment(self, camera_id: str, time: datetime) -> Shot:
        age = self._age(time)
        failure: ApiError
        try:
            return await self._fetch_recorded(camera_id, time, age)
        except (NoPictureError, NoWayError, OtherMomentError) as err:
            failure = err
        if moment.may_be_live(age):
            with suppress(NoPictureError, NoWayError):
                shot = await self._fetch_live(camera_id)
                if moment.can_stand_in(time, shot.picture.time):
                    return shot
        raise failure

    async def _fetch_recorded(
        self, camera_id: str, time: datetime, age: timedelta
    ) -> Shot:
        way = self._find_way(camera_id)
        if way is None:
            raise NoWayError("Recorded pictures come from the recording servers only")
        await self._sleep_some(moment.wait_first(age))
        try:
            shot = await self._ask_recorded(way, camera_id, time)
            if shot.is_final:
                return shot
        except NoPictureError, OtherMomentError:
            if not moment.is_worth_another(self._age(time)):
                raise
        await self._sleep_some(moment.RETRY_PAUSE.total_seconds())
        return await self._ask_recorded(way, camera_id, time)

    async def _ask_recorded(
        self, way: RecorderWay, camera_id: str, time: datetime
    ) -> Shot:
        picture = await way.ask(lambda recorder: recorder.picture_at(camera_id, time))
        if not moment.is_of(time, picture.time):
            raise OtherMomentError(abs(picture.time - time))
        is_final = moment.is_final(time, picture.time, self._age(time))
        return Shot(picture=picture, is_live=False, is_final=is_final)

    async def _fetch_live(self, camera_id: str) -> Shot:
        picture = await self._ask_gateway(camera_id)
        if picture is None:
            way = self._find_way(camera_id)
            if way is None:
                raise NoWayError("The gateway has no live pictures")
            picture = await way.ask(
                lambda recorder: recorder.live_picture(camera_id, *LIVE_SIZE)
            )
        if not moment.is_now(picture.time, self._server_now()):
            raise NoPictureError("The camera has sent no picture for some time")
        return Shot(picture=picture, is_live=True)

    async def _ask_gateway(self, camera_id: str) -> Picture | None:
        """Return the gateway's picture, or `None` if it offers none."""
        if self._stills is None:
            return None
        if self._has_stills is False:
            if self._monotonic() < self._no_stills_until:
                return None
            self._has_stills = None
        try:
            if self._has_stills is None:
                self._has_stills = await self._stills.has(camera_id)
                if not self._has_stills:
                    self._lacks_stills()
                    return None
            return await self._stills.live_picture(camera_id, *LIVE_SIZE)
        except RejectedError:
            # This gateway has no tasks at all.
            self._lacks_stills()
        except NotFoundError, NotSupportedError:
            # Perhaps only this camera is gone, so ask again for the next one.
            self._has_stills = None
        return None

    def _lacks_stills(self) -> None:
        self._has_stills = False
        self._no_stills_until = self._monotonic() + STILLS_AGAIN_AFTER

    async def _sleep_some(self, seconds: float) -> None:
        if seconds > 0:
            await self._sleep(seconds)

    def _age(self, time: datetime) -> timedelta:
        return self._server_now() - time
