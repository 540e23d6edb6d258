"""Reads a knowledge base from disk: Markdown with front matter, tab-separated titles, or a folder of both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from okpay_console.domain.answers import PLACEHOLDERS, Answer, Step, blanks
from okpay_console.errors import ContentError

# Front matter is "key: value" between "---" lines, not TOML between "+++": it is the form that knowledge-base exports
# and Markdown viewers already have, and the five flat values of an answer need neither quotes nor a YAML reader.
_FENCE: Final = "---"
_KEYS: Final = frozenset({"id", "lang", "title", "category", "keywords", "placeholders"})
_SECTIONS: Final = {"口述": "spoken", "书面": "written", "spoken": "spoken", "written": "written"}
_STEP: Final = re.compile(r"\d{1,3}[.)、．]\s*(.+)")
_LIST: Final = re.compile(r"[,，、;；]")
_ID: Final = re.compile(r"[^\s/\\.\x00-\x1f\x7f][^\s/\\\x00-\x1f\x7f]{0,99}")
ID_ADVICE: Final = "Use 1 to 100 characters without spaces or slashes, and no full stop first."
_CJK: Final = re.compile(r"[㐀-鿿]")
_HEADER: Final = re.compile(r"id\ttitle\b.*", re.IGNORECASE)
_MARKDOWN: Final = (".md", ".markdown")
TABLES: Final = (".tsv", ".tab")
_MAX_TITLE: Final = 2_000
"""Longer than any title: a longer line means that the file is not a table of answers."""


def load_kb(path: str | Path) -> list[Answer]:
    """The answers of one file (``.md``, ``.markdown``, or a table ``id<TAB>title[<TAB>body]``), or of a folder of them.

    A folder is read with its sub-folders in the order of the names; other files and hidden ones are passed over.
    In a table a repeated id is another wording of the same answer: it becomes a keyword of the first row. In Markdown
    the same id may come once per language. Raises ContentError naming file and line.
    """
    root = Path(path)
    answers: list[Answer] = []
    origin: dict[tuple[str, str], str] = {}
    for file in files_of(root):
        name = file.name if file == root else file.relative_to(root).as_posix()
        text = read_text(file, name)
        found = [parse_markdown(text, name=name)] if file.suffix.lower() in _MARKDOWN else parse_table(text, name=name)
        for answer in found:
            first = origin.setdefault((answer.id, answer.lang), name)
            if first != name:
                raise _wrong(
                    name, 1, f"the id '{answer.id}' is already used in {first}", "Give one of them another id."
                )
        answers += found
    return answers


def parse_markdown(text: str, *, name: str, lang: str = "") -> Answer:
    """One answer from Markdown; ``name`` is the file's name for messages, ``lang`` the language where none is written.

    Before the first ``##`` heading the numbered lines are the steps and the other lines are the body; an indented line
    continues its step. ``## 口述``/``## Spoken`` and ``## 书面``/``## Written`` hold the two wordings.
    """
    lines = _lines(text)
    meta, start = _front_matter(lines, name)
    parts: dict[str, list[str]] = {"body": [], "spoken": [], "written": []}
    told: list[list[str]] = []
    section = "body"
    for number, line in enumerate(lines[start:], start + 1):
        if line.startswith("## "):
            heading = line[3:].strip()
            section = _SECTIONS.get(heading.lower(), "")
            if not section:
                raise _wrong(name, number, f"unknown heading '{heading[:40]}'", "Use 口述/书面 or Spoken/Written.")
        elif section == "body" and (step := _STEP.fullmatch(line.strip())) and not line.startswith(" "):
            told.append([step[1].strip()])
        elif section == "body" and told and line.startswith(" ") and line.strip():
            told[-1].append(line.strip())
        else:
            parts[section].append(line)
    steps = [" ".join(lines_of) for lines_of in told]
    texts = {key: "\n".join(value).strip() for key, value in parts.items()}
    used = blanks(texts["body"], *steps, texts["spoken"], texts["written"])
    declared = set(_split(meta.get("placeholders", "")))
    for blank in used:
        if blank not in PLACEHOLDERS and blank not in declared:
            at = next(number for number, line in enumerate(lines, 1) if "{" + blank + "}" in line)
            raise _wrong(name, at, f"the blank {{{blank}}} is not declared", "List it under 'placeholders', or fix it.")
    return Answer(
        id=meta["id"],
        lang=meta.get("lang") or lang or _language(meta["title"]),
        title=meta["title"],
        category=meta.get("category", ""),
        keywords=_split(meta.get("keywords", "")),
        steps=tuple(Step(f"{meta['id']}.{number}", step) for number, step in enumerate(steps, 1)),
        placeholders=used,
        **texts,
    )


def to_markdown(answer: Answer) -> str:
    """The answer as a file that ``parse_markdown`` reads back to the same answer.

    ContentError where its texts would be read as something else, such as a body line that begins like a step.
    """
    meta = {"id": answer.id, "lang": answer.lang, "title": answer.title, "category": answer.category}
    known = [name for name in answer.placeholders if name not in PLACEHOLDERS]
    meta |= {"keywords": ", ".join(answer.keywords), "placeholders": ", ".join(known)}
    lines = [_FENCE, *(f"{key}: {value}" for key, value in meta.items() if value), _FENCE]
    blocks = [answer.body, "\n".join(f"{number}. {step.text}" for number, step in enumerate(answer.steps, 1))]
    blocks += [f"## {name}\n{text}" for name, text in (("Spoken", answer.spoken), ("Written", answer.written)) if text]
    text = "\n".join(lines) + "\n" + "\n\n".join(filter(None, blocks))
    text = text.rstrip("\n") + "\n"
    if parse_markdown(text, name=answer.id) != answer:
        raise _wrong(
            answer.id, 1, "its text cannot be written as Markdown", "Take headings and numbered lines out of it."
        )
    return text


def parse_table(text: str, *, name: str) -> list[Answer]:
    """Answers from lines ``id<TAB>title[<TAB>body]``; a first line ``id<TAB>title…`` is a header, empty lines are passed."""
    found: dict[str, Answer] = {}
    wordings: dict[str, list[str]] = {}
    for number, line in enumerate(_lines(text), 1):
        if not line.strip() or (number == 1 and _HEADER.match(line.strip())):
            continue
        cells = line.split("\t", 2)
        if len(cells) < 2 or not cells[1].strip():
            raise _wrong(name, number, "there is no title after the id", "Write: id, a tab, the title.")
        key, title = cells[0].strip(), cells[1].strip()
        _check_id(key, name, number)
        if len(title) > _MAX_TITLE:
            raise _wrong(name, number, f"the title has {len(title)} characters", f"Keep it under {_MAX_TITLE}.")
        if key in found:
            wordings.setdefault(key, []).append(title)
            continue
        body = cells[2].strip() if len(cells) > 2 else ""
        found[key] = Answer(id=key, lang=_language(title), title=title, body=body, placeholders=blanks(title, body))
    for key, titles in wordings.items():
        found[key] = msgspec.structs.replace(found[key], keywords=tuple(dict.fromkeys(titles)))
    return list(found.values())


def _front_matter(lines: list[str], name: str) -> tuple[dict[str, str], int]:
    if not lines or lines[0].strip() != _FENCE:
        raise _wrong(
            name, 1, "the file does not begin with '---'", "Put id, title and category between two '---' lines."
        )
    meta: dict[str, str] = {}
    for number, line in enumerate(lines[1:], 2):
        if line.strip() == _FENCE:
            for key in ("id", "title"):
                if not meta.get(key):
                    raise _wrong(name, number, f"'{key}' is missing", f"Write '{key}: …' above this line.")
            return meta, number
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        key = key.strip().lower()
        if not colon or key not in _KEYS:
            raise _wrong(name, number, f"'{key[:40]}' is not a known key", f"Use: {', '.join(sorted(_KEYS))}.")
        if key in meta:
            raise _wrong(name, number, f"'{key}' is given twice", "Keep one of them.")
        meta[key] = value.strip()
        if key == "id":
            _check_id(meta[key], name, number)
    raise _wrong(name, len(lines), "the front matter has no closing '---'", "Add a line '---' before the text.")


def usable_id(value: str) -> bool:
    """Whether this may be an answer's id: it becomes part of addresses and file names, where no other file may be meant."""
    return _ID.fullmatch(value) is not None


def _check_id(value: str, name: str, number: int) -> None:
    if not usable_id(value):
        raise _wrong(name, number, f"'{value[:40]}' cannot be an id", ID_ADVICE)


def files_of(root: Path) -> Iterator[Path]:
    """The files of answers in a folder and those below it, in the order of their names; a file is itself."""
    if root.is_dir():
        wanted = (*_MARKDOWN, *TABLES)
        for file in sorted(root.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
            if not hidden and file.suffix.lower() in wanted and file.is_file():
                yield file
    else:
        yield root


def read_text(file: Path, name: str) -> str:
    """The whole text; ContentError naming the file, and the line that is not UTF-8."""
    try:
        return file.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _wrong(name, line, "it is not UTF-8 text", "Save the file as UTF-8.") from error
    except OSError as error:
        raise ContentError(
            f"{name} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from error


def _lines(text: str) -> list[str]:
    # str.splitlines would also cut at form feeds and U+2028, which exports do carry inside one cell.
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _split(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for one in _LIST.split(value) if (part := one.strip())))


def _language(title: str) -> str:
    return "zh" if _CJK.search(title) else "en"


def _wrong(name: str, number: int, what: str, advice: str) -> ContentError:
    return ContentError(f"{name}, line {number}: {what}.", advice)
