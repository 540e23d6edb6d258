"""Every parser of the product that reads what others wrote: how it is called, what it takes, and which errors it may raise."""

# ruff: noqa: E501 -- tables of hostile texts, which break badly

from __future__ import annotations

import asyncio
import gzip
import io
import tempfile
import zlib
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest import mock
from zlib import crc32

import msgspec

from okpay_console import config, errors
from okpay_console.cli import anchoring, auditcheck, bulk, calls, columns, moment, notes, rows
from okpay_console.cli.output import Out
from okpay_console.content import calendars, filters, knowledge, limits, macros
from okpay_console.content.rules import load_categories, load_rules
from okpay_console.domain import (
    alarms,
    auditchain,
    daybook,
    finding,
    gleaning,
    moments,
    money,
    numerals,
    presence,
    queue,
    search,
    secret,
    shelf,
    ticket,
    veil,
    views,
    wire,
)  # fmt: skip
from okpay_console.domain.ticket import Caller
from okpay_console.local import codec, lock, partfile, recovery, seal, snapshot
from okpay_console.local.credentials import Credentials
from okpay_console.local.mirror import Mirror
from okpay_console.local.outbox import Outbox
from okpay_console.local.record import Chain, Change, codec_name, line, new_header
from okpay_console.local.record import encode as encoded
from okpay_console.local.vault import Vault
from okpay_console.remote import address, api, body, events, problems
from okpay_console.server import backup, batch, cursor, service, signing
from okpay_console.sync import leases
from okpay_console.tui import flooralarms, keys, newcase, themes
from okpay_console.tui.panes import wallalarms
from okpay_console.wiring import wiping

NOW: Final = datetime(2026, 11, 23, 9, tzinfo=UTC)
AT: Final = "2026-11-23T09:00:00Z"
OUT: Final = Out(json=False, lang="en")
Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Parser:
    """One parser. ``good`` are documents that it takes; ``may`` are the errors that it declares, and no other may come out.

    ``covers`` are the functions that decode on its way (``test_complete`` looks that none is missing). ``unit`` is repeated for a
    document of any size, between ``before`` and ``after``. ``peak``: bytes of memory for each byte of input, at most.
    """

    name: str
    read: Read
    good: tuple[bytes, ...]
    may: tuple[type[BaseException], ...] = ()
    covers: tuple[str, ...] = ()
    before: bytes = b""
    unit: bytes = b""
    after: bytes = b""
    peak: float = 40.0
    heavy: bool = False

    def sized(self, size: int) -> bytes:
        """A document of about so many bytes that is as good as it can be."""
        unit = self.unit or self.good[0] + b"\n"
        return self.before + unit * max(1, size // len(unit)) + self.after


def text_of(data: bytes) -> str:
    """What a terminal or a file of another encoding hands on: undecodable bytes as halves of surrogate pairs."""
    return data.decode("utf-8", "surrogateescape")


def filed(name: str, read: Callable[[Path], object], *, kept: bool = True) -> Read:
    """A parser of a file: the bytes lie in a folder of its own, and reading leaves them as they were."""

    def call(data: bytes) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.write_bytes(data)
            path.chmod(0o600)
            try:
                return read(path)
            finally:
                assert not kept or path.read_bytes() == data, "reading has changed the file"

    return call


def worded(read: Callable[[str], object]) -> Read:
    return lambda data: read(text_of(data))


# The journal


def _journal(kind: codec.Codec) -> tuple[bytes, Read, Read]:
    """A journal of three records, how it is read and salvaged, and how a record is read whose checksum is right."""
    salted, chain = new_header(kind.name)
    data = salted
    for place in range(3):
        change = Change(put={f"t{place}": {"id": f"t{place}", "subject": "密码", "rev": place}}, delete=["x"])
        data += _line(chain, kind, encoded({"outbox": change}))

    def read(data: bytes) -> object:
        found = recovery.read(data, kind)
        return found, recovery.salvage(data, kind, precious=("outbox",)), codec_name(data)

    def proved(payload: bytes) -> object:
        head, chain = new_header(kind.name)
        return recovery.read(head + _line(chain, kind, payload.replace(b"\n", b" ")), kind)

    return data, read, proved


def _line(chain: Chain, kind: codec.Codec, payload: bytes) -> bytes:
    sealed = kind.seal(payload, number=chain.number + 1, salt=chain.salt)
    crc = chain.sum(sealed)
    chain.advance(crc)
    return line(crc, sealed)


def _proved_header(data: bytes) -> object:
    data = data.replace(b"\n", b" ")
    return recovery.read(line(crc32(data), data), codec.PLAIN), codec_name(line(crc32(data), data))


PLAIN_DOC, read_plain, read_record = _journal(codec.PLAIN)
SEALED_DOC, read_sealed, read_sealed_record = _journal(seal.Sealed(bytes(range(32)), key_id="k"))

ROW: Final = queue.Row(id="t1", number=1, subject="已扣款", channel="chat", created_at=NOW, updated_at=NOW)
SNAPSHOT: Final = msgspec.msgpack.encode(
    snapshot.Snapshot(server="OKPay", user="wang", at=NOW, rows=[ROW], counts={"open": 1})
)


def _proved_snapshot(data: bytes) -> object:
    return filed("snapshot", snapshot.read)(b"OKS1" + crc32(data).to_bytes(4, "big") + data)


@cache
def _index() -> search.Index:
    return search.Index.build([knowledge.parse_markdown(ANSWER.decode(), name="a")])


ANSWER: Final = (
    "---\nid: a1\ntitle: 找回密码\ncategory: TXN\nkeywords: 密码, password\n---\n正文\n1. 打开应用\n   再按\n2. 完成\n## Spoken\n好的\n"
).encode()


def _indexed(data: bytes) -> object:
    return search.Index.from_bytes(crc32(data).to_bytes(4, "big") + data)


class _NoKeys:
    """A key store that gives back whatever bytes somebody has put there."""

    def __init__(self, kept: str = "") -> None:
        self.kept = kept

    def get_password(self, service: str, name: str, /) -> str | None:
        return self.kept

    def set_password(self, service: str, name: str, password: str, /) -> None: ...
    def delete_password(self, service: str, name: str, /) -> None: ...


def _credentials(path: Path) -> object:
    known = Credentials(path, keyring="none")
    return known.servers(), known.user("s"), known.load("https://desk"), known.place("s")


def _vault(path: Path) -> object:
    kept = Vault(path.parent, keyring="none", ask=lambda: "secret words")
    return kept.kind, kept.wanted(), kept.codec_for("aes256gcm-k0")


KEPT: Final = (
    b'{"format":1,"kind":"passphrase","id":"k","cost":{"kib":8,"passes":1,"lanes":1},"salt":"AAAAAAAAAAAAAAAAAAAAAA==",'
    b'"key":"AAAA","before":{"k0":"AAAA"}}'
)


def _part(path: Path) -> object:
    (path.parent / "out.csv.part").write_bytes(b"")
    return partfile.PartFile(path.parent / "out.csv").read_good()


# Settings and content


def _settings(path: Path) -> object:
    found = config.load({"OKPAY_CONFIG": str(path), "OKPAY_DATA_DIR": str(path.parent)})
    limits.load_policy(calendar=found.calendar, targets=found.sla.target)
    return found, macros.load_macros(found.macros), keys.effective(found.keys)


SETTINGS: Final = (
    'server = "https://desk"\nlang = "en"\nwrapup_seconds = 60\ntimezone = "Europe/Paris"\n[placeholders]\n'
    '[keys]\ncall = "f5"\n[[sla.target]]\ncategory = "TXN"\nresponse = "4h"\n[wall]\ngoal = 0.8\n'
    '[macros.later]\ntitle = "以后"\nkey = "shift+f9"\nsteps = [{op = "note", text = "x"}]\n'
).encode()
CALENDAR: Final = b'[calendar.business]\ntimezone = "Asia/Shanghai"\ndays = {mon-fri = ["09:00-18:00"]}\nopen = [2027-02-12]\nclosed = {"2027-02-11" = "x"}\n'
THEME: Final = b'name = "x"\nprimary = "#5aa9e6"\nsecondary = "rgb(1,2,3)"\ndark = true\n[variables]\ndim = "#999999"\n'


def _theme(path: Path) -> object:
    with mock.patch.object(themes, "folders", lambda: [path.parent]):
        return themes.load("mine")


def _answer(path: Path) -> object:
    return knowledge.parse_markdown(knowledge.read_text(path, "x.md"), name="x.md")


def _answers(path: Path) -> object:
    return knowledge.parse_table(knowledge.read_text(path, "x.tsv"), name="x.tsv")


# What commands read


@cache
def _judge() -> columns.Judge:
    return columns.Judge(
        rules=load_rules(), zone="Asia/Shanghai", channel="chat", lang="en", say=OUT.pick,
        titles={one.title.zh: one.id for one in load_categories()},
    )  # fmt: skip


def _imported(kind: rows.Format) -> Read:
    def read(path: Path) -> object:
        made = []
        for record in rows.read(path, kind, OUT.pick):
            if not record.wrong:
                try:
                    made.append(msgspec.json.encode(_judge().item(record.values, now=NOW)))
                except errors.Refused as error:
                    made.append(error.what.encode())
        return made

    return filed("in", read)


def _told(name: str, module: Any, read: Callable[[], object]) -> Read:
    """A parser of standard input."""

    def call(data: bytes) -> object:
        with ExitStack() as stack:
            stdin = mock.Mock(buffer=io.BytesIO(data))
            stack.enter_context(mock.patch.object(module, "sys", mock.Mock(stdin=stdin)))
            return read()

    return call


def _log(data: bytes) -> object:
    quiet = mock.Mock(spec=Out, pick=OUT.pick)
    found, _ = calls._events(io.BytesIO(data), quiet)
    return calls.numbers(calls.tally(calls.read(found), calls.Rule(target_s=20.0, short_abandon_s=5.0)))


def _audit(data: bytes) -> object:
    return auditchain.check(auditcheck._linked(iter(io.BytesIO(data)), OUT))


LINKED: Final = msgspec.json.encode(
    auditchain.Linked(1, NOW, "wang", "sign-in", "", auditchain.FIRST, auditchain.FIRST)
)
ANCHOR: Final = msgspec.json.encode(auditchain.Anchor("s", 1, auditchain.FIRST, NOW))


@cache
def _backup() -> bytes:
    """The lines of a backup, with its end."""
    import hashlib

    columns_of = {"audit": ["id", "at", "who", "what", "about", "link"], "tickets": ["id", "doc", "gone"]}
    head = backup.Header(
        okpay_backup=1, program="1", revision="r", server_id="s", seq=1, made_at=NOW, tables=columns_of,
        rows={"audit": 0, "tickets": 1},
    )  # fmt: skip
    doc = {"id": "t1", "number": 1, "subject": "s", "channel": "chat", "created_at": AT, "updated_at": AT}
    part = backup.Part("tickets", [["t1", msgspec.json.encode(doc).decode(), False]])
    lines = msgspec.json.encode(head) + b"\n" + msgspec.json.encode(part) + b"\n"
    return lines + msgspec.json.encode(backup.End(hashlib.sha256(lines).hexdigest())) + b"\n"


def _packed(data: bytes) -> object:
    """A backup whose packing is right and whose lines are not."""
    return filed("b", backup.check)(gzip.compress(data, 1))


# What comes over the network


def _replied(*kinds: Any) -> Read:
    def read(data: bytes) -> object:
        found = []
        for kind in kinds:
            try:
                found.append(api._decoded(data, kind))
            except errors.BadReply:
                found.append(None)
        return found

    return read


class _Response:
    """As much of httpx's response as a body is read from."""

    def __init__(self, data: bytes, packing: str) -> None:
        self.headers = {"content-encoding": packing} if packing else {}
        self._data = data

    async def aiter_raw(self) -> Any:
        for start in range(0, len(self._data), 1 << 16):
            yield self._data[start : start + (1 << 16)]


def _body(data: bytes) -> object:
    response: Any = _Response(data, "gzip")
    return asyncio.run(body.read(response, 1 << 20))


def _stream(data: bytes) -> object:
    parser = events.Parser()
    size = max(1, len(data) // 50)
    return [event for start in range(0, len(data), size) for event in parser.feed(data[start : start + size])]


def _problem(data: bytes) -> object:
    said = data[:200].decode("latin-1")
    found = [
        problems.error_of(status, {"retry-after": said}, data, ours=True, now=NOW) for status in (401, 409, 422, 503)
    ]
    assert all(isinstance(one, errors.OkpayError) for one in found)
    return found


DOC: Final = {"id": "t1", "rev": 1, "number": 1, "subject": "s", "channel": "chat", "created_at": AT, "updated_at": AT}
PAGE: Final = msgspec.json.encode(
    wire.Page(
        [wire.Change("ticket", "t1", 1, DOC), wire.Change("ticket", "t2", gone=True)], "c", False, wire.Last(),
        [wire.Outcome("u", "rejected", "t1", 1, "code", "what")], NOW,
    )
)  # fmt: skip


class _Memory:
    """A store of nothing but its rows."""

    def __init__(self, tables: dict[str, dict[str, Any]] | None = None) -> None:
        self.tables: Any = tables or {}

    def rows(self, name: str) -> Any:
        return self.tables.get(name, {})

    def commit(self, changes: Any) -> None:
        from okpay_console.local.record import apply

        apply(self.tables, changes)


def _paged(data: bytes) -> object:
    """A page from the server, into the cache and onto the screen's rows."""
    store: Any = _Memory()
    mirror, outbox = Mirror(store), Outbox(store)
    page = api._decoded(data, wire.Page)
    mirror.apply_page(page, "", outbox=outbox, now=NOW)
    for change in page.changes:
        if change.doc is not None:
            mirror.show_claimed(change.doc)
    shown = mirror.rows()
    return shown, [mirror.ticket(one) for one in shown], list(leases.held(store.rows("tickets").values(), by="wang"))


def _found(data: bytes) -> object:
    """A ticket's document from the server, in the index that finds while typing."""
    page = api._decoded(data, wire.Page)
    finder = finding.Finder()
    for change in page.changes:
        if change.doc is not None:
            finder.put(change.doc)
    return finder.find("s", now=NOW), finder.same(Caller(mobile="13800138000"))


TOLD_LINE: Final = daybook.Line(
    uuid="u", kind="alarm", by="x", at=NOW, what="slow", reason="raised", words='{"metric":"a.b","value":1}'
)


def _alarm(data: bytes) -> object:
    told = msgspec.structs.replace(TOLD_LINE, words=text_of(data))
    return wallalarms.since(told), flooralarms.words(told)


def _form(data: bytes) -> object:
    jotter = mock.Mock(read=lambda *_: text_of(data))
    return newcase.unfinished(mock.Mock(jotter=jotter))


KEY: Final = bytes(range(32))


def _cursor(data: bytes) -> object:
    return cursor.decode(text_of(data), KEY)


def _pushed(data: bytes) -> object:
    """A mutation's place and its operation."""
    raw = msgspec.Raw(data)
    service._place(raw)
    try:
        item = msgspec.json.decode(raw, type=wire.Item)
    except (ValueError, RecursionError):
        return None
    return wire.to_op(item, by="wang")


ITEM: Final = msgspec.json.encode(
    wire.Item(mid=1, uuid="u-12345678", prev="", name="ticket.note", id="t-12345678", args={"text": "x"}, at=NOW)
)


def _signed(data: bytes) -> object:
    said = data.decode("latin-1")
    named = {"webhook-id": said[:20], "webhook-timestamp": said[:30], "webhook-signature": said}
    return signing.verify(signing.secret_of(b"k" * 32), named, data, now=1_700_000_000)


# What people type


@cache
def _finder() -> finding.Finder:
    made = finding.Finder()
    made.put(DOC)
    return made


def _sought(text: str) -> object:
    return _index().search(text), _finder().find(text, now=NOW)


def _asked(text: str) -> object:
    where = views.parse(text, categories=filters.category_names())
    return views.written(where), views.meets(where, ROW, me="wang", now=NOW)


def _gleaned(text: str) -> object:
    return gleaning.propose(text, listed=load_rules().checklists["TXN"], answers={}, now=NOW)


def _guarded(text: str) -> object:
    return secret.find(text), secret.joined("密码是", text), secret.find(text, around=len(text) // 2)


def _numbers(text: str) -> object:
    return (
        list(money.sums(text)), numerals.read(text), moments.read(text, now=NOW), moments.read_span(text, now=NOW),
        moments.read(text, now=NOW, future=True),
    )  # fmt: skip


def _due(text: str) -> object:
    return moment.parse_due(text, now=NOW, zone="Asia/Shanghai", say=OUT.pick)


def _past(text: str) -> object:
    return moment.parse_past(text, now=NOW, zone="Asia/Shanghai", say=OUT.pick)


def _row(text: str) -> object:
    return keys.effective({"call": text}), keys.shown(text)


REPLY_KINDS: Final = (
    wire.PushReply, wire.Me, wire.Claimed, dict[str, Any], shelf.ShelfPage, shelf.Version, list[shelf.Version], daybook.DaybookPage,
    daybook.Fates, presence.Company, alarms.Alarm, auditchain.AuditPage,
)  # fmt: skip
CSV: Final = 'subject,channel,text,created_at,mobile\n已扣款,chat,"钱，\n不见了",2026-11-20 10:00,13800138000\nb,电话,,,\n'.encode()
CALL_LOG: Final = b"".join(
    b'{"event":"%b","call":"c1","agent":"a","at":"2026-11-23T09:00:%02dZ"}\n' % (kind, place)
    for place, kind in enumerate((b"offered", b"answered", b"ended"))
)

PARSERS: Final[tuple[Parser, ...]] = (
    # This machine's disk
    Parser("journal", read_plain, (PLAIN_DOC,), (errors.StoreForeign,),
           ("local/record.py:codec_name", "local/record.py:read_header", "local/record.py:decode", "local/recovery.py:_chains"),
           before=PLAIN_DOC, unit=b'0123abcd{"outbox":{"u":{}}}\n'),
    Parser("journal, sealed", read_sealed, (SEALED_DOC,), (errors.StoreForeign,), ("local/seal.py:open",)),
    Parser("journal record", read_record, (b'{"outbox":{"u":{"t1":{"id":"t1"}},"d":["x"]}}',), (errors.StoreForeign,)),
    Parser("journal record, sealed", read_sealed_record, (b'{"outbox":{"u":{"t1":{"id":"t1"}}}}',), (errors.StoreForeign,)),
    Parser("journal header", _proved_header, (PLAIN_DOC.split(b"\n")[0][8:],), (errors.StoreForeign,)),
    Parser("snapshot", filed("s", snapshot.read), (b"OKS1" + crc32(SNAPSHOT).to_bytes(4, "big") + SNAPSHOT,),
           covers=("local/snapshot.py:read",)),
    Parser("snapshot, proved", _proved_snapshot, (SNAPSHOT,)),
    Parser("search index", search.Index.from_bytes, (_index().to_bytes(),), (errors.ContentError,), ("domain/search.py:from_bytes",)),
    Parser("search index, proved", _indexed, (_index().to_bytes()[4:],), (errors.ContentError,)),
    Parser("lock note", filed("l", lock.read_holder), (b'{"pid":12,"program":"desk","started":"x"}',), covers=("local/lock.py:read_holder",)),
    Parser("credentials", filed("c", _credentials), (b'{"https://desk":{"user":"wang","place":"file","token":"t"}}',),
           (errors.StoreError,), ("local/credentials.py:_read",)),
    Parser("vault", filed("vault.json", _vault), (KEPT, KEPT.replace(b"passphrase", b"keyring")), (errors.StoreLocked,),
           ("local/vault.py:_read", "local/vault.py:_key", "local/vault.py:_unlocked", "local/vault.py:_fetched"), heavy=True),
    Parser("vault, key store", lambda data: Vault(Path("/nowhere"), keyring=_NoKeys(text_of(data))).codec_for("aes256gcm-k"),
           (b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=",), (errors.StoreLocked,)),
    Parser("export's mark", filed("out.csv.part.json", _part),
           (msgspec.json.encode(partfile.Good(asked="a", as_of=NOW, total=3)),), (errors.Refused,), ("local/partfile.py:read_good",)),
    Parser("note of a wipe", filed(wiping.WIPED, lambda path: wiping.last_wipe(mock.Mock(home=path.parent))),
           (msgspec.json.encode(wiping.Wiped(at=NOW, why="x", lost=(wiping.Lost("t", "n", AT),))),), covers=("wiring/wiping.py:last_wipe",)),
    Parser("unfinished form", _form, (b'{"channel":"chat","subject":"x"}',), covers=("tui/newcase.py:unfinished",)),
    # Settings and content
    Parser("settings", filed("settings.toml", _settings), (SETTINGS,), (errors.ConfigError, errors.ContentError),
           ("domain/tables.py:read", "config.py:load", "config.py:read_file", "domain/macros.py:from_table", "content/limits.py:_convert"),
           before=b"[placeholders]\n", unit=b"phone = 1\n", peak=200.0),
    Parser("calendar", filed("c.toml", lambda path: limits.load_policy(calendar=path)), (CALENDAR,), (errors.ConfigError,),
           ("content/limits.py:_own", "content/calendars.py:_closed"), before=b"[calendar.x]\n", unit=b"# day\n", peak=200.0),
    Parser("theme", filed("mine.toml", _theme), (THEME,), (errors.ContentError,), ("tui/themes.py:load", "tui/themes.py:parse"),
           before=b'primary="#ffffff"\n[variables]\n', unit=b"# c\n", peak=200.0),
    Parser("answer", filed("x.md", _answer), (ANSWER,), (errors.ContentError,), ("content/knowledge.py:read_text",),
           before=b"---\nid: a\ntitle: t\n---\n1. a\n", unit=b" b\n", peak=200.0),
    Parser("answers, table", filed("x.tsv", _answers), (b"id\ttitle\tbody\na\tb\tc {phone}\na\td\n",), (errors.ContentError,),
           unit=b"a\tb\tc\n", peak=200.0),
    # What commands read
    Parser("import, csv", _imported("csv"), (CSV,), (errors.UsageError,),
           ("cli/rows.py:__iter__", "cli/rows.py:_csv", "cli/columns.py:_time"), before=b"subject,text\n", unit=b"a subject of a case,and what was said about it in so many words\n" * 4, peak=200.0),
    Parser("import, tsv", _imported("tsv"), (CSV.replace(b",", b"\t"),), (errors.UsageError,), before=b"subject\ttext\n", unit=b"a subject of a case\tand what was said about it in so many words\n" * 4,
           peak=200.0),
    Parser("import, jsonl", _imported("jsonl"), (b'{"subject":"x","tags":["a","b"],"created_at":"2026-11-20T09:00:00Z"}\n',),
           covers=("cli/rows.py:_json",), peak=200.0),
    Parser("call log", _log, (CALL_LOG,), covers=("cli/calls.py:event", "cli/calls.py:_at"), peak=60.0),
    Parser("audit file", _audit, (LINKED + b"\n",), (errors.Refused,), ("cli/auditcheck.py:_linked",)),
    Parser("anchors", filed("a", lambda path: anchoring.read(str(path), "", OUT)), (ANCHOR + b"\n",), (errors.Refused,),
           ("cli/anchoring.py:read",)),
    Parser("ids for bulk", _told("bulk", bulk, lambda: bulk._from_stdin(OUT)), (b'{"id":"t1"}\nt2\n',), (errors.UsageError,),
           ("cli/bulk.py:_from_stdin",), unit=b'{"id":"t1"}\n'),
    Parser("notes", _told("notes", notes, lambda: list(notes._lines())), (b"a\nb\n",), covers=("cli/notes.py:_lines",)),
    Parser("backup", filed("b", backup.check), (gzip.compress(_backup()),), (errors.Refused,), ("server/backup.py:_decoded",)),
    Parser("backup's lines", _packed, (_backup(),), (errors.Refused,)),
    # What comes over the network
    Parser("event stream", _stream, (b"retry: 2000\n\nid: 1-a\nevent: state\ndata: {}\n\n: ping\n\n",), (errors.BadReply,),
           ("remote/events.py:feed",), unit=b"id: 1-a\nevent: state\ndata: {}\n\n"),
    Parser("event without end", _stream, (b"data\n",), (errors.BadReply,), unit=b"data\n", peak=12.0),
    Parser("packed reply", _body, (gzip.compress(b'{"a":1}'),), (errors.BadReply,), ("remote/body.py:read",), unit=b"\x1f\x8b\x08\x00"),
    Parser("problem", _problem, (b'{"type":"/problems/held","title":"x","status":409,"held_by":"li","expect":3}',),
           covers=("remote/problems.py:_problem",)),
    Parser("replies", _replied(*REPLY_KINDS), tuple(
               msgspec.json.encode(one) for one in (
                   wire.PushReply([wire.Outcome("u", "confirmed")], wire.Last(), NOW), wire.Me("u", "agent", [], "s", 1, NOW),
                   wire.Claimed(DOC, 1, 600.0), shelf.ShelfPage("t", 1, [shelf.Shelved("a", "zh", 1, "x")]),
                   daybook.DaybookPage([TOLD_LINE], "c", False, NOW), auditchain.AuditPage([], 0, 0),
               )), covers=("remote/api.py:_decoded",), unit=b'{"a":1,', peak=30.0),
    Parser("page", _paged, (PAGE,), (errors.BadReply,),
           ("domain/queue.py:row", "domain/ticket.py:from_doc", "sync/leases.py:held", "local/chain.py:ordered")),
    Parser("page, found", _found, (PAGE,), (errors.BadReply,), ("domain/matter.py:__init__",)),
    Parser("alarm's words", _alarm, (b'{"metric":"calls.asa_s","value":1.5,"since":"2026-11-23T09:00:00Z"}',),
           covers=("tui/panes/wallalarms.py:since", "tui/flooralarms.py:words")),
    # What a server is sent
    Parser("cursor", _cursor, (cursor.Cursor(1, 2, 3, 4, b"12345678").encode(KEY).encode(),), (errors.Declined,), ("server/opaque.py:unseal",)),
    Parser("mutation", _pushed, (ITEM,), (errors.Declined, errors.Refused), ("server/service.py:_place", "domain/wire.py:to_op",
           "server/judging.py:_item")),
    Parser("draft of a batch", lambda data: batch._draft(msgspec.Raw(data)), (b'{"subject":"s","channel":"chat","text":"x"}',),
           covers=("server/batch.py:_draft",)),
    Parser("signature", _signed, (b"v1,AAAA",), covers=("server/signing.py:_mark",)),
    # What people type
    Parser("words sought", worded(_sought), (b"zhmm", "密码 password 138".encode()), unit=b"zhao ", heavy=True),
    Parser("filter", worded(_asked), (b"status=new,pending -queue=\"a b\" x", "状态＝新建 “密 码”".encode()), (errors.FilterError,), unit=b"a=b,c "),
    Parser("free line", worded(_gleaned), ("交易编号 A1B2C3D4E5，1280元，昨天下午3点已扣款".encode(),), unit="1280元 ".encode(), peak=400.0, heavy=True),
    Parser("secrets", worded(_guarded), ("我的密码是 abc123，卡号 4111 1111 1111 1111".encode(),), unit="密码 ".encode(), peak=400.0, heavy=True),
    Parser("veil", worded(veil.veil), (b"+86 138 0013 8000 a.b@c.com GB29NWBK60161331926819 110101199003077758",), unit=b"1380013 "),
    Parser("numbers", worded(_numbers), ("昨天下午三点半 一千二百八十元 $3,000.50".encode(),), unit="三点 ".encode(), heavy=True),
    Parser("due time", worded(_due), (b"+2h", "明天 10:00".encode(), b"2026-12-01T10:00+08:00"), (errors.UsageError,),
           ("cli/moment.py:_date",)),
    Parser("past time", worded(_past), (b"10:00", b"2026-11-01"), (errors.UsageError,)),
    Parser("key names", worded(_row), (b"f5", b"shift+f11"), (errors.ConfigError,)),
    Parser("address", worded(lambda text: address.checked(text, allow_plain=False)), (b"https://desk.example.com:8443/x",), (errors.ConfigError,)),
)  # fmt: skip
BY_NAME: Final = {parser.name: parser for parser in PARSERS}

_ = (calendars, ticket, zlib)
