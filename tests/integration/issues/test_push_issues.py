"""Issues about push and polling have their cause at the server, and end with it."""

import pytest

from tests.integration.issues.conftest import ShownIssues
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options

MINUTES = 60.0


SITE = {"name": "Simulated site"}


AUTO = pytest.mark.parametrize("entry_options", [{"delivery": "auto"}])


class TestPush:
    """A server that could push and does not."""

    @AUTO
    async def test_push_that_fails_for_five_minutes_opens_an_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Everything works, only slower, so the user would not notice."""
        faults = unset_scene.simulator.faults
        faults.enable("ws_unavailable:503")
        await unset_scene.set_up()
        await unset_scene.time.passes(4 * MINUTES)
        assert unset_scene.delivery == "poll"
        assert shown_issues() == {}
        await unset_scene.time.passes(2 * MINUTES)
        assert shown_issues() == {"push_unavailable": SITE}
        faults.clear()
        await unset_scene.time.passes(2 * MINUTES)
        assert unset_scene.delivery == "push"
        assert shown_issues() == {}

    @AUTO
    async def test_a_stream_that_comes_back_soon_opens_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
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
        assert shown_issues() == {}

    @AUTO
    async def test_a_server_that_is_down_is_not_blamed_for_it(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """One problem at a time: its sensors show that it is down."""
        unset_scene.simulator.faults.enable("event_server_down")
        await unset_scene.set_up()
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}

    @AUTO
    async def test_the_minutes_begin_anew_after_an_outage(
        self, unset_scene: Scene, shown_issues: ShownIssues
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
        assert shown_issues() == {}
        await unset_scene.time.passes(4 * MINUTES)
        assert shown_issues() == {"push_unavailable": SITE}

    @AUTO
    @pytest.mark.parametrize(
        "simulator_options",
        [
            Options(scenario="quiet", product_version=version)
            for version in ("23.2.0.1", "next")
        ],
    )
    async def test_a_server_that_cannot_push_is_not_asked_to(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """2023 R2 works as well as it can."""
        unset_scene.simulator.faults.enable("ws_unavailable:404")
        await unset_scene.set_up()
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}

    async def test_chosen_polling_opens_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Polling is what the issue itself recommends."""
        unset_scene.simulator.faults.enable("ws_unavailable:503")
        await unset_scene.set_up()
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}
