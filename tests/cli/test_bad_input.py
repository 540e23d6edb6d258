"""What goes wrong outside: each gets a message that says what happened and what to do, and no words are lost."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pexpect
import pytest

CHINESE = re.compile("[一-鿿]")
COMMAND = (sys.executable, "-m", "okpay_console")


@contextmanager
def stranger(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """A web server that is not ours."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def told(done: Any, *, status: int, lang: str = "zh") -> str:
    """The message: what happened, what to do, in the language of the settings, and no traceback."""
    assert done.status == status, done.err
    lines = done.err.splitlines()
    assert len(lines) == 2, done.err
    assert "Traceback" not in done.err
    if lang == "zh":
        assert all(CHINESE.search(line) for line in lines), done.err
    else:
        assert not CHINESE.search(done.err), done.err
    text: str = done.err
    return text


@pytest.fixture(scope="module")
def wang(desk: Callable[..., Any]) -> Any:
    return desk("wang")


@pytest.fixture(scope="module")
def ticket(wang: Any) -> str:
    made = wang("ticket", "new", "--subject", "坏天气", "--channel", "hotline", "--json")
    assert made.status == 0, made.err
    return str(made.doc["id"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_token_keeps_the_note_and_says_to_sign_in(wang: Any, ticket: str, lang: str) -> None:
    done = wang("ticket", "note", ticket, f"令牌错了 {lang}", "--json", OKPAY_TOKEN="okp_wrong", OKPAY_LANG=lang)
    assert done.doc["state"] == "queued"
    assert "login" in told(done, status=1, lang=lang)
    assert wang("sync", "--json").doc["pushed"] == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("address", "status"),
    [("http://127.0.0.1:1", 3), ("https://no-such-host.invalid", 3), ("http://no-such-host.invalid", 1)],
)
def test_a_wrong_address_keeps_the_note(wang: Any, ticket: str, address: str, status: int, lang: str) -> None:
    done = wang("ticket", "note", ticket, "地址错了", "--json", OKPAY_SERVER=address, OKPAY_LANG=lang)
    assert done.doc["state"] == "queued"
    told(done, status=status, lang=lang)
    assert wang("sync", "--json").doc["pending"] == 0


def test_an_address_that_is_none_is_a_usage_error(wang: Any) -> None:
    assert "OKPAY_SERVER" in told(wang("sync", OKPAY_SERVER="desk.example.com"), status=2)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_of_somebody_else_is_not_taken_for_the_server(wang: Any, ticket: str, lang: str) -> None:
    with stranger(200, b"<html>Please sign in to this network</html>") as url:
        done = wang("ticket", "note", ticket, "酒店的网络", "--json", OKPAY_SERVER=url, OKPAY_LANG=lang)
    assert done.doc["state"] == "queued"
    told(done, status=1, lang=lang)
    assert wang("sync", "--json").doc["pushed"] == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_server_of_another_version_is_named(wang: Any, ticket: str, lang: str) -> None:
    with stranger(200, b"{}", Content_Type="application/json", OKPay_Protocol="9") as url:
        done = wang("ticket", "note", ticket, "版本不同", "--json", OKPAY_SERVER=url, OKPAY_LANG=lang)
    assert done.doc["state"] == "queued"
    assert re.search("版本|protocol", told(done, status=1, lang=lang))
    assert wang("sync", "--json").doc["pushed"] == 1


def test_a_server_in_trouble_counts_as_offline(wang: Any, ticket: str) -> None:
    with stranger(503, b"busy") as url:
        done = wang("ticket", "note", ticket, "维护中", "--json", OKPAY_SERVER=url)
    assert done.doc["state"] == "queued"
    told(done, status=3)
    assert wang("sync", "--json").doc["pushed"] == 1


def test_a_data_directory_of_another_user_is_left_alone(desk: Callable[..., Any], wang: Any) -> None:
    other = desk("zhao")
    done = other("sync", OKPAY_DATA_DIR=str(wang.home))
    assert done.status == 1
    assert "OKPAY_DATA_DIR" in done.err
    assert wang("sync").status == 0


def test_a_full_disk_is_told_and_what_was_confirmed_stays(wang: Any, ticket: str) -> None:
    # A limit on file size stands for a full disk: the kernel refuses the write in the same place.
    room = (wang.home / "console.okdb").stat().st_size + 1500

    def tight() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = subprocess.run(
        [sys.executable, "-m", "okpay_console", "ticket", "note", ticket, "-", "--json"],
        input="满了之前的一条备注\n".encode() * 40,
        capture_output=True,
        env=wang.env,
        preexec_fn=tight,
        check=False,
    )
    printed = done.stdout.count(b"queued")
    assert done.returncode == 1
    assert 0 < printed < 40
    assert "磁盘满" in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert len(wang("ticket", "show", ticket, "--json").doc["pending"]) == printed
    assert wang("sync", "--json").doc["pushed"] == printed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_disk_that_takes_the_note_but_not_the_answer_never_says_try_again(wang: Any, ticket: str, lang: str) -> None:
    """Whoever is told to write it once more writes it twice."""
    assert wang("sync").status == 0
    room = (wang.home / "console.okdb").stat().st_size + 600

    def tight() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    done = subprocess.run(
        [sys.executable, "-m", "okpay_console", "ticket", "note", ticket, "写得下的一条", "--json"],
        capture_output=True,
        env={**wang.env, "OKPAY_LANG": lang},
        preexec_fn=tight,
        check=False,
    )
    said = done.stderr.decode()
    assert (done.returncode, done.stdout.count(b"queued")) == (1, 1), said
    assert ("不要重写" if lang == "zh" else "do not write it again") in said
    assert len(said.splitlines()) == 2
    assert wang("sync", "--json").doc["pending"] == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_argument_that_is_no_text_is_a_usage_error_and_claims_nothing_was_kept(
    wang: Any, ticket: str, lang: str
) -> None:
    words = [*COMMAND, "ticket", "note", ticket, b"caf\xe9 \xff", "--json"]
    done = subprocess.run(words, capture_output=True, env={**wang.env, "OKPAY_LANG": lang}, check=False)
    assert (done.returncode, done.stdout) == (2, b""), done.stderr
    assert "UTF-8" in done.stderr.decode()
    assert len(done.stderr.splitlines()) == 2


def test_an_argument_in_utf_8_is_understood_where_python_does_not_understand_the_locale(wang: Any, ticket: str) -> None:
    plain = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = wang("ticket", "note", ticket, "中文备注，照样保留", "--json", **plain)
    assert done.status == 0, done.err
    timeline = wang("ticket", "show", ticket, "--json").doc["timeline"]
    assert "中文备注，照样保留" in [entry["text"] for entry in timeline]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_token_that_no_server_could_have_given_is_not_blamed_on_the_server(wang: Any, lang: str) -> None:
    done = wang("sync", "--json", OKPAY_TOKEN="two words", OKPAY_LANG=lang)
    assert (done.status, done.doc["link"]) == (1, "refused")
    assert "不是本系统的服务器" not in done.err
    assert "token" in done.err or "令牌" in done.err


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_only_the_server_can_do_is_never_said_to_wait_in_line(wang: Any, ticket: str, lang: str) -> None:
    """A claim and a sign-in are not kept for later; to say so would leave an agent waiting for a ticket for ever."""
    away = {"OKPAY_SERVER": "http://127.0.0.1:1", "OKPAY_LANG": lang}
    for words in (("ticket", "claim", ticket), ("login",)):
        done = wang(*words, **away)
        told(done, status=3, lang=lang)
        assert ("没有排队" if lang == "zh" else "Nothing was queued") in done.err


def test_a_damaged_journal_gives_back_every_unsent_note(wang: Any, ticket: str, tmp_path: Path) -> None:
    away = {"OKPAY_SERVER": "http://127.0.0.1:1"}
    assert wang("ticket", "note", ticket, "损坏之前写的", **away).status == 3
    home = tmp_path / "copy"
    shutil.copytree(wang.home, home)
    store = home / "console.okdb"
    data = bytearray(store.read_bytes())
    place = data.index("坏天气".encode())
    data[place : place + 3] = b"###"
    store.write_bytes(data)
    here = {"OKPAY_DATA_DIR": str(home)}
    found = [check for check in wang("doctor", "--json", **here).docs if check["name"] == "recovery"]
    assert found[0]["state"] == "bad"
    done = wang("sync", "--json", **here)
    assert (done.status, done.doc["pending"]) == (0, 0)
    assert "损坏" in done.err
    assert "损坏之前写的" in str(wang("ticket", "show", ticket, "--json", **here).doc["timeline"])


def test_a_torn_last_write_is_mended_and_told(wang: Any, tmp_path: Path) -> None:
    home = tmp_path / "copy"
    shutil.copytree(wang.home, home)
    with (home / "console.okdb").open("ab") as store:
        store.write(b"0123abcd{half")
    done = wang("sync", OKPAY_DATA_DIR=str(home))
    assert done.status == 0
    assert "末尾不完整" in done.err


def test_a_file_that_is_no_store_is_not_overwritten(wang: Any, tmp_path: Path) -> None:
    (tmp_path / "console.okdb").write_text("somebody's letters\n")
    told(wang("sync", OKPAY_DATA_DIR=str(tmp_path)), status=1)
    assert (tmp_path / "console.okdb").read_text() == "somebody's letters\n"


def test_an_unknown_setting_stops_before_anything_is_opened(wang: Any, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('lang = "zh"\nthem = "okpay-light"\n')
    home = tmp_path / "home"
    done = wang("sync", OKPAY_CONFIG=str(settings), OKPAY_DATA_DIR=str(home))
    text = told(done, status=2)
    assert "第 2 行" in text
    assert "theme" in text
    assert not home.exists()


def test_without_a_sign_in_the_first_step_is_named(wang: Any, tmp_path: Path) -> None:
    nobody = {"OKPAY_TOKEN": "", "OKPAY_SERVER": "", "OKPAY_DATA_DIR": str(tmp_path)}
    for words in (
        (),
        ("sync",),
        ("import", "tickets", "x.csv"),
        ("ticket", "new", "--subject", "x", "--channel", "chat"),
    ):
        assert "login" in wang(*words, **nobody).err, words
    assert wang("tickets", **nobody).status == 0


def console(wang: Any, *, size: tuple[int, int] = (36, 120), **variables: str) -> tuple[pexpect.spawn, str]:
    """The console in a pseudo-terminal that ends by itself, and everything it said."""
    child = pexpect.spawn(
        sys.executable,
        ["-m", "okpay_console"],
        env={**wang.env, **variables},
        dimensions=size,
        encoding="utf-8",
        codec_errors="replace",
        timeout=60,
    )
    child.expect(pexpect.EOF)
    said = child.before or ""
    child.close()
    return child, said


@pytest.mark.terminal
def test_a_locale_that_is_not_utf_8_is_told_before_the_screen_opens(wang: Any) -> None:
    child, said = console(wang, LC_ALL="en_US.ISO-8859-1", OKPAY_LANG="en", PYTHONIOENCODING="latin-1")
    assert child.exitstatus == 2
    assert "UTF-8" in said
    assert "\x1b[?1049h" not in said


@pytest.mark.terminal
def test_a_second_console_on_the_same_data_is_told_who_has_it(wang: Any, ticket: str) -> None:
    holder = wang.start("ticket", "note", ticket, "-", "--json")
    try:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(b"hold\n")
        holder.stdin.flush()
        holder.stdout.readline()
        child, said = console(wang)
        assert child.exitstatus == 1
        assert str(holder.pid) in said
        assert "\x1b[?1049h" not in said
    finally:
        holder.communicate()


@pytest.mark.terminal
def test_a_terminal_that_is_too_small_gets_a_sentence_and_a_full_one_the_queue(wang: Any, ticket: str) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "okpay_console"],
        env=wang.env,
        dimensions=(10, 40),
        encoding="utf-8",
        codec_errors="replace",
        timeout=60,
    )
    child.expect("80")
    child.setwinsize(36, 120)
    child.expect("坏天气")
    child.kill(15)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 143


@pytest.mark.terminal
def test_a_console_told_to_end_in_its_first_moment_gives_the_terminal_back(wang: Any, ticket: str) -> None:
    """The cached rows stand on the screen before the store is open; a signal then must not leave a terminal in pieces."""
    assert wang("sync").status == 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        child = pexpect.spawn(
            sys.executable, ["-m", "okpay_console"], env=wang.env, dimensions=(36, 120), encoding="utf-8", timeout=60
        )
        child.expect("坏天气")
        child.kill(number)
        child.expect(pexpect.EOF)
        child.wait()
        assert (child.exitstatus, child.signalstatus) == (128 + number, None)
        assert "\x1b[?1049l" in child.before, "the terminal's own screen is back"


LEAVING = """
import asyncio, os
from okpay_console.wiring import screen

class App:
    def exit(self, return_code):
        {leaves}

async def shown():
    print("ready", flush=True)
    await asyncio.Event().wait()

screen.LEAVING_S = {patience}
with screen._told_to_end(App()):
    asyncio.run(shown())
"""


def test_a_console_whose_terminal_vanished_can_still_say_goodbye() -> None:
    """A window closed or a line dropped: writes to it must not fail, for Textual hangs on its writer when they do."""
    script = LEAVING.format(leaves='os.write(1, b"bye"); os._exit(7)', patience=5)
    child = pexpect.spawn(sys.executable, ["-c", script], timeout=60)
    child.expect("ready")
    os.close(child.child_fd)
    assert os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1]) == 7
    child.ptyproc.terminated = child.terminated = True


def test_a_console_that_cannot_leave_when_told_to_is_gone_soon_all_the_same() -> None:
    """Nobody can see that process any more, and it must not hold the data directory."""
    script = LEAVING.format(leaves="pass", patience=0.1)
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child:
        try:
            assert child.stdout.readline() == b"ready\n"
            child.terminate()
            assert child.wait(30) == 143
        finally:
            child.kill()
