"""``answers``: search of the canned answers, or of a knowledge base that is not published yet, and one of them whole."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence

from okpay_console import content, errors, wiring
from okpay_console.cli.output import Out, clean, document
from okpay_console.cli.refusing import refuse_secret
from okpay_console.config import Settings
from okpay_console.domain.answers import Answer, render
from okpay_console.domain.search import Index


def run(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Answers one query, or each line of standard input, or lists everything where nothing is asked."""
    answers = _answers(arguments, settings)
    words: Sequence[str] = arguments.words
    if not words:
        _list(answers, settings, out, arguments.limit)
        return 0
    index = Index.build(answers)
    if list(words) == ["-"]:
        for line in sys.stdin.buffer:
            _answer(line.decode("utf-8", "replace").rstrip("\r\n"), index, arguments.limit, out)
        return 0
    query = " ".join(words)
    refuse_secret(query, place="cli.answers", settings=settings)
    hits = _answer(query, index, arguments.limit, out)
    if len(hits) == 1 and not out.json:
        _tell(next(answer for answer in answers if answer.id == hits[0]), settings, out)
    return 0


def show(arguments: Namespace, settings: Settings, out: Out) -> int:
    """One answer in the settings' language, or in the one that it has; its blanks filled where people read it."""
    found = [answer for answer in _answers(arguments, settings) if answer.id == arguments.id]
    if not found:
        raise errors.NotFound(
            out.pick(f"没有 id 为 {arguments.id[:60]} 的答案。", f"There is no answer {arguments.id[:60]}."),
            out.pick("请用 answers 列出或搜索。", "List or search them with: answers"),
            code="no-answer",
        )
    if out.json:
        out.doc(document(found[0]))
        return 0
    out.line(clean(found[0].title))
    _tell(found[0], settings, out)
    return 0


def _answers(arguments: Namespace, settings: Settings) -> Sequence[Answer]:
    if getattr(arguments, "kb", None):
        return content.load_kb(arguments.kb)
    # The screen's language first: a hit bears the first title of its id.
    return sorted(wiring.answers(settings), key=lambda answer: answer.lang != settings.language)


def _answer(query: str, index: Index, limit: int, out: Out) -> list[str]:
    """Prints the hits of one query and returns their ids, best first."""
    hits = index.search(query, limit=limit or 1_000_000)
    if out.json:
        out.doc({"query": query, "hits": [{"id": hit.id, "title": hit.title, "score": hit.score} for hit in hits]})
    elif hits:
        heads = ("标题", "id", "得分") if out.lang == "zh" else ("title", "id", "score")
        out.table(heads, ((hit.title, hit.id, f"{hit.score:.2f}") for hit in hits), right=(2,))
    else:
        out.line(out.pick("没有找到答案。可以换个说法，或用拼音首字母。", "No answer found. Try other words."))
    return [hit.id for hit in hits]


def _list(answers: Sequence[Answer], settings: Settings, out: Out, limit: int) -> None:
    own = [answer for answer in answers if answer.lang == settings.language] or list(answers)
    if out.json:
        hits = [{"id": answer.id, "title": answer.title, "score": 0.0} for answer in own[: limit or None]]
        out.doc({"query": "", "hits": hits})
        return
    heads = ("标题", "id", "分类") if out.lang == "zh" else ("title", "id", "category")
    out.table(heads, ((answer.title, answer.id, answer.category) for answer in own[: limit or None]))


def _tell(answer: Answer, settings: Settings, out: Out) -> None:
    """The whole answer, blanks filled from the settings, and which of them nobody has filled yet."""
    missing: dict[str, None] = {}

    def say(text: str) -> None:
        filled = render(text, settings.placeholders, lang=out.lang, declared=answer.placeholders)
        missing.update(dict.fromkeys(filled.missing))
        for line in filled.text.split("\n"):
            out.line(clean(line))

    out.line()
    if answer.body:
        say(answer.body)
    for number, step in enumerate(answer.steps, 1):
        say(f"{number}. {step.text}")
    for heading, text in ((out.pick("口述", "Spoken"), answer.spoken), (out.pick("书面", "Written"), answer.written)):
        if text:
            out.line()
            out.line(f"{heading}：" if out.lang == "zh" else f"{heading}:")
            say(text)
    if missing:
        names = ", ".join(missing)
        out.note(out.pick(f"设置里还没有填写：{names}", f"Not filled in the settings yet: {names}"))
