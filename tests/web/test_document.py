"""The OpenAPI document is true: valid, complete, and what the front really does when it is asked anything at all."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis

from tests.support import front as code

SECONDS = 40  # of asking, for each of the two kinds of caller


@pytest.fixture(scope="module")
def document(settings) -> dict[str, Any]:
    return code.document()


def operations(document: dict[str, Any]):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method != "parameters":
                yield f"{method.upper()} {path}", operation


def test_the_document_is_served_as_it_is_made(front, document) -> None:
    answer = requests.get(f"{front.url}/api/openapi.json", timeout=10)
    assert answer.json() == json.loads(json.dumps(document))
    assert answer.json()["openapi"] == "3.1.0"


def test_the_document_is_valid(document) -> None:
    schemathesis.openapi.from_dict(json.loads(json.dumps(document))).validate()


def test_every_operation_says_what_it_gives_and_how_it_refuses(document) -> None:
    for name, operation in operations(document):
        good = [status for status in operation["responses"] if status.startswith("2")]
        assert len(good) == 1, name
        answer = operation["responses"][good[0]]
        assert "content" in answer or good == ["204"], f"{name} does not say what it gives"
        for status in ("404", "422", "429"):
            refusal = operation["responses"][status]["content"]["application/json"]["schema"]
            assert refusal == {"$ref": "#/components/schemas/ErrorOut"}, f"{name} {status}"
        assert operation.get("summary"), f"{name} has no sentence about it"


def test_the_page_for_people_shows_every_operation_and_runs_nothing(front, document) -> None:
    page = requests.get(f"{front.url}/api/docs", timeout=10)
    assert page.status_code == 200
    assert "<script" not in page.text
    for path in document["paths"]:
        assert path in page.text


@pytest.mark.timeout(240)
@pytest.mark.parametrize("caller", ["agent", "visitor"])
def test_whatever_is_asked_the_answer_is_in_the_document(house, tmp_path, caller) -> None:
    """Made-up requests by the hundred: never a 5xx, never an undocumented status, shape or content type."""
    world = house.world
    guest, owner = world.guest(), world.colleague(role="supervisor")
    for _ in range(3):
        world.active(owner)
    world.active(owner, guest)
    if caller == "agent":
        console = house.console(owner)
        csrf = console.get("/api/session").json()["csrf_token"]
        headers = [f"Cookie: parley={owner.token}", f"X-CSRF-Token: {csrf}"]
        # to sign out would end the test; to sign in and to take tickets is limited on purpose
        left_out = ["/api/session", "/api/ticket", "/api/visitor/.*", "/api/widget/.*"]
    else:
        headers = [f"Authorization: Bearer {guest.token}"]
        left_out = ["/api/visitor/session", "/api/(?!visitor|widget).*"]  # what is for agents answers them alone
    log = house.front.log_from_here("web")
    said = asked(house.front.url, headers, left_out, tmp_path)
    assert "Traceback" not in log()
    assert said.returncode == 0, said.stdout[-9000:] + said.stderr
    generated = re.search(r"(\d+) generated", said.stdout)
    assert generated, said.stdout
    assert int(generated[1]) >= 100, "this few prove nothing"
    last = (
        house.console(owner).get("/api/session") if caller == "agent" else house.widget(guest).get("/api/visitor/state")
    )
    assert last.status_code == 200, "the sign-in did not last"


def asked(url: str, headers: list[str], left_out: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    """Run schemathesis from outside, as anybody could."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    return subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{url}/api/openapi.json"),
            *(word for header in headers for word in ("--header", header)),
            *("--exclude-path-regex", f"^({'|'.join(left_out)})$"),
            *("--checks", checks, "--phases", "examples,coverage,fuzzing", "--max-examples", "15"),
            *("--max-time", str(SECONDS), "--no-shrink"),
            *("--generation-deterministic", "--no-color", "--max-failures", "5"),
        ],
        cwd=home,
        env={**os.environ, "COLUMNS": "160"},
        capture_output=True,
        text=True,
        timeout=SECONDS * 4,
        check=False,
    )
