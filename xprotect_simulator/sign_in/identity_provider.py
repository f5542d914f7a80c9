"""Answers the HTTP requests to the identity provider."""

from aiohttp import web
from yarl import URL

from ..bodies import form_of
from ..faults.faults import Faults
from ..wire import html_response, json_response
from .identity import Identity, SignInError
from .users import Principal
from .windows import WindowsLogin, refused

# The only one whose users get a refresh token, too.
_REFRESHING = "VmsClient"
_USER_CLIENTS = ("GrantValidatorClient", _REFRESHING, "VmsAdminClient")


class IdentityProvider:
    """Answers requests below /IDP, directly or through the API Gateway."""

    def __init__(
        self, identity: Identity, windows: WindowsLogin, faults: Faults
    ) -> None:
        """Issue the tokens of `identity`."""
        self.identity = identity
        self._windows = windows
        self._faults = faults

    async def handle(
        self, request: web.Request, path: str, origin: URL, *, is_direct: bool
    ) -> web.StreamResponse:
        """Answer one request; `path` is lower case and below /IDP.

        `is_direct` is false if the API Gateway forwards it, which cannot forward NTLM.
        """
        if self._faults.strike("idp_elsewhere", request.path.lower()):
            return html_response(404, "404 - File or directory not found.")
        if path == "connect/token":
            if request.method != "POST":
                return html_response(405, "405 - Method Not Allowed")
            return await self._token(request, is_direct=is_direct)
        if path == ".well-known/openid-configuration":
            return self._discovery(origin)
        if path == "externalproviders":
            return json_response([])
        return html_response(404, "404 - File or directory not found.")

    async def _token(
        self, request: web.Request, *, is_direct: bool
    ) -> web.StreamResponse:
        form = await form_of(request)
        grant = form.get("grant_type", "")
        try:
            if grant == "password":
                return self._by_password(form)
            if grant == "refresh_token":
                return self._by_refresh(form)
            if grant == "client_credentials":
                return self._by_secret(form)
        except SignInError as error:
            return self._refused(error)
        if grant == "windows_credentials":
            return self._by_windows(request, form, is_direct=is_direct)
        return json_response({"error": "unsupported_grant_type"}, 400)

    def _by_password(self, form: dict[str, str]) -> web.Response:
        if form.get("client_id") not in _USER_CLIENTS:
            return json_response({"error": "invalid_client"}, 400)
        username = form.get("username", "")
        token = self.identity.sign_in(username, form.get("password", ""))
        if form["client_id"] != _REFRESHING:
            return self._granted(token)
        return self._granted(token, refresh_token=self.identity.issue_refresh(username))

    def _by_refresh(self, form: dict[str, str]) -> web.Response:
        if form.get("client_id") != _REFRESHING:
            return json_response({"error": "invalid_client"}, 400)
        user = self.identity.refresh(form.get("refresh_token", ""))
        token = self.identity.issue(Principal(user=user))
        refresh_token = self.identity.issue_refresh(user.name)
        return self._granted(token, refresh_token=refresh_token)

    def _by_windows(
        self, request: web.Request, form: dict[str, str], *, is_direct: bool
    ) -> web.Response:
        if not is_direct:
            return refused()
        if self._faults.strike("windows_login_off", request.path.lower()):
            return html_response(401, "401 - Unauthorized")
        outcome = self._windows.sign_in(request)
        if isinstance(outcome, web.Response):
            if self._faults.strike("windows_login_cut", request.path.lower()):
                outcome.force_close()
            return outcome
        if form.get("client_id") not in _USER_CLIENTS:
            return json_response({"error": "invalid_client"}, 400)
        return self._granted(outcome)

    def _by_secret(self, form: dict[str, str]) -> web.Response:
        token = self.identity.sign_in_service(
            form.get("client_id", ""), form.get("client_secret", "")
        )
        return self._granted(token)

    def _granted(self, token: str, **more: str) -> web.Response:
        life = self.identity.options.token_life
        return json_response(
            {
                "access_token": token,
                "expires_in": int(life.total_seconds()),
                "token_type": "Bearer",
                **more,
                "scope": "managementserver",
            }
        )

    def _refused(self, error: SignInError) -> web.Response:
        if error.code in ("InvalidClient", "InvalidGrant"):
            return json_response({"error": error.description}, 400)
        return json_response(
            {
                "error": "invalid_grant",
                "error_description": error.description,
                "error_code": error.code,
            },
            400,
        )

    def _discovery(self, origin: URL) -> web.Response:
        issuer = str(origin / "IDP")
        return json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/connect/authorize",
                "token_endpoint": f"{issuer}/connect/token",
                "external_providers_uri": f"{issuer}/externalProviders",
                "grant_types_supported": [
                    "password",
                    "refresh_token",
                    "client_credentials",
                    "windows_credentials",
                ],
                "server_version": self.identity.options.product_version,
            }
        )
