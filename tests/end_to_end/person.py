"""A person who uses the page in a browser."""

from collections import deque
from collections.abc import AsyncIterator
import contextlib
from pathlib import Path

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    async_playwright,
    expect,
)

from .house import FOLDER, PATIENCE, House, text

PICTURES = FOLDER / "pictures"

# As tall as most forms, so that a picture shows all of a form.
_SIZE = ViewportSize(width=1280, height=1000)

# Only requests to the house are allowed; the browser's own requests go elsewhere.
_ALONE = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
)

# Returns when the page has been idle twice.
_UNTIL_IDLE = """async () => {
    for (let i = 0; i < 2; i++) await new Promise(done => requestIdleCallback(done));
}"""

expect.set_options(timeout=PATIENCE * 1000)


class Person:
    """Opens pages, reads, clicks and types; keeps pictures of the pages."""

    def __init__(self, page: Page, house: House, folder: Path = PICTURES) -> None:
        """Start with an empty page."""
        self.page = page
        self.house = house
        self.language = "en"
        # The last errors in the page's console.
        self.errors = deque[str](maxlen=10)
        self._folder = folder
        self._pictures = 0
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    async def open(self, path: str) -> None:
        """Open a page of Home Assistant."""
        await self.page.goto(f"{self.house.settings.address}{path}")

    async def log_in(self) -> None:
        """Log in by Home Assistant's login form."""
        await self.page.locator("input[name=username]").fill("demo")
        await self.page.locator("input[name=password]").fill("demo")
        await self.picture("log in")
        await self.page.keyboard.press("Enter")
        await self.page.locator("home-assistant-main").wait_for()

    def text(self, key: str) -> str:
        """Return a text of the integration as this person should see it."""
        return text(key, self.language)

    def frontend_text(self, key: str) -> str:
        """Return a text of Home Assistant in the language of this person."""
        return self.house.frontend_text(key, self.language)

    def button(self, name: str, within: Locator | None = None) -> Locator:
        """Find a button by its text."""
        place = within or self.page
        return place.get_by_role("button", name=name, exact=True)

    async def sees(self, words: str, within: Locator | None = None) -> Locator:
        """Wait until this text is visible; return its element."""
        place = within or self.page.locator("home-assistant")
        found = place.get_by_text(words).first
        await expect(found).to_be_visible()
        return found

    async def picture(self, name: str) -> None:
        """Keep a picture of the page."""
        self._pictures += 1
        path = self._folder / f"{self._pictures:02d} {name}.png".replace(" ", "-")
        await self.page.screenshot(path=path, animations="disabled")

    async def pick(self, opener: Locator, words: str, option: str) -> None:
        """Open a picker, search in it and choose the item of a name."""
        await opener.click()
        # Keys before that are shortcuts of the page.
        choice = self.page.locator("ha-picker-combo-box")
        await choice.locator("input").fill(words)
        await choice.get_by_role("option", name=option).first.click()
        # Only then does the form have the choice, and accept the next one.
        await expect(choice).to_have_count(0)

    async def type_into(self, field: Locator, words: str) -> None:
        """Type into a field of an action's form, again if the form forgets it.

        A form that has just opened fills in its defaults, and may overwrite earlier
        input; the page does not show when that is over.
        """
        kept = ""
        while kept != words:
            await field.fill(words)
            await field.press("Tab")
            await self.page.evaluate(_UNTIL_IDLE)
            kept = await field.input_value()

    async def submit(self, form: Locator) -> None:
        """Press the button that sends a form."""
        await self.button(
            self.frontend_text("integrations.config_flow.submit"), form
        ).click()

    async def fill_in(self, form: Locator, **answers: str) -> None:
        """Type into the text fields of a form."""
        for name, answer in answers.items():
            await form.locator(f"[name={name}] >> input, textarea").fill(answer)


@contextlib.asynccontextmanager
async def start_browser(chromium: str) -> AsyncIterator[Browser]:
    """Start a browser with a fresh profile."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, headless=True, args=list(_ALONE)
        )
        yield browser
        await browser.close()


async def new_page(browser: Browser) -> Page:
    """Open a page in a profile of its own."""
    context = await browser.new_context(viewport=_SIZE, locale="en-GB")
    context.set_default_timeout(PATIENCE * 1000)
    return await context.new_page()
