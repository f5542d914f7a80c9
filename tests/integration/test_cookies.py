"""Cookies are sent only to the server that has set them."""

import functools

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import pytest

from custom_components.xprotect_events.client_factory import async_create_client
from tests.api.servers import ScriptedServer

SITES = "/api/rest/v1/sites"


@pytest.mark.usefixtures("socket_enabled")
async def test_no_cookie_is_kept_or_sent(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All integrations share one session, whose cookies all of them send."""
    # Cookies of IP addresses would not be kept.
    jar = functools.partial(aiohttp.CookieJar, unsafe=True)
    monkeypatch.setattr(aiohttp.client, "CookieJar", jar)
    async with ScriptedServer() as server:
        url = server.url
        cookie = {"Set-Cookie": "ours=1; Path=/"}
        server.answer("GET", SITES, {"array": []}, headers=cookie)
        server.answer("GET", "/", headers={"Set-Cookie": "theirs=1; Path=/"})
        shared = async_get_clientsession(hass)
        for _ in range(2):
            await shared.get(f"{url}/")
        client = await async_create_client(
            hass,
            {
                "url": url,
                "authentication": "basic",
                "username": "demo",
                "password": "demo",
                "verify_ssl": True,
            },
        )
        for _ in range(2):
            await client.configuration.sites()
        await shared.get(f"{url}/")
        cookies = [(one.path, one.cookie) for one in server.received]
    assert [one for one in cookies if one[0] == "/"] == [
        ("/", None),
        ("/", "theirs=1"),
        ("/", "theirs=1"),
    ]
    assert {one for path, one in cookies if path != "/"} == {None}
