"""Colour themes: data files that become Textual themes; a wrong or missing one falls back and says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.color import Color, ColorParseError
from textual.theme import Theme

from ..errors import ContentError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

# The default is here as well as in its file, which is there to be copied; a test holds them equal.
FALLBACK = Theme(
    name="okpay-dark",
    primary="#5aa9e6",
    secondary="#8fb8de",
    accent="#ffb454",
    warning="#ffb454",
    error="#ff6b6b",
    success="#7bc86c",
    foreground="#d7dae0",
    background="#15181e",
    surface="#1b1f27",
    panel="#262c37",
    dark=True,
    variables={"dim": "#95989E"},
)
_COLOURS = frozenset(
    [
        "primary",
        "secondary",
        "warning",
        "error",
        "success",
        "accent",
        "foreground",
        "background",
        "surface",
        "panel",
        "boost",
    ]
)
_KNOWN = _COLOURS | {"name", "dark", "variables"}


def folders() -> Iterator[Traversable]:
    """Where theme files are: inside the installed package, or beside it in a source tree."""
    from importlib import resources

    package = resources.files("okpay_console")
    yield package / "themes"
    yield package / ".." / "themes"


def names() -> list[str]:
    """The themes that can be chosen, sorted."""
    found = {FALLBACK.name}
    for folder in folders():
        if folder.is_dir():
            found.update(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    return sorted(found)


def load(name: str) -> Theme:
    """The theme in ``<name>.toml``. Raises ContentError naming the theme, and the entry that is wrong."""
    if name == FALLBACK.name:
        return FALLBACK
    if name not in names():  # of a name that is none of them, no path is made
        raise ContentError(f"There is no theme '{name}'.", f"Choose one of: {', '.join(names())}.")
    import tomllib  # only a theme other than the built-in one pays for the parser

    for folder in folders():
        file = folder / f"{name}.toml"
        if file.is_file():
            try:
                return parse(name, file.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise ContentError(f"The theme '{name}' cannot be read: {error}.", "Correct its file.") from error
    raise ContentError(f"There is no theme '{name}'.", f"Choose one of: {', '.join(names())}.")


def parse(name: str, text: str) -> Theme:
    """A theme from the text of its file. Raises ContentError, and ``tomllib.TOMLDecodeError`` for text that is not TOML."""
    from ..domain import tables

    entries = tables.read(text)
    for key in entries:
        if key not in _KNOWN:
            raise ContentError(
                f"The theme '{name}' has an unknown entry '{key}'.", f"Known: {', '.join(sorted(_KNOWN))}."
            )
    colours = {key: str(value) for key, value in entries.items() if key in _COLOURS}
    if "primary" not in colours:
        raise ContentError(f"The theme '{name}' has no 'primary' colour.", "Add one.")
    for key, value in colours.items():
        try:
            Color.parse(value)
        except ColorParseError as error:
            raise ContentError(
                f"The theme '{name}' gives '{key}' no colour: {value}.", "Write it as #rrggbb."
            ) from error
    named = entries.get("variables", {})
    if not isinstance(named, dict):
        raise ContentError(f"The theme '{name}' has 'variables' that are no table.", "Write them under [variables].")
    variables = {str(key): str(value) for key, value in named.items()}
    variables.setdefault("dim", _dim(colours))
    theme = Theme(name=name, primary=colours["primary"], dark=bool(entries.get("dark", True)), variables=variables)
    return replace(theme, **colours)  # type: ignore[arg-type]  # only colour names are left in it


def _dim(colours: dict[str, str]) -> str:
    """Quiet text: two thirds of the way from the ground to the text, as one solid colour (rows cannot blend)."""
    ground, text = Color.parse(colours.get("background", "#15181e")), Color.parse(colours.get("foreground", "#d7dae0"))
    return ground.blend(text, 0.66).hex


def choose(name: str) -> tuple[Theme, ContentError | None]:
    """The wanted theme, or the fallback together with what was wrong."""
    try:
        return load(name), None
    except ContentError as error:
        return FALLBACK, error
