"""Pages that stand alone: HTML without scripts or foreign hosts, every word of callers and names escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Final

from okpay_console.cli.output import clean

_STYLE: Final = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--dim:#57606a;--rule:#d0d7de;--bar:#0a6fb8;--edge:#9cc6e8;--goal:#b3541e}
@media (prefers-color-scheme:dark){:root{--paper:#12161b;--ink:#e6edf3;--dim:#9aa5b1;--rule:#313944;--bar:#4aa8f0;--edge:#2a5478;
--goal:#f0a35e}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 20px 48px;max-width:1080px;background:var(--paper);color:var(--ink);
font:15px/1.55 system-ui,"Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif}
h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:32px 0 8px;border-bottom:1px solid var(--rule);padding-bottom:4px}
p{margin:4px 0;color:var(--dim)}p.said{color:var(--ink)}
p.warn{color:var(--ink);border-left:4px solid var(--goal);padding:4px 10px;margin:8px 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:4px 10px 4px 0;border-bottom:1px solid var(--rule);vertical-align:top;overflow-wrap:anywhere}
th{color:var(--dim);font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}td.how{color:var(--dim);font-size:13px}
td.said{white-space:pre-wrap}code{font-size:13px;overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:16px 0}
.tile{border:1px solid var(--rule);border-radius:6px;padding:10px 12px}.tile b{display:block;font-size:24px;line-height:1.25}
.tile span,.tile i{color:var(--dim);font-size:13px;font-style:normal;display:block}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:16px}
figure{margin:0}figcaption{font-weight:600;margin:8px 0 2px}svg{width:100%;height:auto;display:block}
svg text{fill:var(--dim);font-size:12px}.bar{fill:var(--bar)}.edge{fill:var(--edge)}.grid{stroke:var(--rule)}
.goal{stroke:var(--goal);stroke-width:1.5;stroke-dasharray:6 4}
@media (max-width:640px){.charts{grid-template-columns:1fr}}
@media print{body{max-width:none;padding:0;font-size:11px}h2{break-after:avoid}figure,tr,.tile{break-inside:avoid}
:root{--paper:#fff;--ink:#000;--dim:#444;--rule:#bbb;--bar:#333;--edge:#bbb;--goal:#000}}
"""


def escape(text: str) -> str:
    """The text as text in an element or an attribute, without control characters and marks of direction."""
    return html.escape(clean(text), quote=True)


def lines(text: str) -> str:
    """The same for words of several lines."""
    return "\n".join(escape(line) for line in text.splitlines())


def page(*, lang: str, title: str, body: Iterable[str]) -> str:
    """The whole document. Its own policy forbids it to run or to fetch anything."""
    spoken = "zh-CN" if lang == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{spoken}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><main>{''.join(body)}</main></body></html>\n"
    )


def section(title: str, *parts: str) -> str:
    """A heading and what stands under it."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>\n"


def say(text: str, kind: str = "") -> str:
    """A sentence; ``kind`` warn is set apart."""
    return f"<p{f' class={kind}' if kind else ''}>{escape(text)}</p>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, kinds: Sequence[str] = ()) -> str:
    """A table of plain texts. ``kinds`` by column: n for numbers, how for small print, said for a caller's words."""
    of = [*kinds, *[""] * (len(heads) - len(kinds))]

    def cell(tag: str, text: str, kind: str, scope: str = "") -> str:
        return f"<{tag}{f' class={kind}' if kind else ''}{scope}>{lines(text) or ''}</{tag}>"

    head = "".join(
        cell("th", text, kind if kind == "n" else "", " scope=col") for text, kind in zip(heads, of, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(cell("td", text, kind) for text, kind in zip(row, of, strict=True)) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def tiles(found: Iterable[tuple[str, str, str]]) -> str:
    """The few numbers that are read first: name, number, small print."""
    return (
        '<div class="tiles">'
        + "".join(
            f'<div class="tile"><span>{escape(name)}</span><b>{escape(value)}</b><i>{escape(note)}</i></div>'
            for name, value, note in found
        )
        + "</div>"
    )
