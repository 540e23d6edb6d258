"""A few requests of every kind that the OpenAPI document allows or forbids; thousands of them: ``knock.py --examples``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from okpay_console.server import tickets
from okpay_console.server.policy import Who

_spec = importlib.util.spec_from_file_location("okpay_knock", Path(__file__).with_name("knock.py"))
assert _spec and _spec.loader
knock = importlib.util.module_from_spec(_spec)
sys.modules["okpay_knock"] = knock
_spec.loader.exec_module(knock)


def test_no_request_makes_the_server_fail_and_every_reply_is_as_the_document_says(tmp_path: Path) -> None:
    replies, wrong = knock.listen(tmp_path, examples=5, seed=7)
    assert wrong == []
    assert {"200", "401", "403", "404", "422"} <= set(replies), "the requests got past the first door and no further"


async def _fails(*_: Any, **__: Any) -> None:
    raise KeyError("caller")


async def _says_something_else(*_: Any, **__: Any) -> dict[str, int]:
    return {"tickets": 7}


async def _fails_for_one_role(db: Any, who: Who, *_: Any, **__: Any) -> Any:
    if who.role == "integration":
        raise msgspec.ValidationError("caller")
    return {"tickets": [], "before": None}


@pytest.mark.parametrize(
    ("mutant", "found"),
    [
        (_fails, "GET /v1/tickets agent ServerError 500"),
        (_fails_for_one_role, "GET /v1/tickets integration ServerError 500"),
        (_says_something_else, "GET /v1/tickets agent JsonSchemaError 200"),
    ],
)
def test_the_harness_sees_a_route_that_fails_and_one_that_answers_otherwise_than_the_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mutant: Any, found: str
) -> None:
    monkeypatch.setattr(tickets, "listing", mutant)
    _, wrong = knock.listen(tmp_path, examples=4, seed=7, only=frozenset({"/v1/tickets"}))
    assert found in {one.partition(":")[0] for one in wrong}, wrong
