#!/usr/bin/env bash
# What one expects: Home Assistant cancels a timer whose job has `cancel_on_shutdown=True`
# when it begins to stop, so that nothing is begun for which the connections are closed.
# What happens: it looks for the job in the first argument of each timer. The timers of
# `async_call_later` and `async_call_at` have `hass` there, so they are never cancelled,
# and fire in the last seconds of the stop. Those of `async_track_time_interval` and of
# coordinators are cancelled. A shutdown job (`hass.async_add_shutdown_job`) helps.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# Home Assistant needs Python 3.14, which the environment of the tests has.
"$project/scripts/setup" test
"$project/.venv/bin/python" -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install homeassistant==2026.10.4
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import asyncio
from datetime import timedelta
import sys

from homeassistant.const import __version__
from homeassistant.core import CoreState, HassJob, HomeAssistant
from homeassistant.helpers.event import (
    async_call_at,
    async_call_later,
    async_track_time_interval,
)

SOON = 0.2


async def main() -> None:
    hass = HomeAssistant(sys.argv[1])
    hass.set_state(CoreState.running)
    fired: list[str] = []

    def job(name: str) -> HassJob:
        return HassJob(lambda _: fired.append(name), cancel_on_shutdown=True)

    async_call_later(hass, SOON, job("async_call_later"))
    async_call_at(hass, job("async_call_at"), hass.loop.time() + SOON)
    async_track_time_interval(
        hass,
        lambda _: fired.append("async_track_time_interval"),
        timedelta(seconds=SOON),
        cancel_on_shutdown=True,
    )
    await hass.async_stop()
    await asyncio.sleep(2 * SOON)
    print(f"Home Assistant {__version__}, after its stop: {', '.join(fired)}")
    assert sorted(fired) == ["async_call_at", "async_call_later"], (
        "the behaviour has changed"
    )


asyncio.run(main())
PYTHON
