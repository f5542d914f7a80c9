#!/usr/bin/env bash
# What one expects: a client of the Milestone SOAP services reads the RegistrationTime of
# a login with any number of decimals; real servers omit trailing zeros, so one login in
# ten has fewer decimals than the others, and one in ten million has none.
# What happens: milestonexprotectwspython rejects the whole login if the time has one
# decimal or none. A server for this client has to write at least three.
# It also needs `requests`, which is not among its dependencies.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
# requests is used by it, and missing from what it says that it needs.
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install \
    milestonexprotectwspython==1.0.2 requests==2.32.5
"$folder/venv/bin/python" - <<'PYTHON'
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
import threading

from milestonexprotectwspython.xpwrecordercommandservice import (
    XPWRecorderCommandService,
)

ANSWER = (
    '<?xml version="1.0"?>'
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
    '<LoginResponse xmlns="http://videoos.net/2/XProtectCSServerCommand"><LoginResult>'
    "<RegistrationTime>{time}</RegistrationTime>"
    "<TimeToLive><MicroSeconds>14400000000</MicroSeconds></TimeToLive>"
    "<TimeToLiveLimited>false</TimeToLiveLimited>"
    "<Token>TOKEN#example#host//ServerConnector#</Token>"
    "</LoginResult></LoginResponse></soap:Body></soap:Envelope>"
)
TIMES = {
    "2026-11-29T12:00:05.912Z": "signed in",
    "2026-11-29T12:00:05.9Z": "XPWException",
    "2026-11-29T12:00:05Z": "XPWException",
}


class Server(BaseHTTPRequestHandler):
    time = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = ANSWER.format(time=Server.time).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}"
print(f"milestonexprotectwspython {version('milestonexprotectwspython')}")
seen = {}
for Server.time in TIMES:
    service = XPWRecorderCommandService()
    service.ManagementServerUrlPrefix = service.RecordingServerUrlPrefix = address
    try:
        service.LoginWindowsUser("user", "example")
        seen[Server.time] = "signed in"
    except Exception as error:  # noqa: BLE001 - its own class has no public home
        seen[Server.time] = type(error).__name__
    print(f"RegistrationTime {Server.time}: {seen[Server.time]}")
server.shutdown()
assert seen == TIMES, "the behaviour has changed"
PYTHON
