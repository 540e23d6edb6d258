"""An opened answer in lines: the wording of the channel first, steps with their ticks, blanks as pieces of their own."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from okpay_console.content import interface, load_answers
from okpay_console.domain.answers import Answer, Step
from okpay_console.tui.answerpage import Page, Standing, page, sendable

ANSWER = Answer(
    id="a", lang="zh", title="找回密码", body="客户忘记密码时使用。", spoken="您别着急。", written="您好，请拨 {hotline}。",
    steps=(Step("a.1", "安抚客户"), Step("a.2", "请客户打开 App")),
)  # fmt: skip


def laid(standing: Standing, *, width: int = 60, answer: Answer = ANSWER, values: dict[str, str] | None = None) -> Page:
    interface.use("zh")
    return page(answer, standing, width=width, values=values or {}, hint="有用吗")


def text(made: Page) -> str:
    return "\n".join("".join(piece for piece, _ in row) for row in made.lines)


def test_on_a_call_the_words_to_say_come_first_and_elsewhere_those_to_write() -> None:
    call, chat = text(laid(Standing(spoken=True))), text(laid(Standing(spoken=False)))
    assert call.index("您别着急") < call.index("安抚客户") < call.index("您好，请拨")
    assert chat.index("您好，请拨") < chat.index("安抚客户") < chat.index("您别着急")


def test_a_ticked_step_bears_its_sign_and_every_step_knows_its_lines() -> None:
    made = laid(Standing(done=("a.2",)))
    rows = text(made).split("\n")
    assert [rows[top][:6] for top, _ in made.steps] == [" 1 [ ]", " 2 [v]"]


@pytest.mark.parametrize("width", range(12, 40))
def test_a_blank_is_marked_whole_however_the_lines_break(width: int) -> None:
    made = laid(Standing(), width=width)
    assert "".join(piece for row in made.lines for piece, role in row if role == "missing") == "{客服热线}"
    assert all(cell_len(row) <= width for row in text(made).split("\n"))


def test_a_filled_blank_is_plain_text_and_nothing_is_said_to_be_missing() -> None:
    made = laid(Standing(), values={"hotline": "95188"})
    assert {role for row in made.lines for _, role in row} & {"missing", "note"} == set()
    assert "95188" in text(made)


def test_the_counts_and_what_this_case_says_stand_below_the_title() -> None:
    assert "有用 12 没用 3  有用吗" in text(laid(Standing(counts=(12, 3))))
    assert "本单: 没用" in text(laid(Standing(helped=False)))
    assert "有用 0" not in text(laid(Standing()))


def test_every_shipped_answer_can_be_laid_out() -> None:
    for answer in (*load_answers("zh"), *load_answers("en")):
        for width in (30, 59, 79):
            made = laid(Standing(), width=width, answer=answer)
            assert len(made.steps) == len(answer.steps)
            assert all(cell_len(row) <= width for row in text(made).split("\n"))


def test_the_written_words_are_sent_and_instructions_for_the_agent_never_are() -> None:
    bare = Answer(id="b", lang="zh", title="b", body="只给客服看", steps=(Step("b.1", "做"),))
    imported = Answer(id="c", lang="zh", title="c", body="整篇就是答案")
    assert sendable(ANSWER, {}).missing == ("hotline",)
    assert sendable(bare, {}).text == ""
    assert sendable(imported, {}).text == "整篇就是答案"
