"""Every text of a server that is shown on a page, with any content.

`shown_texts` looks at each form, issue and error for gaps and Markdown.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import cycle
import random
import re
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from homeassistant.components.media_source import async_browse_media
from homeassistant.config_entries import (
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntryState,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.json import json_bytes
from homeassistant.setup import async_setup_component
from hypothesis import example, given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.certificates import (
    InvalidCertificateError,
    _create_tls_context,
    _describe,
)
from custom_components.xprotect_events.const import DOMAIN
from custom_components.xprotect_events.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.xprotect_events.sanitize import MARKUP, MAX_LENGTH, sanitize
from tests.api.hostile import TEXTS
from tests.effort import tried
from tests.integration.certificate_authority import Certificate
from tests.integration.conftest import Poll
from tests.integration.entries import load
from tests.integration.shown_texts import MORE_THAN_WORDS, Watch
from xprotect_simulator import Options, Simulator, event_ids

MARKDOWN = (
    "![x](http://evil.example/x.png)",
    "[click](//evil.example)",
    "<https://evil.example>",
    "www.evil.example",
    "a@evil.example",
    "`code` **bold** ~~gone~~",
    "<img src=x onerror=alert(1)>",
    "&lt;b&gt; &#91;x&#93;",
    "# - 1. > |",
    "{name} {} {0.__class__}",
    "WwW.www..evil",
    "\u2028\u2029\u0085",
)
names = (
    st.text(max_size=20)
    | st.sampled_from(MARKDOWN + TEXTS)
    | st.lists(
        st.sampled_from("![](){}<>:/@.w\\`|#*_~&;x \r\n\u202e"), max_size=30
    ).map("".join)
)


@tried(200)
@given(text=names | st.builds("{}{}".format, names, names))
def test_a_text_contains_plain_words_only(text: str) -> None:
    """Home Assistant shows placeholders as Markdown, to administrators."""
    shown = sanitize(text)
    assert len(shown) <= MAX_LENGTH + 1
    assert shown.isprintable()
    assert not MARKUP & set(shown)
    assert not MORE_THAN_WORDS.search(shown)
    assert sanitize(shown) == shown or len(text) > MAX_LENGTH
    shown.encode()


KEY = ec.generate_private_key(ec.SECP256R1())
AN_OID = x509.ObjectIdentifier("1.2.3")
A_YEAR = timedelta(days=365)


def general_name(kind: type[x509.DNSName], text: str) -> x509.GeneralName:
    """Return a name of a kind, unchecked, as an attacker may write it."""
    return kind._init_without_validation(text)


GENERAL_NAMES = st.one_of(
    st.builds(
        general_name,
        st.sampled_from(
            (x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier)
        ),
        names.filter(str.isascii),
    ),
    st.ip_addresses().map(x509.IPAddress),
    st.binary(max_size=20).map(
        lambda value: x509.OtherName(AN_OID, bytes((4, len(value))) + value)
    ),
)


def issued(common: Iterable[str], others: Iterable[x509.GeneralName]) -> bytes:
    """Return a certificate for these names, in DER."""
    names = [one[:64].encode("utf-8", "replace").decode() or "x" for one in common]
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one) for one in names])
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=KEY.public_key(),
        serial_number=1,
        not_valid_before=datetime.now(UTC),
        not_valid_after=datetime.now(UTC) + A_YEAR,
    )
    names_for = x509.SubjectAlternativeName(others)
    signed = builder.add_extension(names_for, critical=False).sign(KEY, hashes.SHA256())
    return Certificate(certificate=signed, key=KEY).der


# A name of a kind that the library does not read (x400Address), instead of an address.
UNUSUAL = issued(["vms"], [x509.DNSName("abcd")]).replace(
    b"\x82\x04abcd", b"\xa3\x04\x30\x02\x05\x00"
)
# Version 4 of certificates, which does not exist.
LATER_VERSION = issued(["vms"], [x509.DNSName("vms")]).replace(
    b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x03", 1
)


# Home Assistant logs such warnings; in tests they would be errors.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@pytest.mark.filterwarnings("ignore:Attribute's length must be:UserWarning")
@tried(100)
@given(
    common=st.lists(names, max_size=3),
    others=st.lists(GENERAL_NAMES, max_size=3),
    changes=st.lists(st.tuples(st.integers(0), st.integers(0, 255)), max_size=3),
)
def test_a_certificate_in_which_something_is_wrong_is_described(
    common: list[str], others: list[x509.GeneralName], changes: list[tuple[int, int]]
) -> None:
    """The server has written it, and an administrator reads it."""
    der = bytearray(issued(common, others))
    for place, byte in changes:
        der[place % len(der)] = byte
    assert_described(bytes(der))


@pytest.mark.parametrize("der", [UNUSUAL, LATER_VERSION], ids=["name", "version"])
def test_a_certificate_that_the_library_cannot_read_is_described(der: bytes) -> None:
    """Its fingerprint is shown, which is enough to trust it."""
    assert_described(der)


def assert_described(der: bytes) -> None:
    """Assert that all facts about a certificate can be shown."""
    with suppress(InvalidCertificateError):
        _create_tls_context(ssl.DER_cert_to_PEM_cert(der))
    facts = _describe(der)
    assert re.fullmatch(r"[0-9A-F]{2}([: ][0-9A-F]{2}){31}", facts["fingerprint"])
    for shown in facts.values():
        assert shown.isprintable()
        assert not MARKUP & set(shown)
        assert not MORE_THAN_WORDS.search(shown)


@pytest.fixture
def simulator_options() -> Options:
    """Return a site with one item of every kind."""
    return Options(scenario="quiet", cameras=3, recorders=2, recorder_port=0)


@pytest.fixture
def entry_options() -> dict[str, object]:
    """Switch all options on."""
    return {
        "delivery": "poll",
        "alarms": True,
        "pictures": "recorders",
        "live_view": True,
        "switch_outputs": True,
        "ptz_presets": True,
    }


async def browse_all(
    hass: HomeAssistant, path: str = "media-source://" + DOMAIN
) -> None:
    """Browse every level of the media browser."""
    found = await async_browse_media(hass, path)
    assert json_bytes(found.as_dict())
    for child in found.children or ():
        if child.can_expand:
            await browse_all(hass, child.media_content_id)


async def show_all(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, poll: Poll
) -> None:
    """Set the entry up, create events, and check every page."""
    world = simulator.world
    entry.add_to_hass(hass)
    await load(hass, entry)
    await poll(15.0)
    assert entry.state is ConfigEntryState.LOADED
    for state in hass.states.async_all():
        assert json_bytes(state.as_dict())
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    assert all(json_bytes(one.dict_repr) for one in devices)
    assert all(json_bytes(one.as_partial_dict) for one in entities)
    assert json_bytes(await async_get_config_entry_diagnostics(hass, entry))
    await browse_all(hass)
    flows = hass.config_entries.flow
    for source in (SOURCE_REAUTH, SOURCE_RECONFIGURE):
        form = await flows.async_init(
            DOMAIN,
            context={"source": source, "entry_id": entry.entry_id},
            data=dict(entry.data) if source == SOURCE_REAUTH else None,
        )
        flows.async_abort(form["flow_id"])
    options = hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    options.async_abort(form["flow_id"])
    world.remove(world.user_defined_events[-1])


# An example takes a second.
@tried(2, thorough=600, shares_fixtures=True)
@given(drawn=st.lists(names, min_size=1, max_size=8))
@example(drawn=["\ud800"])
@example(drawn=list(MARKDOWN))
@example(drawn=list(TEXTS))
def test_a_site_of_any_names_is_shown(
    hass: HomeAssistant,
    simulator: Simulator,
    entry_options: dict[str, object],
    poll: Poll,
    what_is_shown_has_its_text: Watch,
    drawn: list[str],
) -> None:
    """In forms, repairs, states, registries, media, diagnostics and errors."""
    hass.loop.run_until_complete(
        _show(hass, simulator, entry_options, poll, cycle(drawn))
    )
    assert what_is_shown_has_its_text.gaps == []


async def _show(
    hass: HomeAssistant,
    simulator: Simulator,
    entry_options: dict[str, object],
    poll: Poll,
    drawn: Iterator[str],
) -> None:
    # Hypothesis uses one seed for all examples, so Home Assistant would repeat its ids.
    random.seed()
    assert await async_setup_component(hass, "media_source", {})
    world = simulator.world
    for item in tuple(world.inventory):
        world.rename(item, next(drawn))
    chosen = world.add_user_defined_event(next(drawn))
    entry = MockConfigEntry(
        domain=DOMAIN,
        # Users enter it, and Home Assistant stores it as UTF-8.
        title=next(drawn).encode(errors="replace").decode(),
        unique_id=world.site.id,
        data={
            "url": simulator.url,
            "authentication": "basic",
            "username": "demo",
            "password": "demo",
            "verify_ssl": True,
        },
        options={**entry_options, "exclude_event_types": [chosen.id]},
    )
    for camera in world.cameras:
        world.emit(
            event_ids.MOTION_STARTED, camera, tag=next(drawn), data={next(drawn): 1}
        )
    try:
        await show_all(hass, simulator, entry, poll)
        await poll(7200.0)
    finally:
        await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
