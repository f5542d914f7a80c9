"""The README's pictures. Only scripts/pictures runs them."""

from typing import Final

from playwright.async_api import Page, ViewportSize, expect
import pytest

from demo.configuration import PROOF
from demo.dashboard import URL_PATH
from demo.performance import lay_out
from demo.settings import REPOSITORY
from xprotect_simulator import event_ids

from .house import House, analytics_event, camera
from .person import Person
from .test_2_what_there_is import open_device
from .test_3_using_it import GARDEN, begin_automation

PICTURES: Final = REPOSITORY / "docs/pictures"
DOORBELL_PRESSED: Final = analytics_event("Doorbell pressed")
FRONT_DOOR: Final = camera(0)

pytestmark = pytest.mark.usefixtures("entry_id")


@pytest.fixture(scope="session")
def scenario() -> str:
    """Return the scenario with many events."""
    return "home"


async def take(page: Page, name: str, *, width: int, height: int) -> None:
    """Keep a picture of the page in a size that suits it."""
    await page.set_viewport_size(ViewportSize(width=width, height=height))
    await page.mouse.move(0, 0)
    PICTURES.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


async def every_camera_is_connected(house: House) -> bool:
    """Return whether no camera is lost at the moment."""
    states = {one["entity_id"]: one["state"] for one in await house.ask("get_states")}
    kind = "_recorder_connection"
    return {state for name, state in states.items() if name.endswith(kind)} == {"on"}


async def test_picture_of_the_dashboard(
    person: Person, house: House, entry_id: str
) -> None:
    """The picture is taken while a visitor is at the front door."""
    entities = await house.home_assistant.entities(entry_id)
    await lay_out(house.home_assistant, entities, house.settings.folder)
    await person.page.set_viewport_size(ViewportSize(width=1480, height=900))
    await person.open(f"/{URL_PATH}")
    await expect(person.page.locator("state-history-chart-timeline")).to_be_visible()

    async def it_is_counted() -> bool:
        states = await house.ask("get_states")
        return any(one["entity_id"] == PROOF for one in states)

    async with house.watched(entry_id, entities):
        await house.until(it_is_counted)
        # For the history.
        for so_many in (20, 40, 60, 80):
            await house.until_proven(happened=so_many)
        await house.until(lambda: every_camera_is_connected(house))
        await house.happen(DOORBELL_PRESSED, FRONT_DOOR)
        await person.sees("Doorbell pressed")
        rows = person.page.locator("xprotect-last-events a")
        ring = rows.filter(has_text="Doorbell pressed").first
        await expect(ring.locator("img")).to_be_visible()
        await take(person.page, "dashboard", width=1480, height=900)


async def test_picture_of_a_camera(person: Person, house: House) -> None:
    """Its states, and the events of the camera."""
    page = await open_device(person, "Garden")
    await house.happen(event_ids.MOTION_STARTED, GARDEN)
    await person.sees("Detected", page.locator("ha-device-entities-card"))
    await take(person.page, "camera", width=1480, height=720)


async def test_picture_of_an_automation(person: Person) -> None:
    """At the moment when the event is chosen."""
    await begin_automation(person, "Front door", "Motion", "Motion started")
    await take(person.page, "automation", width=1180, height=640)
