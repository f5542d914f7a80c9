"""Every issue has a cause at the server, and goes when the cause goes."""

from datetime import timedelta

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.loader import async_get_integration
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.xprotect_events.const import DOMAIN
from tests.integration.issues.conftest import AN_HOUR, Told
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options, Simulator, event_ids

MINUTES = 60.0
SITE = {"name": "Simulated site"}

AUTO = pytest.mark.parametrize("entry_options", [{"delivery": "auto"}])


async def restart_entry(scene: Scene) -> None:
    """Reload the entry; its first polls are over."""
    await scene.hass.config_entries.async_reload(scene.entry.entry_id)
    await scene.time.settle()


def state_of(entry: MockConfigEntry) -> ConfigEntryState:
    """Return what has become of the entry by now."""
    return entry.state


async def test_a_site_that_works_has_no_issues(unset_scene: Scene, told: Told) -> None:
    """Too many messages are not read."""
    await unset_scene.set_up()
    await unset_scene.time.passes(20 * MINUTES)
    assert told() == {}


class TestRights:
    """A role that gives too little."""

    async def test_lists_that_may_not_be_read_are_named(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Missing entities look like a bug unless a repair explains them."""
        identity = unset_scene.simulator.identity
        identity.forbid("eventTypes", "microphones")
        await unset_scene.set_up()
        assert told() == {
            "lists_forbidden": {**SITE, "lists": "eventTypes, microphones"}
        }
        identity.allow("eventTypes")
        await unset_scene.time.passes(AN_HOUR)
        assert told() == {"lists_forbidden": {**SITE, "lists": "microphones"}}
        identity.allow("microphones")
        await unset_scene.time.passes(AN_HOUR)
        assert told() == {}

    async def test_events_that_may_not_be_read_open_an_issue_at_once(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Without this right no event arrives."""
        identity = unset_scene.simulator.identity
        await unset_scene.set_up()
        identity.forbid("events", "eventSessions")
        await unset_scene.time.passes(10)
        assert told() == {"permission_denied": SITE}
        assert unset_scene.delivery == "down"
        identity.allow("events", "eventSessions")
        await unset_scene.time.passes(2 * MINUTES)
        assert told() == {}
        assert unset_scene.delivery == "poll"

    async def test_a_site_that_may_not_be_read_opens_an_issue_while_it_is_tried_again(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """The entry cannot be loaded, so nothing else shows the problem."""
        identity, entry = unset_scene.simulator.identity, unset_scene.entry
        identity.forbid("sites", "recordingServers")
        hass = unset_scene.hass
        await hass.config_entries.async_setup(entry.entry_id)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY
        await unset_scene.time.passes(2 * MINUTES)
        assert told() == {"permission_denied": SITE}
        identity.allow("sites", "recordingServers")
        await unset_scene.time.passes(5 * MINUTES)
        assert state_of(entry) is ConfigEntryState.LOADED
        assert told() == {}

    async def test_an_entry_that_is_disabled_while_it_is_tried_again_has_no_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """The user does not need it."""
        entry, hass = unset_scene.entry, unset_scene.hass
        unset_scene.simulator.identity.forbid("sites", "recordingServers")
        await hass.config_entries.async_setup(entry.entry_id)
        assert told() == {"permission_denied": SITE}
        await hass.config_entries.async_set_disabled_by(
            entry.entry_id, ConfigEntryDisabler.USER
        )
        assert told() == {}

    async def test_an_outage_does_not_hide_a_missing_right(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """A server that cannot be reached is no evidence about rights."""
        await unset_scene.set_up()
        unset_scene.simulator.identity.forbid("events", "eventSessions")
        await unset_scene.time.passes(10)
        unset_scene.simulator.faults.enable("event_server_down")
        await unset_scene.time.passes(2 * MINUTES)
        assert told() == {"permission_denied": SITE}


class TestTokens:
    """A server that refuses what it has given itself."""

    async def test_a_refusal_of_ten_minutes_opens_an_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Shorter ones happen whenever the identity provider is restarted."""
        faults = unset_scene.simulator.faults
        await unset_scene.set_up()
        faults.enable("unauthorized")
        await unset_scene.time.passes(9 * MINUTES)
        assert told() == {}
        await unset_scene.time.passes(3 * MINUTES)
        assert told() == {"token_refused": SITE}
        faults.clear()
        await unset_scene.time.passes(2 * MINUTES)
        assert told() == {}

    async def test_a_short_refusal_opens_no_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Two short ones are not one of twice the length, either."""
        faults = unset_scene.simulator.faults
        await unset_scene.set_up()
        for _ in range(2):
            faults.enable("unauthorized")
            await unset_scene.time.passes(7 * MINUTES)
            faults.clear()
            await unset_scene.time.passes(2 * MINUTES)
        await unset_scene.time.passes(20 * MINUTES)
        assert told() == {}

    async def test_a_refusal_of_an_entry_that_cannot_be_loaded_opens_an_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """The ten minutes go on over every attempt to set it up."""
        unset_scene.simulator.faults.enable("unauthorized")
        entry = unset_scene.entry
        await unset_scene.hass.config_entries.async_setup(entry.entry_id)
        await unset_scene.time.passes(9 * MINUTES)
        assert told() == {}
        await unset_scene.time.passes(2 * MINUTES)
        assert state_of(entry) is ConfigEntryState.SETUP_RETRY
        assert told() == {"token_refused": SITE}
        unset_scene.simulator.faults.clear()
        # Home Assistant itself waits that long between attempts by now.
        await unset_scene.time.passes(11 * MINUTES)
        assert state_of(entry) is ConfigEntryState.LOADED
        assert told() == {}


class TestPush:
    """A server that could push and does not."""

    @AUTO
    async def test_push_that_fails_for_five_minutes_opens_an_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Everything works, only slower, so the user would not notice."""
        faults = unset_scene.simulator.faults
        faults.enable("ws_unavailable:503")
        await unset_scene.set_up()
        await unset_scene.time.passes(4 * MINUTES)
        assert unset_scene.delivery == "poll"
        assert told() == {}
        await unset_scene.time.passes(2 * MINUTES)
        assert told() == {"push_unavailable": SITE}
        faults.clear()
        await unset_scene.time.passes(2 * MINUTES)
        assert unset_scene.delivery == "push"
        assert told() == {}

    @AUTO
    async def test_a_stream_that_comes_back_soon_is_not_worth_a_word(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Event servers are restarted by every update of Windows."""
        simulator = unset_scene.simulator
        await unset_scene.set_up()
        await unset_scene.time.passes(MINUTES)
        assert unset_scene.delivery == "push"
        for _ in range(3):
            simulator.faults.enable("ws_unavailable:503")
            simulator.sockets.drop_all()
            await unset_scene.time.passes(3 * MINUTES)
            simulator.faults.clear()
            await unset_scene.time.passes(2 * MINUTES)
        assert unset_scene.delivery == "push"
        await unset_scene.time.passes(10 * MINUTES)
        assert told() == {}

    @AUTO
    async def test_a_server_that_is_down_is_not_blamed_for_it(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """One problem at a time: its sensors show that it is down."""
        unset_scene.simulator.faults.enable("event_server_down")
        await unset_scene.set_up()
        await unset_scene.time.passes(20 * MINUTES)
        assert told() == {}

    @AUTO
    async def test_the_minutes_begin_anew_after_an_outage(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """A server that comes up is given the time that it needs."""
        faults = unset_scene.simulator.faults
        faults.enable("ws_unavailable:503")
        await unset_scene.set_up()
        await unset_scene.time.passes(4 * MINUTES)
        faults.enable("event_server_down")
        await unset_scene.time.passes(4 * MINUTES)
        assert unset_scene.delivery == "down"
        faults.disable("event_server_down")
        await unset_scene.time.passes(4 * MINUTES)
        assert unset_scene.delivery == "poll"
        assert told() == {}
        await unset_scene.time.passes(4 * MINUTES)
        assert told() == {"push_unavailable": SITE}

    @AUTO
    @pytest.mark.parametrize(
        "simulator_options",
        [
            Options(scenario="quiet", product_version=version)
            for version in ("23.2.0.1", "next")
        ],
    )
    async def test_a_server_that_cannot_push_is_not_asked_to(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """2023 R2 works as well as it can."""
        unset_scene.simulator.faults.enable("ws_unavailable:404")
        await unset_scene.set_up()
        await unset_scene.time.passes(20 * MINUTES)
        assert told() == {}

    async def test_chosen_polling_opens_no_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Polling is what the issue itself recommends."""
        unset_scene.simulator.faults.enable("ws_unavailable:503")
        await unset_scene.set_up()
        await unset_scene.time.passes(20 * MINUTES)
        assert told() == {}


class TestVersion:
    """A server that is too old, or does not send its version."""

    @pytest.mark.parametrize(
        "simulator_options", [Options(scenario="quiet", product_version="22.3.4.1")]
    )
    async def test_an_old_version_has_an_issue_until_the_server_is_updated(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """A restored backup can make a server older."""
        simulator = unset_scene.simulator
        simulator.faults.enable("events_api_missing")
        await unset_scene.set_up()
        assert told() == {"server_too_old": {**SITE, "version": "22.3.4.1"}}
        simulator.faults.clear()
        simulator.world.product_version = "25.2.16119.1"
        await unset_scene.time.passes(AN_HOUR)
        assert told() == {}

    @pytest.mark.parametrize(
        "simulator_options",
        [
            Options(scenario="quiet", product_version=version)
            for version in ("", "next", "1.", "²³.²", "9" * 5000 + ".1", "100.1")
        ],
    )
    async def test_a_version_that_cannot_be_read_is_not_too_old(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """There is no certain conclusion then."""
        await unset_scene.set_up()
        assert told() == {}


@pytest.mark.parametrize("entry_options", [{"event_types": [event_ids.MOTION_STARTED]}])
class TestStorage:
    """Chosen types that the server pushes and does not keep."""

    async def push(self, scene: Scene, count: int = 3) -> None:
        """Let the type happen so often, a minute each."""
        for _ in range(count):
            scene.simulator.world.emit(event_ids.MOTION_STARTED, scene.camera)
            await scene.time.passes(MINUTES)

    async def test_types_that_are_not_stored_open_an_issue_once_it_is_certain(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Their events of an outage are lost, which only an outage would show."""
        world = unset_scene.simulator.world
        world.set_retention(event_ids.MOTION_STARTED, 0)
        await unset_scene.set_up()
        await unset_scene.time.passes(MINUTES)
        assert unset_scene.delivery == "push"
        await self.push(unset_scene)
        assert told() == {}
        await unset_scene.time.passes(16 * MINUTES)
        assert told() == {"types_not_stored": {**SITE, "types": "Motion Started"}}
        world.set_retention(event_ids.MOTION_STARTED, 7)
        await self.push(unset_scene, 1)
        assert told() == {}

    async def test_types_that_are_stored_are_never_suspected(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Also if they are stored with a delay, or while polls fail."""
        simulator = unset_scene.simulator
        await unset_scene.set_up()
        await self.push(unset_scene)
        simulator.faults.enable("late_stored:600")
        await self.push(unset_scene)
        simulator.faults.enable("server_error:500:path=/api/rest/*")
        await self.push(unset_scene)
        await unset_scene.time.passes(20 * MINUTES)
        simulator.faults.clear()
        await unset_scene.time.passes(20 * MINUTES)
        assert told() == {}

    async def test_events_that_a_recorder_brings_late_are_not_missed_by_polls(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """Their times are before those that polls still read."""
        await unset_scene.set_up()
        await unset_scene.time.passes(MINUTES)
        for _ in range(4):
            unset_scene.simulator.world.emit(
                event_ids.MOTION_STARTED,
                unset_scene.camera,
                time=unset_scene.server_now - timedelta(hours=2),
            )
        await unset_scene.time.passes(30 * MINUTES)
        assert told() == {}

    async def test_two_events_prove_nothing(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """A database in repair may lose some."""
        world = unset_scene.simulator.world
        world.set_retention(event_ids.MOTION_STARTED, 0)
        await unset_scene.set_up()
        await unset_scene.time.passes(MINUTES)
        await self.push(unset_scene, 2)
        await unset_scene.time.passes(30 * MINUTES)
        assert told() == {}

    async def test_types_that_were_not_chosen_open_no_issue(
        self, unset_scene: Scene, told: Told
    ) -> None:
        """A site may store few events on purpose."""
        world = unset_scene.simulator.world
        world.set_retention(event_ids.MOTION_STOPPED, 0)
        await unset_scene.set_up()
        await unset_scene.time.passes(MINUTES)
        for _ in range(4):
            world.emit(event_ids.MOTION_STOPPED, unset_scene.camera)
        await unset_scene.time.passes(30 * MINUTES)
        assert told() == {}


def through_a_network(scene: Scene) -> dict[str, object]:
    """Return the entry's data with the server's name for its address."""
    url = f"http://xprotect.example:{scene.simulator.port}"
    return {**scene.entry.data, "url": url}


@pytest.mark.usefixtures("names")
class TestClearText:
    """An address that begins with http."""

    def issue(self, scene: Scene) -> ir.IssueEntry | None:
        """Return the issue about the unencrypted address."""
        return ir.async_get(scene.hass).async_get_issue(
            DOMAIN, f"clear_text_{scene.entry.entry_id}"
        )

    async def test_an_unencrypted_address_opens_an_issue_with_a_link(
        self, unset_scene: Scene
    ) -> None:
        """The user's password travels with every sign-in."""
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(
            entry, data=through_a_network(unset_scene)
        )
        await unset_scene.set_up()
        issue = self.issue(unset_scene)
        assert issue is not None
        integration = await async_get_integration(unset_scene.hass, DOMAIN)
        assert issue.learn_more_url == integration.documentation
        assert issue.severity is ir.IssueSeverity.WARNING
        assert not issue.is_fixable

    async def test_ignored_once_it_stays_ignored(self, unset_scene: Scene) -> None:
        """In a network of one's own that is a choice."""
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(
            entry, data=through_a_network(unset_scene)
        )
        await unset_scene.set_up()
        issue = self.issue(unset_scene)
        assert issue is not None
        ir.async_ignore_issue(unset_scene.hass, DOMAIN, issue.issue_id, ignore=True)
        await restart_entry(unset_scene)
        again = self.issue(unset_scene)
        assert again is not None
        assert again.dismissed_version is not None

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    async def test_an_address_on_the_same_machine_opens_no_issue(
        self, unset_scene: Scene, host: str
    ) -> None:
        """A warning without a reason teaches people to ignore warnings."""
        hass, entry = unset_scene.hass, unset_scene.entry
        url = f"http://{host}:{unset_scene.simulator.port}"
        hass.config_entries.async_update_entry(entry, data={**entry.data, "url": url})
        await unset_scene.set_up()
        assert self.issue(unset_scene) is None

    @pytest.mark.parametrize("simulator_options", [Options(scenario="quiet", tls=True)])
    async def test_an_encrypted_address_is_no_issue(self, unset_scene: Scene) -> None:
        """Also without verification of the certificate: the form has asked for that."""
        data = {**unset_scene.entry.data, "verify_ssl": False}
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(entry, data=data)
        await unset_scene.set_up()
        assert self.issue(unset_scene) is None

    async def test_an_address_that_is_changed_ends_it(self, unset_scene: Scene) -> None:
        """The issue itself gives this remedy."""
        hass, entry = unset_scene.hass, unset_scene.entry
        hass.config_entries.async_update_entry(
            entry, data=through_a_network(unset_scene)
        )
        await unset_scene.set_up()
        assert self.issue(unset_scene)
        options = Options(scenario="quiet", tls=True)
        async with Simulator(options, clock=unset_scene.simulator.clock) as encrypted:
            data = {**entry.data, "url": encrypted.url, "verify_ssl": False}
            hass.config_entries.async_update_entry(entry, data=data)
            await restart_entry(unset_scene)
            assert state_of(entry) is ConfigEntryState.LOADED
            assert self.issue(unset_scene) is None
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def troubled(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> MockConfigEntry:
    """Set the integration up for a user who may not read everything."""
    simulator.identity.forbid("eventTypes")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    return entry


@pytest.mark.parametrize("ignored", [False, True])
async def test_removing_an_entry_removes_its_issues(
    hass: HomeAssistant, troubled: MockConfigEntry, ignored: bool
) -> None:
    """A repair of a removed entry has no purpose."""
    registry = ir.async_get(hass)
    issue_id = f"lists_forbidden_{troubled.entry_id}"
    assert registry.async_get_issue(DOMAIN, issue_id)
    ir.async_ignore_issue(hass, DOMAIN, issue_id, ignore=ignored)
    await hass.config_entries.async_remove(troubled.entry_id)
    assert registry.async_get_issue(DOMAIN, issue_id) is None


async def test_unloading_an_entry_takes_its_issues_back(
    hass: HomeAssistant, troubled: MockConfigEntry
) -> None:
    """A disabled site has no problems."""
    registry = ir.async_get(hass)
    assert [one for one in registry.issues.values() if one.domain == DOMAIN]
    await hass.config_entries.async_unload(troubled.entry_id)
    assert not [one for one in registry.issues.values() if one.domain == DOMAIN]


async def test_hostile_names_are_plain_text_in_issues(
    unset_scene: Scene, told: Told
) -> None:
    """Texts of issues are Markdown, and names are the server's."""
    hass, entry = unset_scene.hass, unset_scene.entry
    hass.config_entries.async_update_entry(entry, title="![x](http://evil) <b>" * 50)
    unset_scene.simulator.identity.forbid("eventTypes")
    await unset_scene.set_up()
    name = told()["lists_forbidden"]["name"]
    assert len(name) <= 101
    assert not set("[]<>") & set(name)
    assert "://" not in name
