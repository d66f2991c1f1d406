"""The public's form: what is taken, what is not, and what a receipt is worth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from producers.identity import person_id
from producers.report.limits import Most
from producers.report.report import kind_of_reports
from producers.report.words import CHANNELS, HEARD, NEEDS, RESULTS, STATES, WHAT_FOLLOWS
from schemas.beijing import DAY_MS
from tests.gateways import NOW
from tests.reports import FORM, ReportsHere, receipt_in
from tests.rows import KEY, numbered


@pytest.fixture
def here(tmp_path: Path) -> Iterator[ReportsHere]:
    found = ReportsHere(tmp_path)
    yield found
    found.close()


def test_a_form_becomes_one_event_for_the_bus_and_a_receipt(here: ReportsHere) -> None:
    number, pin = here.receipt()

    [event] = here.events()
    assert (event["event_id"], event["batch_id"]) == (f"report-{number}", f"report-{number}")
    assert (event["department"], event["kind"], event["data_class"]) == (
        "rural_revitalisation",
        "self_report",
        "sensitive",
    )
    assert (event["person_id"], event["occurred_at"]) == (person_id(KEY, numbered(1)), NOW)
    assert event["body"] == {
        "channel": "one_key",
        "need": ["illness", "income"],
        "receipt_id": number,
        "heard_via": "cadre",
        "reporter_id": "t" + person_id(KEY, "tel:13904561237")[1:],
    }
    assert (len(number), len(pin), here.woken) == (14, 6, 1)


def test_who_reports_for_themselves_without_a_telephone_is_their_own_reporter(here: ReportsHere) -> None:
    here.receipt(phone="")
    here.receipt(phone="", for_whom="other", form="form-2")

    assert [event["body"]["reporter_id"] for event in here.events()] == [person_id(KEY, numbered(1)), ""]


def test_the_same_form_sent_again_gives_the_same_receipt_and_one_event(here: ReportsHere) -> None:
    first, again = here.receipt(), here.receipt()

    assert first == again
    assert len(here.events()) == 1


def test_a_form_that_was_changed_before_it_was_sent_again_is_another_report(here: ReportsHere) -> None:
    first, other = here.receipt(), here.receipt(need="house")

    assert first[0] != other[0]
    assert len(here.events()) == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id_number": ""}, "请填写有困难的人的身份证号"),
        ({"id_number": numbered(1)[:-1]}, "身份证号应为 18 位"),
        ({"id_number": "23122219900101001A"}, "身份证号只能是数字"),
        ({"for_whom": None}, "替自己报，还是替别人报"),
        ({"need": None}, "请至少选一项困难"),
        ({"need": "gold"}, "请至少选一项困难"),
        ({"phone": "张三"}, "电话号码不对"),
        ({"heard_via": "dream"}, "请从列表中选择"),
        ({"consent": None}, "请勾选同意"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_taken(
    here: ReportsHere, changes: dict[str, Any], words: str
) -> None:
    answer = here.fill(**changes)

    assert answer.status_code == 422
    assert words in answer.text
    assert "有 1 处要改" in answer.text
    assert here.events() == []


def test_full_width_digits_and_spaces_are_understood(here: ReportsHere) -> None:
    wide = numbered(1).translate(str.maketrans("0123456789X", "０１２３４５６７８９ｘ"))
    here.receipt(id_number=f" {wide[:6]} {wide[6:]}", phone="139 0456 1237")

    [event] = here.events()
    assert event["person_id"] == person_id(KEY, numbered(1))


def test_who_fills_in_what_people_do_not_see_is_turned_away(here: ReportsHere) -> None:
    answer = here.fill(website="http://spam.example")

    assert answer.status_code == 400
    assert "不像是人填写的" in answer.text
    assert here.events() == []


def test_one_address_may_report_so_often_and_others_go_on(tmp_path: Path) -> None:
    here = ReportsHere(tmp_path, Most(from_address=2))
    taken = [here.fill(form=f"f{n}", id_number=numbered(n)) for n in range(3)]
    here.address = "192.0.2.2"
    other = here.fill(form="f9", id_number=numbered(9))
    here.address, here.now = "192.0.2.1", NOW + 1_800_000
    later = here.fill(form="f2", id_number=numbered(2))

    assert [answer.status_code for answer in (*taken, other, later)] == [200, 200, 429, 200, 200]
    assert int(taken[2].headers["retry-after"]) == 1800
    assert "请稍后再试" in taken[2].text
    here.close()


def test_a_receipt_is_shown_again_however_many_were_sent(tmp_path: Path) -> None:
    here = ReportsHere(tmp_path, Most(from_address=1))

    assert here.receipt() == here.receipt() == here.receipt()
    here.close()


def test_one_person_is_reported_five_times_a_day_at_most_from_wherever(here: ReportsHere) -> None:
    answers = []
    for n in range(6):
        here.address = f"192.0.2.{n}"
        answers.append(here.fill(form=f"f{n}"))
    here.now += DAY_MS
    tomorrow = here.fill(form="f7")

    assert [answer.status_code for answer in (*answers, tomorrow)] == [200] * 5 + [429, 200]
    assert "今天已经申报过" in answers[5].text


def test_all_together_may_report_so_many_a_minute(tmp_path: Path) -> None:
    here = ReportsHere(tmp_path, Most(together=3))
    answers = []
    for n in range(4):
        here.address = f"192.0.2.{n}"
        answers.append(here.fill(form=f"f{n}", id_number=numbered(n)))

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3].headers["retry-after"]) <= 20
    here.close()


def test_a_report_is_seen_with_its_number_and_code_however_they_are_written(here: ReportsHere) -> None:
    number, pin = here.receipt()
    wide = number.replace("-", " ").translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    found = here.status((wide, f" {pin} "))

    assert found.status_code == 200
    assert "已受理" in found.text
    assert number in found.text


def test_a_wrong_code_shows_nothing_and_after_five_not_even_the_right_one_does(here: ReportsHere) -> None:
    number, pin = here.receipt()
    wrong = f"{(int(pin) + 1) % 1_000_000:06}"
    tries = []
    for n in range(6):
        here.address = f"192.0.2.{n}"
        tries.append(here.status((number, wrong)))
    locked = here.status((number, pin))
    here.now += 3_600_000
    later = here.status((number, pin))

    assert [answer.status_code for answer in tries] == [404] * 5 + [429]
    assert (locked.status_code, later.status_code) == (429, 200)
    assert int(locked.headers["retry-after"]) > 0


def test_who_types_what_is_no_number_keeps_nobody_else_out(here: ReportsHere) -> None:
    for n in range(6):
        here.address = f"192.0.2.{n}"
        assert here.status(("no number", "123456")).status_code == 404


def test_who_tries_many_numbers_is_kept_out_and_others_are_not(here: ReportsHere) -> None:
    receipt = here.receipt()
    tries = [here.status((f"{100_000_000_000 + n}", "123456")).status_code for n in range(21)]
    mine = here.status(receipt).status_code
    here.address = "192.0.2.9"

    assert tries == [404] * 20 + [429]
    assert (mine, here.status(receipt).status_code) == (429, 200)


@pytest.mark.parametrize("typed", ["", "abc", "4821", "４" * 12, "0" * 12, "²" * 12, "1" * 5000, "\x00"])
def test_no_number_that_is_none_opens_or_breaks_anything(here: ReportsHere, typed: str) -> None:
    assert here.status((typed, typed)).status_code == 404


def test_forms_that_are_none_are_refused_in_words(here: ReportsHere) -> None:
    def post(**more: object) -> int:
        return here.request("POST", "/", **more).status_code

    assert post(json={}) == 415
    assert post(data=FORM, headers={"sec-fetch-site": "cross-site"}) == 403
    assert post(data=FORM, headers={"origin": "http://elsewhere"}) == 403
    assert post(data={"x": "x" * 20_000}) == 413
    assert post(content=b"a=%FF", headers={"content-type": "application/x-www-form-urlencoded"}) == 400
    assert post(content=b"&a=1" * 100, headers={"content-type": "application/x-www-form-urlencoded"}) == 400
    assert here.get("/nothing").status_code == 404
    assert here.request("DELETE", "/").status_code == 404
    assert here.events() == []


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(here: ReportsHere) -> None:
    answers = [here.get("/"), here.fill(), here.get("/nothing"), here.get("/status"), here.get("/hotline")]

    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert all("default-src 'none'" in answer.headers["content-security-policy"] for answer in answers)
    assert "script" not in "".join(answer.text for answer in answers)
    assert "set-cookie" not in {name for answer in answers for name in answer.headers}


def test_a_store_that_is_away_takes_nothing_and_says_so(here: ReportsHere, tmp_path: Path) -> None:
    here.receipt(form="before")
    here.engine.dispose()
    (tmp_path / "report.db").rename(tmp_path / "away.db")
    (tmp_path / "report.db").mkdir()

    answer = here.fill(form="now")

    assert answer.status_code == 503
    assert "还没有收到" in answer.text
    assert int(answer.headers["retry-after"]) == 30


def test_the_lists_have_words_for_everything_that_the_schema_knows() -> None:
    symbols = {field.name: set(field.symbols) for field in kind_of_reports().fields}

    assert (set(NEEDS), set(HEARD), set(CHANNELS)) == (symbols["need"], symbols["heard_via"], symbols["channel"])
    assert set(RESULTS) == set(WHAT_FOLLOWS)
    assert len(STATES) == 4


def test_no_page_of_the_form_keeps_a_number_in_its_address(here: ReportsHere) -> None:
    assert 'method="post"' in here.get("/").text
    assert 'method="get"' not in here.get("/").text + here.get("/status").text
    assert receipt_in(here.fill())[0] in here.fill().text
