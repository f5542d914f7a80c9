"""Issues about event types that are not stored end when they are stored."""

from datetime import timedelta

import pytest

from tests.integration.issues.conftest import (
    MINUTES,
    SITE,
    ShownIssues,
)
from tests.integration.lossless.scene import Scene
from xprotect_simulator import event_ids
from xprotect_simulator.happening.world import World


@pytest.mark.parametrize("entry_options", [{"event_types": [event_ids.MOTION_STARTED]}])
class TestStorage:
    """Chosen types that the server pushes but does not store."""

    async def set_up_without(self, scene: Scene, type_id: str) -> World:
        """Set the integration up against a server that does not store a type."""
        world = scene.simulator.world
        world.set_retention(type_id, 0)
        await scene.set_up()
        await scene.time.passes(MINUTES)
        return world

    async def push(self, scene: Scene, count: int = 3) -> None:
        """Create events of the type, one a minute."""
        for _ in range(count):
            scene.simulator.world.emit(event_ids.MOTION_STARTED, scene.camera)
            await scene.time.passes(MINUTES)

    async def test_types_that_are_not_stored_open_an_issue_once_it_is_certain(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Their events of an outage would be lost, which only an outage would show."""
        world = await self.set_up_without(unset_scene, event_ids.MOTION_STARTED)
        assert unset_scene.delivery == "push"
        await self.push(unset_scene)
        assert shown_issues() == {}
        await unset_scene.time.passes(16 * MINUTES)
        assert shown_issues() == {
            "types_not_stored": {**SITE, "types": "Motion Started"}
        }
        world.set_retention(event_ids.MOTION_STARTED, 7)
        await self.push(unset_scene, 1)
        assert shown_issues() == {}

    async def test_types_that_are_stored_are_never_suspected(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Even if they are stored with a delay, or while polls fail."""
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
        assert shown_issues() == {}

    async def test_events_that_a_recorder_sends_with_a_delay_prove_nothing(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """Their times are before the window that polls read."""
        await unset_scene.set_up()
        await unset_scene.time.passes(MINUTES)
        for _ in range(4):
            unset_scene.simulator.world.emit(
                event_ids.MOTION_STARTED,
                unset_scene.camera,
                time=unset_scene.server_now - timedelta(hours=2),
            )
        await unset_scene.time.passes(30 * MINUTES)
        assert shown_issues() == {}

    async def test_two_events_prove_nothing(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """A database that is being repaired may lose some."""
        await self.set_up_without(unset_scene, event_ids.MOTION_STARTED)
        await self.push(unset_scene, 2)
        await unset_scene.time.passes(30 * MINUTES)
        assert shown_issues() == {}

    async def test_types_that_were_not_chosen_open_no_issue(
        self, unset_scene: Scene, shown_issues: ShownIssues
    ) -> None:
        """A site may store few events on purpose."""
        world = await self.set_up_without(unset_scene, event_ids.MOTION_STOPPED)
        for _ in range(4):
            world.emit(event_ids.MOTION_STOPPED, unset_scene.camera)
        await unset_scene.time.passes(30 * MINUTES)
        assert shown_issues() == {}
