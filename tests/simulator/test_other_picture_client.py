"""An unmodified third-party client gets pictures.

The test runs if the Python that `XPROTECT_SAMPLES_PYTHON` names, or else that of the
tests, has milestonexprotectwspython 1.0.2 and requests.
"""

import asyncio

import pytest

from tests.simulator.test_vendor_samples import PYTHON, has
from xprotect_simulator import Options, Simulator
from xprotect_simulator.recorders.picture import read_stamp
from xprotect_simulator.times import to_datetime

PACKAGE = "milestonexprotectwspython"
# Pictures are printed as hexadecimal lines, after the output of the package itself.
SCRIPT = """
from datetime import UTC, datetime, timedelta
import sys
from milestonexprotectwspython.xpwrecordercommandservice import (
    XPWRecorderCommandService,
)
management, recorder, camera = sys.argv[1:]
service = XPWRecorderCommandService()
service.IsSslVerifyEnabled = False
service.ManagementServerUrlPrefix = management
service.RecordingServerUrlPrefix = recorder.rstrip("/")
service.LoginWindowsUser("demo", "demo")
now = datetime.now(UTC).replace(tzinfo=None)
for data in (
    service.JPEGGetLive(camera, 640, 360),
    service.JPEGGetAt(camera, now - timedelta(minutes=5)),
):
    print("picture", data.Data.hex(), data.Time)
"""


@pytest.mark.skipif(not has(PACKAGE, "requests"), reason=f"{PACKAGE} is not installed")
@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
async def test_a_third_party_client_gets_the_right_moments(tls: bool) -> None:
    """Another project wrote it from recorded answers of real servers."""
    options = Options(tls=tls, recorder_tls=tls, recorder_port=0)
    async with Simulator(options) as sim:
        camera = sim.world.cameras[0]
        recorder = sim.recorders.of_camera(camera)
        started = sim.clock.now()
        process = await asyncio.create_subprocess_exec(
            PYTHON,
            *("-W", "ignore", "-c", SCRIPT),
            *(sim.url, recorder.url(), camera.id),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()[-2000:]
        rows = [line.split() for line in output.decode().splitlines()]
        live, old = (bytes.fromhex(row[1]) for row in rows if row[:1] == ["picture"])
        ages = [
            (started - to_datetime(read_stamp(one).ticks)).total_seconds()
            for one in (live, old)
        ]
    assert [one.camera_id for one in map(read_stamp, (live, old))] == [camera.id] * 2
    assert -60 < ages[0] < 5
    assert 240 < ages[1] < 305
