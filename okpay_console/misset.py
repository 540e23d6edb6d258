"""What is wrong in the settings, in words: where it stands, which name is meant, what to write instead."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import msgspec

from okpay_console.errors import ConfigError

Say = Callable[[str, str], str]
"""Chooses between the Chinese and the English wording of a sentence."""


def unreadable(path: Path, error: OSError | UnicodeDecodeError | tomllib.TOMLDecodeError, say: Say) -> ConfigError:
    """The file is not there or cannot be opened, is not UTF-8, or not TOML."""
    if isinstance(error, FileNotFoundError):
        return ConfigError(
            say(f"没有这个设置文件：{path}。", f"There is no settings file {path}."),
            say("请检查 --config。", "Check --config."),
        )
    if isinstance(error, OSError):
        return ConfigError(
            say(f"读不了设置文件 {path}：{error.strerror}。", f"{path} cannot be read: {error.strerror}."),
            say("请检查路径和权限。", "Check the path and its permissions."),
        )
    if isinstance(error, UnicodeDecodeError):
        at = place(path, error.object.count(b"\n", 0, error.start) + 1, say)
        return ConfigError(
            say(f"{at}：不是 UTF-8 文本。", f"{at}: it is not UTF-8 text."),
            say("请把文件另存为 UTF-8。", "Save the file as UTF-8."),
        )
    return ConfigError(
        say(f"设置文件 {path} 写法不对：{error}。", f"{path} is not TOML: {error}."),
        say('文字要加引号，例如 lang = "zh"。', 'Texts need quotes: lang = "zh".'),
    )


def unknown(path: Path, text: str, key: str, known: tuple[str, ...], say: Say, *, table: str = "") -> ConfigError:
    """A key that does not exist in the file's ``text``; the nearest of the ``known`` ones is named."""
    import difflib

    at = place(path, line_of(text, key, table=table), say)
    named = f"{table}.{key}" if table else key
    if key == "token":
        return ConfigError(
            say(f"{at}：登录令牌不能写在设置文件里。", f"{at}: a token does not belong in the settings file."),
            say("请用 okpay-console login 登录，并把这一行删掉。", "Use okpay-console login, and delete this line."),
        )
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    names = "、".join(known)
    return ConfigError(
        say(f"{at}：没有“{named}”这个设置。", f"{at}: '{named}' is not a setting."),
        say(f"是不是“{near[0]}”？改好后再启动。", f"Did you mean '{near[0]}'? Correct it and start again.")
        if near
        else say(f"可用的设置：{names}。", f"Known settings: {', '.join(known)}."),
    )


def wrong(at: str, name: str, error: msgspec.ValidationError, advice: str, say: Say) -> ConfigError:
    """A value of another kind than the setting's, or out of its bounds; ``advice`` says what the setting is."""
    reason = str(error).partition(" - at ")[0]
    return ConfigError(
        say(f"{at}：设置“{name}”的值不对（{reason}）。", f"{at}: the value of '{name}' is wrong ({reason})."), advice
    )


def field_of(error: msgspec.ValidationError) -> str:
    """The setting whose value is wrong; "?" where it cannot be told."""
    found = re.search(r"at `\$\.([^.`\[]+)", str(error))
    return found[1] if found else "?"


def place(path: Path, line: int, say: Say) -> str:
    """The file and, where it is known, the line."""
    return say(f"{path} 第 {line} 行", f"{path}, line {line}") if line else str(path)


def line_of(text: str, key: str, *, table: str = "") -> int:
    """The line (from 1) where ``key`` is set in the TOML ``text``, inside ``[table]`` if named; 0 where it is not found."""
    plain = re.compile(rf"""\s*(?:"{re.escape(key)}"|'{re.escape(key)}'|{re.escape(key)})\s*[.=]""")
    header = re.compile(rf"""\s*\[+\s*["']?{re.escape(key)}["']?\s*[\].]""")
    current = ""
    for number, line in enumerate(text.split("\n"), 1):
        if not table and header.match(line):
            return number
        if opened := re.match(r"\s*\[+\s*[\"']?([^\]\"'.\s]+)", line):
            current = opened[1]
        elif current == table and plain.match(line):
            return number
    return 0
