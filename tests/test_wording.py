"""Alert texts: what a township officer reads."""

from __future__ import annotations

import re

import pytest

from streams.correlate import shipped
from streams.wording import BANDS, NO_BAND, band, period
from tests.builders import Home, at, bill, day, fact, graded, row


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1000, "超出不到10%"),
        (1099, "超出不到10%"),
        (1100, "超出10%至1倍"),
        (2000, "超出10%至1倍"),
        (2001, "超出1倍以上"),
    ],
)
def test_the_distance_to_a_line_is_told_in_bands(value: int, expected: str) -> None:
    assert BANDS[band(value, 1000)] == expected


def test_without_a_line_there_is_no_band() -> None:
    assert band(5, 0) == NO_BAND
    assert band(5, 1) == 2


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2023-03-01", "2023-03-01T23:59:59", "2023年3月1日"),
        ("2023-03-01T00:00:00", "2023-09-05", "2023年3月1日至9月5日"),
        ("2023-12-31", "2024-01-01T00:00:00", "2023年12月31日至2024年1月1日"),
    ],
)
def test_days_are_those_of_beijing(first: str, last: str, expected: str) -> None:
    assert period(at(first), at(last)) == expected


def test_a_text_says_who_saw_what_when_against_which_line_and_which_help_is_missing() -> None:
    home = Home().lives("p_a", row(tags=["lifted"]))
    home.take(
        bill(6000, "2023-03-01", "e1", person="p_a"),
        bill(5000, "2024-02-01", "e2", person="p_a"),
        graded("C", "2022-05-04"),
        fact("education.enrolment", "2023-10-08", person="p_a", stage="junior", status="dropout"),
    )

    assert home.alert["text"].splitlines() == [
        "红色预警：请立即入户核实。",
        "教育：2023年10月8日登记，有1名义务教育阶段学生辍学。",
        "医保、住建：2022年5月4日至2024年2月1日，2个方面的困难叠加在一起。",
        "医保：2023年3月1日至2024年2月1日，住院和门诊个人自付费用累计达到低收入户预警线，超出10%至1倍。",
        "住建：2022年5月4日，住房安全鉴定为C级（局部危险）。",
        "尚缺帮扶：三重医疗保障和大病救治、慢性病认定和家庭医生签约、教育资助、控辍保学和学生关爱、危房改造、防贫保。",
    ]


def test_each_smaller_trouble_is_said_in_plain_words() -> None:
    home = Home().lives("p_a", row(tags=["monitored"]))
    home.take(
        fact("health_insurance.enrolment", "2023-08-20", "e1", person="p_a", year=2023, status="lapsed"),
        fact("civil_affairs.dibao_change", "2023-09-01", "e2", action="stopped"),
        fact("education.enrolment", "2023-10-08", "e3", person="p_a", status="absent_long", absent_days=5),
        fact("education.fee", "2023-10-10", "e4", person="p_a", overdue=1000, overdue_days=30),
        fact("housing.renovation", "2023-03-01", "e5", state="started", due_on=day("2023-09-01")),
    ).tick("2023-10-15", housing=day("2023-10-14"))

    assert home.alert["text"].splitlines() == [
        "橙色预警：请在3个工作日内入户核实。",
        "医保、民政、住建、教育：2023年3月1日至10月10日，4个部门从不同方面发现苗头性问题。",
        "医保：2023年8月20日登记，本户有1人在最近的参保年度未参保或已断保。",
        "民政：2023年9月1日，低保停发或减发；前后90天内本户另有预警情况，请复核。",
        "教育：2023年10月8日登记，有1名学生长期缺课5天及以上。",
        "教育：2023年10月10日，有1笔学费欠缴，金额和天数都达到预警线。",
        "住建：2023年3月1日登记的危房改造，超过应完成日期30天仍没有完工。",
        "尚缺帮扶：低保、特困等社会救助、参保资助、教育资助、控辍保学和学生关爱、一对一帮扶联系。",
    ]


def test_red_on_a_monitored_household_is_said_as_such() -> None:
    home = Home().lives("p_a", row(tags=["monitored"])).take(graded("D"))

    assert home.alert["text"].splitlines()[1] == "住建：2023年5月1日，监测户在“三保障”和饮水安全的1个方面出现红色风险。"


def test_no_rule_is_worded_with_amounts_or_diagnoses() -> None:
    words = [rule.wording + "".join(grade.says for grade in rule.grades) for rule in shipped().rules.values()]

    assert not [said for said in words if re.search(r"元|万|\d{3}|癌|瘤|病(?!保)", said)]


def test_a_text_holds_no_amount() -> None:
    text = Home().take(bill(61234.56, "2023-03-01"), graded("D")).alert["text"]

    assert "一般户预警线，超出1倍以上" in text
    assert not re.search(r"61234|元|万", text)


def test_help_that_is_given_is_not_missing() -> None:
    home = Home().take(graded("D"), fact("housing.renovation", "2023-06-01", "e2", state="started"))

    assert home.alert["text"].splitlines()[-1] == "建议的帮扶均已有记录，请核实是否落实。"


def test_a_withdrawn_alert_says_that_nobody_need_go() -> None:
    home = Home().take(graded("D", event_id="e1"), graded("D", event_id="e1", retracted=True))

    assert home.alert["text"] == "撤销预警：部门已更正数据，本户目前没有预警原因，不必再为此入户。"
