"""`parley agent add`, `disable` and `list-demo`: who may sign in."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys

from cli.demo_team import DemoTeam, hasher
from cli.environment import use_running_desk
from cli.errors import Trouble
from cli.rundir import RunDir
from models.actions import agents
from models.db import connect, connection, one
from models.errors import DeskError, Invalid
from models.rules.passwords import check_new, generate
from models.settings import settings

ROLES = ("agent", "supervisor", "analyst", "admin")


def arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(metavar="VERB", required=True)

    add = verbs.add_parser("add", help="make an account")
    add.add_argument("email")
    add.add_argument("--name", help="as colleagues and customers see it; asked for when missing")
    add.add_argument("--role", choices=ROLES, default="agent")
    add.add_argument("--team", action="append", default=[], help="the name of a team; may be given more than once")
    add.add_argument("--generate", action="store_true", help="make a password and print it, instead of asking for one")
    add.set_defaults(verb=add_agent)

    away = verbs.add_parser("disable", help="take an account away; its chats return to the queue")
    away.add_argument("email")
    away.set_defaults(verb=disable_agent)

    listing = verbs.add_parser("list-demo", help="show how the demo team signs in")
    listing.set_defaults(verb=list_demo)


def run(asked: argparse.Namespace) -> int:
    status: int = asked.verb(asked)
    return status


def list_demo(asked: argparse.Namespace) -> int:
    team = DemoTeam(RunDir())
    if not team.members():
        raise Trouble("There is no demo team here yet.", "`make run` makes one at its first start.")
    print(team.table())
    return 0


def add_agent(asked: argparse.Namespace) -> int:
    use_running_desk(RunDir())
    connect(settings(), application="parley-agent")
    email = asked.email.strip().lower()
    if "@" not in email:
        raise Trouble(f"{asked.email} is no e-mail address.", "Agents sign in with one.")
    name = asked.name or _ask("Name: ")
    password = generate(secrets.choice) if asked.generate else _ask_password(email, name)
    try:
        agents.joins(email, name, asked.role, asked.team, hasher.hash(password))
    except DeskError as refusal:
        raise Trouble(refusal.sentence, "Nothing was changed.") from refusal
    print(f"{name} may sign in now, as {asked.role}.")
    if asked.generate:
        print(f"Password: {password}")
    return 0


def disable_agent(asked: argparse.Namespace) -> int:
    """Their sign-ins end, their sockets are cut within seconds, their chats go back to the queue."""
    use_running_desk(RunDir())
    connect(settings(), application="parley-agent")
    with connection():
        found = one("select id, name from agent where email = %s", (asked.email.strip().lower(),))
        if found is None:
            raise Trouble(f"There is no account for {asked.email}.", "Nothing was changed.")
        agents.disable(found["id"])
    print(f"{found['name']} can no longer sign in.")
    return 0


def _ask(question: str) -> str:
    if not sys.stdin.isatty():
        raise Trouble("Nobody is here to be asked.", "Give --name and --generate.")
    return input(question).strip()


def _ask_password(email: str, name: str) -> str:
    if not sys.stdin.isatty():
        raise Trouble("Nobody is here to choose a password.", "Give --generate to have one made and printed.")
    while True:
        password = getpass.getpass("Password: ")
        try:
            check_new(password, email=email, name=name)
        except Invalid as refusal:
            print(refusal.sentence)
            continue
        if getpass.getpass("Once more: ") == password:
            return password
        print("The two differ.")
