"""Where parts meet: signing in and out, and opening no more than a command needs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from okpay_console import errors, wiring
from okpay_console.config import Settings
from okpay_console.wiring import screen


@pytest.fixture(autouse=True)
def no_key_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(server="https://desk.example", data_dir=str(tmp_path / "home"))


def test_a_sign_in_is_found_again_without_naming_the_server(settings: Settings) -> None:
    place = wiring.keep_sign_in(settings, token="okp_x", user="wang")
    assert Path(place).stat().st_mode & 0o777 == 0o600
    later = wiring.signed_in(Settings(data_dir=settings.data_dir))
    assert (later.server, later.token) == ("https://desk.example", "okp_x")


def test_a_token_that_is_given_wins_and_another_server_has_its_own(settings: Settings) -> None:
    wiring.keep_sign_in(settings, token="okp_x", user="wang")
    given = wiring.signed_in(Settings(data_dir=settings.data_dir, token="okp_y"))
    assert (given.server, given.token) == ("https://desk.example", "okp_y")
    other = wiring.signed_in(Settings(data_dir=settings.data_dir, server="https://other.example"))
    assert other.token == ""


def test_signing_out_forgets_the_token_and_the_first_screen(settings: Settings) -> None:
    wiring.keep_sign_in(settings, token="okp_x", user="wang")
    picture = settings.home / wiring.SNAPSHOT
    picture.write_bytes(b"rows")
    assert wiring.forget_sign_in(Settings(data_dir=settings.data_dir)) is True
    assert wiring.signed_in(Settings(data_dir=settings.data_dir)).token == ""
    assert not picture.exists()
    assert wiring.forget_sign_in(settings) is False


def test_reading_where_nothing_was_ever_stored_makes_no_file(settings: Settings) -> None:
    with wiring.reading(settings) as picture:
        assert not picture.rows()
        assert picture.mirror.owner is None
    assert not settings.home.exists()


async def test_working_needs_somebody_who_has_signed_in(settings: Settings) -> None:
    with pytest.raises(errors.SignedOut) as caught:
        async with wiring.working(settings):
            pass
    assert caught.value.code == "not-signed-in"
    async with wiring.working(Settings(server="http://127.0.0.1:1", token="okp_x", data_dir=settings.data_dir)):
        pass


async def test_the_store_has_one_owner_at_a_time_and_is_free_afterwards(settings: Settings) -> None:
    mine = Settings(server="http://127.0.0.1:1", token="okp_x", data_dir=settings.data_dir)
    async with wiring.working(mine):
        assert await asyncio.to_thread(wiring.holder, mine) > 0
        with pytest.raises(errors.StoreBusy):
            async with wiring.working(mine):
                pass
    assert wiring.holder(mine) == 0


async def test_settings_that_let_no_door_be_made_still_keep_the_words(settings: Settings) -> None:
    plain = Settings(server="http://desk.example", token="okp_x", data_dir=settings.data_dir)
    async with wiring.working(
        Settings(server="http://127.0.0.1:1", token="okp_x", data_dir=settings.data_dir)
    ) as engine:
        op = engine.author.new(subject="kept", channel="chat")
        await engine.do(op)
    with pytest.raises(errors.ConfigError):
        async with wiring.working(plain):
            pass
    with wiring.reading(plain) as picture:
        assert picture.rows()[op.ticket].subject == "kept"


async def test_a_part_of_the_engine_that_broke_is_told_and_started_again(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "AGAIN_S", 0.0)
    told: list[Exception] = []
    again = asyncio.Event()
    backstage = screen._Backstage(settings, desk=True)
    backstage.app = SimpleNamespace(broken=told.append)  # type: ignore[assignment]
    backstage._engine = SimpleNamespace()  # type: ignore[assignment]

    async def work() -> None:
        if not told:
            raise ZeroDivisionError
        again.set()
        await asyncio.Event().wait()

    backstage._keep_going(work)
    await asyncio.wait_for(again.wait(), 5)
    assert [type(error) for error in told] == [ZeroDivisionError]
    backstage._engine = None
    tasks = list(backstage._tasks)
    await backstage.close()
    assert all(task.cancelled() for task in tasks)
