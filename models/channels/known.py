"""Which kinds of channel there are, and what each is good for. Whoever sends brings the channels themselves."""

from __future__ import annotations

from collections.abc import Mapping

from models.channels import web
from models.channels.base import Capabilities

KINDS: Mapping[str, Capabilities] = {web.Web.kind: web.CAN}
