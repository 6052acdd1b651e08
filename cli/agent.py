"""`parley agent add` and `parley agent list-demo`: who may sign in."""

from __future__ import annotations

import argparse
import getpass
import sys

import peewee

from cli.demo_team import DemoTeam, generate, hasher
from cli.environment import use_running_desk
from cli.errors import Trouble
from cli.rundir import RunDir
from models.db import connect, transaction
from models.errors import Invalid
from models.rules.passwords import check_new
from models.settings import settings
from models.tables.people import Agent, Team, TeamMember

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
    password = generate() if asked.generate else _ask_password(email, name)
    _make(email, name, asked.role, asked.team, hasher.hash(password))
    print(f"{name} may sign in now, as {asked.role}.")
    if asked.generate:
        print(f"Password: {password}")
    return 0


def _make(email: str, name: str, role: str, team_names: list[str], password_hash: str) -> None:
    """The account and its teams, or nothing."""
    with transaction():
        teams = {team.name: team for team in Team.select().where(Team.name.in_(team_names))} if team_names else {}
        if missing := set(team_names) - set(teams):
            raise Trouble(f"There is no team called {', '.join(sorted(missing))}.", "Nothing was changed.")
        hue = sum(email.encode()) * 37 % 360
        try:
            agent = Agent.create(email=email, name=name, role=role, hue=hue, password_hash=password_hash)
        except peewee.IntegrityError as error:
            raise Trouble(f"There is an account for {email} already.", "Nothing was changed.") from error
        for team in teams.values():
            TeamMember.create(team=team, agent=agent)


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
