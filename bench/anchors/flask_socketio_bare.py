"""An anchor: what Flask-SocketIO on eventlet does as it comes, with one INSERT a message and pushes through Redis.

It speaks just enough of the desk's wire for the same generator to drive it. No sessions,
no permissions, no order, no life of a chat: the distance to it is what those cost, or
what was saved.
"""

# ruff: noqa: E402 - nothing may be imported before it is patched

import eventlet

eventlet.monkey_patch()

import os
from urllib.parse import unquote, urlsplit

import peewee as pw
from eventlet import wsgi
from flask import Flask
from flask_socketio import SocketIO, emit, join_room
from playhouse.pool import PooledPostgresqlDatabase

parts = urlsplit(os.environ["DATABASE_URL"])
db = PooledPostgresqlDatabase(
    parts.path[1:],
    user=parts.username,
    password=unquote(parts.password or ""),
    host=parts.hostname,
    port=parts.port,
    max_connections=20,
    timeout=10,
)


class Message(pw.Model):
    chat_id = pw.BigIntegerField()
    client_id = pw.TextField()
    body = pw.TextField()
    created_at = pw.DateTimeField(constraints=[pw.SQL("default now()")])

    class Meta:
        database = db
        table_name = "anchor_flask"
        indexes = ((("chat_id", "client_id"), True),)


app = Flask(__name__)
socketio = SocketIO(
    app,
    async_mode="eventlet",
    message_queue=os.environ["REDIS_URL"],
    channel="anchor-flask",
    transports=["websocket"],
    cors_allowed_origins=[],
)


@app.get("/health/ready")
def ready():
    return "ok"


@socketio.on("connect")
def connect(auth):
    join_room(f"chat:{auth['room']}")


@socketio.on("message:send")
def send(data):
    with db.connection_context():
        message_id = (
            Message.insert(chat_id=data["chat_id"], client_id=data["client_id"], body=data["body"])
            .on_conflict_ignore()
            .execute()
        )
    emit("message:new", {"id": message_id, **data}, to=f"chat:{data['chat_id']}")
    return {"ok": True}


if __name__ == "__main__":
    with db.connection_context():
        db.create_tables([Message])
    listener = eventlet.listen(("127.0.0.1", int(os.environ["PORT"])), backlog=2048)
    wsgi.server(listener, app, max_size=8000, log_output=False)
