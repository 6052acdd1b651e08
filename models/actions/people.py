"""What agents write down about a person: facts, typed attributes, notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.actions import audit, news
from models.db import atomically, rows
from models.errors import Conflict, Invalid, NotFound
from models.queries import access
from models.queries.access import Permission, Viewer
from models.rules import attributes as typed
from models.rules import contact
from models.tables.customers import Customer, CustomerNote
from models.tables.desk import Attribute

PROVED = frozenset({"name", "email", "phone"})
"""What a verified customer's own sign-in says; nobody types over it."""


@atomically
def corrects(viewer: Viewer, customer_id: int, attributes: Mapping[str, Any] | None = None, **facts: str) -> None:
    """Change what is given and leave the rest; an empty text removes. Raises `Invalid` with the field at fault."""
    viewer.require(Permission.CHAT_ANSWER)
    customer = _locked(viewer, customer_id)
    changes: dict[str, Any] = {name: _fact(name, text) for name, text in facts.items()}
    if customer.verified and any(changes[name] != getattr(customer, name) for name in PROVED & changes.keys()):
        raise Conflict("This was proved by their own sign-in and cannot be typed over.", code="verified")
    if attributes:
        changes["attributes"] = _merged(customer.attributes, attributes)
    before = {name: getattr(customer, name) for name in changes}
    if changes == before:
        return
    Customer.update(**changes).where(Customer.id == customer_id).execute()
    audit.note(viewer, "changed", "customer", customer_id, customer.name or "", before, changes)
    _tell(customer_id)


def _fact(name: str, text: str) -> str | None:
    if not text:
        return None
    checks = {"email": contact.email, "phone": contact.phone}
    return checks[name](text) if name in checks else text


def _merged(present: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes with what is given put in; what is not known any more is left out."""
    known = {each.key: each for each in Attribute.select().where(Attribute.archived_at.is_null())}
    merged, problems = dict(present), {}
    for key, value in given.items():
        if key not in known:
            problems[f"attributes.{key}"] = ["There is no such attribute."]
            continue
        try:
            merged[key] = typed.checked(known[key].type, known[key].choices, value)
        except Invalid as refusal:
            problems[f"attributes.{key}"] = [refusal.sentence]
    if problems:
        raise Invalid("One of the facts does not fit its type.", fields=problems)
    return {key: value for key, value in merged.items() if value is not None}


@atomically
def notes(viewer: Viewer, customer_id: int, body: str) -> None:
    """Write a note about the person, whichever chat it is."""
    viewer.require(Permission.CHAT_ANSWER)
    _locked(viewer, customer_id)
    CustomerNote.create(customer=customer_id, agent=viewer.id, body=body)
    news.customer(customer_id)


@atomically
def removes_note(viewer: Viewer, customer_id: int, note_id: int) -> None:
    """Remove one's own note; supervisors remove anybody's, and the audit keeps what it said."""
    viewer.require(Permission.CHAT_ANSWER)
    customer = _locked(viewer, customer_id)
    note = CustomerNote.get_or_none(CustomerNote.id == note_id, CustomerNote.customer == customer_id)
    if note is None:
        raise NotFound()
    if note.agent_id != viewer.id:
        viewer.require(Permission.CHAT_SUPERVISE)
    CustomerNote.delete().where(CustomerNote.id == note_id).execute()
    audit.note(viewer, "removed_note", "customer", customer_id, customer.name or "", before={"note": note.body})
    news.customer(customer_id)


def _locked(viewer: Viewer, customer_id: int) -> Customer:
    access.see_customer(viewer, customer_id)
    found: Customer | None = Customer.select().where(Customer.id == customer_id).for_update().first()
    if found is None:
        raise NotFound()
    return found


def _tell(customer_id: int) -> None:
    """The name stands on every open chat of theirs; the rest in the panel beside it."""
    for each in rows("select id from chat where customer_id = %s and state <> 'ended'", (customer_id,)):
        news.chat(each["id"])
    news.customer(customer_id)
