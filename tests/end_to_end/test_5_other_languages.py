"""The texts that users of other languages see."""

from collections.abc import AsyncIterator
import re

from playwright.async_api import Locator, expect
import pytest

from xprotect_simulator import event_ids

from .house import House, camera, texts
from .person import Person
from .test_1_setting_up import begin
from .test_2_what_there_is import open_device
from .test_6_the_entry import OPTIONS, choose, open_entry
from .widths import expect_nothing_cut

pytestmark = pytest.mark.usefixtures("entry_id")

# Each language deletes another event, because they share one site.
LANGUAGES = [("da", "Gate open"), ("de", "Good night")]

ENTITIES = (
    "entity.binary_sensor.recording.name",
    "entity.binary_sensor.communication.name",
    "entity.event.camera_event.name",
    "entity.event.camera_event.state_attributes.event_type.state.motion_started",
)
SERVER_ENTITIES = (
    "entity.binary_sensor.connection.name",
    "entity.sensor.delivery.name",
    "entity.sensor.delivery.state.push",
)
FRONT_DOOR = camera(0)
FIELDS = ("url", "authentication", "username", "password", "verify_ssl")

# Every text node, also in shadow trees.
_PIECES = """root => {
    const pieces = [];
    const read = node => {
        if (node.nodeType === Node.TEXT_NODE) pieces.push(node.data.trim());
        if (node.nodeType === Node.COMMENT_NODE || node.matches?.("style")) return;
        if (node.shadowRoot) read(node.shadowRoot);
        node.childNodes.forEach(read);
    };
    read(root);
    return pieces;
}"""

_RAW_KEY = re.compile(r"[a-z]+(_[a-z]+)+|component\..*")


@pytest.fixture(scope="module", params=LANGUAGES, ids=[one for one, _ in LANGUAGES])
async def removable_event(
    request: pytest.FixtureRequest, person: Person, house: House
) -> AsyncIterator[str]:
    """Choose another language; return the name of an event that may be deleted."""
    person.language, event = request.param
    await house.set_language(person.language)
    yield event
    person.language = "en"
    await house.set_language(person.language)


async def assert_translated(person: Person, place: Locator, *keys: str) -> None:
    """Find these texts in the language, and neither English nor a raw key."""
    for key in keys:
        # Text after a placeholder may be in another node.
        words = person.text(key).format_map({"name": "Simulated site", "missing": ""})
        await person.sees(words.partition("\n")[0], place)
    pieces = set(await place.evaluate(_PIECES))
    translated = set(texts(person.language).values())
    assert not pieces & (set(texts("en").values()) - translated)
    assert not {one for one in pieces if _RAW_KEY.fullmatch(one)}


@pytest.mark.usefixtures("removable_event")
async def test_the_form_and_its_errors(person: Person, house: House) -> None:
    """The first texts that users see."""
    form = await begin(person)
    await person.fill_in(form, **house.site | {"url": "http://:0"})
    await person.submit(form)
    descriptions = [f"config.step.user.data_description.{key}" for key in FIELDS]
    await assert_translated(person, form, "config.error.invalid_url", *descriptions)
    await expect_nothing_cut(form)


@pytest.mark.usefixtures("removable_event")
async def test_the_page_of_a_camera(person: Person, house: House) -> None:
    """Entities and states have names, too."""
    page = await open_device(person, "Front door")
    await house.happen(event_ids.MOTION_STARTED, FRONT_DOOR)
    await assert_translated(person, page, *ENTITIES)


@pytest.mark.usefixtures("removable_event")
async def test_the_page_of_the_server(person: Person) -> None:
    """Users look here if something is missing."""
    page = await open_device(person, "Simulated site")
    await assert_translated(person, page, *SERVER_ENTITIES)


@pytest.mark.usefixtures("removable_event")
async def test_the_connection_is_changed(person: Person) -> None:
    """By the term of Home Assistant's menu, which our texts repeat."""
    row = await open_entry(person)
    await choose(row, person.frontend_text("integrations.config_entry.reconfigure"))
    form = person.page.locator("dialog-data-entry-flow")
    step = "config.step.reconfigure"
    passwords = f"{step}.data_description.password"
    await assert_translated(
        person, form, f"{step}.title", f"{step}.description", passwords
    )
    await expect_nothing_cut(form)
    await person.picture(f"reconfigure {person.language}")
    # While such a form is open, Home Assistant asks for no new password.
    await person.page.keyboard.press("Escape")
    await expect(form.locator("[name=url]")).to_have_count(0)


async def test_the_options(person: Person, removable_event: str) -> None:
    """Including the choices."""
    row = await open_entry(person)
    await row.locator("ha-icon-button[slot=end]").first.click()
    form = person.page.locator("dialog-data-entry-flow")
    descriptions = [f"options.step.init.data_description.{key}" for key in OPTIONS]
    choices = "selector.delivery.options.poll", "selector.missed_events.options.fire"
    await assert_translated(person, form, *descriptions, *choices)
    await expect_nothing_cut(form)
    types = form.locator("ha-selector-select").first
    await person.pick(types.locator("button").last, removable_event, removable_event)
    await person.picture(f"options {person.language}")
    await person.submit(form)
    await expect(types).to_have_count(0)


async def test_a_repair(person: Person, house: House, removable_event: str) -> None:
    """The problem, and what happens to the options when it is fixed."""
    await house.delete_event(removable_event)
    await person.open("/config/repairs")
    page = person.page.locator("ha-config-repairs-dashboard")
    title = "issues.options_stale.title"
    await assert_translated(person, page, title)
    problem = person.text(title).format(name="Simulated site")
    await (await person.sees(problem, page)).click()
    form = person.page.locator("dialog-data-entry-flow")
    step = "issues.options_stale.fix_flow.step.confirm_all"
    await assert_translated(person, form, f"{step}.title", f"{step}.description")
    await expect_nothing_cut(form)
    await person.sees(removable_event, form)
    await person.picture(f"repair {person.language}")
    await person.submit(form)
    await expect(page.get_by_text(problem)).to_have_count(0)


@pytest.mark.usefixtures("removable_event")
async def test_the_form_of_an_action(person: Person) -> None:
    """With the description of each field."""
    await person.open("/config/tools/action")
    form = person.page.locator("ha-service-control")
    name = person.text("services.trigger_event.name")
    await person.pick(form.locator("ha-service-picker button").first, name, name)
    prefix = "services.trigger_event."
    fields = [key for key in texts("en") if key.startswith(prefix)]
    await assert_translated(person, form, *fields)
    await expect_nothing_cut(form)
