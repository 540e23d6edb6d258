"""Names that become files or addresses: nothing outside the folder that was meant is read or written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from okpay_console.cli import handout
from okpay_console.domain.views import Saved
from okpay_console.errors import ContentError
from okpay_console.local.drafts import Drafts
from okpay_console.local.store import make, open_store
from okpay_console.local.views import Views
from okpay_console.tui import themes

from ...cli.conftest import Okp
from .corpus import CORPUS, PATHS

NAMES = sorted(PATHS)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under the folder and what is in it."""
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.parametrize("name", NAMES)
def test_a_theme_is_never_read_from_another_folder(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever a name says, only files of the themes' own folder are opened."""
    inside = tmp_path / "themes"
    inside.mkdir()
    (tmp_path / "evil.toml").write_text('primary = "#ffffff"')
    monkeypatch.setattr(themes, "folders", lambda: iter([inside]))
    wanted = PATHS[name].replace("..\\..\\evil", "../evil")
    for one in (wanted, "../evil", str(tmp_path / "evil"), f"{wanted}/../../evil"):
        theme, wrong = themes.choose(one)
        assert theme is themes.FALLBACK
        assert isinstance(wrong, ContentError)


def test_drafts_and_views_are_rows_and_no_files_whatever_they_are_called(tmp_path: Path) -> None:
    home = tmp_path / "a" / "b" / "home"
    home.mkdir(parents=True)
    store = open_store(home / "console.okdb")
    drafts, views = Drafts(store), Views(store)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    for name in CORPUS:
        for agent, ticket, kind in (
            (name, PATHS["parent"], "note"),
            ("wang", name, CORPUS[name]),
            (CORPUS[name], name, "x"),
        ):
            drafts.put(agent, ticket, kind, f"words of {name}", now=now)
        commit = views.plan_put(CORPUS[name], [Saved(name, CORPUS[name], "超时")])
        assert commit is not None
        make(views._store, commit)
    store.close()
    store = open_store(home / "console.okdb")
    for name, text in CORPUS.items():
        assert Drafts(store).get(text, name, "x") == Drafts(store).get("wang", name, text) == f"words of {name}"
        assert [one.name for one in Views(store).of(text)] == [text]
    store.close()
    assert {Path(name).parts[:3] for name in tree(tmp_path)} == {("a", "b", "home")}
    assert all(one.startswith(("console.okdb", "vault")) for one in map(str, (Path(x).name for x in tree(home)))), tree(
        home
    ).keys()


def test_a_link_beside_a_report_leads_into_no_other_file(tmp_path: Path) -> None:
    """Somebody who may write to the folder guesses the name of the part and lays a link there."""
    other = tmp_path / "other"
    other.write_text("precious")
    folder = tmp_path / "shared"
    folder.mkdir()
    for guess in ("day.html.part", f"day.html.{handout.os.getpid()}.part"):
        (folder / guess).symlink_to(other)
    handout._write(folder / "day.html", b"<html>")
    assert other.read_text() == "precious"
    assert (folder / "day.html").read_bytes() == b"<html>"
    assert not (folder / "day.html").is_symlink()


@pytest.mark.parametrize("name", ["parent", "absolute", "dots", "option", "glob", "line"])
def test_an_identity_a_language_or_a_theme_of_that_name_makes_no_file(name: str, tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    home.mkdir(parents=True)
    okp = Okp(home)
    for words in (
        ("demo", f"--as={PATHS[name]}"),
        ("doctor", f"--lang={PATHS[name]}"),
        ("ticket", "show", "--", PATHS[name]),
    ):
        assert okp(*words).status in (1, 2)
    okp("doctor", OKPAY_THEME=PATHS[name])
    assert {Path(one).parts[:2] for one in tree(tmp_path)} <= {("deep", "home")}
