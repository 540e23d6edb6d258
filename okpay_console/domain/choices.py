"""What a caller can answer where only certain answers make sense: a stable code, its two names, and other spellings."""

from __future__ import annotations

from typing import Final

import msgspec


class Choice(msgspec.Struct, frozen=True):
    """One answer: ``code`` is what a ticket keeps; ``zh`` and ``en`` are shown; ``also`` are spellings understood too."""

    code: str
    zh: str
    en: str
    also: tuple[str, ...] = ()


YES_NO: Final = (
    Choice("yes", "是", "Yes", ("y", "true", "1", "对", "有", "已")),
    Choice("no", "否", "No", ("n", "false", "0", "不", "没有", "没", "未")),
)

CHOICES: Final[dict[str, tuple[Choice, ...]]] = {
    # Only the result of the check of identity is kept, never the answers that led to it.
    "id_check": (
        Choice("passed_app", "通过（App 内推送确认）", "Passed (confirmed in the app)", ("通过", "passed", "app")),
        Choice("passed_session", "通过（已登录会话）", "Passed (signed-in session)", ("会话", "session")),
        Choice("passed_offline", "通过（线下）", "Passed (in person)", ("线下", "in person")),
        Choice("failed", "未通过", "Failed", ("不通过", "失败")),
        Choice("not_needed", "无需", "Not needed", ("不需要", "none")),
    ),
    "login_symptom": (
        Choice("no_code", "收不到验证码", "Code does not arrive", ("没有验证码", "no code")),
        Choice("wrong_password", "密码错误", "Wrong password", ("密码不对", "忘记密码", "forgot password")),
        Choice("locked", "账户被锁", "Locked out", ("被锁", "锁定", "冻结")),
        Choice("new_phone", "换手机", "New phone", ("换机", "new device")),
        Choice("new_number", "换号码", "New number", ("换号",)),
        Choice("other", "其他", "Other"),
    ),
    "txn_status": (
        Choice("succeeded", "成功", "Succeeded", ("success", "交易成功")),
        Choice("failed", "失败", "Failed", ("交易失败",)),
        Choice("processing", "处理中", "Processing", ("pending", "进行中")),
        Choice(
            "debited_not_credited",
            "已扣款未到账",
            "Debited, not credited",
            ("未到账", "扣款未到账", "debited not credited"),
        ),
        Choice("debited_twice", "重复扣款", "Debited twice", ("扣了两次", "duplicate")),
        Choice("refunded", "已退款", "Refunded", ("退款成功",)),
        Choice("unknown", "未知", "Unknown", ("不清楚",)),
    ),
    "refund_reason": (
        Choice("D10", "未授权（非本人交易）", "Not authorised by the customer", ("未授权", "盗刷", "fraud")),
        Choice("D11", "授权失败仍扣款", "Debited without authorisation by the bank", ("授权",)),
        Choice("D12", "处理差错（重复、金额、币种）", "Processing error", ("处理差错", "重复扣款", "金额错误")),
        Choice("D13", "消费争议（未收货、不符、取消）", "Consumer dispute", ("消费争议", "未收货", "不符")),
        Choice("D20", "转错人", "Sent to the wrong person", ("误转", "转错")),
        Choice("D21", "收款账户关闭或冻结", "Payee account closed or blocked", ("账户状态",)),
        Choice("D22", "合规", "Compliance", ()),
        Choice("D99", "未说明", "Not stated", ("其他", "other")),
    ),
    "wanted": (
        Choice("refund", "退款", "Refund", ("退钱",)),
        Choice("redo", "重做", "Do it again", ("重新执行", "重试")),
        Choice("explain", "解释", "Explanation", ("说明",)),
    ),
    "network": (
        Choice("wifi", "Wi-Fi", "Wi-Fi", ("无线", "wi fi")),
        Choice("5g", "5G", "5G"),
        Choice("4g", "4G", "4G", ("lte", "流量")),
        Choice("other", "其他", "Other", ("vpn",)),
        Choice("unknown", "不清楚", "Unknown", ("未知",)),
    ),
    "repro": (
        Choice("always", "每次都有", "Every time", ("必现", "总是")),
        Choice("sometimes", "有时有", "Sometimes", ("偶尔", "偶现")),
        Choice("once", "只有一次", "Once", ("一次",)),
        Choice("unknown", "不清楚", "Unknown", ("未知",)),
    ),
    "feedback_type": (
        Choice("suggestion", "建议", "Suggestion"),
        Choice("complaint", "投诉", "Complaint", ("抱怨",)),
        Choice("praise", "表扬", "Praise", ("好评",)),
        Choice("fault", "问题报告", "Fault report", ("bug", "故障")),
    ),
    "feedback_area": (
        Choice("account", "登录与账户", "Sign-in and account"),
        Choice("payment", "付款", "Payments"),
        Choice("transfer", "转账", "Transfers"),
        Choice("abroad", "跨境", "Cross-border"),
        Choice("refund", "退款", "Refunds"),
        Choice("records", "账单与记录", "Bills and records"),
        Choice("app", "应用与界面", "App and screens"),
        Choice("service", "客服", "Customer service"),
        Choice("other", "其他", "Something else"),
    ),
    "consent_rec": YES_NO,
    "sent_already": (
        Choice("yes", "是", "Yes", (*YES_NO[0].also, "已汇出", "已经汇出", "汇出去了", "已经汇了", "already sent")),
        Choice("no", "否", "No", (*YES_NO[1].also, "还没汇", "没有汇出", "尚未汇出", "not sent yet")),
    ),
    "in_control": (
        Choice("yes", "是", "Yes", (*YES_NO[0].also, "还能登录", "还能登", "手机在我手里")),
        Choice("no", "否", "No", (*YES_NO[1].also, "登不上了", "手机丢了", "账号被盗", "手机不在手里")),
    ),
}
"""The fields with a fixed set of answers; dispute reasons are the house codes of the card families 10 to 13 and our own."""


def choose(field: str, text: str) -> str:
    """The code that ``text`` means for ``field``: a code, either name or another spelling; "" where it is none of them."""
    wanted = text.strip().casefold()
    for choice in CHOICES[field]:
        if wanted in (choice.code.casefold(), choice.zh.casefold(), choice.en.casefold()):
            return choice.code
    found = {choice.code for choice in CHOICES[field] if wanted in choice.also}
    return found.pop() if len(found) == 1 else ""
