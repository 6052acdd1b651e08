"""The words of the demo desk: complete, consistent, and worth reading."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from models.rules.canned import VARIABLES, unknown
from models.rules.ending import EndCause, EndReason
from models.rules.small_talk import plain
from models.schemas.people import ROLES
from models.seeds.content import article_body, load

LINE_VARIABLES = {"first", "agent", "order"}
NAMES = ("agents", "articles", "canned", "conversations", "customers", "desk", "misses", "services", "tags", "teams")

pytestmark = pytest.mark.keeps_data


@pytest.mark.parametrize("name", NAMES)
def test_there_is_something_in_every_file(name):
    assert load(name)


def test_services_can_be_told_apart():
    services = load("services")
    assert len(services) == 25
    for service in services:
        assert 8 <= len(service["phrasings"]) <= 15, service["key"]
        assert service["answer"].count(". ") <= 6
    phrasings = Counter(plain(text) for service in services for text in service["phrasings"])
    assert [text for text, times in phrasings.items() if times > 1] == []


def test_no_missed_question_is_a_phrasing_of_a_service():
    known = {plain(text) for service in load("services") for text in service["phrasings"]}
    questions = [plain(text) for group in load("misses") for text in group["questions"]]
    assert len(questions) == len(set(questions)) >= 60
    assert known.isdisjoint(questions)


def test_articles_are_short_reads_with_a_slug_of_their_own():
    articles = load("articles")
    assert len(articles) == len({article["slug"] for article in articles}) == 40
    for article in articles:
        assert 120 <= len(article_body(article).split()) <= 260, article["slug"]


def test_canned_messages_use_only_variables_that_are_filled_in():
    for message in load("canned"):
        assert unknown(message["body"]) == [], message["shortcut"]
    assert len({message["shortcut"] for message in load("canned")}) == len(load("canned"))
    for message in load("business")["personal_canned"]:
        assert unknown(message["body"]) == [], message["shortcut"]


def test_the_demo_shows_every_variable_of_a_canned_message():
    bodies = " ".join(message["body"] for message in load("canned"))
    assert {name for name in VARIABLES if "{{" + name + "}}" in bodies} == set(VARIABLES)


def test_everybody_has_a_role_a_team_and_an_address_of_ours():
    agents = load("agents")
    assert {agent["role"] for agent in agents} == set(ROLES)
    assert all(agent["email"].endswith("@fernhill.example") for agent in agents)
    for team in load("teams"):
        assert any(agent["role"] == "agent" and team["key"] in agent["teams"] for agent in agents)


def test_customers_are_made_up_and_distinct():
    customers = load("customers")
    assert len(customers) == len({customer["key"] for customer in customers}) >= 60
    assert all(customer["email"] is None or customer["email"].endswith("@mail.example") for customer in customers)


def test_conversations_name_only_what_exists():
    conversations = load("conversations")
    slots = LINE_VARIABLES | set(conversations["words"]) | set(conversations["phrases"])
    sources = {f"service:{each['key']}" for each in load("services")} | {
        f"article:{each['slug']}" for each in load("articles")
    }
    teams, tags = ({each["key"] for each in load(name)} for name in ("teams", "tags"))
    chats = [(template, chat) for template in conversations["ended"] for chat in template["chats"]]
    chats += [(template, template) for template in conversations["waiting"] + conversations["active"]]
    for template, chat in chats:
        key = template["key"]
        assert template["team"] in {*teams, None}, key
        assert set(template["tags"]) <= tags, key
        assert chat["lines"][0][0] == "customer", key
        for who, *said in chat["lines"]:
            texts = said[0] if said and isinstance(said[0], list) else said
            if who == "bot":
                assert set(texts) <= sources | {"service:same"}, key
            for text in texts:
                assert set(re.findall(r"\{(\w+)\}", text)) <= slots, (key, text)


def test_every_reason_to_end_a_chat_is_to_be_found():
    ends = [chat["end"] for template in load("conversations")["ended"] for chat in template["chats"]]
    assert {cause for cause, *_ in ends} <= set(EndCause)
    assert {why[0] for cause, *why in ends if cause == "agent"} == set(EndReason)
    assert all(len(why) == 2 for _, *why in ends if why and why[0] == "other")
