"""``okpay-console``: reads the command, loads the settings, runs it, and turns every error into two lines and a number."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from okpay_console import config, errors
from okpay_console.cli import problems
from okpay_console.cli.output import Out, prepare_streams

_FLAGS = ("lang", "config", "data_dir", "server")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status; never a traceback, because a traceback can hold a caller's words."""
    given = list(sys.argv[1:] if argv is None else argv)
    prepare_streams()
    foreign = [place for place, word in enumerate(given, 1) if not _is_text(word)]
    given = [_text(word) for word in given]
    lang = _first_language(given)
    out = Out(json="--json" in given, lang=lang)
    try:
        if any(not _is_text(word) for word in given):
            raise _unreadable(foreign[0], out)
        return _run(given, out)
    except errors.OkpayError as error:
        _report(out, *problems.explain(error, lang=out.lang))
        return problems.status(error)
    except KeyboardInterrupt:
        _report(out, out.pick("已中断。", "Interrupted."), "")
        return problems.INTERRUPTED
    except BrokenPipeError:
        # The reader went away; Python would complain once more when it flushes at the end.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return problems.FAILED
    except OSError as error:
        what = error.strerror or type(error).__name__
        _report(out, out.pick(f"系统拒绝了这次操作：{what}。", f"The system refused: {what}."), _advice(out))
        return problems.FAILED
    except Exception as error:  # the last door: say where, without values
        _report(out, _where(out, error), _advice(out))
        return problems.FAILED


def _run(given: list[str], out: Out) -> int:
    arguments = _understood(given, out)
    out.json = getattr(arguments, "json", False)
    if arguments.version:
        from okpay_console.cli import versions

        out.doc(versions.numbers()) if out.json else out.line(versions.line())
        return problems.DONE
    settings = config.load(os.environ, flags={name: getattr(arguments, name, None) for name in _FLAGS})
    out.lang = settings.language
    module, _, name = arguments.run.partition(":")
    command: Callable[..., int] = getattr(importlib.import_module(f"okpay_console.cli.{module}"), name)
    return command(arguments, settings, out)


def _understood(given: list[str], out: Out) -> Any:
    """The arguments. Opening the console is the one start that somebody waits for: without arguments there is no parser."""
    if not given:
        return SimpleNamespace(run="console:run", version=False)
    from okpay_console.cli.parser import parse

    return parse(out.pick, given)


def _is_text(word: str) -> bool:
    """Whether it is whole Unicode: a byte that the locale could not decode stands in it as half a surrogate pair."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(word: str) -> str:
    """The word as UTF-8 where the locale, such as C, understood less than that; itself where it is not UTF-8 either."""
    try:
        return word if _is_text(word) else os.fsencode(word).decode("utf-8")
    except (UnicodeDecodeError, UnicodeEncodeError):
        return word


def _unreadable(place: int, out: Out) -> errors.UsageError:
    return errors.UsageError(
        out.pick(
            f"命令的第 {place} 个参数不是 UTF-8 文本，没有保存。",
            f"Argument {place} of the command is not UTF-8 text; nothing was kept.",
        ),
        out.pick("请用 UTF-8 终端再写一次。", "Type it again in a UTF-8 terminal."),
    )


def _first_language(given: list[str]) -> str:
    """The language before the settings are read, for messages about the command and the settings themselves."""
    named = given[given.index("--lang") + 1] if "--lang" in given[:-1] else os.environ.get("OKPAY_LANG", "")
    return config.speaker(named, os.environ)("zh", "en")


def _report(out: Out, what: str, advice: str) -> None:
    with contextlib.suppress(OSError):
        out.error(what, advice)


def _advice(out: Out) -> str:
    return out.pick(
        "写下的内容都还在本机；请运行 okpay-console doctor，并把这一行告诉管理员。",
        "What was written is still on this machine; run okpay-console doctor, and tell your administrator this line.",
    )


def _where(out: Out, error: BaseException) -> str:
    trace: Any = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else "?"  # noqa: PTH119
    name = type(error).__name__
    return out.pick(f"程序内部出错（{name}，{place}）。", f"The program failed inside ({name}, {place}).")


if __name__ == "__main__":
    sys.exit(main())
