"""Later changes to the entry: options, and a new password."""

import json

from playwright.async_api import Locator, expect
import pytest

from demo.settings import DOMAIN

from .house import House, text
from .person import Person
from .widths import at_every_width

CONNECTION = "binary_sensor.simulated_site_connection"
OPTIONS = (
    "event_types",
    "sources",
    "delivery",
    "poll_interval",
    "missed_events",
    "catch_up_hours",
)

pytestmark = pytest.mark.usefixtures("entry_id")


async def open_entry(person: Person) -> Locator:
    """Open the integration's page and return the row of the site."""
    await person.open(f"/config/integrations/integration/{DOMAIN}")
    row = person.page.locator("ha-config-entry-row")
    await person.sees("Simulated site", row)
    return row


async def choose(row: Locator, item: str) -> None:
    """Choose from the menu of the site."""
    await row.locator("ha-icon-button[slot=trigger]").first.click()
    await row.locator("ha-dropdown-item").get_by_text(item, exact=True).first.click()


async def test_the_connection_can_be_reconfigured(person: Person, house: House) -> None:
    """Removing the entry would remove its entities."""
    await choose(await open_entry(person), "Reconfigure")
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees(text("config.step.reconfigure.title"), form)
    await expect(form.locator("[name=url] >> input")).to_have_value(house.site["url"])
    await expect(form.locator("[name=password] >> input")).to_have_value("")
    await person.sees("It must remain the same XProtect site", form)
    password = text("config.step.reconfigure.data_description.password")
    await person.sees(password, form)
    send = person.button(person.frontend_text("integrations.config_flow.submit"), form)
    await at_every_width(person, "reconfigure", form, send)
    await person.fill_in(form, url=house.site["url"].replace("127.0.0.1", "localhost"))
    await person.submit(form)
    await person.sees("successful", form)
    await house.until_state(CONNECTION, "on")


async def test_options_are_chosen_by_name(person: Person, house: House) -> None:
    """Event types and sources as XProtect calls them, numbers with their units."""
    row = await open_entry(person)
    await row.locator("ha-icon-button[slot=end]").first.click()
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees(text("options.step.init.title"), form)
    for key in OPTIONS:
        await person.sees(text(f"options.step.init.data_description.{key}"), form)
    types, _, sources, *_ = await form.locator("ha-selector-select").all()
    await person.pick(person.button("Add", types), "Motion", "Motion Started")
    await person.pick(person.button("Add", types), "Panic", "Panic")
    await person.pick(person.button("Add", sources), "door", "Front door")
    await form.get_by_text(text("selector.delivery.options.poll")).click()
    send = person.button(person.frontend_text("integrations.config_flow.submit"), form)
    await at_every_width(person, "options", form, send)
    await person.submit(form)
    await person.sees("success", form)
    await house.until_state("sensor.simulated_site_delivery", "poll")


async def test_a_stale_option_has_a_repair_that_fixes_it(
    person: Person, house: House
) -> None:
    """An option contains an item that was deleted in XProtect."""
    await house.delete_event("Panic")
    await person.open("/config/repairs")
    problem = text("issues.options_stale.title").format(name="Simulated site")
    repair = await person.sees(problem)
    listed = person.page.locator("ha-config-repairs")
    await at_every_width(person, "repairs", listed, repair)
    await repair.click()
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees("not have any more", form)
    await person.sees("Panic", form)
    send = person.button(person.frontend_text("integrations.config_flow.submit"), form)
    await at_every_width(person, "repair", form, send)
    await person.submit(form)
    await person.sees("repaired", form)


async def test_diagnostics_are_downloaded_without_secrets(person: Person) -> None:
    """Users attach the file to public reports."""
    row = await open_entry(person)
    async with person.page.expect_download() as download:
        await choose(row, "Download diagnostics")
    path = await (await download.value).path()
    diagnostics = json.loads(path.read_text("utf-8"))["data"]
    assert diagnostics["data"]["password"] == "**REDACTED**"


async def test_a_new_password_is_requested_and_used(
    person: Person, house: House
) -> None:
    """After it was changed in XProtect."""
    await house.control_simulator("password", password="another")
    await house.control_simulator("revoke")
    await open_entry(person)
    await person.button("Reconfigure").click()
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees(text("config.step.reauth_confirm.title"), form)
    await person.fill_in(form, username="demo", password="another")
    send = person.button(person.frontend_text("integrations.config_flow.submit"), form)
    await at_every_width(person, "sign in again", form, send)
    await person.submit(form)
    await person.sees("Re-authentication was successful", form)
    await house.until_state(CONNECTION, "on")
