"""Signing in, sessions, forms from elsewhere, and what every answer carries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from consumers.inbox.access import IDLE_MS, LOCKED_MS, LONGEST_MS, TRIES, is_alive, locked_after
from consumers.inbox.passwords import hash_of, matches, weakness
from consumers.store.accounts import ACCOUNT, add_account, invite
from consumers.store.database import reading, writing
from consumers.store.sessions import SESSION, close_account
from tests.alerts import TOWNSHIP, alert
from tests.offices import PASSWORD, URL, TestOffice, token_in

MINUTE = 60_000


@pytest.fixture
def office(store: Engine) -> TestOffice:
    built = TestOffice(store)
    built.person("东升张三")
    built.arrive(alert())
    return built


def invited(office: TestOffice, until: int) -> str:
    with writing(office.engine) as conn:
        account = add_account(conn, "东升新人", "township", TOWNSHIP, office.clock)
        return f"/invitations/{invite(conn, account.id, until)}"


def test_an_invitation_becomes_a_password_and_a_session_once(office: TestOffice) -> None:
    link, browser = invited(office, office.clock + MINUTE), office.browser()
    csrf = token_in(browser.get(link).text)

    taken = browser.client.post(link, data={"csrf": csrf, "password": PASSWORD, "again": PASSWORD})

    assert taken.status_code == 303
    assert browser.get("/tasks").status_code == 200
    assert office.browser().get(link).status_code == 404
    assert office.signed_in("东升新人").get("/tasks").status_code == 200


def test_an_invitation_ends(office: TestOffice) -> None:
    link = invited(office, office.clock + MINUTE)
    office.clock += MINUTE

    assert office.browser().get(link).status_code == 404


@pytest.mark.parametrize(
    ("password", "again"), [("短", "短"), (PASSWORD, f"{PASSWORD}x"), ("东升新人123456", "东升新人123456")]
)
def test_a_poor_password_is_refused_and_the_invitation_stays(office: TestOffice, password: str, again: str) -> None:
    link, browser = invited(office, office.clock + MINUTE), office.browser()
    csrf = token_in(browser.get(link).text)

    refused = browser.client.post(link, data={"csrf": csrf, "password": password, "again": again})

    assert refused.status_code == 422
    assert browser.get(link).status_code == 200


def test_a_wrong_account_and_a_wrong_password_look_the_same(office: TestOffice) -> None:
    wrong = office.browser().sign_in("东升张三", "不是这个密码")
    nobody = office.browser().sign_in("没有这个人", "不是这个密码")

    assert wrong.status_code == nobody.status_code == 401
    assert wrong.text.replace("东升张三", "")[:2000].split("csrf")[0] == nobody.text.split("csrf")[0]
    assert "账号或密码不对" in nobody.text


def test_after_five_failures_an_account_is_locked_and_says_no_more_than_before(office: TestOffice) -> None:
    browser = office.browser()
    said = [browser.sign_in("东升张三", f"错误密码{n}").status_code for n in range(TRIES)]

    right = browser.sign_in("东升张三")
    office.clock += LOCKED_MS
    later = browser.sign_in("东升张三")

    assert said == [401] * TRIES
    assert (right.status_code, later.status_code) == (401, 303)


def test_a_session_ends_when_idle_and_at_the_latest_after_a_day_of_work(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    began = office.clock
    while office.clock < began + LONGEST_MS - IDLE_MS:
        office.clock += IDLE_MS - MINUTE
        assert browser.get("/tasks").status_code == 200
    office.clock = began + LONGEST_MS

    assert browser.get("/tasks").status_code == 303


def test_a_page_that_only_asks_for_news_does_not_keep_a_session_alive(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    for _ in range(3):
        office.clock += IDLE_MS // 2
        last = browser.get("/alerts/a_one/progress?version=1&stand=1-0").status_code

    assert last == 401


def test_signing_out_ends_the_session_in_the_store_too(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")

    browser.client.post("/sign-out", data={"csrf": token_in(browser.get("/tasks").text)})

    assert browser.get("/tasks").status_code == 303
    with reading(office.engine) as conn:
        assert conn.execute(select(SESSION)).all() == []


def test_a_closed_account_is_out_at_once(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    with writing(office.engine) as conn:
        close_account(conn, conn.execute(select(ACCOUNT.c.id)).scalar_one(), office.clock)

    assert browser.get("/tasks").status_code == 303
    assert browser.sign_in("东升张三").status_code == 401


def test_neither_tokens_nor_passwords_stand_in_the_store(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    cookie = browser.client.cookies["alertbus-session"]
    with reading(office.engine) as conn:
        kept = repr([*conn.execute(select(SESSION)), *conn.execute(select(ACCOUNT))])

    assert cookie not in kept
    assert PASSWORD not in kept


@pytest.mark.parametrize("path", ["/alerts/a_one", "/sign-out", "/sign-in"])
def test_a_post_without_the_forms_token_does_nothing(office: TestOffice, path: str) -> None:
    browser = office.signed_in("东升张三")

    refused = browser.client.post(path, data={"csrf": "guess", "action": "confirmed", "version": "1"})

    assert refused.status_code in {401, 403}
    assert office.sent() == []
    assert browser.get("/tasks").status_code == 200


@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_a_form_on_another_site_cannot_post_here(office: TestOffice, headers: dict[str, str]) -> None:
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "confirmed")

    assert browser.client.post("/alerts/a_one", data=form, headers=headers).status_code == 403
    assert browser.client.post("/alerts/a_one", data=form, headers={"origin": URL}).status_code == 303


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_a_page_of_ours_only(office: TestOffice, then: str) -> None:
    assert office.browser().sign_in("东升张三", then=then).headers["location"] == "/"


def test_every_answer_carries_the_security_headers_and_is_not_kept(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    for path in ("/tasks", "/alerts/a_one", "/alerts/a_none", "/nothing", "/sign-in", "/static/inbox.css"):
        headers = browser.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == ("public, max-age=86400" if "static" in path else "no-store")


def test_no_page_has_a_script_or_style_of_its_own(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    for path in ("/tasks", "/alerts/a_one", "/messages", "/sign-in"):
        page = browser.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert page.count("<script") == page.count('<script src="/static/')


def test_the_cookie_is_for_this_site_alone(office: TestOffice) -> None:
    cookie = office.browser().sign_in("东升张三").headers["set-cookie"].lower()

    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_another_host_name_is_not_answered(office: TestOffice) -> None:
    assert office.browser().client.get("/sign-in", headers={"host": "evil.example"}).status_code == 400


def test_a_body_that_is_too_long_is_refused(office: TestOffice) -> None:
    browser = office.signed_in("东升张三")
    form = browser.form("a_one", "confirmed") | {"note": "长" * 70_000}

    assert browser.client.post("/alerts/a_one", data=form).status_code == 413


@given(st.integers(0, 10**13), st.integers(0, LONGEST_MS), st.integers(0, LONGEST_MS))
def test_a_session_lives_only_between_its_limits(created: int, used_after: int, asked_after: int) -> None:
    seen, now = created + used_after, created + used_after + asked_after

    assert is_alive(created, seen, now) == (asked_after < IDLE_MS and used_after + asked_after < LONGEST_MS)


def test_the_lock_holds_from_the_fifth_failure_on() -> None:
    assert [locked_after(count, 0) for count in range(TRIES + 2)] == [*[None] * TRIES, LOCKED_MS, LOCKED_MS]


def test_without_a_password_none_fits() -> None:
    assert not matches(None, PASSWORD)
    assert not matches("not a hash", PASSWORD)
    assert matches(hash_of(PASSWORD), PASSWORD)
    assert weakness(PASSWORD, "东升张三") is None
