"""A person adds the site to Home Assistant."""

from playwright.async_api import Locator, expect

from demo.settings import DOMAIN

from .house import House, text
from .person import Person
from .widths import at_every_width


async def begin(person: Person) -> Locator:
    """Start to add the integration."""
    await person.open("/config/integrations/dashboard")
    await person.button(person.frontend_text("integrations.add_integration")).click()
    choice = person.page.locator("dialog-add-integration")
    await choice.locator("input").fill("XProtect")
    await choice.get_by_text("Milestone XProtect Events").click()
    form = person.page.locator("dialog-data-entry-flow")
    await person.sees(person.text("config.step.user.title"), form)
    return form


async def test_the_form_explains_every_field(person: Person) -> None:
    """Users see it before they read the README."""
    form = await begin(person)
    send = person.button(person.frontend_text("integrations.config_flow.submit"), form)
    await at_every_width(person, "form", form, send)
    for key in ("url", "username", "password", "verify_ssl"):
        await person.sees(text(f"config.step.user.data_description.{key}"), form)
    await form.get_by_text(text("config.step.user.sections.advanced.name")).click()
    section = "config.step.user.sections.advanced.data_description.ca_certificate"
    await person.sees(text(section), form)


async def test_an_error_of_the_address_is_shown_at_the_address(
    person: Person, house: House
) -> None:
    """Users must not look for it in the password."""
    form = await begin(person)
    await person.fill_in(form, **house.site | {"url": "http://:0"})
    await person.submit(form)
    complaint = await person.sees(text("config.error.invalid_url"), form)
    address = form.locator("[name=url] >> input")
    await expect(complaint).to_be_in_viewport()
    await at_every_width(person, "address", form, complaint)
    above, below = await complaint.bounding_box(), await address.bounding_box()
    assert above is not None
    assert below is not None
    assert 0 < below["y"] - above["y"] < 100


async def test_a_certificate_is_looked_at_and_trusted(
    person: Person, house: House
) -> None:
    """Most servers have a self-signed one."""
    page = person.page
    async with house.other_site("--tls") as site:
        form = await begin(person)
        await person.fill_in(form, **site)
        await person.submit(form)
        step = "config.step.certificate"
        await person.sees(person.text(f"{step}.title"), form)
        choices = f"{step}.menu_options"
        trust = form.get_by_text(
            person.text(f"{choices}.trust_certificate"), exact=True
        )
        back = form.get_by_text(person.text(f"{choices}.user"), exact=True)
        await person.sees("SHA-256 fingerprint: ", form)
        await at_every_width(person, "certificate", form, trust)
        await expect(back).to_be_visible()
        await trust.click()
        await person.sees(person.text("config.step.areas.title"), form)
        # Leave without another entry.
        await form.get_by_role("button", name="Close").click()
        await expect(page.locator("dialog-data-entry-flow ha-dialog")).to_have_count(0)
    assert await house.entries() == []


async def test_a_wrong_password_can_be_corrected_in_the_same_form(
    person: Person, house: House
) -> None:
    """The other fields keep their values; the devices are shown at the end."""
    form = await begin(person)
    await person.fill_in(form, **house.site | {"password": "wrong"})
    await person.submit(form)
    await person.sees(text("config.error.invalid_auth"), form)
    await expect(form.locator("[name=url] >> input")).to_have_value(house.site["url"])
    await person.picture("wrong password")
    await person.fill_in(form, password=house.site["password"])
    await person.submit(form)
    # Groups that may become areas.
    await person.sees(text("config.step.areas.data.area_groups"), form)
    await at_every_width(person, "groups as areas", form)
    await person.submit(form)
    finish = person.button("Skip and finish", form)
    await finish.wait_for()
    await at_every_width(person, "devices found", form, finish)
    await finish.click()
    await person.page.wait_for_url(f"**/config/integrations/integration/{DOMAIN}**")
    await person.sees("Front door microphone")
    (entry,) = await house.entries()
    assert entry["state"] == "loaded"
