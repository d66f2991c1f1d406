"""Who is told: the roster as people write it, the county where nobody is listed, and the words that they read."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.channels import Address, Message
from consumers.notify_changes import LEVELS, Change, changes
from consumers.roster import COUNTY, NOBODY, Roster, RosterError, Route, read_roster
from consumers.routing import notices
from consumers.store.tasks import ALERT_KINDS, KINDS
from consumers.wording import Page, message_id, message_of
from tests.alerts import NEXT_TOWNSHIP, TOWNSHIP, UNLISTED, alert
from tests.source_tree import text_of

SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()
HOOK = f'{{ channel = "webhook", url = "https://oa.example.org/a", secrets = ["{SECRET}"] }}'
INBOX = '{ channel = "inbox" }'
ROSTER = f"""
[county]
channels = [{INBOX}, {HOOK}]
[townships.{TOWNSHIP}]
name = "东升镇"
channels = [{INBOX}, {HOOK}]
persons = [{{ account = "u_one", channels = [{HOOK}] }}]
[townships.{TOWNSHIP}.villages]
{TOWNSHIP}201 = "红旗村"
[townships.{NEXT_TOWNSHIP}]
channels = [{INBOX}]
[townships.220302008]
name = "没有方式的乡"
"""


def told(before: dict[str, Any] | None, after: dict[str, Any], roster: Roster) -> list[tuple[str, str, str]]:
    return [
        (n.route.recipient, n.route.address.channel, n.change.kind) for n in notices(changes(before, after), roster)
    ]


def said(change: Change, recipient: str = TOWNSHIP) -> Message:
    return message_of(alert(), change, recipient, 5, Page(read_roster(ROSTER), "https://bus.example.org"))


def test_everybody_who_is_listed_for_the_township_is_told_on_every_way() -> None:
    assert told(None, alert(), read_roster(ROSTER)) == [
        (TOWNSHIP, "inbox", "raised"),
        (TOWNSHIP, "webhook", "raised"),
        (f"{TOWNSHIP}/u_one", "webhook", "raised"),
    ]


@pytest.mark.parametrize("township", [UNLISTED, "220302008", None])
def test_where_nobody_is_listed_the_county_is_told(township: str | None) -> None:
    assert told(None, alert(township_code=township), read_roster(ROSTER)) == [
        (COUNTY, "inbox", "raised"),
        (COUNTY, "webhook", "raised"),
    ]


def test_without_a_roster_the_countys_inbox_hears_of_everything() -> None:
    assert told(None, alert(), NOBODY) == [(COUNTY, "inbox", "raised")]


def test_a_move_between_two_townships_that_nobody_is_listed_for_is_told_to_the_county_once() -> None:
    moved = alert(2, township_code="220302007")

    assert told(alert(township_code=UNLISTED), moved, NOBODY) == [(COUNTY, "inbox", "taken_over")]


def test_the_example_can_be_read() -> None:
    roster = read_roster(text_of("deploy/townships.example.toml"))

    assert {TOWNSHIP, COUNTY} <= roster.routes.keys()
    hook = roster.address(TOWNSHIP, "webhook")
    assert hook
    assert (len(hook.secrets), hook.per_second) == (2, 20.0)


def test_a_recipient_who_is_no_longer_listed_has_no_address() -> None:
    roster = read_roster(ROSTER)

    assert roster.address(f"{TOWNSHIP}/u_one", "webhook") is not None
    assert roster.address(f"{TOWNSHIP}/u_two", "webhook") is None
    assert roster.address(UNLISTED, "inbox") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[township.220302001]", "the roster: township is not known; allowed: county, quiet, townships"),
        ("[townships.2203]\nchannels = []", "townships.2203: a township code has 9 digits"),
        ('[townships.220302001]\nchannels = [{ channel = "sms" }]', "channels 1.channel: one of inbox, webhook"),
        (f"[townships.220302001]\nchannels = [{INBOX}, {INBOX}]", "inbox is listed twice"),
        ("[townships.220302001]\nchanels = []", "townships.220302001: chanels is not known; allowed: channels"),
        ('[townships.220302001]\nchannels = [{ channel = "inbox", url = "x" }]', "url is not known; allowed: channel"),
        (HOOK.join(("[townships.220302001]\nchannels = [", "]")).replace("https", "http"), ".url: https://"),
        (HOOK.join(("[townships.220302001]\nchannels = [", "]")).replace("//", "//me:pw@"), ".url: https://"),
        (HOOK.join(("[townships.220302001]\nchannels = [", "]")).replace(SECRET, "hunter2"), ".secrets: a list of"),
        (HOOK.join(("[townships.220302001]\nchannels = [", "]")).replace(SECRET, "whsec_AAAA"), "24 to 64 bytes"),
        (
            f"[county]\nchannels = [{HOOK.replace('secrets', 'per_second = 0, secrets')}]",
            "per_second: a number above 0",
        ),
        ("[county]\nchannels = []", "somebody must hear of alerts that have no township"),
        (f'[[townships.220302001.persons]]\naccount = "王小明"\nchannels = [{HOOK}]', "never a name"),
        (f'[[townships.220302001.persons]]\naccount = "u_a"\nchannels = [{INBOX}]', "belongs to the whole township"),
        ('[townships.220302001.villages]\n220302002201 = "红旗村"', "begins with the township's"),
        ("[townships", "not TOML"),
    ],
)
def test_a_roster_that_cannot_be_meant_is_refused_with_the_place_and_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(RosterError) as refused:
        read_roster(text)

    assert says in str(refused.value)
    assert not {"hunter2", "me:pw", "王小明"} & set(str(refused.value).split())


def test_secrets_and_addresses_do_not_show_when_a_roster_is_printed() -> None:
    shown = repr(read_roster(ROSTER))

    assert "kkk" not in shown
    assert "oa.example.org" not in shown


@pytest.mark.parametrize(
    ("kind", "level", "before", "text"),
    [
        ("raised", "red", None, "【红色预警】红旗村有一户需要入户核实。"),
        ("raised", "orange", "watch", "【橙色预警】红旗村有一户需要入户核实（关注→橙色）。"),
        ("level_up", "red", "yellow", "【更新】红旗村一户的预警等级上升（黄色→红色）。"),
        ("new_cause", "red", None, "【更新】红旗村一户新增预警原因，红色。"),
        ("withdrawn", "red", None, "【撤回】红旗村一户的预警已撤回，不必再为此入户。"),
        ("withdrawn", "watch", "red", "【撤回】红旗村一户的预警已撤回（红色→关注），不必再为此入户。"),
        ("handed_over", "red", None, "【移交】红旗村一户已移交其他乡镇，本乡镇不必再处理。"),
        ("taken_over", "red", None, "【接收】红旗村一户由其他乡镇移交过来，红色，期限照旧。"),
        ("restored", "orange", None, "【恢复】红旗村一户此前撤回或办结的预警再次成立，橙色，需要入户核实。"),
    ],
)
def test_people_read_what_happened_level_village_number_and_link(
    kind: str, level: str, before: str | None, text: str
) -> None:
    message = said(Change(kind, TOWNSHIP, level, before, f"{TOWNSHIP}201"))

    assert message.text == f"{text}预警编号：a_one。查看：https://bus.example.org/alerts/a_one"


def test_the_county_reads_for_which_township_it_stands_in() -> None:
    listed = said(Change("raised", TOWNSHIP, "red", None, f"{TOWNSHIP}201"), COUNTY)
    nowhere = said(Change("raised", None, "red", None, None), COUNTY)

    assert "东升镇未能收到，请县级转告。" in listed.text
    assert "所在村未登记的有一户需要入户核实。所在乡镇未登记，未能收到，请县级转告。" in nowhere.text


def test_a_village_without_a_name_shows_its_code() -> None:
    assert f"{NEXT_TOWNSHIP}201有一户" in said(Change("raised", NEXT_TOWNSHIP, "red", None, f"{NEXT_TOWNSHIP}201")).text


@given(
    st.sampled_from(ALERT_KINDS),
    st.sampled_from(LEVELS),
    st.none() | st.sampled_from(LEVELS),
    st.sampled_from([TOWNSHIP, COUNTY]),
)
def test_no_message_says_which_household_why_or_how_much(
    kind: str, level: str, before: str | None, recipient: str
) -> None:
    secret = alert(text="自付金额超出预警线1倍以上", household_id="H-SECRET-1")
    change = Change(kind, TOWNSHIP, level, before, f"{TOWNSHIP}201")
    message = message_of(secret, change, recipient, 5, Page(read_roster(ROSTER), "https://bus.example.org"))

    assert not any(word in repr(message) for word in ("H-SECRET-1", "自付", "illness", "R-A", "B-1", "M01"))


def test_a_message_keeps_its_id_and_every_other_has_another() -> None:
    ids = {
        message_id(name, version, recipient, kind)
        for name in ("a_one", "a_two")
        for version in (1, 11)
        for recipient in (TOWNSHIP, COUNTY)
        for kind in KINDS
    }

    assert len(ids) == 2 * 2 * 2 * len(KINDS)
    assert message_id("a_one", 1, TOWNSHIP, "raised") == "msg_xwwrzs7u4yljd4w2xk5xokwmt5"
    assert all(message.isascii() and "." not in message for message in ids)


def test_nobody_is_told_two_things_of_one_version_on_one_way() -> None:
    both = Roster({COUNTY: (Route(COUNTY, Address("inbox")),)})
    found = notices((Change("taken_over", "1", "red", None, None), Change("handed_over", "2", "red", None, None)), both)

    assert [notice.change.kind for notice in found] == ["taken_over"]
