"""The identity provider: tokens and refusals."""

import base64
import json

import pytest

from xprotect_simulator import ManualClock, OptionError, Simulator

from .client import Client


@pytest.mark.parametrize(
    "path",
    [
        "/IDP/connect/token",
        "/idp/connect/token",
        "/API/IDP/connect/token",
        "/api/idp/Connect/Token",
    ],
)
async def test_a_right_password_gives_a_token_at_every_form_of_the_path(
    stranger: Client, path: str
) -> None:
    """Every one of these is used against real servers."""
    answer = await stranger.token(path=path)
    assert answer.status == 200
    assert answer.body["token_type"] == "Bearer"
    assert answer.body["expires_in"] == 3600
    assert answer.body["scope"] == "managementserver"
    assert "refresh_token" not in answer.body


async def test_a_token_looks_like_a_jwt(stranger: Client) -> None:
    """Some clients log its header after errors."""
    token = (await stranger.token()).body["access_token"]
    header, claims, _ = (
        base64.urlsafe_b64decode(part + "==") for part in token.split(".")
    )
    assert json.loads(header) == {"alg": "RS256", "typ": "JWT"}
    assert json.loads(claims)["sub"] == "demo"


async def test_a_password_is_read_url_encoded(stranger: Client, sim: Simulator) -> None:
    """A client that does not encode fails here like at a real server."""
    sim.identity.set_password("a&b+c=d%25 é")
    assert (await stranger.token(password="a&b+c=d%25 é")).status == 200


@pytest.mark.parametrize(("username", "password"), [("demo", "no"), ("no", "demo")])
async def test_wrong_credentials_are_refused_with_their_code(
    stranger: Client, sim: Simulator, username: str, password: str
) -> None:
    """Clients decide by `error_code`."""
    answer = await stranger.token(username, password)
    assert answer.status == 400
    assert answer.body == {
        "error": "invalid_grant",
        "error_description": "invalid_username_or_password",
        "error_code": "InvalidCredentials",
    }
    assert [(one.username, one.outcome) for one in sim.login_attempts] == [
        (username, "InvalidCredentials")
    ]


async def test_a_refresh_token_replaces_the_password_once(
    stranger: Client, sim: Simulator
) -> None:
    """The client id of the vendor's web pages gets one, that of others does not."""
    path, client = "/idp/connect/token", {"client_id": "VmsClient"}
    first = (await stranger.token(**client)).body["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": first, **client}
    renewed = await stranger.call("POST", path, form=form)
    assert list(renewed.body) == [
        "access_token",
        "expires_in",
        "token_type",
        "refresh_token",
        "scope",
    ]
    stranger.use(renewed.body["access_token"])
    assert (await stranger.get("sites")).status == 200
    again = await stranger.call("POST", path, form=form)
    assert (again.status, again.body) == (400, {"error": "invalid_grant"})
    form |= {"refresh_token": renewed.body["refresh_token"]}
    other = await stranger.call("POST", path, form=form | {"client_id": "other"})
    assert other.body == {"error": "invalid_client"}
    sim.identity.revoke_tokens()
    assert (await stranger.call("POST", path, form=form)).status == 400
    assert [one.outcome for one in sim.login_attempts] == ["success"]


async def test_five_wrong_passwords_lock_the_account_for_the_right_one_too(
    stranger: Client, sim: Simulator
) -> None:
    """A client that repeats a refused password locks its user."""
    for _ in range(5):
        wrong = await stranger.token(password="wrong")
        assert wrong.body["error_code"] == "InvalidCredentials"
    right = await stranger.token()
    assert right.status == 400
    assert right.body["error_code"] == "LockedOut"
    sim.identity.unlock()
    assert (await stranger.token()).status == 200


async def test_a_lock_by_wrong_passwords_ends_after_some_minutes(
    stranger: Client, sim: Simulator, clock: ManualClock
) -> None:
    """That of an administrator does not; attempts meanwhile do not prolong it."""
    for _ in range(5):
        await stranger.token(password="wrong")
    await clock.advance(299)
    assert (await stranger.token(password="wrong")).body["error_code"] == "LockedOut"
    await clock.advance(1)
    wrong = await stranger.token(password="wrong")
    assert wrong.body["error_code"] == "InvalidCredentials"
    assert (await stranger.token()).status == 200
    sim.identity.lock()
    await clock.advance(301)
    assert (await stranger.token()).body["error_code"] == "LockedOut"


async def test_a_right_password_resets_the_wrong_ones(stranger: Client) -> None:
    """Only wrong ones in a row count."""
    for password in ("wrong", "wrong", "wrong", "wrong", "demo", "wrong"):
        await stranger.token(password=password)
    assert (await stranger.token()).status == 200


async def test_a_password_that_must_change_gives_no_token(
    stranger: Client, sim: Simulator
) -> None:
    """New basic users have to change a temporary password first."""
    sim.identity.require_password_change()
    answer = await stranger.token()
    assert answer.status == 400
    assert answer.body["error_code"] == "ChangePassword"
    sim.identity.set_password("new")
    assert (await stranger.token(password="new")).status == 200


async def test_a_locked_account_says_so(stranger: Client, sim: Simulator) -> None:
    """An administrator can lock an account at any time."""
    sim.identity.lock()
    assert (await stranger.token()).body["error_code"] == "LockedOut"


async def test_a_service_client_gets_a_token(client: Client) -> None:
    """Service tokens belong to no user."""
    await client.sign_in_as_service()
    assert (await client.get("sites")).status == 200


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"client_id": "Nobody"}, "invalid_client"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
    ],
)
async def test_other_grants_and_clients_are_refused_as_in_oauth(
    stranger: Client, form: dict[str, str], error: str
) -> None:
    """The words are those of the standard."""
    answer = await stranger.token(**form)
    assert (answer.status, answer.body) == (400, {"error": error})


async def test_a_token_needs_a_post_request(stranger: Client) -> None:
    """A GET would put the password into logs."""
    assert (await stranger.call("GET", "/IDP/connect/token")).status == 405


async def test_discovery_names_the_token_endpoint(stranger: Client) -> None:
    """Official clients look here first."""
    answer = await stranger.call("GET", "/idp/.well-known/openid-configuration")
    assert answer.status == 200
    assert answer.body["token_endpoint"] == f"{stranger.sim.url}/IDP/connect/token"
    assert int(answer.body["server_version"].split(".")[0]) >= 21
    assert (await stranger.call("GET", "/idp/externalProviders")).body == []
    assert (await stranger.call("GET", "/idp/nothing")).status == 404


async def test_a_token_ends_after_its_lifetime(
    client: Client, clock: ManualClock
) -> None:
    """Then every request is a 401 until the client signs in again."""
    await clock.advance(3599)
    assert (await client.get("sites")).status == 200
    await clock.advance(1)
    answer = await client.get("sites")
    assert answer.status == 401
    assert answer.error_text == "Token validation failed: the token is expired."
    assert answer.headers["WWW-Authenticate"] == "Bearer"


async def test_a_revoked_token_is_refused(client: Client, sim: Simulator) -> None:
    """An administrator can take tokens back."""
    sim.identity.revoke_tokens()
    assert (await client.get("sites")).status == 401


async def test_tokens_that_expired_long_ago_are_forgotten(
    client: Client, clock: ManualClock
) -> None:
    """A simulator that runs for weeks must not collect them."""
    await clock.advance(3 * 3600)
    await client.token()
    assert (await client.get("sites")).error_text.endswith("the token is not valid.")


@pytest.mark.parametrize("header", [None, "Bearer", "Basic ZGVtbzpkZW1v"])
async def test_without_a_bearer_token_requests_are_refused(
    stranger: Client, header: str | None
) -> None:
    """Every resource requires one."""
    if header is not None:
        stranger.headers["Authorization"] = header
    assert (await stranger.get("sites")).status == 401


def test_an_unknown_user_cannot_be_changed(sim: Simulator) -> None:
    """A typing mistake in a test must not be ignored."""
    with pytest.raises(OptionError, match="no user 'nobody'"):
        sim.identity.lock("nobody")
