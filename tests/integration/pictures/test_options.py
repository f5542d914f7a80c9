"""The option *Pictures*: tried before it is stored, and what is missing is said."""

from collections.abc import Iterator
import hashlib
import socket
import ssl
from typing import Any, override
from unittest.mock import patch

from aiohttp.abc import AbstractResolver, ResolveResult
from homeassistant.components import image as image_component
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from tests.integration.conftest import Poll
from tests.integration.pictures.conftest import check
from xprotect_simulator import Item, Options, Simulator, event_ids
from xprotect_simulator.recorders.listeners import Recorder

SITE_IMAGE = "image.simulated_site_last_event_picture"


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Leave pictures off: the tests turn them on."""
    return {"delivery": "poll"}


class NoNames(AbstractResolver):
    """A name server that knows no name, as for those of Windows machines."""

    @override
    async def resolve(
        self, host: str, port: int = 0, family: int = socket.AF_INET
    ) -> list[ResolveResult]:
        raise OSError(None, "Domain name not found")

    @override
    async def close(self) -> None:
        """Close nothing."""

    async def real_close(self) -> None:
        """Close nothing, as Home Assistant's own resolver is closed."""


@pytest.fixture(autouse=True)
def no_names() -> Iterator[None]:
    """Let names resolve nowhere."""
    with patch(
        "homeassistant.helpers.aiohttp_client._async_make_resolver",
        return_value=NoNames(),
    ):
        yield


class Flow:
    """Fills in the two forms."""

    def __init__(self, hass: HomeAssistant, entry: MockConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._id = ""

    async def choose(self, pictures: str) -> ConfigFlowResult:
        """Choose pictures in the first form, and leave the rest as it is."""
        flow = self._hass.config_entries.options
        shown = await flow.async_init(self._entry.entry_id)
        self._id = shown["flow_id"]
        schema = shown["data_schema"]
        assert schema is not None
        given = schema({"delivery": "poll", "pictures": pictures})
        return await self._settled(await flow.async_configure(self._id, given))

    async def fill_in(self, **given: object) -> ConfigFlowResult:
        """Send the second form."""
        flow = self._hass.config_entries.options
        sent = {"save_anyway": False, **given}
        return await self._settled(await flow.async_configure(self._id, sent))

    async def _settled(self, result: ConfigFlowResult) -> ConfigFlowResult:
        await self._hass.async_block_till_done(wait_background_tasks=True)
        return result


@pytest.fixture
def flow(hass: HomeAssistant, loaded: MockConfigEntry) -> Flow:
    """Return what fills in the forms."""
    return Flow(hass, loaded)


def missing(result: ConfigFlowResult) -> str:
    """Return what a form says is missing."""
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "pictures"
    assert result["errors"] == {"base": "pictures_missing"}
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    return placeholders["missing"]


@pytest.mark.parametrize("pictures", ["off", "gateway", "recorders"])
async def test_where_nothing_is_missing_the_choice_is_stored(
    flow: Flow, loaded: MockConfigEntry, pictures: str
) -> None:
    """Nobody has to fill in a second form for nothing."""
    result = await flow.choose(pictures)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == pictures


@pytest.mark.parametrize(
    "simulator_options", [Options(recorder_port=0, has_still_task=False)], ids=["old"]
)
async def test_an_older_gateway_is_told_from_the_recorders(
    flow: Flow, loaded: MockConfigEntry
) -> None:
    """Who wants to may store it all the same: the server may be updated tomorrow."""
    assert "recording servers instead" in missing(await flow.choose("gateway"))
    again = await flow.fill_in()
    assert "recording servers instead" in missing(again)
    result = await flow.fill_in(save_anyway=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == "gateway"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("forbidden:cameras:path=/api/rest/v1/cameras/*", "View live and Playback"),
        ("still_empty", "There is no picture"),
    ],
)
async def test_what_the_gateway_lacks_is_said(
    flow: Flow, simulator: Simulator, fault: str, said: str
) -> None:
    """Rights can be given, and a camera that is off be switched on."""
    simulator.faults.enable(fault)
    assert said in missing(await flow.choose("gateway"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("recorder_no_rights:path=/recorder-02/*", "View live and Playback"),
        ("recorder_no_rights:empty:path=/recorder-02/*", "View live or Playback"),
        ("recorder_reset:path=/recorder-02/*", "7563"),
        ("recorder_html:path=/recorder-02/*", "no picture"),
    ],
)
async def test_each_recorder_is_tried_and_named(
    flow: Flow, simulator: Simulator, fault: str, said: str
) -> None:
    """With many of them somebody must know where to look."""
    simulator.faults.enable(fault)
    text = missing(await flow.choose("recorders"))
    assert text.startswith("- RECORDER-02: ")
    assert "RECORDER-01" not in text
    assert said in text


async def test_a_camera_that_is_off_is_not_the_recorder(
    flow: Flow, simulator: Simulator, camera: Item
) -> None:
    """Another one may have pictures."""
    simulator.recorders.recordings.keep_only(camera.id)
    result = await flow.choose("recorders")
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_recorder_is_found_at_the_address_that_somebody_enters(
    hass: HomeAssistant,
    flow: Flow,
    loaded: MockConfigEntry,
    simulator: Simulator,
    recorder: Recorder,
    camera: Item,
    poll: Poll,
) -> None:
    """The name in XProtect is often known to Windows only."""
    simulator.faults.enable("recorder_names:127.0.0.1.invalid")
    await loaded.runtime_data.inventory.async_refresh()
    text = missing(await flow.choose("recorders"))
    assert "its name resolves" in text
    rows = [
        {"recorder": one.item.id, "address": f"127.0.0.1:{one.port}"}
        for one in simulator.recorders.all
    ]
    wrong = [{**rows[0], "address": "not an address"}]
    result = await flow.fill_in(recorders=wrong)
    assert result["errors"] == {"base": "invalid_recorder_address"}
    result = await flow.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    addresses: dict[str, Any] = loaded.options["recorder_addresses"]
    assert addresses[recorder.item.id] == f"127.0.0.1:{recorder.port}"
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)


OWN_CERTIFICATES = Options(
    cameras=2,
    recorders=2,
    recorder_port=0,
    recorder_tls=True,
    has_still_task=False,
    recorder_host="recorder.invalid",
)


@pytest.mark.parametrize("simulator_options", [OWN_CERTIFICATES], ids=["https"])
async def test_a_recorder_has_a_certificate_of_its_own(
    hass: HomeAssistant,
    flow: Flow,
    loaded: MockConfigEntry,
    simulator: Simulator,
    camera: Item,
    poll: Poll,
) -> None:
    """It bears the name in XProtect, whatever address was entered."""
    rows = [
        {
            "recorder": one.item.id,
            "address": str(URL(one.url()).with_host("127.0.0.1")),
            "certificate": one.certificate_pem.decode(),
        }
        for one in simulator.recorders.all
    ]
    missing(await flow.choose("recorders"))
    without = [{**row, "certificate": ""} for row in rows]
    assert "certificate of this recording server" in missing(
        await flow.fill_in(recorders=without)
    )
    nonsense = [{**row, "certificate": "nonsense"} for row in rows]
    result = await flow.fill_in(recorders=nonsense)
    assert result["errors"] == {"base": "invalid_certificate"}
    result = await flow.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)
    # Turned off and on again, nobody has to enter it anew.
    assert (await flow.choose("off"))["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["recorder_certificates"]
    assert (await flow.choose("recorders"))["type"] is FlowResultType.CREATE_ENTRY


def rows_with_fingerprints(simulator: Simulator, *, colons: bool) -> list[Any]:
    """Return rows that pin what the recorders show, without a name in it."""
    rows = []
    for one in simulator.recorders.all:
        der = ssl.PEM_cert_to_DER_cert(one.certificate_pem.decode())
        digest = hashlib.sha256(der).digest()
        written = f"sha256 Fingerprint={digest.hex(':').upper()}"
        rows.append(
            {
                "recorder": one.item.id,
                "address": f"https://127.0.0.1:{one.port}",
                "certificate": written if colons else digest.hex(),
            }
        )
    return rows


@pytest.mark.parametrize("colons", [True, False], ids=["openssl", "bare"])
@pytest.mark.parametrize("simulator_options", [OWN_CERTIFICATES], ids=["https"])
async def test_a_recorder_may_be_known_by_the_fingerprint_of_its_certificate(
    hass: HomeAssistant,
    flow: Flow,
    simulator: Simulator,
    camera: Item,
    poll: Poll,
    colons: bool,
) -> None:
    """Exactly this one: not that of another recorder, and none that comes later."""
    rows = rows_with_fingerprints(simulator, colons=colons)
    first, second = (row["certificate"] for row in rows)
    missing(await flow.choose("recorders"))
    short = [{**rows[0], "certificate": first[:-2]}]
    result = await flow.fill_in(recorders=short)
    assert result["errors"] == {"base": "invalid_certificate"}
    swapped = [{**rows[0], "certificate": second}, {**rows[1], "certificate": first}]
    text = missing(await flow.fill_in(recorders=swapped))
    assert text.count("another certificate than the one that is trusted") == len(rows)
    result = await flow.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)
    for one in simulator.recorders.all:
        await one.stop()
        one.replace_certificate()
        await one.start()
    text = missing(await flow.choose("recorders"))
    assert "another certificate than the one that is trusted" in text


async def test_what_is_not_loaded_is_stored_without_a_test(
    hass: HomeAssistant, flow: Flow, loaded: MockConfigEntry
) -> None:
    """A server that is down must not keep somebody from changing options."""
    await hass.config_entries.async_unload(loaded.entry_id)
    result = await flow.choose("recorders")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == "recorders"
