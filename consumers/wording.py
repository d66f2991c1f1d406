"""What people read when they are told, in plain Chinese: what happened, level, village, alert number and link. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumers.channels import Message
from consumers.notify_changes import HANDED_OVER, LEVEL_UP, NEW_CAUSE, RAISED, RESTORED, TAKEN_OVER, WITHDRAWN, Change
from consumers.roster import Roster
from consumers.routing import is_county
from consumers.store.tasks import AREA_KINDS

AREA_RAISED, AREA_SETTLED = AREA_KINDS
LEVEL_NAMES: Mapping[str, str] = {"red": "红色", "orange": "橙色", "yellow": "黄色", "watch": "关注"}
_SAYS: Mapping[str, str] = {
    RAISED: "【{level}预警】{village}有一户需要入户核实{step}。",
    LEVEL_UP: "【更新】{village}一户的预警等级上升{step}。",
    NEW_CAUSE: "【更新】{village}一户新增预警原因，{level}{step}。",
    WITHDRAWN: "【撤回】{village}一户的预警已撤回{step}，不必再为此入户。",
    HANDED_OVER: "【移交】{village}一户已移交其他乡镇，本乡镇不必再处理。",
    TAKEN_OVER: "【接收】{village}一户由其他乡镇移交过来，{level}，期限照旧。",
    RESTORED: "【恢复】{village}一户此前撤回或办结的预警再次成立，{level}{step}，需要入户核实。",
}
_SAYS_OF_AREA: Mapping[tuple[str, str], str] = {
    ("register_conflict", AREA_RAISED): "【登记冲突】{village}有一人同时登记在不止一户，请核对并撤回有误的一行。",
    ("register_conflict", AREA_SETTLED): "【登记冲突已消除】{village}的一处登记冲突已消除，不必再核对。",
    ("feed_late", AREA_RAISED): "【推送迟到】{text}",
    ("feed_late", AREA_SETTLED): "【推送迟到已消除】{text}",
}
_SAYS_OF_OTHERS: Mapping[str, str] = {
    AREA_RAISED: "【提示】{village}有一项情况需要县级查看。",
    AREA_SETTLED: "【提示】{village}的一项情况已消除，不必再查看。",
}
_SAYS_OF_PLACES: Mapping[str, str] = {
    AREA_RAISED: "【{level}预警】{place}：{title}，请查看并处置。",
    AREA_SETTLED: "【解除】{place}：{title}已解除。",
}
_WHOLE_COUNTY = "全县"
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


def area_message_of(alert: Mapping[str, Any], kind: str, recipient: str, created_at: int, page: Page) -> Message:
    """What somebody is told of a decoded area alert; `kind` is one of AREA_KINDS."""
    village = page.roster.names.get(alert["village_code"] or "", alert["village_code"])
    link = f"{page.url}{'/county/area' if is_county(recipient) else '/areas'}/{alert['alert_id']}"
    return Message(
        message_id(alert["alert_id"], alert["version"], recipient, kind),
        alert["alert_id"],
        alert["version"],
        recipient,
        kind,
        alert["level"],
        None,
        village,
        _area_text(alert, kind, village, page.roster) + f"编号：{alert['alert_id']}。查看：{link}",
        link,
        alert["known_at"],
        created_at,
    )


def _area_text(alert: Mapping[str, Any], kind: str, village: str | None, roster: Roster) -> str:
    if not alert.get("place_code"):
        says = _SAYS_OF_AREA.get((alert["kind"], kind), _SAYS_OF_OTHERS[kind])
        return says.format(village=village or "某村", text=alert["text"])
    township = roster.names.get(alert["township_code"] or "", alert["township_code"]) or _WHOLE_COUNTY
    place = f"{township}{village}" if village else township
    return _SAYS_OF_PLACES[kind].format(
        level=LEVEL_NAMES.get(alert["level"], ""), place=place, title=alert["title"] or "村镇情况"
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
