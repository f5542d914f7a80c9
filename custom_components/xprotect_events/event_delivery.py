"""Delivers events, pushed and polled, from start to stop."""

import asyncio
from collections.abc import Callable
import logging

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from .api import CredentialsRefusedError, Step
from .const import (
    CONF_DELIVERY,
    DELIVERY_POLL,
    DOMAIN,
)
from .cursor_store import CursorStore, catch_up_limit
from .engine.arrival import Arrival
from .engine.event_poll import EventPoll
from .engine.intake import Intake
from .engine.push import Push
from .event_coordinator import XProtectEventCoordinator
from .event_findings import EventFindings
from .issues import async_get_issues
from .pace import Pace
from .push_audit import PushAudit
from .push_watch import PushWatch
from .runtime import XProtectConfigEntry
from .settling import Settling
from .storage_watch import StorageWatch

_LOGGER = logging.getLogger(__name__)


class EventDelivery:
    """Runs the poll, which finds every event, and the push, which avoids its delay.

    Both pass events to the intake, which passes new ones to the dispatcher.
    """

    def __init__(
        self, hass: HomeAssistant, entry: XProtectConfigEntry, store: CursorStore
    ) -> None:
        runtime = entry.runtime_data
        client, states = runtime.client, runtime.states
        issues = async_get_issues(hass, entry)
        self._hass = hass
        self._entry = entry
        self._runtime = runtime
        self._store = store
        self._findings = EventFindings(runtime, issues)
        self._storage_watch = StorageWatch(hass, entry)
        self._audit = PushAudit(runtime, issues)
        self._intake = Intake(
            runtime.feed,
            client.clock,
            runtime.pending,
            runtime.dispatcher.deliver,
            stepped=self._clock_was_set,
            pushed=self._audit.pushed,
            polled=self._findings.polled,
            pace=Pace(hass, entry),
        )
        self._poll = EventPoll(
            client,
            runtime.feed,
            self,
            intake=self._intake,
            states=states,
            catch_up_limit=catch_up_limit(entry),
            unreachable=issues.note_unreachable,
        )
        self._coordinator = XProtectEventCoordinator(
            hass, entry, self._poll, runtime.attempts, finished=self._polled
        )
        self._settling = Settling(hass, states, self._coordinator.poll_soon)
        states.unsettled = self._settling.unsettled
        self._watch = PushWatch(runtime, self._audit, self._coordinator)
        self._push = Push(
            client.streams,
            client.events,
            self._intake,
            states,
            runtime.pending,
            self._watch,
        )
        self._at_end: list[Callable[[], object]] = [*self._add_followers()]
        store.saving = self._wait_for_change
        self._stop_waiting = runtime.dispatcher.follow(self._save_soon)

    def _add_followers(self) -> list[CALLBACK_TYPE]:
        """Subscribe to the delivered events; return the functions that unsubscribe."""
        follow = self._runtime.dispatcher.follow
        note = self._runtime.dispatcher.notes.follow
        following = [
            note(self._runtime.statistics.count),
            note(self._findings.delivered),
            note(self._runtime.storage.delivered),
            follow(self._audit.polled, pushed=False),
        ]
        if self._runtime.selection.event_types:
            following.append(follow(self._findings.storage.pushed, polled=False))
        return following

    async def start(self) -> None:
        """Poll, and follow the event stream, until `stop`."""
        # A coordinator without listeners does not poll.
        self._at_end.append(self._coordinator.async_add_listener(lambda: None))
        if self._entry.options.get(CONF_DELIVERY) != DELIVERY_POLL:
            inventory = self._runtime.inventory
            self._at_end.append(inventory.async_add_listener(self._follow_catalog))
            self._note_types_with_data()
            push = self._entry.async_create_background_task(
                self._hass, self._push.run(), f"{DOMAIN} push"
            )
            push.add_done_callback(self._push_ended)
            self._at_end.append(push.cancel)
        await self._coordinator.async_refresh()

    @callback
    def close(self) -> None:
        """Deliver nothing more; the next start reads the events from now on."""
        self._intake.close()

    async def stop(self) -> None:
        """Deliver nothing more, save the position, delete the session."""
        self.close()
        self._store.saving = None
        self._stop_waiting()
        self._runtime.dispatcher.notes.call_now()
        while self._at_end:
            self._at_end.pop()()
        self._settling.stop()
        await self._store.save(self._runtime.feed)
        await self._poll.delete_session()

    @callback
    def _push_ended(self, push: asyncio.Task[None]) -> None:
        """Ask for the new password; only a refused one ends the push before `stop`."""
        if not push.cancelled() and isinstance(
            push.exception(), CredentialsRefusedError
        ):
            self._entry.async_start_reauth(self._hass)

    @callback
    def _follow_catalog(self) -> None:
        self._note_types_with_data()
        if self._watch.is_subscription_outdated:
            self._push.renew()

    @callback
    def _note_types_with_data(self) -> None:
        # Analytics events are pushed without their data.
        self._push.types_with_data = self._runtime.inventory.catalog.analytics

    @callback
    def _save_soon(self, _: tuple[Arrival, ...] = ()) -> None:
        # Also during a long catch-up, so that a crash does not repeat all of it.
        if self._store.schedule(self._runtime.feed):
            self._stop_waiting()

    @callback
    def _wait_for_change(self) -> None:
        # Nothing is called for the events until the save that is due.
        self._stop_waiting = self._runtime.dispatcher.follow(self._save_soon)

    @callback
    def _clock_was_set(self, step: Step) -> None:
        """Follow a step of the server's clock, and ask for the states."""
        seconds = round(step.by.total_seconds())
        _LOGGER.info("The server's clock was set by %s seconds", seconds)
        self._runtime.states.shift(step.by)
        self._runtime.dispatcher.notes.call_now()
        self._findings.clock_was_set()
        self._audit.clock_was_set()
        self._push.ask_states()

    @callback
    def forget_states(self) -> None:
        """Make states unknown, because events were skipped."""
        # While events are pushed, states are known that no stored event contains.
        if not self._runtime.channels.is_pushing:
            self._runtime.states.forget()

    @callback
    def catch_up_started(self) -> None:
        """Set the mode to catching up."""
        self._runtime.channels.set(catching_up=True)

    @callback
    def _polled(self) -> None:
        """Show the findings of a poll, or its error."""
        self._runtime.dispatcher.notes.call_now()
        failure = self._coordinator.last_exception
        has_polled = self._coordinator.last_update_success
        states, channels = self._runtime.states, self._runtime.channels
        if has_polled:
            failure = None
            states.poll_ended()
            if not channels.is_delivering:
                # Entities must show the final states when they become available.
                states.release()
        if self._audit.poll_ended():
            _LOGGER.debug("Push has not brought what polls have found")
            self._push.replace()
        self._watch.set_pace()
        channels.set(
            catching_up=False,
            push=self._audit.is_pushing,
            poll=has_polled and not self._entry.pref_disable_polling,
        )
        self._findings.poll_ended(failure)
        if failure is None:
            self._storage_watch.begin()
        self._runtime.statistics.sessions_opened = self._poll.sessions_opened
        self._save_soon()
