"""The vendor's sample clients and a third-party client, unmodified.

They are not part of this project. Name the folder of a copy of the public repository
mipsdk-samples-protocol in `XPROTECT_SAMPLES`, and in `XPROTECT_SAMPLES_PYTHON` a Python
that has requests, requests_ntlm, websockets, aiohttp and milestonexprotectrestpython
(1.0.5); where a folder or a package is missing, its test is skipped.
"""

import asyncio
from collections.abc import AsyncIterator
import os
from pathlib import Path
import shutil
import subprocess
import sys

import pytest

from xprotect_simulator import Options, Simulator, event_ids
from xprotect_simulator.certificate import self_signed

# The constants at the top of the samples' `main`.
WINDOWS = "CORP\\ann"
HOST, USERNAME, PASSWORD = "managementserver.domain", "username", "password"
PYTHON = os.environ.get("XPROTECT_SAMPLES_PYTHON", sys.executable)
FOLDER = Path(os.environ.get("XPROTECT_SAMPLES", "no folder is named"))
# From the Debian package libnewtonsoft-json5.0-cil.
JSON_LIBRARY = Path("/usr/lib/cli/Newtonsoft.Json-5.0/Newtonsoft.Json.dll")

# Resolves the name to this machine and the simulator's port; the sample itself is
# unmodified. Its package `keyboard` needs an input device: its replacement presses
# Escape once the expected output was printed.
LAUNCHER = """
import builtins, getpass, os, runpy, socket, sys, types
host, port, script, answers, enough, *_ = sys.argv[1:]
resolve = socket.getaddrinfo
def here(name, service, *args, **options):
    is_sample = name in (host, host.encode())
    target = ("127.0.0.1", int(port)) if is_sample else (name, service)
    return resolve(*target, *args, **options)
socket.getaddrinfo = here
shown = []
write = builtins.print
def tell(*values, **options):
    shown.extend(map(str, values))
    write(*values, **options, flush=True)
builtins.print = tell
keyboard = types.ModuleType("keyboard")
keyboard.is_pressed = lambda _: sum(enough in one for one in shown) > 3
sys.modules["keyboard"] = keyboard
waiting = answers.split("|")
builtins.input = lambda *_: waiting.pop(0)
getpass.getpass = lambda *_, **__: waiting.pop(0)
os.system = lambda _: 0
sys.path.insert(0, os.path.dirname(script))
runpy.run_path(script, run_name="__main__")
"""

LISTS = {
    "AnalyticsEvents": "analyticsEvents",
    "CameraGroups": "cameraGroups",
    "Cameras": "cameras",
    "GenericEvents": "genericEvents",
    "Hardware": "hardware",
    "InputEvents": "inputEvents",
    "Metadatas": "metadata",
    "Microphones": "microphones",
    "Outputs": "outputs",
    "RecordingServers": "recordingServers",
    "Sites": "sites",
    "Speakers": "speakers",
    "UserDefinedEvents": "userDefinedEvents",
}
OTHER_CLIENT = """
import sys
from milestonexprotectrestpython.xprrestservice import XPRRestService
url, login, username, password, *names = sys.argv[1:]
service = XPRRestService()
service.ApiGatewayUrlPrefix = service.ManagementServerUrlPrefix = url
getattr(service, login)(username, password)
for name in names:
    print(name, len(list(getattr(service, f"Get{name}")())))
"""


def has(*packages: str) -> bool:
    """Return whether the Python that runs the samples has these packages."""
    script = f"import {', '.join(packages)}"
    command = [PYTHON, "-c", script]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - a Python named by the user
    return done.returncode == 0


needs_samples = pytest.mark.skipif(
    not FOLDER.is_dir() or not has("requests", "requests_ntlm", "websockets"),
    reason="XPROTECT_SAMPLES names no folder, or packages are missing",
)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Simulator]:
    """Serve a site with the samples' server name and user, an administrator."""
    certificate, key = self_signed(HOST, 1)
    (tmp_path / "certificate.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    options = Options(
        username=USERNAME,
        password=PASSWORD,
        is_administrator=True,
        tls_cert=tmp_path / "certificate.pem",
        tls_key=tmp_path / "key.pem",
    )
    async with Simulator(options) as running:
        yield running


async def run(
    site: Simulator, folder: Path, script: str, answers: str = "", enough: str = "-"
) -> str:
    """Run a sample; return its output."""
    process = await asyncio.create_subprocess_exec(
        PYTHON,
        *("-W", "ignore", "-c", LAUNCHER, HOST, str(site.port)),
        *(str(FOLDER / script), answers, enough),
        cwd=folder,
        env={
            **os.environ,
            "REQUESTS_CA_BUNDLE": str(folder / "certificate.pem"),
            "SSL_CERT_FILE": str(folder / "certificate.pem"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, (output + errors).decode()[-3000:]
    return output.decode()


@needs_samples
async def test_events_are_triggered_and_read(site: Simulator, tmp_path: Path) -> None:
    """EventsRestApiPython."""
    output = await run(site, tmp_path, "EventsRestApiPython/events_rest_api.py")
    triggered = site.world.ledger.happened[-1]
    assert "Retrieved 4 user defined event types" in output
    assert triggered.id in output.split("Retrieved an event:")[1]


@needs_samples
async def test_a_user_defined_event_is_created_renamed_and_deleted(
    site: Simulator, tmp_path: Path
) -> None:
    """RestfulCommunicationPython."""
    script = "RestfulCommunicationPython/restful_communication.py"
    output = await run(site, tmp_path, script)
    assert "Update item data" in output
    assert "Delete item state:\n{'state': 'Success'}" in output


@needs_samples
@pytest.mark.parametrize("viewer", ["1", "2"])
async def test_states_and_events_are_watched(
    site: Simulator, tmp_path: Path, viewer: str
) -> None:
    """EventsAndStateWebSocketApiPython, both of its viewers."""
    for camera in site.world.cameras:
        site.world.emit(event_ids.MOTION_STARTED, camera)

    async def happen() -> None:
        while True:
            await asyncio.sleep(0.2)
            for camera in site.world.cameras:
                site.world.emit(event_ids.MOTION_STOPPED, camera)

    happening = asyncio.create_task(happen())
    answers = "|".join((viewer, f"https://{HOST}", USERNAME, PASSWORD, "4"))
    script = "EventsAndStateWebSocketApiPython/main.py"
    enough = "No Motion" if viewer == "1" else "Motion Stopped"
    output = await run(site, tmp_path, script, answers, enough)
    happening.cancel()
    assert "Front door" in output


@pytest.mark.skipif(
    not FOLDER.is_dir() or not shutil.which("mcs") or not JSON_LIBRARY.is_file(),
    reason="XPROTECT_SAMPLES names no folder, or a C# compiler is missing",
)
async def test_rights_are_read(tmp_path: Path) -> None:
    """SecurityPermission, compiled by Debian's Mono; only the port is filled in."""
    async with Simulator(Options(username="basic", password="password")) as sim:
        await asyncio.to_thread(compile_rights_sample, tmp_path, sim.port)
        process = await asyncio.create_subprocess_exec(
            *("mono", "sample.exe"),
            cwd=tmp_path,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, _ = await asyncio.wait_for(process.communicate(), 60)
    shown = output.decode()
    assert "Cameras - has Id: 623d03f8-c5d5-46bc-a2f4-4c03562d4f85" in shown
    assert "View live - bit position: 4 --- has access:true" in shown
    assert "Sample 2 - EXPORT is permitted" in shown


def compile_rights_sample(folder: Path, port: int) -> None:
    """Make sample.exe in a folder."""
    names = []
    for source in FOLDER.glob("SecurityPermission/*.cs"):
        text = source.read_text(encoding="utf-8-sig")
        text = text.replace("port = 80", f"port = {port}")
        (folder / source.name).write_text(text, encoding="utf-8")
        names.append(source.name)
    shutil.copy(JSON_LIBRARY, folder)
    libraries = ("System.Net.Http", "Microsoft.CSharp", JSON_LIBRARY.name)
    command = ["mcs", "-out:sample.exe", *(f"-r:{name}" for name in libraries), *names]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)  # noqa: S603 - a compiler and the vendor's sample


@pytest.mark.skipif(
    not has("milestonexprotectrestpython"), reason="the package is not installed"
)
@pytest.mark.parametrize(
    ("login", "username"), [("LoginBasicUser", "demo"), ("LoginWindowsUser", WINDOWS)]
)
async def test_a_third_party_client_signs_in_and_reads_the_lists(
    login: str, username: str
) -> None:
    """milestonexprotectrestpython, written from recorded answers of real servers."""
    options = Options(
        is_administrator=True, windows_username=WINDOWS, windows_password="demo"
    )
    async with Simulator(options) as sim:
        process = await asyncio.create_subprocess_exec(
            PYTHON,
            *("-W", "ignore", "-c", OTHER_CLIENT),
            *(sim.url, login, username, "demo"),
            *(*LISTS, "EventTypes", "StateGroups"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, (output + errors).decode()[-3000:]
        rows = dict(line.split() for line in output.decode().splitlines())
        expected = {name: len(sim.world.items(kind)) for name, kind in LISTS.items()}
        expected["EventTypes"] = len(sim.world.event_types)
        expected["StateGroups"] = len(sim.world.state_groups)
        assert {name: int(count) for name, count in rows.items()} == expected
