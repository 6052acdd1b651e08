"""Lists of the desk as files (`rules/sheets.py`): which kind is wanted, what is handed in, and what became of it."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import Flag, Shape, long, one_of

KINDS = ("json", "csv")


class SheetQuery(Shape):
    format = fields.String(load_default="json", validate=one_of(*KINDS))


class _Import(Shape):
    format = fields.String(load_default="json", validate=one_of(*KINDS))
    dry_run = Flag(load_default=True)


class CannedImport(_Import):
    """A file of canned messages as text. `dry_run` says what would happen and changes nothing."""

    text = fields.String(required=True, validate=long(1, 200_000))


class KnowledgeImport(_Import):
    """A file of services, or of articles, as text. `dry_run` says what would happen and changes nothing."""

    text = fields.String(required=True, validate=long(1, 2_000_000))


class ImportProblem(Shape):
    row = fields.Integer(required=True, metadata={"description": "1 is the first entry; 0 is the file itself"})
    name = fields.String(required=True, metadata={"description": "What its first column calls the entry"})
    message = fields.String(required=True)


class ImportReport(Shape):
    """What the import did, or would do. With problems nothing is changed."""

    added = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    problems = fields.List(fields.Nested(ImportProblem), required=True)
    applied = Flag(required=True)
