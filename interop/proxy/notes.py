"""A service's API behind the proxy, with rules: users who came by either
protocol make, read, change and delete their notes, and nobody else's."""

import json
import sys

from carried import FORM
from common import ALICE, HARD
from credentials import OAuth2, client_credentials, password, xauth
from http1 import Request, send
from identity import FORGED
from processes import BACKEND, free_port, process

RULES = ("GET,HEAD /api/notes* read; POST,PUT,PATCH,DELETE /api/notes* write; * /api/health public; "
         "POST /api/feedback public; DELETE /api/feedback write")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X_HTTP_Method_Override")
NOT_FOUND = (404, {"error": "Not Found"})  # in the words of the API
COMMAND = (sys.executable, BACKEND / "notes.py", "PORT")


class API:
    """The notes as one caller has them."""

    def __init__(self, gateway, credential=None):
        self.gateway, self.credential = gateway, credential

    def call(self, method, target, body=b"", *headers):
        """Returns the status and the answer's JSON."""
        request = Request(method, target, headers, body)
        if self.credential:
            request = self.credential.put(request, self.gateway)
        answer = send(self.gateway.host, request.encode(self.gateway.host, self.gateway.base), method)
        return answer.status, json.loads(answer.body or b"null")

    def json(self, method, target, **value):
        return self.call(method, target, json.dumps(value).encode(), ("Content-Type", "application/json"))


def check(report, gateway):
    port = free_port()
    with process(COMMAND, port, {}), gateway.serving(f"http://127.0.0.1:{port}", rules=RULES):
        signed, bearer = API(gateway, xauth(gateway, "mobile", ALICE)), API(gateway, password(gateway, "mobile", HARD))
        own_notes(report, signed, bearer)
        same_user(report, signed, gateway)
        rules(report, gateway)
        public(report, gateway, bearer)
        overridden(report, gateway)


def own_notes(report, signed, bearer):
    for name, api, text in (("OAuth 1.0", signed, "milk & honey"), ("OAuth 2", bearer, "雪 100%")):
        report.equal(f"{name}: no notes yet", api.call("GET", "/api/notes"), (200, {"notes": []}))
        status, note = api.json("POST", "/api/notes", text=text)
        report.equal(f"{name}: a note is made", (status, note["text"]), (201, text))
        at = f"/api/notes/{note['id']}"
        report.equal(f"{name}: read", api.call("GET", at), (200, note))
        changed = note | {"text": text + "!"}
        report.equal(f"{name}: changed", api.json("PUT", at, text=changed["text"]), (200, changed))
        report.equal(f"{name}: HEAD", api.call("HEAD", "/api/notes"), (200, None))
        report.equal(f"{name}: listed", api.call("GET", "/api/notes?limit=10&after="), (200, {"notes": [changed]}))
    report.equal("another's note", bearer.call("GET", "/api/notes/1"), NOT_FOUND)
    report.equal("deleting another's note", bearer.call("DELETE", "/api/notes/1"), NOT_FOUND)
    report.equal("deleting one's own", signed.call("DELETE", "/api/notes/1"), (204, None))
    report.equal("then it is gone", signed.call("GET", "/api/notes"), (200, {"notes": []}))


def same_user(report, signed, gateway):
    """One user, two protocols, one person."""
    form = signed.call("POST", "/api/notes", b"text=from+a+form%21", FORM)
    report.equal("a signed form", form, (201, {"id": 3, "text": "from a form!"}))
    phone = API(gateway, password(gateway, "public", ALICE))
    report.equal("the same user's notes by OAuth 2", phone.call("GET", "/api/notes/3"), (200, form[1]))


def rules(report, gateway):
    reader = API(gateway, password(gateway, "mobile", HARD, "read"))
    report.equal("scope read: GET", reader.call("GET", "/api/notes")[0], 200)
    writer = API(gateway, password(gateway, "mobile", HARD, "write"))
    report.equal("scope write: POST", writer.json("POST", "/api/notes", text="x")[0], 201)
    for name, api, method, target in (
            ("scope read: POST", reader, "POST", "/api/notes"), ("scope read: PUT", reader, "PUT", "/api/notes/2"),
            ("scope read: DELETE", reader, "DELETE", "/api/notes/2"), ("scope write: GET", writer, "GET", "/api/notes"),
            ("scope write: HEAD", writer, "HEAD", "/api/notes"),
            *((f"scope read: DELETE {path}", reader, "DELETE", path) for path in (
                "/api//notes/2", "/api/%6eotes/2", "/api/x/../notes/2", "/api/%2e/notes/2", "/api/health/../notes/2",
                "/api/./notes/2", "/api%2Fnotes/2", "/api/notes%2F2", "/api\\notes/2", "/api/x/%252e%252e/notes/2"))):
        answer = api.json(method, target, text="x")
        report.equal(f"{name}: refused", (answer[0] in (400, 403, 404), answer == NOT_FOUND), (True, False))
    report.equal("the note is still there", reader.call("GET", "/api/notes/2")[0], 200)
    report.equal("no rule: any token", reader.call("GET", "/api/other"), NOT_FOUND)


def public(report, gateway, bearer):
    nobody = API(gateway)
    fine = (200, {"status": "fine", "knows": []})
    report.equal("public without credentials", nobody.call("GET", "/api/health"), fine)
    forged = [(name, "forged") for name in FORGED]
    report.equal("public with forged identity", nobody.call("GET", "/api/health", b"", *forged), fine)
    report.equal("public with a good token", bearer.call("GET", "/api/health")[0], 200)
    report.equal("public with a bad token", API(gateway, OAuth2("junk")).call("GET", "/api/health")[0], 401)
    for path in ("/api/notes", "/api/notes/2", "/api/health/../notes/2", "/api/health/..%2Fnotes/2", "/api/healthy",
                 "/api/health/%2e%2e/notes/2", "/api/other"):
        report.equal(f"without credentials: {path}", nobody.call("GET", path)[0] in (400, 401), True)
    robot = API(gateway, client_credentials(gateway, "mobile"))
    report.equal("a token without a user", robot.call("GET", "/api/notes"), (403, {"error": "Forbidden"}))


def overridden(report, gateway):
    """A method in a header or parameter, which many frameworks obey, must not
    get round what a rule says of that method."""
    reader = API(gateway, password(gateway, "mobile", ALICE, "read"))
    for caller, api, target in (("without credentials", API(gateway), "/api/feedback"),
                                ("scope read", reader, "/api/feedback")):
        report.equal(f"{caller}: POST", api.call("POST", target), NOT_FOUND)
        for how, query, body, header in (
                *((name, "", b"", (name, "DELETE")) for name in OVERRIDES),
                ("in small letters", "", b"", ("x-http-method-override", "delete")),
                ("in the query", "?_method=DELETE", b"", ("X-Other", "1")),
                ("in the form", "", b"_method=delete", FORM)):
            status, _ = api.call("POST", target + query, body, header)
            report.equal(f"{caller}: DELETE {how}", status in (400, 401, 403), True)
