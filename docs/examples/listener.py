"""Listens to Parley's webhooks, and answers on an API channel. Python's own library is all it takes.

SECRET=whsec_… python docs/examples/listener.py                     # listens on http://127.0.0.1:9000
SECRET=whsec_… python docs/examples/listener.py https://desk.example/hooks/api/KEY "Where is my parcel?"
"""

import base64, hashlib, hmac, json, os, sys, time, urllib.request, uuid
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
SEEN: set[str] = set()  # yours belongs in a database, under a unique index


def signature(name: str, stamp: str, body: bytes) -> str:
    signed = hmac.new(KEY, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(signed).decode()


def believed(headers, body: bytes) -> bool:
    name, stamp, said = (headers.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature"))
    fresh = stamp.isdigit() and abs(time.time() - int(stamp)) < 300
    return fresh and any(hmac.compare_digest(each, signature(name, stamp, body)) for each in said.split())


class Listener(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not believed(self.headers, body):
            return self.send_error(401)
        if self.headers["webhook-id"] not in SEEN:  # told again: we had it
            SEEN.add(self.headers["webhook-id"])
            print(json.dumps(json.loads(body), indent=2), flush=True)
        self.send_response(204)
        return self.end_headers()


if len(sys.argv) < 3:
    HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Listener).serve_forever()
message = {"id": uuid.uuid4().hex, "from": {"id": "customer-1", "name": "Ada"}, "text": sys.argv[2]}
body, name, now = json.dumps({"type": "message", "data": message}).encode(), uuid.uuid4().hex, str(int(time.time()))
sent = {"webhook-id": name, "webhook-timestamp": now, "webhook-signature": signature(name, now, body)}
print(urllib.request.urlopen(urllib.request.Request(sys.argv[1], body, sent)).status)
