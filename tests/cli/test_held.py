"""A round in which the server answered and took nothing ends as a failure that says so, with what is kept and what to do."""

from __future__ import annotations

import pytest

from okpay_console.cli import problems, result
from okpay_console.cli.output import Out
from okpay_console.sync.status import Round


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("zh", "3 条没有发出，都还在本机：服务器看不懂这个请求。"),
        ("en", "3 not sent, all of them kept here: It cannot be read."),
    ],
)
def test_what_the_server_does_not_take_is_no_success(lang: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    done = Round(
        link="online", pulled=2, pushed=0, refused=(), pending=3, reviews=0, code="bad-request",
        message="It cannot be read.", advice="Update this console.",
    )  # fmt: skip
    assert result.link_status(done, Out(json=False, lang=lang)) == problems.FAILED
    assert said.rstrip("。") in capsys.readouterr().err


def test_a_round_without_a_trouble_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    done = Round(link="online", pulled=2, pushed=0, refused=(), pending=3, reviews=0)
    assert result.link_status(done, Out(json=False, lang="en")) == problems.DONE
    assert capsys.readouterr().err == ""
