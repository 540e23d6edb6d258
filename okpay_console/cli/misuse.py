"""What ``argparse`` has to say of a wrong command, in Chinese: it speaks English alone."""

from __future__ import annotations

import re
from typing import Final

_SAID: Final = (
    (
        r"argument (?P<name>.+?): invalid choice: (?P<value>.+?) \(choose from (?P<known>.+)\)",
        "{name}：没有“{value}”；可用：{known}",
    ),
    (r"argument (?P<name>.+?): invalid .+? value: (?P<value>.+)", "{name}：“{value}”不是可用的值"),
    (r"argument (?P<name>.+?): expected (?:one|\d+) arguments?", "{name} 后面还要写"),
    (r"argument (?P<name>.+?): expected at (?:least|most) one argument", "{name} 后面写得不对"),
    (r"argument (?P<name>.+?): not allowed with argument (?P<value>.+)", "{name} 不能与 {value} 同时写"),
    (r"argument (?P<name>.+?): ignored explicit argument (?P<value>.+)", "{name} 后面不能有“{value}”"),
    (r"the following arguments are required: (?P<known>.+)", "还缺 {known}"),
    (r"one of the arguments (?P<name>.+) is required", "要写其中一个：{name}"),
    (r"unrecognized arguments: (?P<name>.+)", "不认识 {name}"),
    (r"argument (?P<name>.+?): (?P<value>.+)", "{name}：{value}"),
)


def chinese(message: str) -> str:
    """The message in Chinese; as it is where it is none of the known ones."""
    for pattern, words in _SAID:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            parts = {name: value or "" for name, value in found.groupdict().items()}
            if "value" in parts:
                parts["value"] = _bare(parts["value"])
            if "known" in parts:
                parts["known"] = "、".join(_bare(one) for one in parts["known"].split(", "))
            return words.format_map(parts)
    return message


def _bare(text: str) -> str:
    """Without the quotes of Python's ``repr``."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
