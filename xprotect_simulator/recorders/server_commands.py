"""The management server's SOAP services, which issue tokens for recorders."""

import base64
import binascii
from collections.abc import Mapping

from aiohttp import web

from .. import times
from ..errors import ApiError
from ..faults.faults import Faults
from ..happening.world import World
from ..sign_in.identity import Identity, SignInError
from ..wire import html_response
from . import soap
from .soap import SERVER_COMMAND, Call
from .tokens import Grant, RecorderTokens

OAUTH = "/managementserver/servercommandserviceoauth.svc"
BASIC = "/managementserver/servercommandservice.svc"
ASMX = "/serverapi/servercommandservice.asmx"
PATHS = (OAUTH, BASIC, ASMX)

_NO_RIGHTS = 51000
_METHODS = ("Login", "Logout", "RegisterIntegration")


class ServerCommands:
    """Answers the three addresses of the service, which differ in the sign-in."""

    def __init__(
        self, world: World, identity: Identity, tokens: RecorderTokens, faults: Faults
    ) -> None:
        """Issue `tokens` to users of `identity`."""
        self._world = world
        self._identity = identity
        self._tokens = tokens
        self._faults = faults

    async def handle(self, request: web.Request, path: str) -> web.Response:
        """Answer one request; `path` is lower case."""
        if request.method == "GET" and "singlewsdl" in request.query_string.lower():
            return web.Response(text=_WSDL, content_type="text/xml")
        if not self._is_signed_in(request, path):
            return html_response(401, "401 - Unauthorized: Access is denied.")
        call = soap.read(await request.read(), SERVER_COMMAND, reads_prefixed=True)
        if call is None or call.method not in _METHODS:
            return html_response(400, "400 - Bad Request")
        if self._faults.strike("soap_login_forbidden", path):
            text = "VMO61008: You do not have sufficient permissions."
            return soap.server_fault(text, _NO_RIGHTS)
        return self._answer(call, token_comes_first=path == ASMX)

    def _is_signed_in(self, request: web.Request, path: str) -> bool:
        authorization = request.headers.get("Authorization")
        if path != OAUTH:
            return self._has_password(authorization or "")
        try:
            self._identity.principal(authorization)
        except ApiError:
            return False
        return True

    def _has_password(self, authorization: str) -> bool:
        kind, _, encoded = authorization.partition(" ")
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
            username, _, password = pair.partition(":")
            if kind.lower() == "basic":
                self._identity.sign_in(username, password)
                return True
        except binascii.Error, UnicodeDecodeError, SignInError:
            pass
        return False

    def _answer(self, call: Call, *, token_comes_first: bool) -> web.Response:
        content = ""
        if call.method == "Login":
            grant = self._tokens.issue()
            content = self._login_result(grant, token_comes_first=token_comes_first)
        elif call.method == "Logout":
            self._tokens.revoke(call.parameters.get("token", ""))
        return soap.answer(call.method, SERVER_COMMAND, content)

    def _login_result(self, grant: Grant, *, token_comes_first: bool) -> str:
        """Return the result, in the order of fields of the old or new service."""
        microseconds = int(grant.life.total_seconds() * 1_000_000)
        fields: Mapping[str, str] = {
            "RegistrationTime": times.to_text(self._world.now())[:23] + "Z",
            "TimeToLive": f"<MicroSeconds>{microseconds}</MicroSeconds>",
            "TimeToLiveLimited": "false",
            "Token": grant.token,
        }
        names = list(fields)
        if token_comes_first:
            names.insert(0, names.pop())
        return "".join(f"<{name}>{fields[name]}</{name}>" for name in names)


_WSDL = f"""<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions name="ServerCommandService" targetNamespace="{SERVER_COMMAND}"
 xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="{SERVER_COMMAND}"
 xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:xs="http://www.w3.org/2001/XMLSchema">
<wsdl:types><xs:schema elementFormDefault="qualified"
 targetNamespace="{SERVER_COMMAND}" xmlns:tns="{SERVER_COMMAND}">
<xs:complexType name="TimeDuration"><xs:sequence>
<xs:element name="MicroSeconds" type="xs:long"/></xs:sequence></xs:complexType>
<xs:complexType name="LoginInfo"><xs:sequence>
<xs:element name="RegistrationTime" type="xs:dateTime"/>
<xs:element name="TimeToLive" type="tns:TimeDuration"/>
<xs:element name="TimeToLiveLimited" type="xs:boolean"/>
<xs:element minOccurs="0" name="Token" type="xs:string"/>
</xs:sequence></xs:complexType>
<xs:element name="Login"><xs:complexType><xs:sequence>
<xs:element name="instanceId" type="xs:string"/>
<xs:element minOccurs="0" name="currentToken" type="xs:string"/>
</xs:sequence></xs:complexType></xs:element>
<xs:element name="LoginResponse"><xs:complexType><xs:sequence>
<xs:element minOccurs="0" name="LoginResult" type="tns:LoginInfo"/>
</xs:sequence></xs:complexType></xs:element>
</xs:schema></wsdl:types>
<wsdl:message name="LoginIn"><wsdl:part name="parameters" element="tns:Login"/>
</wsdl:message>
<wsdl:message name="LoginOut">
<wsdl:part name="parameters" element="tns:LoginResponse"/></wsdl:message>
<wsdl:portType name="IServerCommandService"><wsdl:operation name="Login">
<wsdl:input message="tns:LoginIn"/><wsdl:output message="tns:LoginOut"/>
</wsdl:operation></wsdl:portType>
<wsdl:binding name="Binding" type="tns:IServerCommandService">
<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>
<wsdl:operation name="Login">
<soap:operation soapAction="{SERVER_COMMAND}/IServerCommandService/Login"/>
<wsdl:input><soap:body use="literal"/></wsdl:input>
<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
</wsdl:definitions>
"""
