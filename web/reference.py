"""The API reference as a page to read: the OpenAPI document, without a script."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from flask import render_template

STYLE = """
:root { color-scheme: light dark; --line: light-dark(#e2e5e9, #272a30); --soft: light-dark(#f2f3f6, #1b1e23);
        --meta: light-dark(#626871, #9297a0); --accent: light-dark(#1e4dc6, #98baff) }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 4rem; font: 15px/1.55 system-ui, sans-serif;
       background: light-dark(#fff, #15171b); color: light-dark(#1a1e26, #ebedf0) }
h1 { font-size: 1.6rem; letter-spacing: -0.02em } h2 { margin-top: 2.5rem; font-size: 1.1rem }
a { color: var(--accent) } p, dd { color: var(--meta) } dd { margin: 0 }
article { border: 1px solid var(--line); border-radius: 10px; padding: 0.9rem 1.1rem; margin: 0.7rem 0 }
article > header { display: flex; gap: 0.7rem; align-items: baseline; flex-wrap: wrap }
article p { margin: 0.3rem 0 0 } code { font: 13px/1.5 ui-monospace, monospace }
.method { font: 600 12px/1.6 ui-monospace, monospace; padding: 0 0.45rem; border-radius: 5px; background: var(--soft) }
.shape { background: var(--soft); border-radius: 8px; padding: 0.6rem 0.9rem; overflow-x: auto }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 0.5rem 0 0 }
dt { font: 13px/1.6 ui-monospace, monospace }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr } dd { margin-bottom: 0.4rem } }
"""

METHODS = ("get", "post", "put", "patch", "delete")


def page(document: dict[str, Any]) -> str:
    """Render the document; Jinja escapes every value."""
    nouns: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method in METHODS:
            if (operation := operations.get(method)) is not None:
                nouns[(operation.get("tags") or ["other"])[0]].append(_operation(path, method, operation))
    shapes = {
        name: [_field(key, field, shape) for key, field in shape.get("properties", {}).items()]
        for name, shape in sorted(document.get("components", {}).get("schemas", {}).items())
    }
    return render_template("reference.html", nouns=dict(nouns), shapes=shapes)


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    good: dict[str, Any] = next(
        (answer for code, answer in operation["responses"].items() if str(code).startswith("2")), {}
    )
    gives = good.get("content", {}).get("application/json", {}).get("schema", {})
    return {
        "path": path,
        "method": method.upper(),
        "summary": " ".join(filter(None, (operation.get("summary"), operation.get("description")))),
        "takes": _name(body),
        "gives": _name(gives),
        "asks": [each["name"] for each in operation.get("parameters", []) if each.get("in") == "query"],
    }


def _name(schema: dict[str, Any]) -> str | None:
    return schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else None


def _field(key: str, field: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    kind = _name(field) or field.get("type") or "one of"
    if kind == "array":
        kind = f"list of {_name(field['items']) or field['items'].get('type')}"
    if isinstance(kind, list):
        kind = " or ".join(kind)
    return {
        "name": key,
        "kind": kind,
        "about": field.get("description", ""),
        "choices": [str(choice) for choice in field.get("enum", []) if choice is not None],
        "required": key in shape.get("required", []),
    }
