"""What people read when they are told, in plain Chinese: what happened, level, village, alert number and link. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.channels import Message
from consumers.notify_changes import HANDED_OVER, LEVEL_UP, NEW_CAUSE, RAISED, TAKEN_OVER, WITHDRAWN, Change
from consumers.roster import Roster
from consumers.routing import is_county

LEVEL_NAMES: Mapping[str, str] = {"red": "红色", "orange": "橙色", "yellow": "黄色", "watch": "关注"}
_SAYS: Mapping[str, str] = {
    RAISED: "【{level}预警】{village}有一户需要入户核实{step}。",
    LEVEL_UP: "【更新】{village}一户的预警等级上升{step}。",
    NEW_CAUSE: "【更新】{village}一户新增预警原因，{level}{step}。",
    WITHDRAWN: "【撤回】{village}一户的预警已撤回{step}，不必再为此入户。",
    HANDED_OVER: "【移交】{village}一户已移交其他乡镇，本乡镇不必再处理。",
    TAKEN_OVER: "【接收】{village}一户由其他乡镇移交过来，{level}，期限照旧。",
}
_FOR_COUNTY = "{township}未能收到，请县级转告。"


@dataclass(frozen=True, slots=True)
class Page:
    """What wording needs besides the alert: the roster's names, and the address of the inbox page, without a slash."""

    roster: Roster
    url: str


def message_of(alert: Mapping[str, Any], change: Change, recipient: str, created_at: int, page: Page) -> Message:
    """What a recipient is told of a change; `alert` is the version that made it, decoded."""
    village = page.roster.names.get(change.village or "", change.village)
    link = f"{page.url}/alerts/{alert['alert_id']}"
    return Message(
        message_id(alert["alert_id"], alert["version"], recipient, change.kind),
        alert["alert_id"],
        alert["version"],
        recipient,
        change.kind,
        change.level,
        change.level_before,
        village,
        _text(change, recipient, village, page.roster) + f"预警编号：{alert['alert_id']}。查看：{link}",
        link,
        alert["known_at"],
        created_at,
    )


def message_id(alert_id: str, version: int, recipient: str, kind: str) -> str:
    """Id under which a receiver knows a message again, however often it comes."""
    digest = hashlib.sha256(f"{alert_id}\0{version}\0{recipient}\0{kind}".encode()).digest()
    return "msg_" + base64.b32encode(digest).decode()[:26].lower()


def _text(change: Change, recipient: str, village: str | None, roster: Roster) -> str:
    before = LEVEL_NAMES.get(change.level_before or "")
    level = LEVEL_NAMES.get(change.level, "")
    step = f"（{before}→{level}）" if before else ""
    said = _SAYS[change.kind].format(level=level, step=step, village=village or "所在村未登记的")
    if not is_county(recipient):
        return said
    township = change.township or ""
    return said + _FOR_COUNTY.format(township=roster.names.get(township, township) or "所在乡镇未登记，")
