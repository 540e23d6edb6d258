"""``shift`` and ``notice``: the same lines from the command line, also where the server cannot be reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_state_and_a_notice_go_their_way_and_every_ending_says_so(desk: Callable[..., Any]) -> None:
    wang, boss = desk("wang"), desk("boss", "supervisor")
    done = wang("shift", "break", "--reason", "meal", "--minutes", "30", "--json")
    assert (done.status, done.doc["state"], done.doc["what"], done.doc["reason"]) == (0, "confirmed", "break", "meal")
    shown = wang("shift", "--json").doc
    assert (shown["user"], shown["what"], shown["until"]) == ("wang", "break", done.doc["until"])
    assert "小休 用餐" in wang("shift", OKPAY_LANG="zh").out and "break Meal" in wang("shift", OKPAY_LANG="en").out
    assert boss("notice", "send", "--to", "wang", "请回电", "4 号", "--json").doc["state"] == "confirmed"
    refused = boss("notice", "send", "--to", "nobody", "x", "--json")
    assert (refused.status, refused.doc["state"], refused.doc["code"]) == (1, "refused", "no-colleague")
    assert wang("notice", "send", "--queue", "*", "x").status == 1
    [notice] = wang("notice", "list", "--json").docs
    assert (notice["words"], notice["by"], notice["about"], notice["read"]) == ("请回电 4 号", "boss", "wang", [])
    secret = boss("notice", "send", "--queue", "*", "卡号 4111 1111 1111 1111")
    assert secret.status == 1 and "4111" not in secret.out + secret.err
    synced = boss("sync", "--json")
    assert synced.doc["telling"] == 0 and [one["code"] for one in synced.doc["untold"]] == ["no-colleague"]
    assert any(
        check["name"] == "daybook" and "no-colleague" in check["what"] for check in boss("doctor", "--json").docs
    )
    # A sync brings the agents' time for stats too, also where nothing else was ever run.
    elsewhere = desk("boss", "supervisor")
    assert elsewhere("sync").status == 0
    assert elsewhere("stats", "--json").doc["crew"]["counts"]["break"] == 1
    offline = wang("shift", "training", "--json", OKPAY_SERVER="http://127.0.0.1:9")
    assert (offline.status, offline.doc["state"]) == (3, "queued")
    assert wang("sync", "--json").doc["telling"] == 0
    assert wang("shift", "show", "--json").doc["what"] == "training"
    assert wang("shift", "--minutes", "5").status == 2
