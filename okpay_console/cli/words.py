"""How the stable codes of tickets are called when people read them in a table."""

from __future__ import annotations

from typing import Final

_ZH: Final = {
    "hotline": "热线",
    "chat": "在线",
    "email": "邮件",
    "social": "社交",
    "new": "待认领",
    "open": "处理中",
    "pending": "待客户",
    "closed": "已结",
    "urgent": "紧急",
    "high": "高",
    "normal": "普通",
    "low": "低",
    "created": "来电",
    "message": "来电人",
    "note": "备注",
    "reply": "回复",
    "field": "清单",
    "category": "分类",
    "priority": "优先级",
    "subject": "标题",
    "tag": "标签",
    "link": "关联",
    "status": "状态",
    "assign": "转派",
    "claim": "认领",
    "release": "放回",
    "promise": "承诺",
    "step": "步骤",
    "call": "通话",
    "decision": "决定",
    "close": "结案",
    "reopen": "重开",
    "online": "在线",
    "connecting": "连接中",
    "offline": "离线",
    "signed-out": "未登录",
    "refused": "被拒绝",
    "queued": "已排队",
    "confirmed": "已确认",
    "review": "待审阅",
    "ok": "正常",
    "warn": "注意",
    "bad": "有问题",
}


def word(code: str, lang: str) -> str:
    """The Chinese word for a code, or the code itself, which is English already."""
    return _ZH.get(code, code) if lang == "zh" else code


def span(seconds: float, lang: str) -> str:
    """A duration in its largest whole unit, such as ``3m`` or ``3 分``."""
    for size, zh, en in ((86400, "天", "d"), (3600, "小时", "h"), (60, "分", "m")):
        if seconds >= size:
            return f"{seconds // size:.0f} {zh}" if lang == "zh" else f"{seconds // size:.0f}{en}"
    return f"{max(seconds, 0):.0f} 秒" if lang == "zh" else f"{max(seconds, 0):.0f}s"
