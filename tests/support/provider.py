"""A channel's provider that misbehaves as told: it says 200, takes it and resets, says 429, breaks, refuses, hangs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from models.channels.base import Channel
from models.channels.outgoing import Handed, Parcel
from models.channels.profile import Account, Capabilities, Form

SHOP = Account(id=1, kind="web", name="Shop", public_key="shop", settings={}, secrets={}, notes={})
CAREFUL = Capabilities(longest=1000, idempotent=False)


class Killed(BaseException):
    """The sender dies at this very moment: nothing after it runs."""


class Provider(Channel):
    """Each send does the next thing it was told; then it behaves. `arrived` counts what it took, by key."""

    kind = "web"
    can = CAREFUL
    form = Form("Provider", "")

    def __init__(self, *behaviours: str, before: Callable[[], None] = lambda: None) -> None:
        self.arrived: Counter[str] = Counter()
        self.asked: list[str] = []
        self._next = list(behaviours)
        self._before = before

    def send(self, account: Account, parcel: Parcel) -> Handed:
        self._before()
        self.asked.append(parcel.key)
        match self._next.pop(0) if self._next else "200":
            case "200":
                self.arrived[parcel.key] += 1
                return Handed("sent", provider_id=f"p{len(self.asked)}")
            case "200 then reset":
                self.arrived[parcel.key] += 1
                return Handed("unknown", "connection reset after the request was sent")
            case "429":
                return Handed("later", "429 Too Many Requests", retry_after_s=30)
            case "503":
                return Handed("later", "503 Service Unavailable")
            case "400":
                return Handed("refused", "400 chat not found")
            case "hang":
                return Handed("unknown", "no answer within 10 s")
            case "killed before":
                raise Killed
            case "killed after":
                self.arrived[parcel.key] += 1
                raise Killed
            case odd:
                raise AssertionError(odd)
