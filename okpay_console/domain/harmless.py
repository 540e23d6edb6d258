"""Words of callers made harmless for where they are shown: the one rule for what goes, what leaves a sign and what stays.

=====================  ==================  =====================  =====================  ===============
in the text            screen              one line, page         CSV cell               JSON
=====================  ==================  =====================  =====================  ===============
controls (C0, DEL,     a sign: ``^[``      a space                a space                an escape
C1), escape sequences
line ends, all seven   a line break        a space                CR, LF, CRLF stay as   an escape
                                                                  LF, others a space
tab                    two spaces          a space                stays                  an escape
marks of direction     gone                gone                   gone                   an escape
what cannot be seen    gone                gone where it means    as on one line         an escape, or
                                           nothing                                       stays (exact)
halves of a pair,      U+FFFD              U+FFFD                 U+FFFD                 (none can be)
non-characters
marks piled up         four stay           four stay              stay                   stay
a mark on nothing      gone                gone                   stays                  stays
=====================  ==================  =====================  =====================  ===============

What cannot be seen: Unicode's Default_Ignorable_Code_Point (UAX #44) and the interlinear annotations. It means something as a
joiner between two emoji, a joiner or non-joiner between two letters of a script that is written with it (Arabic to Sinhala,
UAX #31 section 2.3), a selector after an ideograph or an emoji, and the tags of a flag. On the screen emoji are replaced, since
terminals do not agree how wide they are, and joiners with them. Markup (Rich, HTML, Markdown) is the affair of each door: words
are never parsed there. Nothing of this touches what is stored.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["escaped", "in_cell", "on_one_line", "on_screen", "powerless"]

_UNSEEN: Final = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROL: Final = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # all but the tab, the line ends and the separators of files
_HALF: Final = "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
_MARK: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1"
    "\u0eb4-\u0ebc\u0ec8-\u0ece\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f"
)

_hidden: Final = re.compile(f"[{_UNSEEN}]+")
_halves: Final = re.compile(f"[{_HALF}]")
_piled: Final = re.compile(f"([{_MARK}]{{4}})[{_MARK}]+")
_on_nothing: Final = re.compile(f"(?m)^[{_MARK}]+")
_controls: Final = re.compile(f"[{_CONTROL}\x1c-\x1f]")
_line_ends: Final = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_blanks: Final = re.compile("\r\n|[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_cell_blanks: Final = re.compile("\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_acting: Final = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_UNSEEN}{_HALF}]")
_not_json: Final = re.compile(f"[\x7f-\x9f\u2028\u2029{_UNSEEN}]")

_emoji: Final = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55\u3030\u303d\u3297\u3299"
    "\U0001f000-\U0001faff]"
)
_complex: Final = re.compile("[\u0620-\u0dff]")
_ideograph: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_flag: Final = re.compile("[\U000e0020-\U000e007e]{2,8}\U000e007f")


def on_screen(text: str) -> str:
    """For the cells of a screen of several lines: every character that is left has a width that terminals agree on."""
    if text.isascii() and text.isprintable():
        return text
    text = _line_ends.sub("\n", text).replace("\t", "  ")
    text = _halves.sub("\ufffd", _hidden.sub("", text))
    return _controls.sub(_caret, _unpiled(text))


def on_one_line(text: str) -> str:
    """For one line of a table, an error or a page."""
    if text.isascii() and text.isprintable():
        return text
    text = _halves.sub("\ufffd", _hidden.sub(_meant, _blanks.sub(" ", text)))
    return _unpiled(text)


def in_cell(text: str) -> str:
    """For a cell of a table in a file: with its lines and tabs, exact but for what a reader could not see or would obey."""
    if text.isascii() and text.isprintable():
        return text
    return _halves.sub("\ufffd", _hidden.sub(_meant, _cell_blanks.sub(_cell_blank, text)))


def escaped(json: str) -> str:
    """A JSON document with every such character as an escape, which each reader turns back into what was said."""
    return json if json.isprintable() else _not_json.sub(_escape, json)


def powerless(text: str) -> str:
    """For the door of the terminal itself: what has been laid out already, without all that acts or cannot be seen."""
    # Selectors, fillers and joiners of graphemes are printable to Python.
    return text if text.isascii() and text.isprintable() else _acting.sub("", text)


def _unpiled(text: str) -> str:
    return text if text.isascii() else _on_nothing.sub("", _piled.sub(r"\1", text))


def _meant(found: re.Match[str]) -> str:
    """What of a run of unseen characters means something where it stands."""
    text, run = found.string, found[0]
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    if before == "\U0001f3f4" and _flag.fullmatch(run):
        return run
    kept = ""
    if ("\ufe00" <= run[0] <= "\ufe0f" or "\U000e0100" <= run[0] <= "\U000e01ef") and _selects(before, run[0], after):
        kept, run = run[0], run[1:]
    between = run == "\u200d" and _emoji.match(before) and _emoji.match(after)
    if between or (run in ("\u200c", "\u200d") and _complex.match(before) and _complex.match(after)):
        kept += run
    return kept


def _selects(before: str, selector: str, after: str) -> bool:
    if selector in "\ufe0e\ufe0f":
        return bool(_emoji.match(before)) or after == "\u20e3"
    return bool(_ideograph.match(before))


def _caret(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "^" + chr(code ^ 0x40) if code < 0x80 else "^?"


def _cell_blank(found: re.Match[str]) -> str:
    return "\n" if found[0] == "\r" else " "


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
