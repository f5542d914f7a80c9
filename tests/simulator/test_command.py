"""`python -m xprotect_simulator`: output, certificates and errors."""

import asyncio
from pathlib import Path
import signal
import ssl
import sys

import aiohttp
import pytest

from xprotect_simulator import OptionError, Options, Simulator
from xprotect_simulator.__main__ import main
from xprotect_simulator.certificate import self_signed

from .client import Client


def trusting(pem: bytes) -> ssl.SSLContext:
    """Return a context that trusts one certificate."""
    return ssl.create_default_context(cadata=pem.decode())


async def command(*arguments: str) -> asyncio.subprocess.Process:
    """Start the command."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "xprotect_simulator",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_prints_its_address_and_ends_by_signal(
    number: signal.Signals,
) -> None:
    """Ctrl-C and SIGTERM end it with success."""
    process = await command("--port", "0", "--scenario", "still", "--fault", "slow:0")
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    assert line.startswith("XProtect simulator: http://127.0.0.1:")
    assert "(user demo, password demo, 6 cameras, scenario still, seed 1)" in line
    process.send_signal(number)
    rest, errors = await process.communicate()
    assert (process.returncode, rest, errors) == (0, b"", b"")


@pytest.mark.parametrize(
    ("arguments", "is_another"), [((), True), (("--seed", "1"), False)]
)
async def test_a_second_simulator_is_another_site(
    arguments: tuple[str, ...], is_another: bool
) -> None:
    """Both can be set up in one Home Assistant, where a site is known by its id."""
    seeds = []
    async with Simulator(Options()) as free:
        port = free.port
    for more in (("--port", "0"), ("--port", str(port), *arguments)):
        process = await command(*more, "--scenario", "still")
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        seeds.append(line.rpartition("seed ")[2])
        process.terminate()
        await process.communicate()
    assert (seeds[0] != seeds[1]) is is_another


async def test_a_port_that_is_taken_is_one_sentence(sim: Simulator) -> None:
    """There is no traceback."""
    process = await command("--port", str(sim.port))
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert errors.decode() == (
        f"xprotect_simulator: cannot listen on 127.0.0.1 port {sim.port}: "
        "something else listens there\n"
    )


def test_a_wrong_option_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """The error contains the existing names."""
    assert main(["--scenario", "rain"]) == 2
    assert "there are: history, home, quiet, still, storm" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--port", "--recorder-port"])
def test_an_invalid_port_is_one_sentence(
    option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is no traceback."""
    with pytest.raises(SystemExit):
        main([option, "99999"])
    assert "99999 is not a port: choose a number" in capsys.readouterr().err


def test_help_describes_scenarios_and_faults(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Users need not read the source."""
    with pytest.raises(SystemExit):
        main(["--help"])
    text = capsys.readouterr().out
    assert "--tls-cert" in text
    assert "storm:RATE" in text
    assert "too_many_requests" in text


async def test_a_foreign_address_cannot_be_listened_on() -> None:
    """The reason is that of the operating system."""
    with pytest.raises(OptionError, match=r"192\.0\.2\.1 port 0: could not bind"):
        await Simulator(Options(host="192.0.2.1")).start()


async def test_https_works_with_a_certificate_made_at_start() -> None:
    """It is untrusted unless the client has it."""
    async with Simulator(Options(tls=True)) as sim, aiohttp.ClientSession() as http:
        assert sim.url.startswith("https://")
        client = Client(sim=sim, http=http)
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await client.token()
    async with Simulator(Options(tls=True)) as sim:
        connector = aiohttp.TCPConnector(ssl=trusting(sim.certificate_pem))
        async with aiohttp.ClientSession(connector=connector) as http:
            client = Client(sim=sim, http=http)
            assert (await client.token()).status == 200


async def test_a_certificate_can_be_replaced_while_running() -> None:
    """A client that trusts the old one fails then."""
    async with Simulator(Options(tls=True)) as sim:
        old = sim.certificate_pem
        sim.replace_certificate()
        for pem, is_trusted in ((old, False), (sim.certificate_pem, True)):
            connector = aiohttp.TCPConnector(ssl=trusting(pem))
            async with aiohttp.ClientSession(connector=connector) as http:
                client = Client(sim=sim, http=http)
                if is_trusted:
                    assert (await client.token()).status == 200
                else:
                    with pytest.raises(aiohttp.ClientSSLError):
                        await client.token()


async def test_a_certificate_can_be_expired() -> None:
    """Trusting it does not help."""
    async with Simulator(Options(tls=True, certificate_days=-1)) as sim:
        connector = aiohttp.TCPConnector(ssl=trusting(sim.certificate_pem))
        async with aiohttp.ClientSession(connector=connector) as http:
            client = Client(sim=sim, http=http)
            with pytest.raises(aiohttp.ClientSSLError, match="expired"):
                await client.token()


async def test_a_given_certificate_is_used(tmp_path: Path) -> None:
    """Like real installations, for a host name."""
    certificate, key = self_signed("vms.local", 1)
    (tmp_path / "cert.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    options = Options(tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "key.pem")
    sim = Simulator(options)
    assert sim.url.startswith("https://")
    assert sim.certificate_pem == certificate
    missing = Options(tls_cert=tmp_path / "none.pem")
    with pytest.raises(OptionError, match="cannot use the certificate"):
        Simulator(missing)


async def test_without_tls_there_is_no_certificate_to_replace(sim: Simulator) -> None:
    """The call does nothing."""
    sim.replace_certificate()
    assert sim.certificate_pem == b""
