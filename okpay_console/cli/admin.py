"""``serve`` and ``admin``: the server and the users on its database."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import Coroutine
from typing import Any, TypeVar

from okpay_console import errors, wiring
from okpay_console.cli import problems
from okpay_console.cli.output import Out
from okpay_console.config import Settings

_T = TypeVar("_T")


def serve(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Serves until SIGTERM or Ctrl-C; says the address once it answers, the real one where the port was 0."""

    def ready(url: str) -> None:
        out.doc({"url": url}) if out.json else out.line(out.pick(f"服务器已启动：{url}", f"Serving on {url}"))

    wiring.serve(
        settings,
        database=database_of(arguments, settings),
        host=arguments.host,
        port=arguments.port,
        workers=arguments.workers,
        ready=ready,
        self_review=arguments.self_review,
        certfile=arguments.certfile or "",
        keyfile=arguments.keyfile or "",
        guesses=arguments.guesses,
    )
    return problems.DONE


def add(arguments: Namespace, settings: Settings, out: Out) -> int:
    """A new user; the token is shown this once, because only its hash is kept."""
    from okpay_console.server.users import add_user

    work = add_user(database_of(arguments, settings), arguments.name, arguments.role, _queues(arguments.queues))
    added = asked(work, out)
    if out.json:
        out.doc({"user": added.user, "role": added.role, "token": added.token})
    else:
        out.line(out.pick(f"用户：{added.user}（{added.role}）", f"User: {added.user} ({added.role})"))
        out.line(out.pick(f"令牌：{added.token}", f"Token: {added.token}"))
        out.note(out.pick("令牌只显示这一次，请妥善交给本人。", "The token is shown this once; hand it over safely."))
    return problems.DONE


def users(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Every user, one document or row each."""
    from okpay_console.server.users import list_users

    found = asked(list_users(database_of(arguments, settings)), out)
    if out.json:
        for user in found:
            out.doc({"user": user.name, "role": user.role, "queues": user.queues, "disabled": user.disabled})
        return problems.DONE
    if not found:
        out.note(
            out.pick(
                f"这里还没有用户：{database_of(arguments, settings)}\n建立：okpay-console admin user add 名字 --role agent",
                f"There are no users here yet: {database_of(arguments, settings)}\n"
                "Add one: okpay-console admin user add NAME --role agent",
            )
        )
        return problems.DONE
    heads = ("用户", "角色", "队列", "状态") if out.lang == "zh" else ("user", "role", "queues", "state")
    everything, off = out.pick("全部", "all"), out.pick("已停用", "disabled")
    out.table(
        heads, ((one.name, one.role, ", ".join(one.queues) or everything, off if one.disabled else "") for one in found)
    )
    return problems.DONE


def change(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Another role or other queues for a user; what he may do and see is another from the next request of his console on."""
    from okpay_console.server import users as accounts

    queues = None if arguments.queues is None else _queues(arguments.queues)
    if not arguments.role and queues is None:
        raise errors.UsageError(
            out.pick("没写改什么。", "Nothing to change is named."),
            out.pick("请写 --role，或 --queues（“*” 为全部）。", "Give --role or --queues (* for all of them)."),
        )
    work = accounts.change(
        database_of(arguments, settings),
        arguments.name,
        role=arguments.role or "",
        queues=queues,
        reason=arguments.reason,
    )
    user = asked(work, out)
    if out.json:
        out.doc({"user": user.name, "role": user.role, "queues": user.queues, "disabled": user.disabled})
    else:
        seen = ", ".join(user.queues) or out.pick("全部队列", "all queues")
        out.line(out.pick(f"{user.name}：{user.role}，{seen}", f"{user.name}: {user.role}, {seen}"))
    return problems.DONE


def disable(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Locks a user out; what the user sent stays, and his console wipes its cache at the next contact."""
    return _locked(arguments, settings, out, disabled=True)


def enable(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Lets a user in again."""
    return _locked(arguments, settings, out, disabled=False)


def _locked(arguments: Namespace, settings: Settings, out: Out, *, disabled: bool) -> int:
    from okpay_console.server import users as accounts

    database = database_of(arguments, settings)
    asked(accounts.disable(database, arguments.name, disabled=disabled, reason=arguments.reason), out)
    if out.json:
        out.doc({"user": arguments.name, "disabled": disabled})
    elif disabled:
        out.line(out.pick(f"已停用 {arguments.name}", f"{arguments.name} is disabled"))
    else:
        out.line(out.pick(f"已恢复 {arguments.name}", f"{arguments.name} may sign in again"))
    return problems.DONE


def asked(work: Coroutine[Any, Any, _T], out: Out) -> _T:
    """What the database answers; ``ConfigError`` where it cannot: here nothing is queued that could be sent later."""
    try:
        return asyncio.run(work)
    except errors.Unavailable as error:
        raise errors.ConfigError(
            out.pick("服务器的数据库用不了。", "The server's database cannot be used."),
            out.pick(
                "请核对 --database（或数据目录）、文件、权限和磁盘空间。",
                "Check --database (or the data directory), its permissions and the room on its disk.",
            ),
        ) from error


def _queues(text: str) -> tuple[str, ...]:
    """The queues of a list with commas; none, which means all, for "" and for the star."""
    return tuple(queue for one in text.split(",") if (queue := one.strip()) and queue != "*")


def database_of(arguments: Namespace, settings: Settings) -> str:
    return arguments.database or wiring.database(settings)
