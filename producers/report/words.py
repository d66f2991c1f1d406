"""What the public reads: lists to choose from, where a report stands, what to correct. Plain Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from schemas.actions import COVERED_REASONS, REJECTION_REASONS

NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "illness": "看病花费大",
        "schooling": "孩子上学困难",
        "house": "住房不安全",
        "water": "吃水困难",
        "disaster": "遭了灾",
        "accident": "出了意外事故",
        "disability": "家里有残疾人，生活困难",
        "job": "没有工作、失业",
        "income": "收入少、生活困难",
        "other": "其他困难",
    }
)
HEARD: Mapping[str, str] = MappingProxyType(
    {
        "unknown": "不想说",
        "leaflet": "政策明白纸、宣传单",
        "cadre": "村干部、驻村干部告诉的",
        "neighbour": "亲戚邻居告诉的",
        "media": "电视、广播、网络",
        "hotline": "12317 热线",
        "other": "其他",
    }
)
CHANNELS: Mapping[str, str] = MappingProxyType(
    {
        "one_key": "一键报贫",
        "hotline_12317": "12317 热线",
        "portal": "门户网站",
        "appeal": "群众诉求、申请重新核实",
        "cadre": "干部代报",
    }
)
STATES: Mapping[str, str] = MappingProxyType(
    {"accepted": "已受理", "unregistered": "待核对户籍", "verifying": "核实中", "concluded": "已办结"}
)
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "accepted": "您的申报已经收到，正在转给乡镇。",
        "unregistered": (
            "户籍底册里还没有查到这个身份证号。申报没有丢，县里正在核对。请带身份证到村委会登记，或者拨打 12317。"
        ),
        "verifying": "申报已转到乡镇，干部会上门核实。",
    }
)
RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "CONFIRMED": "情况属实",
        "REJECTED": "经核实，情况不属实",
        "ALREADY_COVERED": "已有帮扶",
        "WITHDRAWN": "已撤回",
    }
)
WHAT_FOLLOWS: Mapping[str, str] = MappingProxyType(
    {
        "CONFIRMED": "乡镇会按程序落实帮扶。",
        "REJECTED": "如果不同意这个结果，可以申请重新核实。",
        "ALREADY_COVERED": "如果困难没有解决，可以申请重新核实。",
        "WITHDRAWN": "以后有困难可以再次申报。",
    }
)
REASONS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"REJECTED": REJECTION_REASONS, "ALREADY_COVERED": COVERED_REASONS}
)
AMISS: Mapping[str, str] = MappingProxyType(
    {
        "id_number": "请填写有困难的人的身份证号",
        "for_whom": "请选择是替自己报，还是替别人报",
        "phone": "电话号码不对，请核对，或者不填",
        "need": "请至少选一项困难",
        "heard_via": "请从列表中选择",
        "channel": "申报渠道不在列表中",
        "consent": "不同意核实就无法受理，请勾选同意",
        "called_at": "来电时间应在最近 30 天之内，请改正",
    }
)


def reason_of(result: str | None, reason: str | None) -> str:
    """Why it was answered so; empty where nothing is said."""
    return REASONS.get(result or "", {}).get(reason or "", "")
