"""The house's own answers: drafts, review, publication, retirement, and how often each answer helped."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, and_, insert, or_, select, update

from .. import errors
from ..content import LANGUAGES
from ..content.knowledge import ID_ADVICE, parse_markdown, usable_id
from ..domain import secret
from ..domain.answers import Answer
from ..domain.shelf import ShelfPage, Shelved, Version
from . import audit, history, ratings
from .clock import millis, new_fork
from .db import Database
from .policy import Who
from .schema import answers

MAX_TEXT: Final = 40_000
"""Characters of one answer: many screens full, and a thousand of them are still one page's work."""
_PAGE: Final = 500
_PAGE_BYTES: Final = 4 << 20
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_VISIBLE: Final = ("published", "retired")


async def shelf(db: Database, *, have: str, after: str) -> ShelfPage | None:
    """The page of published answers after a key (``ShelfPage``); None where ``have`` is the tag of what there is."""
    return await db.read(lambda conn: _shelf(conn, have=have, after=after))


def _shelf(conn: Connection, *, have: str, after: str) -> ShelfPage | None:
    rev = history.head(conn).shelf
    rated = ratings.counts(conn)
    listed = "".join(f"{answer} {helped} {failed}\n" for answer, (helped, failed) in sorted(rated.items()))
    # The number is minted anew with every publication, so it names the texts also after a backup was put back.
    tag = f"{rev:x}-{hashlib.sha256(listed.encode()).hexdigest()[:16]}"
    if after:
        found, following = _page(conn, after)
        return ShelfPage(tag, rev, found, next=following)
    if have == tag:
        return None
    if have.partition("-")[0] == f"{rev:x}":
        return ShelfPage(tag, rev, None, rated)
    found, following = _page(conn, "")
    return ShelfPage(tag, rev, found, rated, following)


def _page(conn: Connection, after: str) -> tuple[list[Shelved], str]:
    query = _published
    if after:
        name, _, lang = after.rpartition("/")
        query = query.where(or_(answers.c.id > name, and_(answers.c.id == name, answers.c.lang > lang)))
    found: list[Shelved] = []
    size = 0
    for row in conn.execute(query):
        size += len(row.markdown.encode())
        if found and (len(found) == _PAGE or size > _PAGE_BYTES):
            return found, f"{found[-1].id}/{found[-1].lang}"
        retired = row.state == "retired"
        found.append(Shelved(row.id, row.lang, row.version, "" if retired else row.markdown, retired))
    return found, ""


async def put_draft(db: Database, who: Who, name: str, lang: str, markdown: str, *, now: datetime) -> Version:
    """A new version that only editors see; the latest one again where the text is the same.

    Refused where the text is no answer of that id and language, is too long, or carries a secret.
    """
    check_text(name, lang, markdown)

    def work(conn: Connection) -> Version:
        latest = _latest(conn, name, lang)
        if latest is not None and latest.state in ("draft", "published") and latest.markdown == markdown:
            return latest
        number = (latest.version if latest else 0) + 1
        made = Version(name, lang, number, "draft", who.user, millis(now), markdown=markdown)
        conn.execute(insert(answers).values(**msgspec.structs.asdict(made)))
        _note(conn, who, "answer.draft", made, now)
        history.commit(conn, now=now)
        return made

    return await db.write(work)


async def publish(
    db: Database, who: Who, name: str, lang: str, *, version: int, self_review: bool, now: datetime
) -> Version:
    """Lets a draft out to the agents; a second time is harmless. ``version`` 0: the latest draft.

    Declined: 404, 409 where the version is not a draft or is the reviewer's own and ``self_review`` is not allowed.
    """

    def work(conn: Connection) -> Version:
        made = _version(conn, name, lang, version) if version else _latest(conn, name, lang, "draft")
        if made is None:
            made = _latest(conn, name, lang, "published")
        if made is None:
            raise _missing()
        if made.state == "published":
            return made
        if made.state != "draft":
            raise errors.Declined(409, "not-a-draft", "This version is not a draft.", "Save its text as a new draft.")
        if made.author == who.user and not self_review:
            raise errors.Declined(
                409,
                "second-editor",
                "Whoever wrote an answer does not publish it.",
                "Ask a second supervisor to read it.",
            )
        # What is in sight, and drafts that were passed over; a retired one has its own end already.
        here = and_(answers.c.id == name, answers.c.lang == lang, answers.c.version != made.version)
        ends = {"ended_by": who.user, "ended_at": millis(now)}
        older = and_(here, answers.c.version < made.version, answers.c.state == "draft")
        conn.execute(update(answers).where(here, answers.c.state == "published").values(state="superseded", **ends))
        conn.execute(update(answers).where(older).values(state="superseded", **ends))
        conn.execute(update(answers).where(here, answers.c.state == "retired").values(state="superseded"))
        done = {"state": "published", "reviewer": who.user, "published_at": millis(now)}
        return _moved(conn, who, made, done, what="answer.publish", now=now)

    return await db.write(work)


async def retire(db: Database, who: Who, name: str, lang: str, *, now: datetime) -> Version:
    """Takes an answer from the agents, the shipped one of this id too; a second time is harmless. Refused."""
    check_key(name, lang)

    def work(conn: Connection) -> Version:
        ends = {"state": "retired", "ended_by": who.user, "ended_at": millis(now)}
        retired = _latest(conn, name, lang, "retired")
        if retired is not None:
            return retired
        standing = _latest(conn, name, lang, "published")
        if standing is not None:
            return _moved(conn, who, standing, ends, what="answer.retire", now=now)
        latest = _latest(conn, name, lang)
        fresh = Version(name, lang, (latest.version if latest else 0) + 1, "draft", who.user, millis(now))
        conn.execute(insert(answers).values(**msgspec.structs.asdict(fresh)))
        return _moved(conn, who, fresh, ends, what="answer.retire", now=now)

    return await db.write(work)


async def versions(db: Database, name: str, lang: str) -> list[Version]:
    """Every version, newest first, without its text. Declined: 404."""
    query = select(answers).where(answers.c.id == name, answers.c.lang == lang).order_by(answers.c.version.desc())
    found = await db.read(lambda conn: [_of(row, text=False) for row in conn.execute(query)])
    if not found:
        raise _missing()
    return found


async def version(db: Database, name: str, lang: str, number: int) -> Version:
    """One version with its text. Declined: 404."""
    found = await db.read(lambda conn: _version(conn, name, lang, number, lock=False))
    if found is None:
        raise _missing()
    return found


async def drafts(db: Database) -> list[Version]:
    """The drafts that wait for a reviewer, oldest first, without their texts."""
    query = (
        select(answers)
        .where(answers.c.state == "draft")
        .order_by(answers.c.at, answers.c.id, answers.c.lang)
        .limit(1000)
    )
    return await db.read(lambda conn: [_of(row, text=False) for row in conn.execute(query)])


def check_key(name: str, lang: str) -> None:
    """Refused where this can be no answer's id, or nobody here reads the language."""
    if lang not in LANGUAGES:
        raise errors.Refused(
            "Answers are kept in Chinese and English.", f"Use: {', '.join(LANGUAGES)}.", code="bad-lang"
        )
    if not usable_id(name):
        raise errors.Refused("This cannot be an answer's id.", ID_ADVICE, code="bad-id")


def check_text(name: str, lang: str, markdown: str) -> None:
    """Refused where the text is no answer of this id and language by the reader of files, is too long, or carries a secret."""
    check_key(name, lang)
    if len(markdown) > MAX_TEXT or _CONTROL.search(markdown):
        raise errors.Refused(
            "The answer is too long, or holds characters that no text has.",
            f"Keep it under {MAX_TEXT}.",
            code="too-long",
        )
    answer = _parsed(markdown, lang)
    if (answer.id, answer.lang) != (name, lang):
        raise errors.Refused(
            f"The text says that it is {answer.id} in {answer.lang}.", "Correct its id and lang.", code="other-answer"
        )
    if secret.find(markdown):
        raise errors.SecretRefused(
            "The answer holds a number that looks like a card, a code or a password.",
            "Leave it out: agents would read it aloud.",
        )


def _parsed(markdown: str, lang: str) -> Answer:
    try:
        return parse_markdown(markdown, name="answer", lang=lang)
    except errors.ContentError as error:
        raise errors.Refused(error.what, error.advice, code="bad-answer") from error


# Rows


def _of(row: Any, *, text: bool = True) -> Version:
    fields = {name: getattr(row, name) for name in Version.__struct_fields__}
    return Version(**{**fields, "markdown": row.markdown if text else ""})


def _latest(conn: Connection, name: str, lang: str, state: str = "") -> Version | None:
    """The newest version, of one state if named, locked until the transaction ends."""
    query = select(answers).where(answers.c.id == name, answers.c.lang == lang)
    if state:
        query = query.where(answers.c.state == state)
    row = conn.execute(query.order_by(answers.c.version.desc()).limit(1).with_for_update()).one_or_none()
    return None if row is None else _of(row)


def _version(conn: Connection, name: str, lang: str, number: int, *, lock: bool = True) -> Version | None:
    query = select(answers).where(answers.c.id == name, answers.c.lang == lang, answers.c.version == number)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else _of(row)


def _moved(conn: Connection, who: Who, made: Version, change: dict[str, Any], *, what: str, now: datetime) -> Version:
    """The version after a change that the agents see: every console is told to ask again."""
    key = and_(answers.c.id == made.id, answers.c.lang == made.lang, answers.c.version == made.version)
    conn.execute(update(answers).where(key).values(**change))
    _note(conn, who, what, made, now)
    history.commit(conn, now=now, shelf=new_fork() or 1)
    return msgspec.structs.replace(made, **change)


def _note(conn: Connection, who: Who, what: str, made: Version, now: datetime) -> None:
    audit.append(conn, now=now, who=who.user, what=what, about=f"{made.id} {made.lang} {made.version}")


def _missing() -> errors.Declined:
    return errors.Declined(404, "not-found", "There is no such answer on the server.", "Check id and language.")


# Written out once: building a statement anew takes longer than SQLite takes to carry it out.
_columns = (answers.c.id, answers.c.lang, answers.c.version, answers.c.state, answers.c.markdown)
_published = (
    select(*_columns).where(answers.c.state.in_(_VISIBLE)).order_by(answers.c.id, answers.c.lang).limit(_PAGE + 1)
)
