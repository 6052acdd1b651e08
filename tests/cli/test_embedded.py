"""The embedded servers: made, started, stopped, found again, and recovered after the worst."""

from __future__ import annotations

import os
import signal
import socket
import stat
import time
from pathlib import Path

import psycopg2
import pytest
import redis

from cli import ports, processes
from cli.embedded import Embedded
from cli.errors import Trouble
from cli.processes import Identity
from cli.rundir import RunDir

pytestmark = pytest.mark.timeout(120)


def started(run_dir: RunDir) -> Embedded:
    servers = Embedded.for_run(run_dir, run_dir.secrets())
    servers.start()
    return servers


def says(servers: Embedded, statement: str) -> object:
    connection = psycopg2.connect(servers.addresses()["DATABASE_URL"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def test_data_survives_a_stop_and_the_servers_are_durable_and_closed(
    run_dir: RunDir, no_addresses: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    servers = started(run_dir)
    try:
        assert says(servers, "show fsync") == "on"
        assert says(servers, "show synchronous_commit") == "on"
        assert says(servers, "select rolsuper from pg_roles where rolname = current_user") is False
        says(servers, "create table kept as select 7 as n")
        bus = redis.Redis.from_url(servers.addresses()["REDIS_URL"])
        bus.set("kept", "yes")
        assert bus.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert bus.config_get("appendfsync") == {"appendfsync": "everysec"}
        bus.close()
        assert servers.postgres is not None
        assert servers.valkey is not None
        for address in (
            f"postgresql://parley:guess@127.0.0.1:{servers.postgres.port}/parley",
            f"postgresql://postgres@127.0.0.1:{servers.postgres.port}/postgres",
        ):
            with pytest.raises(psycopg2.OperationalError):
                psycopg2.connect(address, connect_timeout=3)
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=servers.valkey.port).ping()
        assert stat.S_IMODE((servers.valkey.data / "valkey.conf").stat().st_mode) == 0o600
        if os.geteuid() == 0:
            for server in (servers.postgres, servers.valkey):
                assert server.process is not None
                assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0
    finally:
        servers.stop()
    again = started(run_dir)
    try:
        assert says(again, "select n from kept") == 7
        bus = redis.Redis.from_url(again.addresses()["REDIS_URL"])
        assert bus.get("kept") == b"yes"
        bus.close()
    finally:
        again.stop()
    assert "Making a new database" in capfd.readouterr().out


def test_a_killed_server_and_a_recycled_number_do_not_keep_it_from_starting(
    run_dir: RunDir, no_addresses: pytest.MonkeyPatch
) -> None:
    servers = started(run_dir)
    assert servers.postgres is not None
    assert servers.postgres.process is not None
    says(servers, "create table kept as select 7 as n")
    pid_file = servers.postgres.data / "postmaster.pid"
    os.kill(servers.postgres.process.pid, signal.SIGKILL)
    servers.postgres.process.wait()
    servers.stop()
    # The number in the pid file is now a living process that has nothing to do with it: ours.
    pid_file.write_text(pid_file.read_text().replace(str(servers.postgres.process.pid), str(os.getpid()), 1))
    again = started(run_dir)
    try:
        assert says(again, "select n from kept") == 7
    finally:
        again.stop()


def test_a_server_left_over_from_a_killed_run_is_ended_first(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    orphaned = started(run_dir)
    assert orphaned.postgres is not None
    assert orphaned.postgres.process is not None
    assert orphaned.valkey is not None
    orphaned.valkey.stop()
    before = Identity.of(orphaned.postgres.process.pid)
    again = Embedded.for_run(run_dir, run_dir.secrets())
    again.start()
    try:
        assert before is not None
        assert not before.alive()
        assert says(again, "select 1") == 1
    finally:
        again.stop()


def test_a_busy_port_is_named_and_the_next_one_taken(
    run_dir: RunDir, no_addresses: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as busy:
        port = ports.any_free()
        busy.bind(("127.0.0.1", port))
        busy.listen()
        no_addresses.setattr("cli.embedded.POSTGRES_PORT", port)
        servers = Embedded.for_run(run_dir, run_dir.secrets())
    assert servers.postgres is not None
    assert servers.postgres.port > port
    assert f"Port {port} is held by" in capsys.readouterr().out
    assert f"process {os.getpid()}" in ports_holder_while_busy()


def ports_holder_while_busy() -> str:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        return ports.holder(busy.getsockname()[1])


def test_a_busy_port_that_was_asked_for_is_refused(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        no_addresses.setenv("PARLEY_POSTGRES_PORT", str(busy.getsockname()[1]))
        with pytest.raises(Trouble, match="PARLEY_POSTGRES_PORT"):
            Embedded.for_run(run_dir, run_dir.secrets())


def test_given_addresses_are_used_and_nothing_is_started(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    no_addresses.setenv("DATABASE_URL", "postgresql://theirs")
    no_addresses.setenv("REDIS_URL", "redis://theirs/0")
    servers = started(run_dir)
    assert servers.servers() == {}
    assert servers.addresses() == {"DATABASE_URL": "postgresql://theirs", "REDIS_URL": "redis://theirs/0"}


def test_a_half_made_data_folder_is_not_taken_for_a_database(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    servers = Embedded.for_run(run_dir, run_dir.secrets())
    assert servers.postgres is not None
    half = servers.postgres.data.with_suffix(".making")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    servers.start()
    try:
        assert says(servers, "select 1") == 1
    finally:
        servers.stop()


def test_lost_secrets_are_told_as_what_they_are(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    started(run_dir).stop()
    (run_dir.path / "secrets.env").unlink()
    servers = Embedded.for_run(run_dir, run_dir.secrets())
    with pytest.raises(Trouble, match="another password"):
        servers.start()
    servers.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_data_of_another_user_is_refused_with_a_sentence(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    servers = Embedded.for_run(run_dir, run_dir.secrets())
    assert servers.postgres is not None
    servers.postgres.data.mkdir()
    os.chown(servers.postgres.data, 12345, 12345)
    with pytest.raises(Trouble, match="belongs to another user"):
        Embedded.for_run(run_dir, run_dir.secrets())


def test_stopping_is_quick_and_leaves_nobody(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    servers = started(run_dir)
    alive = [Identity.of(server.process.pid) for server in servers.servers().values() if server.process]
    began = time.monotonic()
    servers.stop()
    assert time.monotonic() - began < 5
    assert processes.wait_gone([identity for identity in alive if identity], patience=1) == []
