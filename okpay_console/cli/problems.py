"""Errors in words and numbers: what is said in which language, and the exit status that goes with it."""

from __future__ import annotations

from typing import Final

from okpay_console import errors

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
OFFLINE: Final = 3
INTERRUPTED: Final = 130

# By the stable code of the error: what happened, what to do. The rooms below raise English; where a code is not listed
# here their own words stand, which is better than a translation that says less.
_ZH: Final[dict[str, tuple[str, str]]] = {
    "secret": (
        "文字里有不能保存的机密（密码、验证码、完整卡号等），没有保存。",
        "请删掉机密后再写；并提醒来电人不要说出这些信息。",
    ),
    "empty-text": ("没有写内容。", "请先写点什么。"),
    "no-ticket": ("这里没有这张工单。", "请核对编号，或先运行 okpay-console sync。"),
    "exists": ("这个 id 的工单已经存在。", "请直接打开它。"),
    "no-category": ("没有这个分类。", "请从列表中选择：ACC LOGIN TXN REFUND XBORDER TECH FEEDBACK USAGE FRAUD。"),
    "close-needs-disposition": ("结案要有处理结果。", "请用：okpay-console ticket close ID --disposition CODE"),
    "closed": ("工单已结案。", "请先重新打开：okpay-console ticket reopen ID"),
    "promise-missing": ("承诺回电必须写明时间。", "请先记下承诺：okpay-console ticket promise ID TEXT --due TIME"),
    "no-promise": ("这张工单上没有这条承诺。", "请用 ticket show 查看承诺的 id。"),
    "self-link": ("工单不能关联自己。", "请选另一张工单。"),
    "second-person": ("涉及金额需要第二个人。", "请同事审批。"),
    "not-proposed": ("还没有人提出，无法审批。", "请先提出。"),
    "store-full": ("磁盘满了，这次没有写入；以前写下的都还在。", "请腾出磁盘空间后重试。"),
    "store-broken": ("磁盘写入失败，本机缓存转为只读；以前写下的都还在。", "请检查磁盘，然后重新运行。"),
    "signed-out": ("令牌无效、已过期或已撤销；写下的内容都还在本机。", "请重新登录：okpay-console login"),
    "not-signed-in": (
        "还没有登录。",
        "请登录：okpay-console login --server https://…；或先看演示：okpay-console demo",
    ),
    "forbidden": ("这个账号的角色不允许这样做。", "请让主管操作，或换账号登录。"),
    "not-found": ("服务器上没有找到，或不在您的队列里。", "请核对编号。"),
    "plain-http": (
        "http:// 会让路上的人看到令牌和来电人资料，没有发送。",
        "请用 https://，或在设置里写 plain_http = true。",
    ),
    "encoding": ("输入不是 UTF-8 文本。", "请用 UTF-8 编码再送一次。"),
    "too-long": ("文字太长，没有保存。", "请缩短，或分成几条写。"),
    "checklist-incomplete": (
        "清单还没有收集完。",
        "请补齐（ticket check ID 查看还缺什么），或用 --override 写明理由结案。",
    ),
    "bad-transition": ("现在的状态不能这样改。", "请先认领或重新打开。"),
    "user-exists": ("这个用户已经存在。", "请换一个名字。"),
    "no-user": ("没有这个用户。", "请用 okpay-console admin user list 查看。"),
    "bad-name": ("这个名字不能用。", "请用不含空格和斜杠的 64 个字以内的名字。"),
    "protocol": ("服务器的版本与本程序不一致，没有发送任何内容。", "请升级较旧的一方；写下的内容都还在本机。"),
}


def explain(error: errors.OkpayError, *, lang: str) -> tuple[str, str]:
    """What happened and what to do, in ``zh`` or ``en``; a translated sentence keeps the details of the original."""
    if lang != "zh":
        # What the server advises is written for every client; here there is a command for it.
        advice = "Sign in again: okpay-console login" if isinstance(error, errors.SignedOut) else error.advice
        return error.what, advice
    if isinstance(error, errors.StoreBusy):
        who = f"（进程 {error.pid}）" if error.pid else ""
        return f"另一个 okpay-console 正在使用这份本机数据{who}。", "请先关闭它，或用 OKPAY_DATA_DIR 换一个数据目录。"
    if isinstance(error, errors.NeedsReview):
        return f"{error.field} 同时被别人改过。", "两个版本都已保留，请在审阅盘中决定。"
    if isinstance(error, errors.Held):
        by = f"：{error.by}" if error.by else ""
        return f"工单已被别人认领{by}。", "请换一张，或请主管转派。"
    if error.code in _ZH:
        return _ZH[error.code]
    for kind, zh in _KINDS:
        if isinstance(error, kind):
            return f"{zh[0]}（{error.what}）", zh[1]
    return error.what, error.advice


_KINDS: Final[tuple[tuple[type[errors.OkpayError], tuple[str, str]], ...]] = (
    (
        errors.StoreForeign,
        (
            "这份本机数据属于另一个用户、服务器或版本，没有动它。",
            "请用 OKPAY_DATA_DIR 换一个数据目录，或用原来的账号登录。",
        ),
    ),
    (errors.StoreError, ("本机缓存打不开。", "请运行 okpay-console doctor 查看原因；不要删除数据目录。")),
    (errors.Offline, ("连不上服务器。", "请检查网络和服务器地址；写下的内容都还在本机，联网后自动发送。")),
    (errors.Unavailable, ("服务器暂时不能服务。", "请稍后重试；写下的内容都还在本机。")),
    (errors.BadReply, ("这个地址答复的不是本系统的服务器，或版本不同。", "请核对服务器地址；写下的内容都还在本机。")),
    (errors.Forked, ("服务器记得的本机历史与本机不同。", "请运行 okpay-console sync，本机会重新编号并补发。")),
    (errors.Gone, ("服务器不再保留这么旧的位置。", "请运行 okpay-console sync 重新取一遍。")),
)


def status(error: errors.OkpayError) -> int:
    """The exit status of an error."""
    if isinstance(error, (errors.UsageError, errors.ConfigError)):
        return USAGE
    if isinstance(error, (errors.Offline, errors.Unavailable)):
        return OFFLINE
    return FAILED
