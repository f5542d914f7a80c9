"""Creates the objects that fetch pictures, from the options of an entry."""

import asyncio
from collections.abc import Mapping
import time
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from yarl import URL

from .api import (
    InvalidAddressError,
    Recorder,
    RecordingServer,
    XProtectClient,
    parse_address,
)
from .certificates import InvalidCertificateError, async_create_trust
from .const import (
    CONF_PICTURES,
    CONF_RECORDER_ADDRESSES,
    CONF_RECORDER_CERTIFICATES,
    DOMAIN,
    PICTURES_OFF,
    PICTURES_RECORDERS,
)
from .engine.pictures import Pictures
from .engine.recorder_ways import RecorderWays
from .inventory_coordinator import XProtectInventoryCoordinator
from .issues import async_get_issues
from .site_pictures import SitePictures


async def async_create_pictures(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: XProtectInventoryCoordinator,
) -> SitePictures | None:
    """Return the pictures of an entry, `None` if they are off."""
    wanted = entry.options.get(CONF_PICTURES, PICTURES_OFF)
    if wanted == PICTURES_OFF:
        return None
    ways: RecorderWays | None = None
    if wanted == PICTURES_RECORDERS:
        issues = async_get_issues(hass, entry)

        @callback
        def judge() -> None:
            if ways is not None:
                issues.judge_recorders(one.name for one in ways.untrusted())

        ways = await async_create_ways(
            hass,
            entry,
            client,
            inventory,
            await _with_valid_certificates(hass, entry.options),
            noticed=judge,
        )
        # A recorder may leave the lists, or move to another address.
        entry.async_on_unload(inventory.async_add_listener(judge))
    pictures = Pictures(
        stills=client.stills,
        find_way=ways.of_camera if ways else lambda _: None,
        server_now=client.clock.now,
        monotonic=time.monotonic,
        spawn=lambda work, name: entry.async_create_background_task(
            hass, work, f"{DOMAIN} {name}"
        ),
    )
    return SitePictures(hass, entry.entry_id, pictures, ways)


async def async_create_ways(
    hass: HomeAssistant,
    entry: ConfigEntry,
    client: XProtectClient,
    inventory: XProtectInventoryCoordinator,
    options: Mapping[str, Any],
    *,
    noticed: CALLBACK_TYPE = lambda: None,
) -> RecorderWays:
    """Return the ways to the recorders for these options.

    `noticed` is called when `untrusted` changes. Raises `InvalidCertificateError`.
    """
    addresses: Mapping[str, str] = options.get(CONF_RECORDER_ADDRESSES, {})
    trusted = {
        recorder_id: await async_create_trust(hass, text)
        for recorder_id, text in options.get(CONF_RECORDER_CERTIFICATES, {}).items()
    }
    # A constant GUID, which differs for each entry of each Home Assistant.
    tokens = client.recorder_tokens(str(uuid5(NAMESPACE_OID, entry.entry_id)))

    def connect(server: RecordingServer) -> tuple[Recorder, ...]:
        places = places_of(server.addresses, addresses.get(server.id))
        return tuple(
            client.recorder(
                address,
                tokens,
                tls=trusted.get(server.id),
                server_hostname=hostname,
            )
            for address, hostname in places
        )

    return RecorderWays(
        lambda: inventory.data,
        connect,
        tokens.token,
        monotonic=time.monotonic,
        sleep=asyncio.sleep,
        noticed=noticed,
    )


async def _with_valid_certificates(
    hass: HomeAssistant, options: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return the options without certificates that cannot be read any more.

    Their recorders then count as not trusted, and the repair offers to trust others.
    Otherwise not even events would arrive.
    """
    certificates = dict(options.get(CONF_RECORDER_CERTIFICATES, {}))
    for recorder_id, text in tuple(certificates.items()):
        try:
            await async_create_trust(hass, text)
        except InvalidCertificateError:
            del certificates[recorder_id]
    return {**options, CONF_RECORDER_CERTIFICATES: certificates}


def places_of(
    named: tuple[str, ...], entered: str | None
) -> list[tuple[URL, str | None]]:
    """Return the possible addresses of a recorder, with the name in its certificate.

    `named` are its addresses in XProtect, `entered` is one that the user has entered
    instead. Then the certificate may have that name or the one in XProtect.
    """
    usual = [url for one in named if (url := _read(one)) is not None]
    if not entered:
        return [(url, None) for url in usual]
    address = read_recorder_address(entered, usual[0] if usual else None)
    if address is None:
        return []
    places: list[tuple[URL, str | None]] = [(address, None)]
    if address.scheme == "https":
        places += [(address, url.host) for url in usual if url.host != address.host]
    return places


def read_recorder_address(entered: str, usual: URL | None) -> URL | None:
    """Return the address that a user has entered, `None` if it is not valid.

    A missing scheme or port is taken from the address in XProtect.
    """
    entered = entered.strip()
    if "://" not in entered:
        scheme = usual.scheme if usual else "https"
        entered = f"{scheme}://{entered}"
    url = _read(entered)
    if url is not None and usual is not None and url.explicit_port is None:
        url = url.with_port(usual.port)
    return url


def _read(text: str) -> URL | None:
    try:
        return parse_address(text).with_path("/")
    except InvalidAddressError:
        return None
