"""What codes are called on the page. An unknown code is shown as it is: it came from a later release."""

from __future__ import annotations

from collections.abc import Mapping

from schemas.departments import BY_CODE

LEVELS: Mapping[str, str] = {"red": "红色", "orange": "橙色", "yellow": "黄色", "watch": "关注"}
"""Highest first."""

CAUSES: Mapping[str, str] = {
    "illness": "疾病",
    "exposure": "参保缺口",
    "income": "收入",
    "schooling": "就学",
    "house": "住房",
    "water": "饮水",
    "disaster": "灾害",
    "disability": "残疾",
    "production": "生产",
    "stated": "自述困难",
    "compound": "多重困难",
}

LABOUR: Mapping[str, str] = {"able": "有劳动能力", "weak": "弱劳力或半劳力", "none": "无劳动能力"}

MESSAGES: Mapping[str, str] = {
    "raised": "新预警",
    "level_up": "等级上升",
    "new_cause": "新增原因",
    "withdrawn": "已撤回，不必再为此入户",
    "handed_over": "已移交其他乡镇",
    "taken_over": "由其他乡镇移交过来",
    "restored": "此前撤回或办结，现再次成立",
    "area_raised": "请查看并处置",
    "area_settled": "已解除",
}
FOR_COUNTY_ALONE: Mapping[str, Mapping[str, str]] = {
    "register_conflict": {"area_raised": "请县里核对", "area_settled": "已消除，不必再核对"},
    "feed_late": {"area_raised": "请联系部门推送", "area_settled": "已消除，不必再联系"},
}
"""The same of what no township can do anything about, by what it is."""
NEWS: Mapping[str, str] = {
    "raised": "新",
    "level_up": "等级上升",
    "new_cause": "新增原因",
    "taken_over": "新移交",
    "restored": "恢复",
}
"""The same on the alert itself, where it stands in a list."""

AREAS: Mapping[str, str] = {
    "register_conflict": "户籍登记冲突",
    "feed_late": "推送迟到",
    "area": "村镇预警",
    "regional": "区域性风险",
}
"""What concerns no single household, where it has no title of its own."""

ENDS: Mapping[str, str] = {
    "register_conflict": "撤回有误的一行后，这里会自动消除。",
    "feed_late": "部门推送之后，这里会自动消除。",
}
"""How it ends by itself; else:"""
AREA_ENDS = "部门数据恢复正常或到期后，这里会自动解除。"

FOR_COUNTY = "，乡镇没有收到，请转告"
"""Follows what the county is told in a township's stead."""

MEASURES: Mapping[str, str] = {
    "M01": "产业帮扶和到户奖补",
    "M02": "小额信贷",
    "M03": "转移就业和岗位推送",
    "M04": "公益性岗位",
    "M05": "帮扶车间或以工代赈",
    "M06": "技能培训和务工交通补助",
    "M07": "低保、特困等社会救助",
    "M08": "残疾人两项补贴",
    "M09": "参保资助",
    "M10": "三重医疗保障和大病救治",
    "M11": "慢性病认定和家庭医生签约",
    "M12": "教育资助",
    "M13": "控辍保学和学生关爱",
    "M14": "危房改造",
    "M15": "饮水工程维修和水质处理",
    "M16": "灾后恢复和农业保险",
    "M17": "防贫保",
    "M18": "防返贫救助基金",
    "M19": "人身意外伤害保险",
    "M20": "易地搬迁后续帮扶",
    "M21": "光伏和资产收益分红",
    "M22": "一对一帮扶联系",
    "M23": "消费帮扶",
}
"""The rule sets' catalogue of help; a test holds the titles equal."""


def department(code: str) -> str:
    """Name of a department."""
    known = BY_CODE.get(code)
    return known.name if known else code


def number_of(alert_id: str) -> str:
    """The part of an alert's id by which people speak of it."""
    return alert_id.partition("_")[2][:8].upper()
