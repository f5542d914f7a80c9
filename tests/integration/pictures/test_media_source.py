"""The media browser: cameras, days, events."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.media_player import BrowseError
from homeassistant.components.media_source import (
    MediaSourceItem,
    Unresolvable,
    async_browse_media,
    async_resolve_media,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.xprotect_events import media_source
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.media_source import EventPictureSource
from tests.integration.entries import load
from tests.integration.pictures.conftest import Happen, check
from xprotect_simulator import Item, ManualClock, Options, Simulator, event_ids

ROOT = f"media-source://{DOMAIN}"


class Browse:
    """Browses like the frontend, without its WebSocket."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self.root = f"{ROOT}/{entry.entry_id}"

    async def __call__(self, path: str = "") -> dict[str, str]:
        """Return titles with their addresses, in order."""
        found = await async_browse_media(self._hass, path or ROOT)
        return {one.title: one.media_content_id for one in found.children or ()}


@pytest.fixture
async def browse(hass: HomeAssistant, loaded: MockConfigEntry) -> Browse:
    """Return an object that browses."""
    assert await async_setup_component(hass, "media_source", {})
    return Browse(hass, loaded)


async def test_a_picture_is_found_by_camera_day_and_event(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    browse: Browse,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
) -> None:
    """Days without events are not offered."""
    await http_client()
    await hass.config.async_set_time_zone("UTC")
    old = datetime(2026, 2, 27, 13, 5, tzinfo=UTC)
    simulator.world.emit(event_ids.MOTION_STARTED, camera, time=old)
    await happen(simulator.world.cameras[1])
    event = await happen(camera)
    cameras = await browse()
    assert list(cameras) == sorted(one.name for one in simulator.world.cameras)
    days = await browse(cameras[camera.name])
    assert list(days) == ["2026-03-02", "2026-02-27"]
    events = await browse(days["2026-03-02"])
    (title,) = events
    assert title == f"{event.time:%H:%M:%S} Motion Started"
    alone = await async_browse_media(hass, events[title])
    assert alone.title == f"{camera.name}, 2026-03-02 {title}"
    media = await async_resolve_media(hass, events[title], None)
    assert [one.thumbnail for one in alone.children or ()] == [media.url]
    assert media.mime_type == "image/jpeg"
    client = await http_client()
    check(await (await client.get(media.url)).read(), event, camera)
    old_events = await browse(days["2026-02-27"])
    assert list(old_events) == ["13:05:00 Motion Started"]


@pytest.mark.parametrize(
    ("zone", "clock", "hours"),
    [
        ("Europe/Berlin", ManualClock(datetime(2026, 3, 30, 12, tzinfo=UTC)), 23),
        ("Europe/Berlin", ManualClock(datetime(2026, 10, 26, 12, tzinfo=UTC)), 25),
        ("America/Havana", ManualClock(datetime(2026, 3, 9, 12, tzinfo=UTC)), 23),
        ("Australia/Lord_Howe", ManualClock(datetime(2026, 4, 6, 12, tzinfo=UTC)), 24),
        ("Africa/Cairo", ManualClock(datetime(2026, 4, 25, 12, tzinfo=UTC)), 23),
    ],
    ids=["spring", "autumn", "no midnight", "half an hour", "no midnight either"],
)
async def test_days_on_which_clocks_change_are_whole(
    hass: HomeAssistant,
    browse: Browse,
    happen: Happen,
    simulator: Simulator,
    camera: Item,
    clock: ManualClock,
    zone: str,
    hours: int,
) -> None:
    """Each event is listed once, on its local day."""
    await hass.config.async_set_time_zone(zone)
    expected: dict[str, list[str]] = {}
    for number in range(72):
        time = clock.now() - timedelta(hours=72 - number, minutes=17)
        event = simulator.world.emit(event_ids.MOTION_STARTED, camera, time=time)
        day = time.astimezone(ZoneInfo(zone)).date().isoformat()
        expected.setdefault(day, []).insert(0, event.id)
    days = await browse(f"{browse.root}/{camera.id}")
    assert list(days) == sorted(expected, reverse=True)
    for day, events in expected.items():
        # Two events of a day may have the same time, and so the same title.
        page = await async_browse_media(hass, days[day])
        ids = [one.media_content_id.rpartition("/")[2] for one in page.children or ()]
        assert ids == events
    assert hours in {len(events) for events in expected.values()}
    assert happen.simulator is simulator


async def test_a_busy_day_has_pages(
    browse: Browse, happen: Happen, camera: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event is missing between two pages."""
    monkeypatch.setattr(media_source, "PAGE", 3)
    events = [await happen(camera) for _ in range(7)]
    (day,) = (await browse(f"{browse.root}/{camera.id}")).values()
    seen: list[str] = []
    pages = 0
    while day:
        pages += 1
        found = await browse(day)
        day = found.pop("Older", "")
        seen += [one.rpartition("/")[2] for one in found.values()]
    assert pages == 3
    assert seen == [event.id for event in reversed(events)]


async def test_assistants_get_the_picture_itself(
    hass: HomeAssistant, browse: Browse, happen: Happen, camera: Item
) -> None:
    """Home Assistant 2026.11 and later request it like this."""
    event = await happen(camera)
    source = EventPictureSource(hass)
    path = f"{browse.root}/event/{event.id}".removeprefix(f"{ROOT}/")
    item = MediaSourceItem(hass, DOMAIN, path, None)
    image = await source.async_get_media_image(item)
    assert image is not None
    assert image.mime_type == "image/jpeg"
    check(image.content, event, camera)
    nothing = MediaSourceItem(hass, DOMAIN, f"{path[:-1]}?", None)
    with pytest.raises(Unresolvable):
        await source.async_get_media_image(nothing)


@pytest.mark.parametrize(
    "path",
    [
        "another",
        "another/event/x",
        "{entry}/event/x",
        "{entry}/nowhere",
        "{entry}/{camera}/yesterday",
        "{entry}/{camera}/9999-12-31",
        "{entry}/{camera}/2026-03-02/soon",
        "{entry}/{camera}/2026-03-02/a/b",
    ],
)
async def test_unknown_items_have_an_error(
    hass: HomeAssistant,
    browse: Browse,
    loaded: MockConfigEntry,
    camera: Item,
    path: str,
) -> None:
    """Bookmarks may refer to deleted cameras."""
    path = path.format(entry=loaded.entry_id, camera=camera.id)
    with pytest.raises(BrowseError):
        await browse(f"{ROOT}/{path}")
    with pytest.raises(Unresolvable):
        await async_resolve_media(hass, f"{ROOT}/{path}", None)


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("day", ["0001-01-01", "2026-03-02/99991231T235959.999999"])
async def test_any_day_and_time_in_an_address_can_be_opened(
    hass: HomeAssistant, browse: Browse, camera: Item, zone: str, day: str
) -> None:
    """Somebody may have typed the address; the first day of all has no start in UTC."""
    await hass.config.async_set_time_zone(zone)
    assert await browse(f"{browse.root}/{camera.id}/{day}") == {}


@pytest.mark.usefixtures("browse")
async def test_the_site_itself_is_not_a_picture(hass: HomeAssistant) -> None:
    """Home Assistant then passes no identifier."""
    with pytest.raises(Unresolvable):
        await async_resolve_media(hass, ROOT, None)


async def test_a_server_that_does_not_answer_has_an_error(
    browse: Browse, simulator: Simulator, camera: Item
) -> None:
    """With advice."""
    simulator.faults.enable("event_server_down")
    with pytest.raises(BrowseError, match="does not answer"):
        await browse(f"{browse.root}/{camera.id}")


async def test_a_user_browses_the_cameras_that_they_may_see(
    hass: HomeAssistant,
    browse: Browse,
    happen: Happen,
    loaded: MockConfigEntry,
    camera: Item,
    hass_admin_user: MockUser,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """The browser sends requests as the user."""
    event = await happen(camera)
    hass_admin_user.groups = []
    hass_admin_user.mock_policy({"entities": {"entity_ids": {}}})
    socket = await hass_ws_client(hass)

    async def ask(kind: str, path: str) -> dict[str, Any]:
        await socket.send_json_auto_id(
            {"type": f"media_source/{kind}", "media_content_id": path}
        )
        answer: dict[str, Any] = await socket.receive_json()
        return answer

    found = await ask("browse_media", browse.root)
    assert found["result"]["children"] == []
    for path in (camera.id, f"event/{event.id}"):
        assert not (await ask("browse_media", f"{browse.root}/{path}"))["success"]
    resolved = await ask("resolve_media", f"{browse.root}/event/{event.id}")
    assert not resolved["success"]
    assert loaded.runtime_data


async def test_a_single_site_is_opened_at_once_and_several_are_listed(
    hass: HomeAssistant, browse: Browse, loaded: MockConfigEntry, clock: ManualClock
) -> None:
    """A list of one site would be a needless click."""
    assert "Front door" in await browse()
    async with Simulator(Options(seed=2, cameras=1), clock=clock) as other:
        site = other.world.site
        second = MockConfigEntry(
            domain=DOMAIN,
            title="Warehouse",
            unique_id=site.id,
            data={**loaded.data, "url": other.url},
            options={"delivery": "poll", "pictures": "gateway"},
        )
        second.add_to_hass(hass)
        await load(hass, second)
        sites = await browse()
        assert list(sites) == [loaded.title, "Warehouse"]
        assert list(await browse(sites["Warehouse"])) == ["Front door"]
        await hass.config_entries.async_unload(second.entry_id)
