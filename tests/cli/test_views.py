"""``tickets --where`` and ``--view``: conditions in either language, views that the agent has made, and where a line is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from okpay_console.domain.views import Saved
from okpay_console.local.store import make, open_store
from okpay_console.local.views import Views


@pytest.fixture(scope="module")
def okp(desk: Callable[..., Any]) -> Any:
    """A console with four tickets, one of them closed, and a view of its agent's own."""
    made = desk("viewer", OKPAY_LANG="zh")
    for subject, channel, category in (
        ("重复扣款两次", "chat", "TXN"), ("已扣款未到账", "hotline", "TXN"), ("多久退款", "chat", "REFUND"), ("旧的", "chat", "TXN")
    ):  # fmt: skip
        done = made(
            "ticket", "new", "--subject", subject, "--channel", channel, "--category", category, "--json"
        )  # fmt: skip
        assert done.status == 0, done.err
        if subject == "旧的":
            closed = made(
                "ticket",
                "close",
                done.doc["id"],
                "--disposition",
                "RESOLVED_ON_CALL",
                "--summary",
                "好",
                "--override",
                "测试",
                "--json",
            )
            assert closed.status == 0, closed.err
    db = open_store(made.home / "console.okdb")
    try:
        commit = Views(db).plan_put("viewer", [Saved("v1", "重复扣款", '分类=TXN 渠道=在线 "重复扣款"')])
        assert commit is not None
        make(db.journal, commit)
    finally:
        db.close()
    return made


def subjects(done: Any) -> set[str]:
    assert done.status == 0, done.err
    return {doc["subject"] for doc in done.docs}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("分类=TXN 渠道=在线", {"重复扣款两次"}),
        ("category=txn channel=chat view=all", {"重复扣款两次", "旧的"}),
        ("渠道=在线 -重复", {"多久退款"}),
        ("超时", set()),
    ],
)
def test_conditions_list_what_meets_them_in_either_language(okp: Any, line: str, found: set[str]) -> None:
    assert subjects(okp("tickets", "--where", line, "--json")) == found


def test_an_own_view_is_listed_by_its_name_and_goes_with_other_conditions(okp: Any) -> None:
    assert subjects(okp("tickets", "--view", "重复扣款", "--json")) == {"重复扣款两次"}
    assert subjects(okp("tickets", "--view", "重复扣款", "--where", "渠道=电话", "--json")) == set()
    assert subjects(okp("tickets", "--view", "重复扣款", "--search", "扣款", "--json")) == {"重复扣款两次"}


def test_a_view_or_a_status_beside_the_conditions_decides_about_closed_tickets(okp: Any) -> None:
    assert subjects(okp("tickets", "--where", "分类=TXN", "--view", "closed", "--json")) == {"旧的"}
    assert subjects(okp("tickets", "--where", "分类=TXN", "--status", "closed", "--json")) == {"旧的"}
    assert subjects(okp("tickets", "--view", "已结", "--json")) == {"旧的"}


@pytest.mark.parametrize(
    ("arguments", "lang", "said"),
    [
        (("--where", "分类=TXN 渠道=传真"), "zh", ("第 8 个字", "渠道=传真", "电话、在线、邮件、社交")),
        (("--where", "status=lost"), "en", ("Letter 1", "status=lost", "new, open, pending, closed")),
        (("--where", '分类=TXN "'), "zh", ("第 8 个字", "引号")),
        (("--view", "没有的"), "zh", ("没有的", "重复扣款", "overdue")),
        (("--view", "nope"), "en", ("nope", "重复扣款", "overdue")),
    ],
)
def test_what_cannot_be_understood_ends_with_2_and_says_what_and_where(
    okp: Any, arguments: tuple[str, ...], lang: str, said: tuple[str, ...]
) -> None:
    done = okp("tickets", *arguments, OKPAY_LANG=lang)
    assert done.status == 2 and done.out == ""
    assert [words for words in said if words not in done.err] == []
