"""The people of the demo desk: teams, agents and the customers who write to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from models.db import rows
from models.queries.shapes import customer_hue, shown_name
from models.rules.presence import Status
from models.seeds import bulk
from models.seeds.content import load
from models.tables.customers import Customer, Identity
from models.tables.people import Agent, Team, TeamMember


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who says something, with the name and colour it will be shown under."""

    id: int
    name: str
    hue: int
    given_name: str = ""  # how to address a customer; empty for one who gave no name


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, by the keys that the content uses."""

    teams: dict[str, int]
    agents: dict[str, Person]  # by e-mail
    answering: dict[str, list[Person]]  # by team: the agents who take its chats
    customers: dict[str, Person]


def add_teams() -> dict[str, int]:
    """Add the teams that are missing; give the id of each by its key."""
    teams = load("teams")
    bulk.insert(Team, [{"name": team["name"], "hue": team["hue"]} for team in teams])
    ids = bulk.ids_by(Team, "name")
    return {team["key"]: ids[team["name"]] for team in teams}


def add_agents(teams: dict[str, int], passwords: Callable[[str], str]) -> None:
    """Add the agents that are missing, with their teams. `passwords` gives the hash for an e-mail address."""
    known = bulk.ids_by(Agent, "email")
    new = [agent for agent in load("agents") if agent["email"] not in known]
    bulk.insert(
        Agent,
        [
            {
                "name": agent["name"],
                "email": agent["email"],
                "password_hash": passwords(agent["email"]),
                "role": agent["role"],
                "hue": agent["hue"],
                # Whoever signs in to look around is at work at once; without a screen nobody counts as there.
                "chosen_status": Status.ONLINE,
            }
            for agent in new
        ],
    )
    ids = bulk.ids_by(Agent, "email")
    bulk.insert(
        TeamMember,
        [{"team_id": teams[team], "agent_id": ids[agent["email"]]} for agent in new for team in agent["teams"]],
    )


def add_customers(channel_id: int, now: datetime, dice: Random) -> None:
    """Add the customers that are missing. They are known by their identity: names and addresses may change."""
    known = {
        each["external_id"] for each in rows("select external_id from identity where channel_id = %s", (channel_id,))
    }
    new = [customer for customer in load("customers") if external_id(customer["key"]) not in known]
    ids = bulk.take_ids(Customer, len(new))
    bulk.insert(
        Customer,
        [
            {
                "id": number,
                **{name: value for name, value in customer.items() if name != "key"},
                "created_at": now - timedelta(days=dice.randint(40, 900), minutes=dice.randint(0, 1440)),
            }
            for number, customer in zip(ids, new, strict=True)
        ],
    )
    bulk.insert(
        Identity,
        [
            {"customer_id": number, "channel_id": channel_id, "external_id": external_id(customer["key"])}
            for number, customer in zip(ids, new, strict=True)
        ],
    )


def external_id(key: str) -> str:
    """What the channel knows a demo customer by. Real browsers get random ones, so the two never meet."""
    return f"demo:{key}"


def assemble(channel_id: int, teams: dict[str, int]) -> Cast:
    """Everybody as they are stored now."""
    found = {
        each["email"]: Person(each["id"], each["name"], each["hue"])
        for each in rows("select id, email, name, hue from agent where email like %s", ("%@fernhill.example",))
    }
    answering = {
        key: [found[agent["email"]] for agent in load("agents") if agent["role"] == "agent" and key in agent["teams"]]
        for key in teams
    }
    numbers = {
        each["external_id"]: (each["id"], each["name"])
        for each in rows(
            "select i.external_id, c.id, c.name from identity i join customer c on c.id = i.customer_id"
            " where i.channel_id = %s",
            (channel_id,),
        )
    }
    customers = {}
    for customer in load("customers"):
        number, name = numbers[external_id(customer["key"])]
        given = name.split()[0] if name else ""
        customers[customer["key"]] = Person(number, shown_name(name, number), customer_hue(number), given)
    return Cast(teams, found, answering, customers)
