"""Knowledge bases from disk: what is read, and that a mistake names its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from okpay_console.content import load_kb
from okpay_console.domain.search import Index
from okpay_console.errors import ContentError

GOOD = (
    "---\nid: limit\ntitle: 限额\ncategory: USAGE\nkeywords: 额度, 上限\n---\n"
    "说明\n\n1. 第一步\n   续行\n2. 第二步\n\n## 口述\n您好\n\n## 书面\n1. 不是步骤\n"
)


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_markdown_becomes_steps_body_and_two_wordings(tmp_path: Path) -> None:
    (answer,) = load_kb(written(tmp_path, "a.md", GOOD))
    assert (answer.id, answer.lang, answer.title, answer.category) == ("limit", "zh", "限额", "USAGE")
    assert answer.keywords == ("额度", "上限")
    assert [(step.id, step.text) for step in answer.steps] == [("limit.1", "第一步 续行"), ("limit.2", "第二步")]
    assert (answer.body, answer.spoken, answer.written) == ("说明", "您好", "1. 不是步骤")


def test_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    (plain,) = load_kb(written(tmp_path, "a.md", GOOD))
    (other,) = load_kb(written(tmp_path, "b.md", b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()))
    assert other == plain


@pytest.mark.parametrize("head", ["", "id\ttitle\n", "ID\tTitle\tBody\n"])
def test_a_table_is_read_with_and_without_a_header(tmp_path: Path, head: str) -> None:
    found = load_kb(written(tmp_path, "a.tsv", head + "1\t限额\t正文\n\n2\tHow much\n"))
    assert [(a.id, a.lang, a.title, a.body) for a in found] == [
        ("1", "zh", "限额", "正文"),
        ("2", "en", "How much", ""),
    ]


def test_a_repeated_id_in_a_table_is_another_wording_of_the_answer(tmp_path: Path) -> None:
    found = load_kb(written(tmp_path, "a.tsv", "1\t限额\n1\t能转几多\n"))
    assert [(a.id, a.title, a.keywords) for a in found] == [("1", "限额", ("能转几多",))]
    assert [hit.title for hit in Index.build(found).search("几多")] == ["限额"]


def test_a_folder_is_read_in_order_and_other_files_are_passed_over(tmp_path: Path) -> None:
    written(tmp_path, "sub/b.tsv", "x\t标题\n")
    written(tmp_path, "a.md", GOOD)
    written(tmp_path, "notes.docx", b"\xff\xff")
    written(tmp_path, ".hidden/c.tsv", "broken\n")
    assert [answer.id for answer in load_kb(tmp_path)] == ["limit", "x"]


def test_a_text_file_in_a_folder_is_not_taken_for_a_table(tmp_path: Path) -> None:
    written(tmp_path, "a.tsv", "A1\tRefund status\n")
    written(tmp_path, "notes.txt", "words without a tab\n")
    assert [answer.id for answer in load_kb(tmp_path)] == ["A1"]


def test_the_same_id_in_two_files_of_one_language_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "a.md", GOOD)
    written(tmp_path, "b.md", GOOD)
    with pytest.raises(ContentError, match=r"b\.md.*limit.*a\.md"):
        load_kb(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.tsv", "1\t好\nonly-id\n", 2),
        ("a.tsv", "1\t好\n\t没有编号\n", 2),
        ("a.tsv", "1\t" + "长" * 100_000 + "\n", 1),
        ("a.tsv", "1\t好\n".encode() + b"2\t\xff\n", 2),
        ("a.md", "# 标题\n", 1),
        ("a.md", "---\nid: x\n---\n", 3),
        ("a.md", "---\nid: x\ntitle: t\n", 4),
        ("a.md", "---\nid: x\nowner: me\n---\n", 3),
        ("a.md", "---\nid: x\nid: y\n---\n", 3),
        ("a.md", "---\nid: a b\ntitle: t\n---\n", 2),
        ("a.md", "---\nid: x\ntitle: t\n---\n## 其他\n", 5),
        ("a.md", "---\nid: x\ntitle: t\n---\n好\n{hotlin}\n", 6),
    ],
)
def test_a_mistake_names_its_file_and_line(tmp_path: Path, name: str, text: str | bytes, line: int) -> None:
    with pytest.raises(ContentError, match=rf"{name}, line {line}:") as caught:
        load_kb(written(tmp_path, name, text))
    assert caught.value.advice


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"none\.tsv"):
        load_kb(tmp_path / "none.tsv")


def test_a_declared_blank_of_an_imported_answer_is_kept(tmp_path: Path) -> None:
    (answer,) = load_kb(written(tmp_path, "a.md", "---\nid: x\ntitle: t\nplaceholders: branch\n---\n{branch}\n"))
    assert answer.placeholders == ("branch",)
