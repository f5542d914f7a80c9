"""Tests pictures with the options of a form, and reports what is missing."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .api import (
    ApiError,
    Device,
    NoPictureError,
    PermissionDeniedError,
    Picture,
    Recorder,
    RecorderRefusedError,
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

# Seconds for each recorder; the user waits for the form.
CHECK_TIMEOUT = 15.0
# Cameras of a recorder to try, because some may be switched off.
CAMERAS_TRIED = 3

NO_GATEWAY = "picture_not_in_gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPicture:
    """A reason why pictures are missing: the key of its text, and the error in it."""

    key: str
    error: str
    # The recorder that has no pictures, `None` for the gateway.
    server: RecordingServer | None = None
    # The name of the camera, if other cameras of the recorder may have pictures.
    camera: str = ""
    # Where the recorder shows a certificate that is not trusted, if it does.
    untrusted_at: str | None = None


async def async_check_pictures(
    hass: HomeAssistant, entry: XProtectConfigEntry, options: Mapping[str, Any]
) -> tuple[MissingPicture, ...]:
    """Try to get pictures with these options, and return what is missing.

    Raises `InvalidCertificateError`.
    """
    if options[CONF_PICTURES] == PICTURES_RECORDERS:
        return await _check_recorders(hass, entry, options)
    problem = await _check_gateway(entry.runtime_data)
    return (problem,) if problem else ()


async def async_describe_problems(
    hass: HomeAssistant, entry: XProtectConfigEntry, problems: Iterable[MissingPicture]
) -> str:
    """Return a list of sentences, each with the name of the server that it is about."""
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", [DOMAIN]
    )
    lines = []
    for one in problems:
        place = sanitize(one.server.name if one.server else entry.title)
        camera = f" ({sanitize(one.camera)})" if one.camera else ""
        text = texts.get(f"component.{DOMAIN}.exceptions.{one.key}.message", one.key)
        sentence = text.format_map({"error": sanitize(one.error)})
        lines.append(f"- {place}{camera}: {sentence}")
    return "\n".join(lines)


async def _check_gateway(runtime: XProtectRuntime) -> MissingPicture | None:
    stills = runtime.client.stills
    problem: MissingPicture | None = None
    for camera in _cameras(runtime)[:CAMERAS_TRIED]:
        try:
            if not await stills.has(camera.id):
                return MissingPicture(key=NO_GATEWAY, error="")
            await stills.live_picture(camera.id, *LIVE_SIZE)
        except ApiError as err:
            problem = _problem(err)
            continue
        return None
    return problem


async def _check_recorders(
    hass: HomeAssistant, entry: XProtectConfigEntry, options: Mapping[str, Any]
) -> tuple[MissingPicture, ...]:
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
    return tuple(one for one in problems if one is not None)


async def _check_recorder(
    runtime: XProtectRuntime,
    ways: RecorderWays,
    server: RecordingServer,
    cameras: Iterable[Device],
) -> MissingPicture | None:
    way = ways.to(server)
    if way is None:
        return _problem(NoWayError("no address"), server)
    problem: MissingPicture | None = None
    now = runtime.client.clock.now()
    for camera in cameras:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT):
                await way.ask(partial(_live, camera.id))
                await way.ask(partial(_recorded, camera.id, now))
        except NoPictureError as err:
            # Switched off, or not recorded: try another camera.
            problem = problem or replace(_problem(err, server), camera=camera.name)
        except (RecorderRefusedError, PermissionDeniedError) as err:
            return replace(_problem(err, server), camera=camera.name)
        except (ApiError, TimeoutError) as err:
            return _problem(err, server, way.untrusted_at)
        else:
            return None
    return problem


async def _live(camera_id: str, recorder: Recorder) -> Picture:
    return await recorder.live_picture(camera_id, *LIVE_SIZE)


async def _recorded(camera_id: str, moment: datetime, recorder: Recorder) -> Picture:
    return await recorder.picture_at(camera_id, moment)


def _problem(
    err: ApiError | TimeoutError,
    server: RecordingServer | None = None,
    untrusted_at: str | None = None,
) -> MissingPicture:
    key = next(
        (key for kind, key, _ in PICTURE_ERRORS if isinstance(err, kind)),
        "picture_out_of_reach",
    )
    return MissingPicture(
        key=key, error=str(err), server=server, untrusted_at=untrusted_at
    )


def _cameras(runtime: XProtectRuntime) -> list[Device]:
    return [
        one
        for one in runtime.inventory.data.devices
        if one.resource is Resource.CAMERAS and one.enabled
    ]
