"""Sends what the OpenAPI document allows and much that it does not to every route of a listening server, as every role.

python tests/faults/doors/knock.py --examples 500 [--seed N]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from okpay_console.server import users
from okpay_console.server.policy import ROLES
from okpay_console.server.run import ServerConfig, start_in_thread

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
QUEUES = {"agent": ("general",), "supervisor": (), "admin": (), "integration": ()}


def knock(
    url: str, tokens: dict[str, str], *, examples: int, seed: int, only: frozenset[str] = frozenset()
) -> tuple[Counter[str], list[str]]:
    """How many replies of each status came, and what was wrong with them, each thing once. ``only``: these paths, none for all."""
    document = httpx.get(f"{url}/schema/openapi.json").json()
    # A stream does not end by itself: its own tests read it.
    document["paths"].pop("/v1/events", None)
    if only:
        document["paths"] = {path: one for path, one in document["paths"].items() if path in only}
    api = schemathesis.openapi.from_dict(document)
    replies: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    with httpx.Client(base_url=url, timeout=30) as http:
        for result in api.get_all_operations():
            operation: Any = result.ok()
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                count = examples if mode is GenerationMode.POSITIVE else max(examples // 2, 1)
                _try(operation, mode, http, tokens, replies, wrong, count, seed)
    return replies, sorted(wrong.values())


def _try(
    operation: Any, mode: GenerationMode, http: httpx.Client, tokens: dict[str, str],
    replies: Counter[str], wrong: dict[str, str], examples: int, seed: int,
) -> None:  # fmt: skip
    turn = iter(range(1 << 62))

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        role = list(tokens)[next(turn) % len(tokens)]
        reply = case.call(base_url=str(http.base_url), headers={"Authorization": f"Bearer {tokens[role]}"})
        replies[str(reply.status_code)] += 1
        try:
            case.validate_response(reply, checks=CHECKS)
        except FailureGroup as found:
            for each in found.exceptions:
                key = f"{operation.label} {role} {type(each).__name__} {reply.status_code}"
                wrong.setdefault(key, f"{key}: {str(each)[:300]} | {reply.text[:200]}")

    try:
        one()
    except hypothesis.errors.Unsatisfiable:
        # Nothing can be wrong with a request that has neither body nor parameters.
        replies["none"] += 1


def listen(
    folder: Path, *, examples: int, seed: int, only: frozenset[str] = frozenset()
) -> tuple[Counter[str], list[str]]:
    """``knock`` at a fresh server with a person of each role."""
    database = str(folder / "server.db")
    with start_in_thread(ServerConfig(database=database, port=0)) as running:
        tokens = {
            role: asyncio.run(users.add_user(database, role, role, QUEUES[role])).token for role in ROLES
        }  # fmt: skip
        return knock(running.url, tokens, examples=examples, seed=seed, only=only)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--examples", type=int, default=200)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        replies, wrong = listen(Path(folder), examples=chosen.examples, seed=chosen.seed)
    print(f"replies: {dict(sorted(replies.items()))}, {sum(replies.values())} in all")
    for each in wrong:
        print(each)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
