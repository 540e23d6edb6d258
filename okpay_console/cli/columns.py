"""What the columns of an import mean, and how a record becomes a first contact, judged by the same rules as any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from okpay_console import errors
from okpay_console.cli import problems
from okpay_console.config import Say
from okpay_console.domain import ops
from okpay_console.domain.ticket import CHANNELS, PRIORITIES, Caller

COLUMNS: Final = (
    "subject", "channel", "category", "priority", "queue", "text", "external_id", "mobile", "email", "name", "handle",
    "created_at", "tags",
)  # fmt: skip
_ALIASES: Final = {
    "标题": "subject", "主题": "subject", "问题": "subject", "title": "subject",
    "渠道": "channel", "来源渠道": "channel", "分类": "category", "类别": "category", "优先级": "priority", "队列": "queue",
    "内容": "text", "描述": "text", "正文": "text", "description": "text", "body": "text",
    "外部编号": "external_id", "编号": "external_id", "externalid": "external_id",
    "手机": "mobile", "手机号": "mobile", "电话": "mobile", "phone": "mobile", "邮箱": "email", "e-mail": "email",
    "姓名": "name", "来电人": "name", "昵称": "handle", "账号": "handle",
    "创建时间": "created_at", "时间": "created_at", "created": "created_at", "标签": "tags",
}  # fmt: skip
_VALUES: Final = {
    "热线": "hotline", "电话": "hotline", "phone": "hotline", "call": "hotline", "在线": "chat", "聊天": "chat",
    "邮件": "email", "邮箱": "email", "社交": "social", "社交媒体": "social",
    "紧急": "urgent", "高": "high", "普通": "normal", "中": "normal", "低": "low",
}  # fmt: skip


def mapping(pairs: Iterable[str], say: Say) -> dict[str, str]:
    """What ``FILECOL=OURS`` on the command line says; ``UsageError`` for one of ours that does not exist."""
    found: dict[str, str] = {}
    for pair in pairs:
        theirs, equals, ours = pair.partition("=")
        if not equals or ours.strip() not in COLUMNS:
            names = ", ".join(COLUMNS)
            raise errors.UsageError(
                say(f"--column {pair} 写法不对。", f"--column {pair} is not understood."),
                say(f"写成 文件列=我们的列，后者是：{names}", f"Write FILECOL=OURS, where OURS is one of: {names}"),
            )
        found[theirs.strip()] = ours.strip()
    return found


def meaning(column: str, given: Mapping[str, str]) -> str:
    """Our column for one of the file's, "" where it is unknown."""
    name = column.strip()
    if name in given:
        return given[name]
    plain = name.casefold().replace(" ", "_")
    ours = plain if plain in COLUMNS else _ALIASES.get(name.casefold(), "")
    # A column that was named on the command line takes the place of one that happens to bear our name.
    return "" if ours in given.values() else ours


class Judge:
    """Turns values by our columns into an item of the server's batch, or says why not.

    ``zone`` is that of times without one; ``channel`` that of records without one ("" for none).
    """

    def __init__(
        self, *, rules: ops.Rules, zone: str, channel: str, lang: str, titles: Mapping[str, str], say: Say
    ) -> None:
        self._rules = rules
        self._zone = ZoneInfo(zone)
        self._channel = channel
        self._lang = lang
        self._titles = titles
        self._say = say

    def assume(self) -> bool:
        """Takes the hotline for every record, because the table has no channel column; False where one was named."""
        if self._channel:
            return False
        self._channel = CHANNELS[0]
        return True

    def item(self, values: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
        """The item to send. ``Refused`` naming what is wrong with it."""
        say = self._say
        if any("\0" in value for value in values.values()):
            raise errors.Refused(say("含有 NUL 字符", "contains a NUL character"), code="nul")
        cell = {name: value.strip() for name, value in values.items()}
        if not cell.get("subject"):
            raise errors.Refused(say("标题为空", "the subject is empty"), code="empty-subject")
        channel = self._choice("channel", cell.get("channel") or self._channel, CHANNELS)
        priority = self._choice("priority", cell.get("priority") or "normal", PRIORITIES)
        category = self._category(cell.get("category", ""))
        created = self._time(cell["created_at"], now) if cell.get("created_at") else None
        caller = {name: cell[name] for name in ("name", "mobile", "email", "handle") if cell.get(name)}
        tags = tuple(tag.strip() for tag in cell.get("tags", "").replace("，", ",").split(",") if tag.strip())
        queue, external = cell.get("queue") or "general", cell.get("external_id", "")
        if len(external) > 200:
            raise errors.Refused(say("external_id 超过 200 字", "external_id is over 200 characters"), code="too-long")
        op = ops.NewTicket(
            uuid="import",
            ticket="import",
            by="import",
            at=now,
            subject=cell["subject"],
            channel=channel,
            category=category,
            priority=priority,
            queue=queue,
            caller=Caller(**caller),
            text=values.get("text", ""),
            tags=tags,
            external_id=external,
        )
        try:
            ops.apply(None, op, now, self._rules)
        except errors.OkpayError as error:
            raise errors.Refused(problems.explain(error, lang=self._lang)[0].rstrip("。."), code=error.code) from error
        item: dict[str, Any] = {
            "subject": op.subject, "channel": channel, "category": category, "priority": priority, "queue": queue,
            "text": op.text, "caller": caller, "tags": tags, "external_id": external,
        }  # fmt: skip
        return item if created is None else {**item, "created_at": created}

    def _choice(self, name: str, value: str, known: tuple[str, ...]) -> Any:
        code = value.casefold() if value.casefold() in known else _VALUES.get(value.casefold(), "")
        if code not in known:
            shown = value[:40]
            raise errors.Refused(
                self._say(
                    f"{name} 不能是“{shown}”（可用：{'、'.join(known)}）",
                    f"{name} cannot be '{shown}' (one of {', '.join(known)})",
                ),
                code=f"bad-{name}",
            )
        return code

    def _category(self, value: str) -> str:
        code = self._titles.get(value, value.upper())
        if code and code not in self._rules.checklists:
            shown = value[:40]
            raise errors.Refused(self._say(f"没有分类“{shown}”", f"there is no category '{shown}'"), code="no-category")
        return code

    def _time(self, value: str, now: datetime) -> str:
        try:
            moment = datetime.fromisoformat(value.replace("/", "-"))
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=self._zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            shown = value[:40]
            raise errors.Refused(
                self._say(f"时间“{shown}”看不懂", f"'{shown}' is not a time"), code="bad-time"
            ) from None
        if moment > now:
            raise errors.Refused(self._say("时间在将来", "the time is in the future"), code="bad-time")
        return moment.isoformat()
