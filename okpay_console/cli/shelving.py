"""``answers import`` and ``answers export``: Markdown files with front matter in, and out again as they were."""

from __future__ import annotations

import asyncio
import re
from argparse import Namespace
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from okpay_console import content, errors, wiring
from okpay_console.cli import problems, result, reviewing
from okpay_console.cli.output import Out, clean
from okpay_console.config import Settings

if TYPE_CHECKING:
    from okpay_console.domain.shelf import Shelved
    from okpay_console.remote.api import Api

_PLAIN: Final = re.compile(r"[^\w\-. ~()（）]")


class Piece(msgspec.Struct, frozen=True):
    """One answer to bring in: the file that it stands in, and its text; ``wrong`` says why it cannot come in."""

    file: str
    id: str = ""
    lang: str = ""
    markdown: str = ""
    wrong: errors.OkpayError | None = None


def bring_in(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Saves every answer as a draft, and publishes it if asked.

    Everything is read before anything is sent: with ``--on-error stop`` a bad file means that nothing was changed and status
    1; with ``skip`` it is named and passed over. What the server refuses counts as a bad file; doing it all again is harmless.
    """
    settings = wiring.signed_in(settings)
    wiring.require_sign_in(settings, out.pick)
    stop = arguments.on_error == "stop"
    pieces: list[Piece] = []
    for piece in (piece for name in arguments.files for piece in _pieces(Path(name))):
        if piece.wrong is not None:
            _bad(piece.file, piece.wrong, out)
            if stop:
                return problems.FAILED
            continue
        pieces.append(piece)
    running = _Import(pieces, out, publish=arguments.publish, stop=stop)
    try:
        asyncio.run(running.run(settings))
    except (errors.Offline, errors.Unavailable) as error:
        count = running.saved
        return result.not_asked(error, out, done=out.pick(f"已保存 {count} 条。", f"{count} answers were saved. "))
    out.note(
        out.pick(
            f"已保存 {running.saved} 条，共 {len(pieces)} 条。", f"{running.saved} of {len(pieces)} answers were saved."
        )
    )
    return problems.FAILED if running.stopped else problems.DONE


class _Import:
    def __init__(self, pieces: list[Piece], out: Out, *, publish: bool, stop: bool) -> None:
        self._pieces, self._out, self._publish, self._stop = pieces, out, publish, stop
        self.saved = 0
        self.stopped = False

    async def run(self, settings: Settings) -> None:
        from okpay_console.remote import answers

        api = wiring.open_api(settings, settings.token)
        try:
            for piece in self._pieces:
                try:
                    version = await answers.put_draft(api, piece.id, piece.lang, piece.markdown)
                    self.saved += 1
                    if self._publish:
                        version = await answers.publish(api, piece.id, piece.lang, version=version.version)
                except errors.Refused as error:
                    _bad(piece.file, error, self._out)
                    if self._stop:
                        self.stopped = True
                        return
                    continue
                reviewing.told(version, self._out)
        finally:
            await api.aclose()


def take_out(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Writes what the agents have, the shipped answers and the server's over them, to ``DIR/zh/ID.md`` and ``DIR/en/ID.md``.

    Each file is the text byte for byte, so importing them again changes nothing. Where nobody is signed in: the shipped ones.
    """
    settings = wiring.signed_in(settings)
    folder = Path(arguments.folder)
    if settings.server and settings.token:
        from okpay_console.remote import answers

        async def ask(api: Api) -> list[Shelved]:
            return await answers.published(api)

        return reviewing.asked(settings, out, ask, lambda found: _write_all(folder, found, out))
    _write_all(folder, [], out)
    return problems.DONE


def _write_all(folder: Path, found: list[Shelved], out: Out) -> None:
    from okpay_console.content.knowledge import usable_id

    texts = {(name, lang): text for name, lang, text in _shipped()}
    for one in found:
        # The server's word becomes a path here: only what may be an id and a language of ours does.
        if not usable_id(one.id) or one.lang not in content.LANGUAGES:
            continue
        texts.pop((one.id, one.lang), None)
        if not one.retired:
            texts[one.id, one.lang] = one.markdown
    taken: set[str] = set()
    try:
        for (name, lang), text in texts.items():
            file = folder / lang / _file_name(name, lang, taken)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
            if out.json:
                out.doc({"id": name, "lang": lang, "file": str(file)})
    except OSError as error:
        raise errors.UsageError(
            out.pick(
                f"写不了 {clean(str(folder))}：{error.strerror}。",
                f"{clean(str(folder))} cannot be written: {error.strerror}.",
            ),
            out.pick("请核对路径和权限。", "Check the path and its permissions."),
        ) from error
    if not out.json:
        out.line(out.pick(f"已导出 {len(texts)} 条。", f"{len(texts)} answers were written."))


def _file_name(name: str, lang: str, taken: set[str]) -> str:
    """The id as a file name of any system; ids that differ in their case alone get different names."""
    plain = _PLAIN.sub(lambda match: quote(match[0], safe=""), name)[:80]
    number = 1
    while (lang + "/" + plain + (f"~{number}" if number > 1 else "")).casefold() in taken:
        number += 1
    made = plain + (f"~{number}" if number > 1 else "")
    taken.add(f"{lang}/{made}".casefold())
    return made + ".md"


def _shipped() -> Iterator[tuple[str, str, str]]:
    from okpay_console.content.knowledge import parse_markdown

    for lang in content.LANGUAGES:
        folder = resources.files("okpay_console.content") / "answers" / lang
        for file in sorted((one for one in folder.iterdir() if one.name.endswith(".md")), key=lambda one: one.name):
            # Bytes: reading as text would change the ends of lines.
            text = file.read_bytes().decode("utf-8")
            yield parse_markdown(text, name=file.name, lang=lang).id, lang, text


def _pieces(root: Path) -> Iterator[Piece]:
    """Every answer of a file, or of a folder with those below it; what cannot be read is a piece that says so."""
    from okpay_console.content import knowledge

    if not root.exists():
        wrong = errors.ContentError(f"There is no file {clean(str(root))}.", "Check the path.")
        yield Piece(str(root), wrong=wrong)
        return
    for file in knowledge.files_of(root):
        name = file.name if file == root else file.relative_to(root).as_posix()
        try:
            text = knowledge.read_text(file, name)
            if file.suffix.lower() in knowledge.TABLES:
                for answer in knowledge.parse_table(text, name=name):
                    yield _checked(name, answer.id, answer.lang, knowledge.to_markdown(answer))
                continue
            named = file.parent.name if file.parent.name in content.LANGUAGES else ""
            answer = knowledge.parse_markdown(text, name=name, lang=named)
            yield _checked(name, answer.id, answer.lang, text)
        except errors.ContentError as error:
            yield Piece(name, wrong=error)


def _checked(file: str, name: str, lang: str, markdown: str) -> Piece:
    """Names the line of a secret, which the server would refuse without being able to say where it stands."""
    from okpay_console.domain import secret

    found = secret.find(markdown)
    if not found:
        return Piece(file, name, lang, markdown)
    line = markdown.count("\n", 0, found[0].start) + 1
    return Piece(
        file,
        wrong=errors.SecretRefused(
            f"{file}, line {line}: a number looks like a card, a code or a password.",
            "Leave it out: agents would read it aloud.",
        ),
    )


def _bad(file: str, error: errors.OkpayError, out: Out) -> None:
    what, advice = problems.explain(error, lang=out.lang)
    found = re.search(r", line (\d+):", error.what)
    line = int(found[1]) if found else 0
    if out.json:
        document: dict[str, Any] = {
            "file": file,
            "state": "refused",
            "code": error.code,
            "what": what,
            "advice": advice,
        }
        out.doc(document | ({"line": line} if line else {}))
        return
    if file not in what:
        place = (
            out.pick(f"{file} 第 {line} 行：", f"{file}, line {line}: ") if line else out.pick(f"{file}：", f"{file}: ")
        )
        what = place + what
    out.error(what, advice)
