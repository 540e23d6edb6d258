"""Values planted in everything that passes through console, command line and server: they come out nowhere."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pexpect
import pytest

from okpay_console.local.vault import Cost, Vault

from .conftest import Okp

PHONE, NAME, CARD, CODE = "13912345678", "欧阳震华", "6222021234567894", "验证码是 739158"
PASSPHRASE, TOKEN = "four green apples", "okp_planted-wrong-token"
SECRETS = (CARD, "739158", PASSPHRASE)


class Traced(Okp):
    """An ``Okp`` that keeps every byte its commands write."""

    written: list[str]

    def __call__(self, *arguments: str, **more: Any) -> Any:
        done = super().__call__(*arguments, **more)
        self.written.append(f"$ {arguments[0]} {arguments[1:2]}\n{done.out}\n{done.err}")
        return done


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[str, Path, subprocess.Popen[bytes]]]:
    """A server whose whole output goes to a file."""
    home, log = tmp_path / "server", tmp_path / "server.log"
    home.mkdir()
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "okpay_console", "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=sink,
            env=Okp(home).env,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"], home, process
        finally:
            process.terminate()
            process.communicate(timeout=30)


def test_no_secret_and_no_callers_value_comes_out_anywhere(place: Any, tmp_path: Path) -> None:
    url, server, process = place
    added = Okp(server)("admin", "user", "add", "wang", "--role", "agent", "--json")
    good = added.doc["token"]
    wang = Traced(tmp_path / "wang", OKPAY_SERVER=url, OKPAY_PASSPHRASE=PASSPHRASE)
    wang.written = []
    assert wang("login", "--token", "-", stdin=good).status == 0
    # The login has stretched it as everybody's; what a guess costs stands beside the key, and the rest here need not pay it.
    Vault(wang.home, ask=lambda: PASSPHRASE).protect(
        "passphrase", passphrase=PASSPHRASE, cost=Cost(kib=64, passes=1, lanes=1)
    )
    who = ("--mobile", PHONE, "--name", NAME)
    made = wang("ticket", "new", "--subject", "已扣款未到账", "--channel", "hotline", *who, "--json")
    assert made.status == 0, made.err
    ticket = made.doc["id"]
    for secret in (CARD, CODE):
        assert wang("ticket", "note", ticket, f"客户的{secret}").status == 1
        assert wang("ticket", "new", "--subject", secret, "--channel", "chat").status == 1
    answers: list[str] = []
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {good}"}) as http:
        for body in ({"subject": CARD, "channel": PHONE}, {"subject": CODE, "channel": "chat"}, [PHONE], PHONE):
            reply = http.post("/v1/tickets", json=body, headers={"Idempotency-Key": "k"})
            assert 400 <= reply.status_code < 500
            answers += [reply.text, str(reply.headers)]
        for path in (f"/v1/tickets/{PHONE}", f"/v1/sync?limit={PHONE}x", f"/v1/sync?cursor={PHONE}", f"/{NAME}"):
            reply = http.get(path, headers={"Authorization": f"Bearer {TOKEN}"} if "sync" in path else {})
            assert reply.status_code >= 400
            answers += [reply.text, str(reply.headers)]
        answers += [http.get("/metrics").text, http.get("/healthz").text]
    # What fails: a dead network, a wrong token, a wrong passphrase, a database that is none, a store that is damaged.
    for variables in (
        {"OKPAY_SERVER": "http://127.0.0.1:1"},
        {"OKPAY_TOKEN": TOKEN},
        {"OKPAY_PASSPHRASE": "wrong " + PASSPHRASE},
    ):
        wang("sync", **variables)
        wang("sync", "--json", **variables)
        wang("doctor", "--json", **variables)
        wang("ticket", "show", ticket, **variables)
    wang("tickets")
    wang("tickets", "--json", "--search", PHONE[-4:])
    wang("ticket", "show", ticket, "--json")
    wang("login", "--token", TOKEN)
    wang("admin", "user", "list", "--database", f"postgresql://wang:{CARD}@127.0.0.1:1/x")
    screen = seen(wang)
    store = wang.home / "console.okdb"
    kept = store.read_bytes()
    store.write_bytes(kept[: len(kept) // 2] + b"?" + kept[len(kept) // 2 + 1 :])
    wang("ticket", "show", ticket)
    wang("tickets", "--json")
    store.write_bytes(kept)
    process.terminate()
    rest, _ = process.communicate(timeout=30)
    out = {
        "commands": "\n".join(wang.written), "replies": "\n".join(answers), "screen": screen,
        "server": rest.decode() + (tmp_path / "server.log").read_text(),
        **{file.name: file.read_bytes().decode("utf-8", "replace") for file in wang.home.iterdir() if file.is_file()},
    }  # fmt: skip
    found = [(place, value) for place, text in out.items() for value in (PHONE, NAME, *SECRETS, TOKEN) if value in text]
    assert found == []
    # The token itself is in one place: the file that login named, for there is no key store here.
    assert [place for place, text in out.items() if good in text] == ["credentials.json"]
    assert "未到账" in out["commands"] and "未到账" in screen, "the harness saw what there was to see"
    database = b"".join(file.read_bytes() for file in server.iterdir() if file.is_file())
    assert PHONE.encode() in database, "and what the house must keep is there"
    for secret in (*SECRETS, good, TOKEN):
        assert secret.encode() not in database


def seen(one: Okp) -> str:
    """Every byte that the console draws until it is left."""
    child = pexpect.spawn(
        sys.executable, ["-m", "okpay_console"], env={**one.env, "OKPAY_LANG": "zh"}, dimensions=(40, 140), timeout=60
    )
    drawn = b""
    try:
        child.expect("未到账".encode())
        drawn += child.before + child.after
        child.send("\r")
        child.expect([b"139.{0,40}5678", pexpect.TIMEOUT], timeout=10)
        drawn += child.before + (child.after if isinstance(child.after, bytes) else b"")
        child.kill(15)
        child.expect(pexpect.EOF)
        drawn += child.before
    finally:
        child.close(force=True)
    return drawn.decode("utf-8", "replace")
