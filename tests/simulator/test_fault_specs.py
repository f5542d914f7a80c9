"""How faults are named, limited and switched."""

import aiohttp
import pytest

from xprotect_simulator import ManualClock, OptionError, Options, Simulator
from xprotect_simulator.faults.fault_table import ALL_FAULTS, REQUEST_FAULTS

from .client import Client


async def test_a_count_ends_a_fault_and_a_chance_skips_some(
    client: Client, sim: Simulator
) -> None:
    """Both are part of the spec."""
    sim.faults.enable("server_error:count=2")
    found = [(await client.get("sites")).status for _ in range(3)]
    assert found == [500, 500, 200]
    sim.faults.enable("server_error:503:chance=0.5")
    spared = {(await client.get("sites")).status for _ in range(40)}
    assert spared == {200, 503}


async def test_a_fault_may_strike_only_now_and_then(
    client: Client, sim: Simulator
) -> None:
    """Regularly, unlike a chance."""
    sim.faults.enable("server_error:every=3:count=2")
    found = [(await client.get("sites")).status for _ in range(7)]
    assert found == [200, 200, 500, 200, 200, 500, 200]


async def test_a_pattern_may_match_the_query(client: Client, sim: Simulator) -> None:
    """Servers refuse single parameters; a pattern of the path needs no query."""
    sim.faults.enable("server_error:400:path=*source.id*")
    found = [
        (await client.get("events", source_id="'x'")).status,
        (await client.get("events", source_name="'x'")).status,
    ]
    assert found == [400, 200]
    sim.faults.enable("server_error:503:path=*/events")
    assert (await client.get("events", size="1")).status == 503


def test_a_fault_of_the_same_name_and_path_is_replaced(sim: Simulator) -> None:
    """Another path is another fault."""
    sim.faults.enable("slow:1")
    sim.faults.enable("slow:2:count=3:chance=0.5:every=4")
    sim.faults.enable("slow:3:path=/IDP/*")
    written = [str(fault) for fault in sim.faults.enabled]
    assert written == ["slow:2:count=3:chance=0.5:every=4", "slow:3:path=/idp/*"]
    sim.faults.disable("slow")
    assert sim.faults.enabled == ()


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("rain", "unknown fault 'rain'; there are: alarms_bare, "),
        ("slow:long", "'long' in 'slow' is not a number"),
        ("slow:1:count=many", "'many' in 'slow:1:count=many' is not a number"),
        ("slow:1:every=few", "'few' in 'slow:1:every=few' is not a number"),
        ("slow:nan", "'nan' in 'slow' is not between 0 and 1e+09"),
        ("slow:-1", "'-1' in 'slow' is not between 0 and 1e+09"),
        ("slow:1:count=0", "'0' in 'slow:1:count=0' is not between 1 and 1e+09"),
        ("slow:1:chance=2", "'2' in 'slow:1:chance=2' is not between 0 and 1"),
        ("slow:1:every=inf", "'inf' in 'slow:1:every=inf' is not between 1 and 1e+09"),
        ("server_error:99", "'99' in 'server_error' is not between 200 and 599"),
        ("ws_ping:0", "'0' in 'ws_ping' is not between 0.01 and 1e+09"),
        ("redirect:host", "redirect takes an address such as https://host, not 'host'"),
        ("disk_full:nowhere", "nothing here is called 'nowhere'"),
        ("source_disappears:nowhere", "nothing here has the path 'nowhere'"),
        ("expiry_answer:500", "expiry_answer takes one of 400, 404, 410, not '500'"),
    ],
)
def test_a_malformed_spec_is_refused_with_the_reason(
    sim: Simulator, spec: str, complaint: str
) -> None:
    """Users of the command line see it."""
    with pytest.raises(OptionError) as error:
        sim.faults.enable(spec)
    assert complaint in str(error.value)
    assert sim.faults.enabled == ()


def test_an_unknown_fault_cannot_be_disabled(sim: Simulator) -> None:
    """A typing mistake must not be ignored."""
    with pytest.raises(OptionError, match="unknown fault 'rain'"):
        sim.faults.disable("rain")


@pytest.mark.parametrize("kind", ALL_FAULTS, ids=lambda kind: kind.name)
async def test_every_fault_can_be_given_at_the_start(
    http: aiohttp.ClientSession, kind: object
) -> None:
    """The server still answers requests to its control."""
    name = getattr(kind, "name", "")
    async with Simulator(Options(faults=(name,)), clock=ManualClock()) as sim:
        client = Client(sim=sim, http=http)
        answer = await client.call("GET", "/simulator/faults")
        assert answer.body["enabled"][0].startswith(name)


def test_names_are_unique() -> None:
    """Users type them."""
    names = [kind.name for kind in ALL_FAULTS]
    assert len(set(names)) == len(names)
    assert {kind.name for kind in REQUEST_FAULTS} < set(names)
