"""Each place of the console and the widget that shows words of somebody: payloads stay words there, and do nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from models.actions import attributes, blocks, chats, end_reasons, routing, tags
from models.actions import people as customers_of
from models.actions.desk import change_settings
from models.db import one, run
from models.tables.desk import CannedMessage
from tests.browser.payloads import PAYLOADS, TRAPS, is_clean, shows_all
from tests.browser.people import Agent, Company
from tests.browser.stage import Stage, colleague
from tests.support import files
from tests.support.people import Colleague, make_customer

pytestmark = [pytest.mark.browser, pytest.mark.keeps_data, pytest.mark.timeout(180)]

SHORT = [each for each in PAYLOADS if len(each) <= 40]


@pytest.fixture(scope="module", autouse=True)
def desk(quiet_desk: Stage) -> Stage:
    return quiet_desk


def test_payloads_are_names_of_files(people: Company) -> None:
    maya, ben = people.agent(), people.customer()
    for person in (maya, ben):
        person.context.add_init_script(TRAPS)
    ben.comes_with("Ben Carter", "Hello")
    maya.signs_in("Maya Lindholm")
    maya.starts("Ben Carter")
    name = "<img src=x onerror=alert(7)>.pdf"
    ben.frame.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "application/pdf", "buffer": files.pdf()}]
    )
    tray = ben.frame.get_by_role("list", name="Files to send")
    expect(tray.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    shows_all(tray, [name])
    ben.says("A file.")
    expect(maya.log.get_by_text("_img src=x onerror=alert(7)_.pdf")).to_be_visible()
    # As if one had come in by another way: what a name may hold is not what keeps it harmless.
    run(
        "update message set data = replace(data::text, '_img src=x onerror=alert(7)_', %s)::jsonb where body = 'A file.'",
        ("<img src=x onerror=alert(7)>",),
    )
    for person in (maya, ben):
        person.page.reload()
    ben.opens_chat()
    for person in (maya, ben):
        expect(person.log.get_by_text(name)).to_be_visible()
        is_clean(person.log)


def test_payloads_are_what_the_team_keeps_about_a_chat_and_a_customer(people: Company) -> None:
    femi, isla = colleague("Femi Adebayo"), colleague("Isla Campbell")
    customer = make_customer("Cleo Marsh")
    customer.says("Hello")
    femi.takes(customer.chat)
    attributes.add(isla.viewer, "plan", "<img src=x onerror=alert(1)>", "text")
    customers_of.corrects(femi.viewer, customer.id, {"plan": PAYLOADS[0]}, location=PAYLOADS[7])
    for payload in PAYLOADS:
        customers_of.notes(femi.viewer, customer.id, f"On her: {payload}")
    numbers = [tags.add(isla.viewer, payload, 200) for payload in SHORT]
    femi.tags(customer.chat, *numbers[:20])
    isla.notes(customer.chat, f"@Femi Adebayo {PAYLOADS[7]}", mentions=[{"kind": "agent", "id": femi.id}])
    CannedMessage.create(shortcut="trap", title=PAYLOADS[7], body=f"{PAYLOADS[12]} {PAYLOADS[0]}")

    agent = walks_in(people, "Femi Adebayo")
    agent.page.goto(f"{agent.stage.url}/inbox/mine/{customer.chat}")
    agent.is_in_chat_with("Cleo Marsh")
    details = agent.page.get_by_role("complementary", name="Customer details")
    expect(details.get_by_text("On her:").first).to_be_visible()
    shows_all(details, [PAYLOADS[0], PAYLOADS[7], *(f"On her: {each}" for each in PAYLOADS), *SHORT[:20]])
    shows_all(agent.log, [f"@Femi Adebayo {PAYLOADS[7]}"])
    agent.composer.fill("/trap")
    expect(agent.page.get_by_role("option")).to_have_count(1)
    shows_all(agent.page.get_by_role("listbox"), [PAYLOADS[7]])
    agent.presses("Enter")
    expect(agent.composer).to_have_value(f"{PAYLOADS[12]} {PAYLOADS[0]}")
    agent.page.goto(f"{agent.stage.url}/mentions")
    expect(agent.page.get_by_text("Isla Campbell named you")).to_be_visible()
    shows_all(agent.page.get_by_role("main"), [f"@Femi Adebayo {PAYLOADS[7]}"])

    boss = walks_in(people, "Isla Campbell")
    boss.page.goto(f"{boss.stage.url}/settings/tags")
    expect(boss.page.get_by_role("table").get_by_text(SHORT[0], exact=True)).to_be_visible()
    shows_all(boss.page.get_by_role("main"), SHORT)


def test_payloads_are_what_the_desk_is_set_up_with_and_what_the_audit_tells(people: Company) -> None:
    rosa, tom = colleague("Rosa Delgado"), colleague("Tom Ashworth")
    for payload in SHORT[:3]:
        end_reasons.add(rosa.viewer, payload, hint=f"Because {payload}")
    routing.replace_rules(rosa.viewer, [rule(f"Rule {payload}", payload) for payload in SHORT], version())
    change_settings(rosa.viewer, name=PAYLOADS[7], greeting=PAYLOADS[12], teaser=PAYLOADS[0])
    promises(tom, PAYLOADS[7])
    enemy = make_customer("Dora Winter")
    enemy.says("Hello")
    blocks.block(rosa.viewer, enemy.id, f"She wrote {PAYLOADS[7]}")

    agent = walks_in(people, "Rosa Delgado")
    for page, words in (
        ("end-reasons", [*SHORT[:3], *(f"Because {each}" for each in SHORT[:3])]),
        ("routing", [f"Rule {each}" for each in SHORT]),
        ("blocked", [f"She wrote {PAYLOADS[7]}"]),
        ("audit", [SHORT[0], f"Rule {SHORT[0]}", f"She wrote {PAYLOADS[7]}", PAYLOADS[12]]),
    ):
        agent.page.goto(f"{agent.stage.url}/settings/{page}")
        main = agent.page.get_by_role("main")
        expect(main.get_by_text(words[-1]).first).to_be_visible()
        shows_all(main, words)
    agent.page.goto(f"{agent.stage.url}/promises")
    agent.page.get_by_role("radio", name="All").click()
    expect(agent.page.get_by_role("article", name="Promise to Enid Frost")).to_be_visible()
    shows_all(agent.page.get_by_role("main"), [f"About {PAYLOADS[7]}"])

    enid = people.customer()
    enid.context.add_init_script(TRAPS)
    enid.comes_to_shop()
    expect(enid.page.locator("#parley .teaser")).to_contain_text(PAYLOADS[0])
    is_clean(enid.page.locator("#parley .teaser"))
    enid.opens_chat()
    expect(enid.frame.get_by_text(PAYLOADS[12])).to_be_visible()
    is_clean(enid.frame.locator("#app"))


def walks_in(people: Company, name: str) -> Agent:
    agent = people.agent()
    agent.context.add_init_script(TRAPS)
    agent.signs_in(name)
    return agent


def rule(name: str, word: str) -> dict[str, Any]:
    condition = {"field": "words", "key": "", "test": "any_word", "values": [word]}
    return {"id": None, "name": name, "enabled": True, "conditions": [condition], "team_id": None, "priority": 1}


def version() -> int:
    found = one("select routing_version from desk")
    assert found is not None
    number: int = found["routing_version"]
    return number


def promises(agent: Colleague, payload: str) -> None:
    """A chat that ends with a promise about that."""
    customer = make_customer("Enid Frost")
    customer.says("Hello")
    agent.takes(customer.chat)
    due = datetime.now(UTC) + timedelta(days=1)
    chats.end(agent.viewer, customer.chat, "follow_up", promise={"due_at": due, "note": f"About {payload}"})
