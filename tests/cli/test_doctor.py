"""The doctor's sentences: what is wrong, and a way on."""

from __future__ import annotations

import os
import socket

import pytest

from cli import doctor
from cli.doctor import Finding
from cli.processes import Identity
from cli.rundir import RunDir
from tests.conftest import POSTGRES, REDIS


def ill(findings: list[Finding]) -> dict[str, str]:
    return {finding.says: finding.way_on for finding in findings if not finding.well}


@pytest.fixture(autouse=True)
def _no_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "load_env_file", lambda: None)


def test_every_ill_finding_has_a_way_on(run_dir: RunDir, no_addresses: pytest.MonkeyPatch) -> None:
    for finding in doctor.look(run_dir):
        assert finding.well or finding.way_on, finding.says


def test_a_busy_port_is_named_with_the_variable_that_moves_it(no_addresses: pytest.MonkeyPatch) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        no_addresses.setenv("PARLEY_PORT", str(port))
        found = ill(list(doctor.free_ports()))
    assert any(f"Port {port} is held by" in says and str(os.getpid()) in says for says in found)
    assert any("PARLEY_PORT=" in way_on for way_on in found.values())


def test_processes_of_a_killed_run_are_noticed(run_dir: RunDir) -> None:
    us = Identity.of(os.getpid())
    assert us is not None
    run_dir.remember({"supervisor": {"pid": us.pid, "began": 1.0}, "processes": {"web": us.to_json()}})
    finding = doctor.running(run_dir)
    assert not finding.well
    assert str(os.getpid()) in finding.says


def test_a_dead_database_and_a_dead_redis_are_told_apart_from_a_wrong_address(no_addresses: pytest.MonkeyPatch) -> None:
    no_addresses.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    no_addresses.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert any("The database does not answer" in says for says in ill(list(doctor.database())))
    assert any("Redis does not answer" in says for says in ill(list(doctor.redis_server())))


def test_servers_that_would_lose_work_are_pointed_out(
    no_addresses: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    postgres, valkey = pytestconfig.stash[POSTGRES], pytestconfig.stash[REDIS]
    no_addresses.setenv("DATABASE_URL", postgres.url("parley_template"))
    no_addresses.setenv("REDIS_URL", valkey.url())
    about_postgres, about_redis = ill(list(doctor.database())), ill(list(doctor.redis_server()))
    assert "fsync is off." in about_postgres  # the tests' own server, which may forget
    assert "its append-only file is off" in about_redis


def test_a_short_key_is_refused_with_its_name(no_addresses: pytest.MonkeyPatch) -> None:
    no_addresses.setenv("DATABASE_URL", "postgresql://somewhere/desk")
    no_addresses.setenv("REDIS_URL", "redis://somewhere/0")
    no_addresses.setenv("PARLEY_SECRET_KEY", "short")
    assert any("PARLEY_SECRET_KEY" in says for says in ill(list(doctor.environment())))


def test_a_check_that_breaks_is_a_finding_and_not_the_end() -> None:
    def breaks():
        yield Finding(True, "so far so good")
        raise ZeroDivisionError("the instrument")

    found = list(doctor._safely(breaks()))
    assert [finding.well for finding in found] == [True, False]
    assert "the instrument" in found[1].says
