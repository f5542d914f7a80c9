"""The certificates of recorders: entered, or inspected and trusted."""

from collections.abc import Mapping
import hashlib
import ssl
from typing import Any

from homeassistant.components import image as image_component
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from yarl import URL

from custom_components.xprotect_events import picture_steps
from custom_components.xprotect_events.sanitize import UNKNOWN
from tests.integration.conftest import Poll, StateOf
from tests.integration.pictures.conftest import OptionsForm, check, missing
from xprotect_simulator import Item, Options, Simulator, event_ids
from xprotect_simulator.recorders.listeners import Recorder

SITE_IMAGE = "image.simulated_site_last_event_picture"
TLS = Options(
    cameras=2, recorders=2, recorder_port=0, recorder_tls=True, has_still_task=False
)

pytestmark = pytest.mark.usefixtures("no_names")


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Leave pictures off: the tests turn them on."""
    return {"delivery": "poll"}


def facts_of(result: ConfigFlowResult) -> Mapping[str, str]:
    """Return the facts about a certificate on a page."""
    assert result["type"] is FlowResultType.MENU
    assert result["step_id"] == "recorder_certificate"
    assert result["menu_options"] == ["trust_recorder", "pictures_form"]
    facts = result["description_placeholders"]
    assert facts is not None
    return facts


def reason_of(result: ConfigFlowResult) -> str:
    """Return why a certificate is not trusted."""
    return facts_of(result)["reason"]


def fingerprint(recorder: Recorder) -> str:
    """Return the fingerprint of a recorder's certificate."""
    der = ssl.PEM_cert_to_DER_cert(recorder.certificate_pem.decode())
    digest = hashlib.sha256(der).digest().hex(":").upper()
    return f"{digest[:47]} {digest[48:]}"


async def replace_certificate(recorder: Recorder) -> None:
    """Give a recorder another certificate."""
    await recorder.stop()
    recorder.replace_certificate()
    await recorder.start()


OWN_CERTIFICATES = Options(
    cameras=2,
    recorders=2,
    recorder_port=0,
    recorder_tls=True,
    has_still_task=False,
    recorder_host="recorder.invalid",
)


@pytest.mark.parametrize("simulator_options", [OWN_CERTIFICATES], ids=["https"])
async def test_a_site_that_is_lost_while_a_recorder_is_asked_ends_the_form(
    hass: HomeAssistant,
    form: OptionsForm,
    loaded: MockConfigEntry,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The recorder answers slowly, and shows no certificate."""
    missing(await form.choose("recorders"))
    rows = [
        {"recorder": one.item.id, "address": str(URL(one.url()).with_host("127.0.0.1"))}
        for one in simulator.recorders.all
    ]

    async def lose_the_site(*_: object) -> dict[str, str]:
        await hass.config_entries.async_unload(loaded.entry_id)
        return {"fingerprint": UNKNOWN}

    shown = "async_describe_shown_certificate"
    monkeypatch.setattr(picture_steps, shown, lose_the_site)
    result = await form.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == "recorders"


@pytest.mark.parametrize("simulator_options", [OWN_CERTIFICATES], ids=["https"])
async def test_the_form_ends_if_the_site_is_lost_while_a_certificate_is_shown(
    hass: HomeAssistant,
    form: OptionsForm,
    loaded: MockConfigEntry,
    simulator: Simulator,
) -> None:
    """Then nothing can be tested, and the choice is stored as it is."""
    missing(await form.choose("recorders"))
    rows = [
        {"recorder": one.item.id, "address": str(URL(one.url()).with_host("127.0.0.1"))}
        for one in simulator.recorders.all
    ]
    shown = await form.fill_in(recorders=rows)
    assert shown["step_id"] == "recorder_certificate"
    await hass.config_entries.async_unload(loaded.entry_id)
    result = await form.press("pictures_form")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["pictures"] == "recorders"


@pytest.mark.parametrize("simulator_options", [OWN_CERTIFICATES], ids=["https"])
async def test_a_recorder_has_a_certificate_of_its_own(
    hass: HomeAssistant,
    form: OptionsForm,
    loaded: MockConfigEntry,
    simulator: Simulator,
    camera: Item,
    poll: Poll,
) -> None:
    """It is for the name in XProtect, whatever address was entered."""
    rows = [
        {
            "recorder": one.item.id,
            "address": str(URL(one.url()).with_host("127.0.0.1")),
            "certificate": one.certificate_pem.decode(),
        }
        for one in simulator.recorders.all
    ]
    missing(await form.choose("recorders"))
    without = [{**row, "certificate": ""} for row in rows]
    shown = await form.fill_in(recorders=without)
    for one in simulator.recorders.all:
        assert facts_of(shown)["recorder"] == one.item.name
        shown = await form.press("pictures_form")
    assert "certificate of this recording server" in missing(shown)
    nonsense = [{**row, "certificate": "nonsense"} for row in rows]
    result = await form.fill_in(recorders=nonsense)
    assert result["errors"] == {"base": "invalid_certificate"}
    result = await form.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)
    # After turning the option off and on, it need not be entered again.
    assert (await form.choose("off"))["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["recorder_certificates"]
    assert (await form.choose("recorders"))["type"] is FlowResultType.CREATE_ENTRY


def rows_with_fingerprints(simulator: Simulator, *, colons: bool) -> list[Any]:
    """Return rows that pin the certificates of the recorders, which contain no name."""
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
async def test_a_recorder_may_be_identified_by_its_fingerprint(
    hass: HomeAssistant,
    form: OptionsForm,
    simulator: Simulator,
    camera: Item,
    poll: Poll,
    colons: bool,
) -> None:
    """Only this one: neither that of another recorder nor a later one."""
    rows = rows_with_fingerprints(simulator, colons=colons)
    first, second = (row["certificate"] for row in rows)
    missing(await form.choose("recorders"))
    short = [{**rows[0], "certificate": first[:-2]}]
    result = await form.fill_in(recorders=short)
    assert result["errors"] == {"base": "invalid_certificate"}
    swapped = [{**rows[0], "certificate": second}, {**rows[1], "certificate": first}]
    for shown in (
        await form.fill_in(recorders=swapped),
        await form.press("pictures_form"),
    ):
        assert "another certificate than the one that is trusted" in reason_of(shown)
    missing(await form.press("pictures_form"))
    result = await form.fill_in(recorders=rows)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)
    for one in simulator.recorders.all:
        await one.stop()
        one.replace_certificate()
        await one.start()
    shown = await form.choose("recorders")
    assert "another certificate than the one that is trusted" in reason_of(shown)


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
async def test_a_recorders_certificate_is_shown_and_trusted_on_request(
    hass: HomeAssistant,
    form: OptionsForm,
    loaded: MockConfigEntry,
    simulator: Simulator,
    camera: Item,
    poll: Poll,
) -> None:
    """Only the certificate that was shown is trusted; no file is needed."""
    first, second = simulator.recorders.all
    shown = facts_of(await form.choose("recorders"))
    assert shown["recorder"] == first.item.name
    assert shown["fingerprint"] == fingerprint(first)
    assert facts_of(await form.reload()) == shown
    await replace_certificate(first)
    again = facts_of(await form.press("trust_recorder"))
    assert again["fingerprint"] == fingerprint(first) != shown["fingerprint"]
    assert not first.ledger.calls
    assert facts_of(await form.press("trust_recorder"))["recorder"] == second.item.name
    result = await form.press("trust_recorder")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert loaded.options["recorder_certificates"] == {
        one.item.id: fingerprint(one) for one in (first, second)
    }
    event = simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    image = await image_component.async_get_image(hass, SITE_IMAGE)
    check(image.content, event, camera)


@pytest.mark.parametrize("simulator_options", [TLS], ids=["https"])
@pytest.mark.parametrize(
    "entry_options",
    [
        {
            "delivery": "poll",
            "pictures": "recorders",
            "recorder_certificates": {"any": "no certificate"},
        }
    ],
    ids=["unreadable"],
)
async def test_an_unreadable_certificate_of_a_recorder_does_not_stop_events(
    loaded: MockConfigEntry, simulator: Simulator, poll: Poll, binary_state: StateOf
) -> None:
    """For example, after an update that accepts no short keys any more."""
    assert loaded.state is ConfigEntryState.LOADED
    camera = simulator.world.cameras[0]
    simulator.world.emit(event_ids.MOTION_STARTED, camera)
    await poll()
    assert binary_state(camera, "motion") == STATE_ON
