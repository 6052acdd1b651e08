"""Telegram's side, as quick as it can be: it takes what is sent and notes when. It lives in the generator's own loop."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

HOST = "127.0.0.1"


@dataclass
class BotApi:
    """What arrived: the moment of each message (seconds of the wall clock), and how many each conversation got."""

    url: str = ""
    arrived: list[float] = field(default_factory=list)
    to: Counter[str] = field(default_factory=Counter)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the desk hangs up."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
                length = next((line.split(":")[1] for line in head if line.lower().startswith("content-length:")), "0")
                body = await reader.readexactly(int(length))
                content = orjson.dumps({"ok": True, "result": self._answer(head[0].split()[1], body)})
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(content)
                )
                writer.write(content)
                await writer.drain()
        writer.close()

    def _answer(self, path: str, body: bytes) -> Any:
        method = path.rsplit("/", 1)[1]
        if method == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
        if not method.startswith("send") or method == "sendChatAction":
            return True
        said = orjson.loads(body)
        self.arrived.append(time.time())
        self.to[str(said["chat_id"])] += 1
        chat = {"id": said["chat_id"], "type": "private"}
        return {"message_id": next(self._numbers), "date": int(time.time()), "chat": chat, "text": said.get("text", "")}


@asynccontextmanager
async def bot_api(port: int) -> AsyncIterator[BotApi]:
    """An open Bot API on this port."""
    api = BotApi(f"http://{HOST}:{port}")
    server = await asyncio.start_server(api.serve, HOST, port)
    try:
        yield api
    finally:
        server.close()
