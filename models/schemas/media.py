"""Files in a conversation: what is said of them, and how one is uploaded."""

from __future__ import annotations

from marshmallow import fields

from models.schemas.base import CleanText, Flag, Id, Shape, one_of

MOST_FILES = 10  # with one message

FILE_KINDS = ("image", "audio", "video", "document")


class AttachmentOut(Shape):
    """A stored file. The links are signed and expire; ask again for fresh ones when one has."""

    id = Id(required=True)
    kind = fields.String(required=True, validate=one_of(*FILE_KINDS))
    name = fields.String(required=True, metadata={"description": "As shown: cleaned, at most 120 characters"})
    size = fields.Integer(required=True, metadata={"description": "Bytes"})
    content_type = fields.String(required=True)
    width = fields.Integer(required=True, allow_none=True, metadata={"description": "Pixels; images only"})
    height = fields.Integer(required=True, allow_none=True)
    duration_ms = fields.Integer(required=True, allow_none=True, metadata={"description": "Where it is known"})
    url = fields.String(required=True, metadata={"description": "The file itself"})
    thumb_url = fields.String(required=True, allow_none=True, metadata={"description": "At most 520 pixels wide"})


class UploadQuery(Shape):
    """The body is the file itself, byte for byte; its name travels beside it, and is shortened to 120 characters."""

    name = CleanText(required=True, least=1, most=4096, one_line=True)


class UploadLimits(Shape):
    """What may be uploaded, so that a browser can refuse before it sends."""

    most_bytes = fields.Integer(required=True)
    most_files = fields.Integer(required=True)
    extensions = fields.List(fields.String(), required=True, metadata={"description": "Without the dot, lower case"})
    scanned = Flag(required=True, metadata={"description": "A virus scanner looks at each"})
