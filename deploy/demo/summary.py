"""What the demo saw, in words and figures that people understand."""

from __future__ import annotations

from collections import Counter

from consumers.funnel import lines_in
from deploy.demo.compare import causes_of, standing_alerts
from deploy.demo.found import Alert, Found
from deploy.demo.play import Played
from producers.county_truth import Truth
from producers.publish import REGISTER
from schemas.departments import BY_CODE
from schemas.reasons import explain

_LEVELS = {"red": "红色", "orange": "橙色", "yellow": "黄色", "watch": "关注"}
_CAUSES = {
    "illness": "因病",
    "exposure": "未参保",
    "income": "收入",
    "schooling": "因学",
    "house": "住房",
    "water": "饮水",
    "disaster": "受灾",
    "disability": "因残",
    "production": "产业贷款",
    "stated": "自主申报",
    "compound": "多重困难叠加",
}
_KINDS = {
    "raised": "新预警",
    "level_up": "等级上升",
    "new_cause": "新增原因",
    "withdrawn": "撤回",
    "handed_over": "移交",
    "taken_over": "接收",
    "restored": "恢复",
    "area_raised": "村镇预警、登记冲突和推送迟到",
    "area_settled": "其中已解除",
}
_AREAS = {"area": "村、乡镇预警", "regional": "区域性风险", "feed_late": "推送迟到"}
_EVIDENCE_SHOWN = 4
_OUTCOMES = {"applied": "已归户", "duplicate": "重复", "parked": "待登记", "dead_lettered": "死信"}


def summary(truth: Truth, played: Played, found: Found, started: float) -> str:
    """The whole summary.

    Args:
        truth: what was put in.
        played: what the commands answered.
        found: what came of it.
        started: when the demo was started, seconds since 1970.

    """
    return "\n".join(
        [
            "",
            "== 收到什么 What came in ==",
            *_came_in(truth, played),
            "",
            "== 去了哪里 What became of it ==",
            *_became(found),
            "",
            "== 预警 Alerts ==",
            *_alerts(found),
            "",
            "== 区域预警 Area alerts ==",
            *_areas(found),
            "",
            "== 乡镇收到什么 What townships were told ==",
            *_told(found),
            "",
            "== 漏斗 The funnel ==",
            *map(str, lines_in(found.funnel)),
            "",
            "== 三条预警全文 Three alerts in full ==",
            *_in_full(found),
            "",
            "== 快慢 How fast ==",
            *_speed(played, found, started),
            "",
        ]
    )


def _came_in(truth: Truth, played: Played) -> list[str]:
    lines = [
        f"户籍登记 {played.accepted[REGISTER]} 行（{truth.households} 户 {truth.people} 人）；{played.files} 个文件",
        *(
            f"{BY_CODE[code].name}：接收 {played.accepted[code]} 条，退回 {played.rejected[code]} 行"
            for code in found_order(played)
        ),
        "退回原因（最多的三种）：",
    ]
    return lines + [f"  {count} 行  {reason}" for reason, count in played.reasons.most_common(3)]


def found_order(played: Played) -> list[str]:
    """Departments that sent something, in the order of the contract."""
    return [code for code in BY_CODE if played.accepted[code] or played.rejected[code]]


def _became(found: Found) -> list[str]:
    lines = []
    for code, counts in found.departments.items():
        if not any(counts.values()):
            continue
        parts = "，".join(f"{name} {counts[outcome]}" for outcome, name in _OUTCOMES.items())
        lines.append(f"{BY_CODE[code].name}：{parts}，合计 {sum(counts.values())}")
    lines.append("死信原因：")
    lines += [f"  {count} 条  {explain(reason)}" for reason, count in found.dead_letters.items()]
    left = found.reconcile.get("differences")
    many = len(left) if isinstance(left, list) else "?"
    households, areas, facts = (found.reconcile.get(name) for name in ("households", "areas", "facts"))
    return [*lines, f"重算核对 reconcile：{households} 户 {areas} 条村镇预警 {facts} 条事实，差异 {many} 处"]


def _alerts(found: Found) -> list[str]:
    standing = standing_alerts(found.alerts)
    levels = Counter(str(alert["level"]) for alert in standing)
    causes = Counter(cause for alert in standing for cause in causes_of(alert))
    return [
        f"现有预警 {len(standing)} 户，已撤回 {len(found.alerts) - len(standing)} 户",
        "按级别：" + "，".join(f"{name} {levels[level]}" for level, name in _LEVELS.items() if levels[level]),
        "按原因：" + "，".join(f"{_CAUSES.get(cause, cause)} {count}" for cause, count in causes.most_common()),
    ]


def _areas(found: Found) -> list[str]:
    standing = standing_alerts(found.areas)
    lines = [f"现有 {len(standing)} 条，已解除 {len(found.areas) - len(standing)} 条"]
    for alert in sorted(standing, key=lambda alert: (str(alert["kind"]), str(alert["place_code"]))):
        level, kind = _LEVELS.get(str(alert["level"]), ""), _AREAS.get(str(alert["kind"]), "")
        lines.append(f"  {kind}【{level}】{alert['place_code']}：{alert['title']}")
    return lines


def _told(found: Found) -> list[str]:
    kinds: Counter[str] = Counter()
    for one, messages in found.told.items():
        kinds[one.kind] += messages
    townships = len({one.township for one in found.told})
    return [
        f"待办收件箱：{townships} 个乡镇 {kinds.total()} 条消息，应通知的变化 {found.to_tell.total()} 项",
        "按内容：" + "，".join(f"{_KINDS[kind]} {count}" for kind, count in kinds.most_common()),
    ]


def _in_full(found: Found) -> list[str]:
    """One alert of compound trouble, one red, one orange, as far as there are."""
    standing = standing_alerts(found.alerts)
    picks: list[Alert] = []
    for wanted in ("compound", "illness", "schooling", "house"):
        picks += [a for a in standing if wanted in causes_of(a) and a not in picks][:1]
    lines = []
    for alert in picks[:3]:
        level = _LEVELS.get(str(alert["level"]), str(alert["level"]))
        lines += [f"【{level}】户 {alert['household_id']}，村 {alert['village_code']}，第 {alert['version']} 版"]
        lines += [f"  {line}" for line in str(alert["text"]).splitlines()]
        lines += _basis(alert)
    return lines


def _basis(alert: Alert) -> list[str]:
    """Which events each rule rests on, and how far the departments' data went."""
    causes, as_of = alert.get("causes"), alert.get("as_of")
    lines = []
    for cause in causes if isinstance(causes, list) else []:
        evidence = cause.get("evidence", [])
        more = f" 等 {len(evidence)} 条" if len(evidence) > _EVIDENCE_SHOWN else ""
        lines.append(f"  依据 {cause.get('rule', '')}：{'、'.join(evidence[:_EVIDENCE_SHOWN])}{more}")
    if isinstance(as_of, dict) and as_of:
        known = "，".join(f"{BY_CODE[code].name} {day}" for code, day in as_of.items() if code in BY_CODE)
        lines.append(f"  数据截至：{known}")
    return lines


def _speed(played: Played, found: Found, started: float) -> list[str]:
    rows = sum(played.accepted.values()) + sum(played.rejected.values())
    lines = [f"{rows} 行推送用时 {played.seconds:.1f} 秒（{rows / max(played.seconds, 0.001):.0f} 行/秒）"]
    if found.restarts:
        lines.append(f"程序意外重启 {found.restarts} 次：请看 logs 目录")
    if found.first_alert_at is not None:
        lines.append(
            f"首条预警：启动演示后 {found.first_alert_at - started:.1f} 秒，"
            f"首个文件开始推送后 {found.first_alert_at - played.first_published_at:.1f} 秒"
        )
    return lines
