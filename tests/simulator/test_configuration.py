"""The Configuration API: its items, and what a role may see of them."""

import pytest

from xprotect_simulator import Options, Simulator, event_ids

from .client import REST, Client

ALL_KINDS = [
    "sites",
    "recordingServers",
    "hardware",
    "cameras",
    "microphones",
    "speakers",
    "metadata",
    "inputEvents",
    "outputs",
    "cameraGroups",
    "inputEventGroups",
    "outputGroups",
    "userDefinedEvents",
    "analyticsEvents",
    "eventTypes",
    "eventTypeGroups",
    "stateGroups",
    "securityNamespaces",
    "genericEvents",
    "roles",
    "rules",
    "licenseInformations",
]


@pytest.mark.parametrize("kind", ALL_KINDS)
async def test_every_listed_item_is_found_by_its_own_link(
    client: Client, kind: str
) -> None:
    """The link also contains the id of a state group."""
    rows = (await client.get(kind)).body["array"]
    assert rows
    for row in rows:
        link = row["relations"]["self"]
        assert link["type"] == kind
        single = await client.get(f"{link['type']}/{link['id']}")
        assert single.body == {"data": row}


async def test_recorded_peculiarities_are_kept(client: Client) -> None:
    """Clients have failed because of each of these."""
    group = (await client.get("eventTypeGroups")).body["array"][0]
    assert set(group) == {"displayName", "relations"}
    event_type = (await client.get(f"eventTypes/{event_ids.MOTION_STOPPED}")).body
    data = event_type["data"]
    assert data["state"] == "No Motion"
    assert data["stateGroupId"] == event_ids.MOTION_GROUP
    assert data["counterEventID"] == event_ids.MOTION_STARTED
    assert data["sourceArray"] == ["Camera", "CameraGroup"]
    assert data["generatorID"].isupper()
    assert data["generatorGroupName"] == "Analytics Events"
    camera = (await client.get("cameras")).body["array"][0]
    assert not {"address", "hardwareId"} & set(camera)
    assert camera["createdDate"] == "0001-01-01T00:00:00.0000000"
    user_event = (await client.get("userDefinedEvents")).body["array"][0]
    assert "enabled" not in user_event
    assert user_event["subtype"] == "System"


async def test_stateless_types_have_an_empty_state_group(client: Client) -> None:
    """Official code checks for it."""
    path = f"eventTypes/{event_ids.CONFIGURATION_CHANGED}"
    assert (await client.get(path)).body["data"]["stateGroupId"] == ""


async def test_the_sites_id_is_the_parent_of_every_recorder(client: Client) -> None:
    """It gives a unique id to users who may not read /sites."""
    sites = (await client.get("sites")).body["array"]
    assert len(sites) == 1
    for recorder in (await client.get("recordingServers")).body["array"]:
        assert recorder["relations"]["parent"] == {
            "type": "sites",
            "id": sites[0]["id"],
        }
    assert (await client.get("childSites")).body == {"array": []}


async def test_user_defined_and_analytics_events_are_event_types(
    client: Client,
) -> None:
    """Their own id is the id of the type."""
    types = {
        row["id"]: (row["generatorType"], row["displayName"])
        for row in (await client.get("eventTypes")).body["array"]
    }
    for kind, generator in (
        ("userDefinedEvents", "External"),
        ("analyticsEvents", "MIPDevice"),
    ):
        events = (await client.get(kind)).body["array"]
        assert events
        for event in events:
            assert types[event["id"]] == (generator, event["displayName"])


async def test_disabled_items_are_listed_only_on_demand(
    client: Client, sim: Simulator
) -> None:
    """`?disabled` is a flag without a value."""
    camera = sim.world.disable(sim.world.cameras[0])
    ids = [row["id"] for row in (await client.get("cameras")).body["array"]]
    assert camera.id not in ids
    everything = await client.call("GET", f"{REST}/cameras?disabled")
    found = {row["id"]: row["enabled"] for row in everything.body["array"]}
    assert found[camera.id] is False
    assert len(found) == 6
    sim.world.enable(camera)
    assert len((await client.get("cameras")).body["array"]) == 6


async def test_children_are_found_below_their_parents(client: Client) -> None:
    """From recorder to camera, like the samples."""
    recorder = (await client.get("recordingServers")).body["array"][0]
    units = (await client.get(f"recordingServers/{recorder['id']}/hardware")).body
    cameras = [
        row
        for unit in units["array"]
        for row in (await client.get(f"hardware/{unit['id']}/cameras")).body["array"]
    ]
    assert len(cameras) == 6
    outer, inner = (await client.get("cameraGroups")).body["array"][:2]
    below = await client.get(f"cameraGroups/{outer['id']}/cameraGroups")
    assert [row["name"] for row in below.body["array"]] == [inner["name"]]
    members = await client.get(f"cameraGroups/{inner['id']}/cameras")
    assert [row["name"] for row in members.body["array"]] == ["Front door", "Driveway"]
    types = (await client.get("eventTypeGroups")).body["array"][0]["relations"]["self"]
    rows = await client.get(f"eventTypeGroups/{types['id']}/eventTypes")
    assert event_ids.MOTION_STARTED in [row["id"] for row in rows.body["array"]]


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("recordings", 404, "Unknown resource: recordings"),
        ("storages", 400, "Invalid parent. /storages"),
        ("hardwareDriverSettings", 400, "Invalid parent. /hardwaredriversettings"),
        ("storages/{none}", 404, "Device not found. storages/{none}"),
        ("cameras/{none}", 404, "Device not found. cameras/{none}"),
        ("eventTypes/{none}", 404, "Device not found. eventTypes/{none}"),
        ("cameras/x", 400, "Invalid id. x"),
        (
            "cameras/{camera}/hardware",
            400,
            "Invalid parent. cameras/{camera}/HardwareFolder",
        ),
        (
            "cameras/{camera}/outputs",
            400,
            "Invalid parent. cameras/{camera}/OutputFolder",
        ),
        ("bookmarks", 400, "Bad request: Unknown request"),
        ("evidenceLocks", 400, "Bad request: Unknown request"),
        ("cameras/{camera}/things", 404, "Unknown resource: things"),
        ("cameras/{camera}/hardware/x", 404, "Unknown resource: x"),
        ("effectivePermissions", 400, "Invalid id. "),
        ("effectivePermissions/{none}", 400, "Invalid id. {none}"),
    ],
)
async def test_unknown_items_are_refused_with_the_recorded_text(
    client: Client, path: str, status: int, text: str
) -> None:
    """Users see these texts."""
    names = {
        "none": "00000000-0000-0000-0000-000000000001",
        "camera": client.sim.world.cameras[0].id,
    }
    answer = await client.get(path.format(**names))
    assert (answer.status, answer.error_text) == (status, text.format(**names))
    assert answer.body["error"]["httpCode"] == status


async def test_driver_settings_describe_one_piece_of_hardware(client: Client) -> None:
    """MAC address and firmware are nowhere else."""
    unit = client.sim.world.items("hardware")[0]
    answer = await client.get(f"hardwareDriverSettings/{unit.id}")
    settings = answer.body["data"]["hardwareDriverSettings"]
    assert len(settings["macAddress"]) == 12


async def test_listings_may_be_filtered_and_paged(client: Client) -> None:
    """Many builds support it, though it is not declared."""
    found = await client.get("cameras", name="contains:'door'")
    assert [row["name"] for row in found.body["array"]] == ["Front door"]
    found = await client.get("cameras", channel="gt:1")
    assert len(found.body["array"]) == 2
    found = await client.get("cameras", enabled="equals:'true'")
    assert len(found.body["array"]) == 6
    page = await client.get("cameras", page="1", size="4")
    assert len(page.body["array"]) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"page": "x"},
        {"size": "0"},
        {"name": "likes:'x'"},
        {"includeChildren": "cameras"},
    ],
)
async def test_malformed_queries_are_refused(
    client: Client, query: dict[str, str]
) -> None:
    """A mistake must not look like an empty site."""
    assert (await client.get("cameras", **query)).status == 400


async def test_strict_builds_accept_no_parameter_but_disabled(
    client: Client, sim: Simulator
) -> None:
    """Clients first send requests without parameters."""
    sim.faults.enable("strict_queries")
    answer = await client.get("cameras", page="0")
    assert (answer.status, answer.error_text) == (400, "Invalid query parameter: page")
    assert (await client.call("GET", f"{REST}/cameras?disabled")).status == 200


async def test_a_role_may_lack_resources_and_sources(
    client: Client, sim: Simulator
) -> None:
    """Each 403 is for one resource."""
    sim.identity.forbid("sites", "eventTypes")
    answer = await client.get("sites")
    assert answer.status == 403
    assert answer.body["error"]["details"][0]["errorTextId"] == "VMO61008"
    assert (await client.get("cameras")).status == 200
    sim.identity.allow("sites")
    assert (await client.get("sites")).status == 200
    seen, hidden = sim.world.cameras[:2]
    sim.identity.limit_sources([seen.path])
    rows = (await client.get("cameras")).body["array"]
    assert [row["id"] for row in rows] == [seen.id]
    assert (await client.get(f"cameras/{hidden.id}")).status == 404
    sim.identity.limit_sources(None)
    assert (await client.get(f"cameras/{hidden.id}")).status == 200


def test_sites_of_any_size_are_determined_by_the_seed() -> None:
    """The same seed gives the same site; a larger site begins like a smaller one."""
    small = Simulator(Options(cameras=8, seed=7)).world
    large = Simulator(Options(cameras=1000, seed=7, extra_event_types=500)).world
    other = Simulator(Options(cameras=8, seed=8)).world
    assert len(large.cameras) == 1000
    assert [one.id for one in large.cameras[:8]] == [one.id for one in small.cameras]
    assert not {one.id for one in other.cameras} & {one.id for one in small.cameras}
    assert len(large.items("recordingServers")) == 7
    parents = [camera.parent for camera in large.cameras]
    assert len(set(parents)) < len(parents)
    assert len(large.event_types) > 550
    addresses = [unit.extra["address"] for unit in large.items("hardware")]
    assert len(set(addresses)) == len(addresses)
    assert small.items("inputEvents")
    assert small.items("outputs")
