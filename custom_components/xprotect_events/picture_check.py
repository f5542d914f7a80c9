"""Whether pictures can be had as the options say, and what is missing."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .api import (
    ApiError,
    Device,
    NoPictureError,
    Picture,
    Recorder,
    RecordingServer,
    Resource,
)
from .const import CONF_PICTURES, DOMAIN, PICTURES_RECORDERS
from .engine.pictures import LIVE_SIZE
from .engine.recorder_ways import RecorderWays
from .engine.shot import NoWayError
from .picture_errors import PICTURE_ERRORS
from .picture_factory import async_create_ways
from .runtime import XProtectConfigEntry, XProtectRuntime
from .sanitize import sanitize

# Seconds for a recorder; somebody waits for the form.
CHECK_TIMEOUT = 15.0
# Cameras that are tried: some of a recorder may be switched off.
CAMERAS_TRIED = 3

NO_GATEWAY = "picture_not_in_gateway"


async def async_check_pictures(
    hass: HomeAssistant, entry: XProtectConfigEntry, options: Mapping[str, Any]
) -> Mapping[str, str]:
    """Try to get pictures with these options.

    Returns what is missing: sentences by the names of recorders, or by that of the
    entry for the gateway. Raises `InvalidCertificateError`.
    """
    runtime = entry.runtime_data
    if options[CONF_PICTURES] == PICTURES_RECORDERS:
        keys = await _check_recorders(hass, entry, options)
    else:
        problem = await _check_gateway(runtime)
        keys = {entry.title: problem} if problem else {}
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    return {
        name: texts.get(f"component.{DOMAIN}.exceptions.{key}.message", key).format_map(
            {"error": sanitize(error), "title": sanitize(entry.title)}
        )
        for name, (key, error) in keys.items()
    }


async def _check_gateway(runtime: XProtectRuntime) -> tuple[str, str] | None:
    stills = runtime.client.stills
    problem: tuple[str, str] | None = None
    for camera in _cameras(runtime)[:CAMERAS_TRIED]:
        try:
            if not await stills.has(camera.id):
                return NO_GATEWAY, ""
            await stills.live_picture(camera.id, *LIVE_SIZE)
        except ApiError as err:
            problem = _problem(err)
            continue
        return None
    return problem


async def _check_recorders(
    hass: HomeAssistant, entry: XProtectConfigEntry, options: Mapping[str, Any]
) -> dict[str, tuple[str, str]]:
    runtime = entry.runtime_data
    ways = await async_create_ways(
        hass, entry, runtime.client, runtime.inventory, options
    )
    cameras: dict[str, list[Device]] = {}
    servers: dict[str, RecordingServer] = {}
    for camera in _cameras(runtime):
        server = ways.server_of(camera.id)
        if server is not None:
            servers[server.id] = server
            cameras.setdefault(server.id, []).append(camera)
    tests = (
        _check_recorder(runtime, ways, server, cameras[server_id][:CAMERAS_TRIED])
        for server_id, server in servers.items()
    )
    problems = await asyncio.gather(*tests)
    return {
        server.name: problem
        for server, problem in zip(servers.values(), problems, strict=True)
        if problem is not None
    }


async def _check_recorder(
    runtime: XProtectRuntime,
    ways: RecorderWays,
    server: RecordingServer,
    cameras: Iterable[Device],
) -> tuple[str, str] | None:
    way = ways.to(server)
    if way is None:
        return _problem(NoWayError("no address"))
    problem: tuple[str, str] | None = None
    now = runtime.client.clock.now()
    for camera in cameras:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT):
                await way.ask(partial(_live, camera.id))
                await way.ask(partial(_recorded, camera.id, now))
        except NoPictureError as err:
            # Switched off, or not recorded: another one may be.
            problem = problem or _problem(err)
        except (ApiError, TimeoutError) as err:
            return _problem(err)
        else:
            return None
    return problem


async def _live(camera_id: str, recorder: Recorder) -> Picture:
    return await recorder.live_picture(camera_id, *LIVE_SIZE)


async def _recorded(camera_id: str, moment: datetime, recorder: Recorder) -> Picture:
    return await recorder.picture_at(camera_id, moment)


def _problem(err: ApiError | TimeoutError) -> tuple[str, str]:
    key = next(
        (key for kind, key, _ in PICTURE_ERRORS if isinstance(err, kind)),
        "picture_out_of_reach",
    )
    return key, str(err)


def _cameras(runtime: XProtectRuntime) -> list[Device]:
    return [
        one
        for one in runtime.inventory.data.devices
        if one.resource is Resource.CAMERAS and one.enabled
    ]
