"""Views that are kept: one's own, shared by supervisors, and what of them is gone."""

from __future__ import annotations

from typing import Any

import pytest

from models.actions import tags, views
from models.db import rows
from models.errors import Conflict, Invalid, NotFound, Refused
from models.queries import views as read
from models.tables.desk import EndReason, Tag
from models.tables.people import Agent, Team
from tests.support.people import Colleague, make_agent, make_team
from tests.support.told import Told


def kept(by: Colleague, name: str = "Mine", *, shared: bool = False, **criteria: Any) -> int:
    return views.keep(by.viewer, name=name, shared=shared, filter=criteria, q="", sort="newest")


def seen(by: Colleague) -> dict[str, Any]:
    return {each["name"]: each for each in read.seen_by(by.viewer)["items"]}


def test_ones_own_are_seen_by_nobody_else_and_shared_ones_by_all(ana: Colleague, boss: Colleague) -> None:
    own = kept(ana, ratings=[1, 2])
    kept(boss, "Bad days", shared=True, ratings=[1])
    assert set(seen(ana)) == {"Mine", "Bad days"}
    assert set(seen(boss)) == {"Bad days"}
    assert seen(ana)["Mine"]["filter"] == {"ratings": [1, 2]}
    assert [seen(ana)[name]["may_edit"] for name in ("Mine", "Bad days")] == [True, False]
    for refused in (lambda: views.change(boss.viewer, own, name="Yours"), lambda: views.remove(boss.viewer, own)):
        with pytest.raises(NotFound):
            refused()


def test_shared_ones_are_kept_in_order_by_supervisors_and_audited(ana: Colleague, boss: Colleague) -> None:
    with pytest.raises(Refused):
        kept(ana, shared=True)
    view_id = kept(boss, "Bad days", shared=True)
    with pytest.raises(Refused):
        views.change(ana.viewer, view_id, name="Good days")
    with pytest.raises(Refused):
        views.remove(ana.viewer, view_id)
    other = make_agent("Kim Boss", role="supervisor")
    views.change(other.viewer, view_id, name="Good days", filter={"ratings": [5]})
    views.remove(other.viewer, view_id)
    audited = rows("select what, target_name, after from audit_entry where target = 'view' order by id")
    assert [each["what"] for each in audited] == ["added", "changed", "removed"]
    assert audited[1]["after"] == {"name": "Good days", "filter": {"ratings": [5]}}


def test_names_differ_by_more_than_case(ana: Colleague, boss: Colleague) -> None:
    view_id = kept(ana, "Mine")
    other = kept(ana, "Other")
    with pytest.raises(Conflict) as taken:
        kept(ana, "MINE")
    assert taken.value.code == "name_taken"
    with pytest.raises(Conflict):
        views.change(ana.viewer, other, name="mine")
    views.change(ana.viewer, view_id, name="MINE")
    kept(boss, "Mine")


def test_what_is_gone_is_named_and_the_view_still_opens(ana: Colleague) -> None:
    boss = make_agent("Sam Boss", role="supervisor")
    orders, gone_agent = make_team("Orders"), make_agent("Ben Hale")
    stays, goes = (Tag.create(name=name, hue=1).id for name in ("stays", "goes"))
    kept(ana, tag_ids=[stays, goes], team_ids=[orders], agent_ids=[gone_agent.id], reasons=["resolved", "time_waster"])
    assert seen(ana)["Mine"]["gone"] == []
    tags.remove(boss.viewer, goes)
    Team.update(archived_at="2026-01-01T00:00:00Z").where(Team.id == orders).execute()
    Agent.update(disabled_at="2026-01-01T00:00:00Z").where(Agent.id == gone_agent.id).execute()
    EndReason.update(archived_at="2026-01-01T00:00:00Z").where(EndReason.code == "time_waster").execute()
    view = seen(ana)["Mine"]
    assert {(each["kind"], each["name"], each["dropped"]) for each in view["gone"]} == {
        ("tag", "goes", True),
        ("team", "Orders", False),
        ("agent", "Ben Hale", False),
        ("reason", "Time Waster", False),
    }
    assert view["filter"]["tag_ids"] == [stays]
    assert view["filter"]["team_ids"] == [orders]
    assert view["filter"]["reasons"] == ["resolved", "time_waster"]


def test_there_is_an_end_to_how_many_one_keeps(ana: Colleague, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 2)
    kept(ana, "1")
    kept(ana, "2")
    with pytest.raises(Invalid) as refused:
        kept(ana, "3")
    assert refused.value.code == "too_many_views"


def test_whoever_shows_them_is_told(ana: Colleague, boss: Colleague, told: Told) -> None:
    told.clear()
    kept(ana)
    assert told.payloads("catalogue:changed", f"agent:{ana.id}") == [{"what": "views"}]
    assert told.payloads("catalogue:changed", "desk") == []
    kept(boss, shared=True)
    assert told.payloads("catalogue:changed", "desk") == [{"what": "views"}]
