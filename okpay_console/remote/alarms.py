"""The alarms at the server, as those who lead reach them."""

from __future__ import annotations

from urllib.parse import quote

from ..domain.alarmnews import Delivery, Standing
from ..domain.alarms import Alarm
from .api import Api


async def listing(api: Api) -> list[Standing]:
    """Every alarm within one's queues, by name; ``Forbidden`` for agents."""
    return await api.ask("GET", "/v1/alarms", list[Standing])


async def put(api: Api, alarm: Alarm) -> Alarm:
    """Sets an alarm; ``Refused`` where it cannot be one, ``Forbidden`` where it is not of one's queues alone."""
    return await api.ask("PUT", _path(alarm.id), Alarm, body=alarm)


async def remove(api: Api, name: str) -> Alarm:
    """Takes an alarm away; ``NotFound``."""
    return await api.ask("DELETE", _path(name), Alarm)


async def deliveries(api: Api, *, limit: int) -> list[Delivery]:
    """What became of the newest messages to webhooks, newest first."""
    return await api.ask("GET", "/v1/alarms/deliveries", list[Delivery], params={"limit": str(limit)})


def _path(name: str) -> str:
    return "/v1/alarms/" + quote(name, safe="").replace(".", "%2E")
