"""Serves the pictures of events over HTTP."""

from http import HTTPStatus

from aiohttp import hdrs, web
from homeassistant.components.http import KEY_HASS, KEY_HASS_USER, HomeAssistantView
from homeassistant.exceptions import Unauthorized

from .const import DOMAIN
from .engine.shot import Shot
from .picture_access import async_find_event, async_picture
from .picture_errors import PictureError
from .runtime import XProtectConfigEntry
from .site_pictures import PICTURE_URL

# Seconds that a browser may cache a picture. It does not change, but a deleted one
# should disappear within a day.
KEEP_FOR = 86_400
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
            event = await async_find_event(hass, entry, event_id, user)
            shot = await async_picture(hass, entry, event)
        except PictureError as err:
            return self.json_message(str(err), err.status, err.translation_key)
        except Unauthorized:
            text = "You may not see this camera"
            return self.json_message(text, HTTPStatus.FORBIDDEN)
        return web.Response(
            body=shot.picture.jpeg, content_type="image/jpeg", headers=_headers(shot)
        )


def _headers(shot: Shot) -> dict[str, str]:
    cache = "no-store" if shot.is_live else f"private, max-age={KEEP_FOR}"
    return {
        hdrs.CACHE_CONTROL: cache,
        HEADER_SHOWS: "now" if shot.is_live else "moment",
        HEADER_TIME: shot.picture.time.isoformat(),
    }
