"""What a person does about the entry later: options, and a new password."""

from playwright.async_api import Locator, expect
import pytest

from demo.settings import DOMAIN

from .house import House, text
from .person import Person

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


async def test_options_are_words_and_numbers_with_units(
    person: Person, house: House
) -> None:
    """And what is stored is taken up at once."""
    row = await open_entry(person)
    await row.locator("ha-icon-button[slot=end]").first.click()
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees(text("options.step.init.title"), form)
    for key in ("delivery", "poll_interval", "missed_events", "catch_up_hours"):
        await person.sees(text(f"options.step.init.data_description.{key}"), form)
    await person.sees(text("selector.missed_events.options.fire"), form)
    await person.picture("options")
    await form.get_by_text(text("selector.delivery.options.poll")).click()
    await person.button("Submit", form).click()
    await expect(form.get_by_text("Options successfully saved")).to_be_visible()
    await person.button("Finish", form).click()
    await house.until_state("sensor.simulated_site_delivery", "poll")


async def test_a_new_password_is_asked_for_and_taken(
    person: Person, house: House
) -> None:
    """When somebody has changed it in XProtect."""
    await house.tell_simulator("password", password="another")
    await house.tell_simulator("revoke")
    await open_entry(person)
    await person.button("Reconfigure").click()
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees(text("config.step.reauth_confirm.title"), form)
    await person.fill_in(form, username="demo", password="another")
    await person.picture("sign in again")
    await person.button("Submit", form).click()
    await person.sees("Re-authentication was successful", form)
    await house.until_state("binary_sensor.simulated_site_connection_to_xprotect", "on")
