"""A backup under a passphrase: nothing of it can be read, changed, cut or swapped, and the wrong passphrase is called that."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import pytest

from okpay_console import errors
from okpay_console.server import backup, restoring, sealing

from .conftest import House

WORDS = "four green apples"
PIECE = (64 << 10) + 16


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A guess that costs next to nothing; what it costs stands in the file, so the same code reads it."""
    monkeypatch.setattr(sealing, "_new", partial(sealing._How, kib=8, passes=1, lanes=1))


def sealed(clear: bytes, passphrase: str = WORDS) -> bytes:
    sink = io.BytesIO()
    seal = sealing.Sealing(sink, passphrase)
    for at in range(0, len(clear), 50_000):
        seal.write(clear[at : at + 50_000])
    seal.finish()
    return sink.getvalue()


def opened(data: bytes, passphrase: str = WORDS) -> bytes:
    return io.BufferedReader(sealing.Unsealed(io.BytesIO(data), passphrase)).read()


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("size", [0, 1, PIECE - 16, PIECE - 15, 3 * (PIECE - 16), 200_000])
def test_what_is_sealed_comes_back_and_no_two_files_are_alike(size: int) -> None:
    clear = bytes(size)
    one, other = sealed(clear), sealed(clear)
    assert opened(one) == opened(other) == clear
    assert one != other


@pytest.mark.usefixtures("cheap")
def test_any_byte_that_is_changed_missing_or_elsewhere_is_noticed() -> None:
    clear = bytes(range(256)) * 800
    whole = sealed(clear)
    begin = whole.index(b"\n") + 1 + 32
    pieces = [whole[at : at + PIECE] for at in range(begin, len(whole), PIECE)]
    assert len(pieces) == 4
    head = whole[:begin]
    images = [whole[:size] for size in (*range(0, begin + 40), begin + PIECE, begin + 2 * PIECE, len(whole) - 1)]
    images += [bytes((*whole[:at], whole[at] ^ 1, *whole[at + 1 :])) for at in (*range(15, begin + 3), len(whole) - 1)]
    images += [head + b"".join(pieces[:n] + pieces[n + 1 :]) for n in range(4)]
    images += [
        head + b"".join([pieces[1], pieces[0], *pieces[2:]]),
        whole + b"x",
        whole + pieces[-1],
        head + pieces[-1],
    ]
    other = sealed(clear)
    images.append(head + other[begin:])
    for image in images:
        with pytest.raises((EOFError, ValueError)):
            opened(image)
    assert len(images) > 250


def test_the_cost_of_a_guess_is_the_one_that_was_chosen_and_has_bounds() -> None:
    how = sealing._How("0" * 32)
    assert (how.kib, how.passes, how.lanes) == (65536, 3, 4)
    with pytest.raises(ValueError, match="first line"):
        sealing.Unsealed(io.BytesIO(sealing.MARK + b'{"salt":"%b","kib":9999999}\n' % (b"0" * 32)), WORDS)


@pytest.mark.usefixtures("cheap")
async def test_a_sealed_backup_shows_nothing_and_is_restored_with_its_passphrase_alone(tmp_path: Path) -> None:
    house = House(str(tmp_path / "server.db"))
    wang = await house.sign_in("wang", "supervisor")
    await wang.new("重复扣款")
    file = tmp_path / "a.okbackup"
    made = await backup.backup(house.database, file, passphrase=WORDS)
    await house.close()
    assert file.read_bytes().startswith(sealing.MARK)
    assert file.stat().st_mode & 0o077 == 0
    for wrong, words in (("", "no passphrase"), (WORDS + "s", "does not open")):
        with pytest.raises(errors.Refused, match=words) as caught:
            await restoring.restore(str(tmp_path / "b.db"), file, passphrase=wrong)
        assert caught.value.code == "backup-sealed"
        assert not (tmp_path / "b.db").exists()
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    with pytest.raises(errors.Refused) as caught:
        backup.check(file, passphrase=WORDS)
    assert caught.value.code == "bad-backup"
    file.write_bytes(whole)
    done = await restoring.restore(str(tmp_path / "b.db"), file, passphrase=WORDS)
    assert done.rows == made.rows
    plain = tmp_path / "plain.okbackup"
    await backup.backup(str(tmp_path / "b.db"), plain)
    assert backup.check(plain, passphrase=WORDS).rows == made.rows + 2, "one that is not sealed needs none"
