"""The repair for recorders whose certificates are not the trusted ones."""

from typing import Any

from homeassistant.components import image as image_component
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.conftest import Poll
from tests.integration.entries import reload
from tests.integration.pictures.conftest import Happen, OptionsForm, check
from tests.integration.pictures.test_recorder_certificates import (
    SITE_IMAGE,
    TLS,
    fingerprint,
    replace_certificate,
)
from tests.integration.repair_forms import open_repair, submit_repair
from xprotect_simulator import Item, Simulator, event_ids

pytestmark = pytest.mark.usefixtures("no_names")


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Leave pictures off: the tests turn them on."""
    return {"delivery": "poll"}


class Broken:
    """A site whose recorders have other certificates than the trusted ones."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self.issue_id = f"recorder_certificate_{entry.entry_id}"

    def issue(self) -> ir.IssueEntry | None:
        """Return the repair, while there is one."""
        return ir.async_get(self._hass).async_get_issue(DOMAIN, self.issue_id)

    async def begin(self) -> dict[str, Any]:
        """Press the button of the repair."""
        return await open_repair(self._hass, self.issue_id)

    async def send(
        self, result: dict[str, Any], given: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Submit a page of the repair, or load it again."""
        return await submit_repair(self._hass, result, given)


@pytest.fixture
async def broken(
    hass: HomeAssistant,
    http_client: ClientSessionGenerator,
    form: OptionsForm,
    loaded: MockConfigEntry,
    happen: Happen,
) -> Broken:
    """Give both recorders other certificates, and request pictures."""
    simulator = happen.simulator
    await form.choose("recorders")
    await form.press("trust_recorder")
    await form.press("trust_recorder")
    for one in simulator.recorders.all:
        await replace_certificate(one)
        one.ledger.calls.clear()
    # Pages cannot be added once there is a client.
    assert await async_setup_component(hass, "repairs", {})
    client = await http_client()
    for camera in simulator.world.cameras:
        event = await happen(camera)
        answer = await client.get(happen.path_of(event))
        assert (await answer.json())["code"] == "picture_certificate_not_trusted"
    return Broken(hass, loaded)


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
async def test_another_certificate_gets_nothing_and_opens_a_repair(
    hass: HomeAssistant,
    broken: Broken,
    loaded: MockConfigEntry,
    simulator: Simulator,
    camera: Item,
    poll: Poll,
) -> None:
    """A renewal is usual once a year; another server in its place is not."""
    recorders = simulator.recorders.all
    assert not any(one.ledger.calls for one in recorders)
    issue = broken.issue()
    assert issue is not None
    assert issue.translation_placeholders == {
        "name": "Simulated site",
        "recorders": "RECORDER-01, RECORDER-02",
    }
    page = await broken.begin()
    # Loading the page a second time accepts nothing.
    page = await broken.send(page, None)
    for one in recorders:
        facts = page["description_placeholders"]
        assert facts["recorder"] == one.item.name
        assert facts["fingerprint"] == fingerprint(one)
        page = await broken.send(page, {})
    assert page["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["recorder_certificates"] == {
        one.item.id: fingerprint(one) for one in recorders
    }
    assert broken.issue() is None
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll(11)
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)
    assert broken.issue() is None


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
async def test_a_repair_that_fails_shows_the_reason(
    hass: HomeAssistant, broken: Broken, loaded: MockConfigEntry, simulator: Simulator
) -> None:
    """A certificate that is not shown cannot be compared."""
    for one in simulator.recorders.all:
        await one.stop()
    assert (await broken.begin())["reason"] == "cannot_connect"
    await hass.config_entries.async_unload(loaded.entry_id)
    assert broken.issue() is None


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
@pytest.mark.parametrize("stopped", [0, 1], ids=["first", "second"])
async def test_a_recorder_that_is_off_does_not_hinder_the_repair_of_another(
    broken: Broken, loaded: MockConfigEntry, simulator: Simulator, stopped: int
) -> None:
    """What the user has confirmed is stored."""
    page = await broken.begin()
    recorders = list(simulator.recorders.all)
    off = recorders.pop(stopped)
    await off.stop()
    if stopped == 0:
        page = await broken.send(page, None)
    (other,) = recorders
    assert page["description_placeholders"]["fingerprint"] == fingerprint(other)
    before = loaded.options["recorder_certificates"]
    page = await broken.send(page, {})
    assert page["type"] is FlowResultType.CREATE_ENTRY
    changed = {other.item.id: fingerprint(other)}
    assert loaded.options["recorder_certificates"] == before | changed


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
@pytest.mark.parametrize("where", ["options", "XProtect"])
async def test_a_recorder_at_another_address_is_not_trusted_unseen(
    hass: HomeAssistant,
    broken: Broken,
    loaded: MockConfigEntry,
    simulator: Simulator,
    where: str,
) -> None:
    """The address was changed while the page was open."""
    first = simulator.recorders.all[0]
    page = await broken.begin()
    assert page["description_placeholders"]["fingerprint"] == fingerprint(first)
    if where == "options":
        entered = {first.item.id: "127.0.0.1:1"}
        options = {**loaded.options, "recorder_addresses": entered}
        hass.config_entries.async_update_entry(loaded, options=options)
    else:
        simulator.faults.enable("recorder_names:127.0.0.1.invalid")
        await loaded.runtime_data.inventory.async_refresh()
    before = loaded.options["recorder_certificates"]
    await broken.send(page, {})
    assert loaded.options["recorder_certificates"] == before


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
async def test_a_repair_survives_that_the_entry_is_reloaded(
    hass: HomeAssistant, broken: Broken, loaded: MockConfigEntry, simulator: Simulator
) -> None:
    """Options were changed elsewhere, and nobody has asked for a picture since."""
    first = simulator.recorders.all[0]
    page = await broken.begin()
    await reload(hass, loaded)
    page = await broken.send(page, {})
    assert page["type"] is FlowResultType.CREATE_ENTRY
    trusted = loaded.options["recorder_certificates"]
    assert trusted[first.item.id] == fingerprint(first)


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
async def test_the_repair_of_a_removed_recorder_disappears(
    broken: Broken, loaded: MockConfigEntry, simulator: Simulator
) -> None:
    """Its certificate can no longer be shown, so nobody could submit it."""
    first, second = simulator.recorders.all
    simulator.world.remove(second.item)
    await loaded.runtime_data.inventory.async_refresh()
    issue = broken.issue()
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["recorders"] == "RECORDER-01"
    simulator.world.remove(first.item)
    await loaded.runtime_data.inventory.async_refresh()
    assert broken.issue() is None
