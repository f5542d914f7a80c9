"""Serves the pictures of events over HTTP."""

import asyncio
from http import HTTPStatus

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import Unauthorized

from .const import DOMAIN
from .engine.recent_events import PictureOf
from .engine.shot import Shot
from .picture_access import async_find_event, async_picture
from .picture_errors import PictureError
from .runtime import XProtectConfigEntry
from .site_pictures import PICTURE_URL

# Seconds that a browser may cache a picture. It does not change, but a deleted one
# should disappear within a day.
KEEP_FOR = 86_400
# A page may request a hundred pictures at once, but a recorder sends two per second.
# Seconds between two attempts of a request that has to wait, and their number.
TURN_PAUSE = 1.0
TURN_PATIENCE = 45
# The states of an entry that is being reloaded.
RELOADING = (ConfigEntryState.UNLOAD_IN_PROGRESS, ConfigEntryState.SETUP_IN_PROGRESS)
# `moment` for the recorded picture of the event, `now` for a live one.
HEADER_SHOWS = "X-XProtect-Shows"
HEADER_TIME = "X-XProtect-Time"


class PictureView(HomeAssistantView):
    """Serves pictures to users who may see the camera."""

    url = PICTURE_URL
    name = f"api:{DOMAIN}:picture"
    requires_auth = True

    async def get(
        self, request: web.Request, entry_id: str, event_id: str
    ) -> web.Response:
        """Return the picture, or the reason why there is none."""
        hass = request.app[KEY_HASS]
        entry: XProtectConfigEntry | None = hass.config_entries.async_get_entry(
            entry_id
        )
        if entry is None or entry.domain != DOMAIN:
            return self.json_message("There is no such entry", HTTPStatus.NOT_FOUND)
        try:
            user = request[KEY_HASS_USER]
            await _async_wait_for_reload(entry)
            event = await async_find_event(hass, entry, event_id, user)
            shot = await _async_patiently(request, entry, event)
        except PictureError as err:
            return self.json_message(str(err), err.status, err.translation_key)
        except Unauthorized:
            text = "You may not see this camera"
            return self.json_message(text, HTTPStatus.FORBIDDEN)
        return web.Response(
            body=shot.picture.jpeg, content_type="image/jpeg", headers=_headers(shot)
        )


async def _async_patiently(
    request: web.Request, entry: XProtectConfigEntry, event: PictureOf
) -> Shot:
    """Return a picture, after its turn has come. Raises `PictureError`."""
    hass = request.app[KEY_HASS]
    for _ in range(TURN_PATIENCE):
        try:
            return await async_picture(hass, entry, event)
        except PictureError as err:
            is_gone = request.transport is None or request.transport.is_closing()
            if err.status != HTTPStatus.SERVICE_UNAVAILABLE or is_gone:
                raise
        await asyncio.sleep(TURN_PAUSE)
        await _async_wait_for_reload(entry)
    return await async_picture(hass, entry, event)


async def _async_wait_for_reload(entry: XProtectConfigEntry) -> None:
    """Wait while an entry is reloaded, because pages do not ask for a picture again."""
    for _ in range(TURN_PATIENCE):
        if entry.state not in RELOADING:
            return
        await asyncio.sleep(TURN_PAUSE)


def _headers(shot: Shot) -> dict[str, str]:
    is_kept = shot.is_final and not shot.is_live
    cache = f"private, max-age={KEEP_FOR}" if is_kept else "no-store"
    return {
        hdrs.CACHE_CONTROL: cache,
        HEADER_SHOWS: "now" if shot.is_live else "moment",
        HEADER_TIME: shot.picture.time.isoformat(),
    }
