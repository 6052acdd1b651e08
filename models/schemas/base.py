"""The shape of shapes: strict in, exact out, and text made safe to store."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

MESSAGE_LIMIT = 10_000  # characters of one message, counted after normalisation

EARLIEST, LATEST = 1900, 9000  # years: whoever reckons from a moment does not fall off the calendar's ends

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")


def clean(text: str, *, one_line: bool = False) -> str:
    """NFC, without control characters and lone surrogates; CRLF becomes LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-8", "ignore").decode("utf-8")
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    return " ".join(text.split()) if one_line else text.strip()


class Shape(Schema):
    """Every schema of ours: an unknown field is an error, fields keep their order."""

    class Meta:
        unknown = RAISE


class Id(fields.Integer):
    """A row's number. `"7"`, `7.0` and `true` are not ids."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strict=True, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int or not 0 < value < 2**63:
            raise ValidationError("Not a valid id.")
        return value


class Seq(fields.Integer):
    """A place in a chat's order: 0 means "from the start"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int or not 0 <= value < 2**53:
            raise ValidationError("Not a valid sequence number.")
        return value


class Flag(fields.Boolean):
    """True or false, not "yes", 1 or "on"."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise ValidationError("Not a valid boolean.")
        return value


class CleanText(fields.String):
    """Text as we store it: cleaned first, then measured (never the other way round)."""

    def __init__(self, *, most: int, least: int = 0, one_line: bool = False, **kwargs: Any) -> None:
        said = {"minLength": least, "maxLength": most, **kwargs.pop("metadata", {})}
        super().__init__(metadata=said, **kwargs)
        self.least, self.most, self.one_line = least, most, one_line

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise ValidationError("Not a valid string.")
        text = clean(value, one_line=self.one_line)
        if len(text) < self.least:
            raise ValidationError("This is empty." if not text else f"At least {self.least} characters.")
        if len(text) > self.most:
            raise ValidationError(f"At most {self.most:,} characters; this has {len(text):,}.")
        return text


class Moment(fields.AwareDateTime):
    """An aware UTC time, ISO 8601 on the wire.

    Whatever zone it comes in, it is UTC from here on: Python knows zones up to a day away, Postgres only up to 16 hours.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="iso", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        if not EARLIEST <= moment.year <= LATEST:
            raise ValidationError(f"Choose a date between {EARLIEST} and {LATEST}.")
        return moment.astimezone(UTC)


def one_of(*values: str) -> OneOf:
    """A validator that the type generator can read back as a union of literals."""
    return OneOf(values)


def between(least: int, most: int) -> Range:
    """A number's bounds, both included; the OpenAPI document shows them."""
    return Range(min=least, max=most)


def long(least: int, most: int) -> Length:
    """How many characters, or entries, at the least and at the most."""
    return Length(min=least, max=most)
