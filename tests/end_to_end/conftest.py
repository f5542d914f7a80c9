"""One house, one browser and one person for all steps."""

from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser
import pytest

from demo.entry import set_up

from .house import House, living
from .person import Person, new_page, start_browser


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `scripts/test --browser` passes."""
    parser.addoption("--chromium", help="the browser")
    parser.addoption("--programs", type=Path, help="where hass and its Python are")


def _given(config: pytest.Config, option: str) -> str:
    value = config.getoption(option)
    if not value:
        raise pytest.UsageError("These tests are run by scripts/test --browser.")
    return str(value)


@pytest.fixture(scope="session")
def scenario() -> str:
    """Return the scenario without events of its own."""
    return "still"


@pytest.fixture(scope="session")
async def house(pytestconfig: pytest.Config, scenario: str) -> AsyncIterator[House]:
    """Return a house whose Home Assistant has nothing set up."""
    programs = Path(_given(pytestconfig, "--programs"))
    async with living(programs, scenario) as running:
        yield running


@pytest.fixture(scope="session")
async def browser(pytestconfig: pytest.Config) -> AsyncIterator[Browser]:
    """Return a browser."""
    async with start_browser(_given(pytestconfig, "--chromium")) as running:
        yield running


@pytest.fixture(scope="session")
async def stranger(house: House, browser: Browser) -> Person:
    """Return a person who has no account in Home Assistant yet."""
    return Person(await new_page(browser), house)


@pytest.fixture(scope="session")
async def person(stranger: Person) -> Person:
    """Return a person who has logged in."""
    await stranger.open("/")
    await stranger.log_in()
    return stranger


@pytest.fixture
async def entry_id(house: House) -> str:
    """Return the site's entry; it is created without the page if a test runs alone."""
    for entry in await house.entries():
        return str(entry["entry_id"])
    return await set_up(house.home_assistant, house.site_id, house.site)


@pytest.fixture(autouse=True)
async def last_picture(
    request: pytest.FixtureRequest, person: Person
) -> AsyncIterator[None]:
    """Keep a picture of the end of each step."""
    yield
    await person.picture(request.node.name.removeprefix("test_").replace("_", " "))
