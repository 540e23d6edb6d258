"""``admin webhook``: where alarms are posted to, on the server's database."""

from __future__ import annotations

from argparse import Namespace

from okpay_console.cli import problems
from okpay_console.cli.admin import asked, database_of
from okpay_console.cli.output import Out, document
from okpay_console.config import Settings


def put(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Sets an address with a fresh signing key, which is shown this once."""
    from okpay_console.server import webhooks

    made = asked(
        webhooks.put(database_of(arguments, settings), arguments.name, arguments.url, plain=arguments.plain_http), out
    )
    if out.json:
        out.doc(document(made))
        return problems.DONE
    out.line(out.pick(f"接收地址 {made.id}：{made.url}", f"Webhook {made.id}: {made.url}"))
    out.line(out.pick(f"签名密钥：{made.secret}", f"Signing key: {made.secret}"))
    out.note(
        out.pick(
            "密钥只显示这一次。接收方按 Standard Webhooks 核对签名（恒定时间比较），并按 webhook-id 去重。",
            "The key is shown this once. Check signatures by Standard Webhooks, in constant time; pass over ids seen before.",
        )
    )
    return problems.DONE


def show(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Every address, why it is stopped, and how many messages wait for it; never a key."""
    from okpay_console.server import webhooks

    found = asked(webhooks.show(database_of(arguments, settings)), out)
    if out.json:
        for one in found:
            out.doc(document(one))
        return problems.DONE
    gone = out.pick("已停：对方答复 410", "stopped: it answered 410")
    heads = ("名称", "地址", "状态", "待发") if out.lang == "zh" else ("name", "address", "state", "waiting")
    out.table(heads, ((one.id, one.url, gone if one.stopped else "", one.waiting) for one in found), right=(3,))
    return problems.DONE


def remove(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Forgets an address; what waits for it is dropped."""
    from okpay_console.server import webhooks

    asked(webhooks.remove(database_of(arguments, settings), arguments.name), out)
    name = arguments.name
    out.doc({"id": name, "removed": True}) if out.json else out.line(out.pick(f"已删除 {name}", f"{name} is removed"))
    return problems.DONE


def test(arguments: Namespace, settings: Settings, out: Out) -> int:
    """Posts one message from this machine and says how it was answered; 1 unless that was a success."""
    from okpay_console.server import clock, postman, webhooks

    async def go() -> str:
        url, secret = await webhooks.address(database_of(arguments, settings), arguments.name)
        now = clock.now()
        body = webhooks.message("webhook.test", {}, now=now)
        return await postman.send(url, secret, message=f"msg_{clock.new_id()}", body=body, now=now)

    status = asked(go(), out)
    good = status[:1] == "2"
    if out.json:
        out.doc({"id": arguments.name, "status": status, "ok": good})
    else:
        out.line(out.pick(f"答复：{status}", f"answer: {status}"))
    return problems.DONE if good else problems.FAILED
