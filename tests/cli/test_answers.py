"""``answers``: search, show, import, export, draft, review, publish, retire, history, against a real server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from okpay_console.cli import parser
from okpay_console.content import load_answers

TEXT = "---\nid: limits\ntitle: 转账限额\ncategory: TXN\n---\n1. 请客户打开限额页。\n"


@pytest.fixture(scope="module")
def editors(desk: Callable[..., Any]) -> tuple[Any, Any]:
    return desk("zhou", "supervisor"), desk("qian", "supervisor")


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def tree(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def understood(words: str) -> Any:
    return parser.parse(lambda _, en: en, words.split())


def test_words_are_searched_for_and_a_verb_is_a_verb_wherever_flags_stand() -> None:
    assert understood("answers zhmm").run == "answers:run"
    assert understood("answers").words == []
    assert understood("answers --json --limit 3 zhmm").words == ["zhmm"]
    imported = understood("answers --json import a.md b --publish --on-error skip")
    assert (imported.run, imported.files, imported.publish, imported.on_error) == (
        "shelving:bring_in",
        ["a.md", "b"],
        True,
        "skip",
    )
    assert imported.json is True
    assert understood("--lang en answers history limits --version 2").number == 2
    assert understood("answers search import").words == ["import"]
    # Only the first word can be a verb.
    assert understood("answers 怎么 import").words == ["怎么", "import"]


def test_a_draft_is_reviewed_published_kept_in_history_and_retired(editors: Any, tmp_path: Path) -> None:
    zhou, qian = editors
    made = zhou("answers", "draft", "limits", "--json", stdin=TEXT)
    assert (made.status, made.doc["state"], made.doc["version"]) == (0, "draft", 1)
    assert "limits" in [one["id"] for one in qian("answers", "drafts", "--json").docs]
    own = zhou("answers", "publish", "limits")
    assert own.status == 1
    assert "自己写的答案" in own.err
    done = qian("answers", "publish", "limits", "--json").doc
    assert (done["state"], done["author"], done["reviewer"]) == ("published", "zhou", "qian")
    file = write(tmp_path, limits=TEXT + "2. 再试一次。\n") / "limits.md"
    assert zhou("answers", "draft", "limits", str(file)).status == 0
    assert qian("answers", "publish", "limits").status == 0
    second, first = zhou("answers", "history", "limits", "--json").docs
    assert (second["state"], first["state"], first["ended_by"]) == ("published", "superseded", "qian")
    assert zhou("answers", "history", "limits", "--version", "1").out == TEXT
    assert "第 2 版" in zhou("answers", "retire", "limits").out
    assert zhou("answers", "history", "limits", "--json").docs[0]["state"] == "retired"


def test_a_console_searches_and_shows_what_was_published_after_its_next_round(editors: Any, desk: Any) -> None:
    zhou, qian = editors
    wang = desk("wang")
    text = TEXT.replace("limits", "xuezi").replace("转账限额", "学籍认证")
    assert zhou("answers", "draft", "xuezi", stdin=text).status == 0
    assert qian("answers", "publish", "xuezi").status == 0
    assert wang("answers", "show", "xuezi").status == 1
    assert wang("sync").status == 0
    assert wang("answers", "xjrz", "--json").doc["hits"][0]["id"] == "xuezi"
    shown = wang("answers", "show", "xuezi", "--json").doc
    assert (shown["title"], shown["steps"][0]["text"]) == ("学籍认证", "请客户打开限额页。")
    assert "1. 请客户打开限额页。" in wang("answers", "show", "xuezi", OKPAY_SERVER="http://127.0.0.1:9").out
    assert zhou("answers", "retire", "xuezi").status == 0


def test_what_is_exported_is_imported_again_without_a_change_and_byte_for_byte(editors: Any, tmp_path: Path) -> None:
    zhou, qian = editors
    base = write(
        tmp_path / "in" / "zh",
        a="---\nid: 换行\ntitle: 带\t制表符\n---\r\n正文  \r\n\r\n1. 第一步\r\n",
        b="\ufeff---\nid: Ab\ntitle: 大小写\n---\n1. 第一步",
        c="---\nid: aB\ntitle: 大小写二\n---\n\n\n正文\n\n\n",
        d="---\nid: a:b*?\ntitle: 怪名字\n---\n正文\n",
    )
    assert zhou("answers", "import", str(base)).status == 0
    for name in ("换行", "Ab", "aB", "a:b*?"):
        assert qian("answers", "publish", name).status == 0
    first, again = tmp_path / "first", tmp_path / "again"
    assert zhou("answers", "export", str(first)).status == 0
    found = tree(first)
    assert {text for name, text in found.items() if name.startswith("zh/")} >= set(tree(base).values())
    assert len(found) == len(load_answers("zh")) + len(load_answers("en")) + 4
    assert all(name.count("/") == 1 for name in found)
    versions = {name: len(zhou("answers", "history", name, "--json").docs) for name in ("换行", "aB")}
    assert zhou("answers", "import", str(first)).status == 0
    assert versions == {name: len(zhou("answers", "history", name, "--json").docs) for name in ("换行", "aB")}
    assert zhou("answers", "export", str(again)).status == 0
    assert tree(again) == found
    for name in ("换行", "Ab", "aB", "a:b*?"):
        assert zhou("answers", "retire", name).status == 0


def test_a_bad_file_is_named_with_its_line_and_stops_everything_before_anything_was_sent(
    editors: Any, tmp_path: Path
) -> None:
    zhou, _ = editors
    base = write(tmp_path, a=TEXT.replace("limits", "good-one"), b="---\nid: bad\ntitle: 坏\n---\n## 乱\n")
    stopped = zhou("answers", "import", str(base), "--json")
    assert stopped.status == 1
    assert (stopped.docs[0]["file"], stopped.docs[0]["line"], stopped.docs[0]["code"]) == ("b.md", 5, "content")
    assert zhou("answers", "history", "good-one").status == 1
    skipped = zhou("answers", "import", str(base), "--on-error", "skip")
    assert skipped.status == 0
    assert "b.md, line 5" in skipped.err
    assert zhou("answers", "history", "good-one", "--json").docs[0]["state"] == "draft"


def test_a_secret_in_a_file_is_refused_by_line_and_not_said_again(editors: Any, tmp_path: Path) -> None:
    zhou, _ = editors
    base = write(tmp_path, s=TEXT.replace("limits", "card") + "例如 4111 1111 1111 1111\n")
    done = zhou("answers", "import", str(base))
    assert done.status == 1
    assert "s.md 第 7 行" in done.err
    assert "4111" not in done.err + done.out
    assert zhou("answers", "history", "card").status == 1


def test_a_table_of_titles_comes_in_as_one_answer_a_line(editors: Any, tmp_path: Path) -> None:
    zhou, _ = editors
    table = tmp_path / "kb.tsv"
    table.write_text(
        "id\ttitle\tbody\nq-1\t如何开发票\t打开订单。\nq-1\t发票怎么开\nq-2\tHow to get a receipt\n", encoding="utf-8"
    )
    assert zhou("answers", "import", str(table)).status == 0
    assert "keywords: 发票怎么开" in zhou("answers", "history", "q-1", "--version", "1").out
    assert zhou("answers", "history", "q-2", "--lang", "en", "--json").docs[0]["lang"] == "en"


def test_whoever_is_no_editor_is_refused_and_offline_nothing_waits(editors: Any, desk: Any, tmp_path: Path) -> None:
    wang = desk("wang2")
    base = write(tmp_path, a=TEXT)
    for words in (["draft", "limits", str(base / "a.md")], ["publish", "limits"], ["retire", "limits"], ["drafts"]):
        assert wang("answers", *words).status == 1
    assert wang("answers", "import", str(base)).status == 1
    zhou = editors[0]
    gone = zhou("answers", "import", str(base), OKPAY_SERVER="http://127.0.0.1:9")
    assert gone.status == 3
    assert "没有排队" in gone.err


@pytest.mark.parametrize("name", ["..", "../../etc/passwd", ".hidden", "a/b", "a b"])
def test_an_id_that_leads_elsewhere_reaches_nothing(editors: Any, name: str, tmp_path: Path) -> None:
    zhou, _ = editors
    base = write(tmp_path, x=TEXT.replace("limits", name))
    assert zhou("answers", "import", str(base)).status == 1
    assert zhou("answers", "draft", name, stdin=TEXT).status == 1
    assert zhou("answers", "retire", name).status == 1


def test_a_server_that_names_paths_writes_no_file_elsewhere(tmp_path: Path) -> None:
    from okpay_console.cli.output import Out
    from okpay_console.cli.shelving import _write_all
    from okpay_console.domain.shelf import Shelved

    folder = tmp_path / "out"
    bad = [Shelved("../../x", "zh", 1, TEXT), Shelved("x", "../..", 1, TEXT), Shelved(".x", "zh", 1, TEXT)]
    _write_all(folder, bad, Out(json=False, lang="zh"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["out"]
    assert len(tree(folder)) == len(load_answers("zh")) + len(load_answers("en"))
