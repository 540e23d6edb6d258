"""A few requests of every kind that the OpenAPI document allows or forbids; thousands of them: ``knock.py --examples``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("okpay_knock", Path(__file__).with_name("knock.py"))
assert _spec and _spec.loader
knock = importlib.util.module_from_spec(_spec)
sys.modules["okpay_knock"] = knock
_spec.loader.exec_module(knock)


def test_no_request_makes_the_server_fail_and_every_reply_is_as_the_document_says(tmp_path: Path) -> None:
    replies, wrong = knock.listen(tmp_path, examples=5, seed=7)
    assert wrong == []
    assert {"200", "401", "403", "404", "422"} <= set(replies), "the requests got past the first door and no further"
