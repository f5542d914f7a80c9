"""Issues about push and polling have their cause at the server, and end with it."""

import pytest

from tests.integration.issues.conftest import (
    AN_HOUR,
    MINUTES,
    SITE,
    ShownIssues,
)
from tests.integration.lossless.scene import Scene
from xprotect_simulator import Options

AUTO = pytest.mark.parametrize("entry_options", [{"delivery": "auto"}])


async def set_up_with(scene: Scene, fault: str) -> None:
    """Set the integration up against a server that has a fault."""
    scene.simulator.faults.enable(fault)
    await scene.set_up()


class TestPush:
    """A server that supports push but does not push."""

    @AUTO
    async def test_push_that_fails_for_five_minutes_opens_an_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Everything works, but more slowly, so the user would not notice."""
        faults = unset_scene.simulator.faults
        await set_up_with(unset_scene, "ws_unavailable:503")
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
        """Windows updates restart event servers."""
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
    async def test_a_server_that_is_down_has_no_push_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Its sensors already show that it is down."""
        await set_up_with(unset_scene, "event_server_down")
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}

    @AUTO
    async def test_the_five_minutes_restart_after_an_outage(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """A starting server gets the time it needs."""
        faults = unset_scene.simulator.faults
        await set_up_with(unset_scene, "ws_unavailable:503")
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
    async def test_a_server_without_push_has_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """2023 R2 cannot do better."""
        await set_up_with(unset_scene, "ws_unavailable:404")
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}

    @AUTO
    @pytest.mark.parametrize(
        "simulator_options", [Options(scenario="quiet", product_version="23.2.0.1")]
    )
    async def test_an_update_of_the_server_opens_or_closes_the_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """The mode stays the same, and the version says what can be expected."""
        scene = unset_scene
        await set_up_with(scene, "ws_unavailable:404")
        await scene.time.passes(20 * MINUTES)
        scene.simulator.world.product_version = "25.2.0.1"
        await scene.time.passes(AN_HOUR + 6 * MINUTES)
        assert scene.delivery == "poll"
        assert shown_issues() == {"push_unavailable": SITE}
        scene.simulator.world.product_version = "next"
        await scene.time.passes(AN_HOUR)
        assert shown_issues() == {}

    async def test_chosen_polling_opens_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """The issue itself recommends polling."""
        await set_up_with(unset_scene, "ws_unavailable:503")
        await unset_scene.time.passes(20 * MINUTES)
        assert shown_issues() == {}
