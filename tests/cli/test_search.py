"""``tickets --search``: finds by anything that was said, without the server, and shows nobody's personal values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_ticket_is_found_by_what_was_said_without_a_server_and_the_reason_is_masked(desk: Callable[..., Any]) -> None:
    okp = desk("finder")
    made = okp(
        "ticket",
        "new",
        "--subject",
        "已扣款",
        "--channel",
        "hotline",
        "--name",
        "张伟",
        "--mobile",
        "13800138000",
        "--json",
    ).doc
    assert okp("ticket", "note", made["id"], "扣了两次，另一个号码 13900139000").status == 0
    okp("ticket", "new", "--subject", "别的事", "--channel", "chat")
    away = {"OKPAY_SERVER": "http://127.0.0.1:9"}
    for words, what, value in (
        ("8000", "mobile", "8000"),
        ("zw", "name", "张*"),
        ("两次", "note", "扣了两次，另一个号码 139****9000"),
    ):
        done = okp("tickets", "--search", words, "--json", **away)
        assert [(why["what"], why["value"]) for why in done.doc["why"]] == [(what, value)]
        assert "13800138000" not in done.out and "张伟" not in done.out and "13900139000" not in done.out
    shown = okp("tickets", "--search", "8000 两次", "--lang", "zh", **away)
    assert "手机尾号 8000、备注：扣了两次" in shown.out and shown.status == 0
    assert okp("tickets", "--search", "8000", "--view", "closed", "--json", **away).docs == []
    assert okp("tickets", "--search", "8001", "--json", **away).docs == []
