"""One alert: who, why, since when, what is missing, what others did, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from consumers.inbox.action_form import first
from consumers.inbox.alert import Alert, alert_from
from consumers.inbox.alert_words import about
from consumers.inbox.forms import forms_of
from consumers.inbox.offers import allowed
from consumers.inbox.sight import COUNTY, Sight, sight_of
from consumers.inbox.standing import Standing, moved_on, shown, standings, waiting
from consumers.inbox.timeline import doings, story
from consumers.inbox.visit import Answer, Visit, not_found, notice
from consumers.store.accounts import account_of, accounts
from consumers.store.alert_lists import alert_of, versions_of
from consumers.store.book import Family, read_family
from consumers.store.book_key import WrongKeyError
from consumers.store.database import reading, writing
from consumers.store.notes import notes_of
from consumers.store.outbox import actions_of
from consumers.store.tasks import mark_read
from schemas.codec import decode


class Found(NamedTuple):
    """How much of an alert its reader may see; the alert only where that is all."""

    sight: Sight
    alert: Alert | None


def alert_page(visit: Visit) -> Answer:
    """One alert, as much as its reader may see."""
    return show_alert(visit)


def show_alert(visit: Visit, message: str = "", status: int = 200) -> Answer:
    """One alert; `visit.fields` is what stands in its forms already."""
    with writing(visit.office.engine) as conn:
        found = find(conn, visit)
        if found.sight is not Sight.NOTHING:
            mark_read(conn, visit.params["alert_id"], visit.inbox, visit.me.id, visit.now)
        if found.alert is None:
            return _unseen(visit, found.sight)
        values = _values(conn, visit, found.alert, found.alert.version)
        kept = "" if allowed(found.alert, visit.me.role, first(visit.fields, "action")) else first(visit.fields, "note")
        values |= {"message": message, "family": _family(conn, visit, found.alert), "kept_note": kept}
    return Answer("alert.html", values, status)


def find(conn: Connection, visit: Visit) -> Found:
    """Alert of the path, for whoever asks."""
    stored = alert_of(conn, visit.params["alert_id"], None)
    if stored is None:
        return Found(Sight.NOTHING, None)
    alert = alert_from(stored.content, stored.red_since)
    sight = sight_of(visit.me.role, visit.me.township_code, alert.township_code, alert.previous_township_code)
    return Found(sight, alert if sight is Sight.ALL else None)


def _unseen(visit: Visit, sight: Sight) -> Answer:
    if sight is Sight.HANDED_OVER:
        return notice("已移交", "这户已移交其他乡镇，本乡镇不必再处理。", kept_note=first(visit.fields, "note"))
    return not_found()


def progress(visit: Visit) -> Answer:
    """What has changed since the page was made; the page asks by itself. 204 when nothing has."""
    with reading(visit.office.engine) as conn:
        found = find(conn, visit)
        if found.alert is None:
            return not_found() if found.sight is Sight.NOTHING else Answer("moved_away.html")
        asked = visit.query.get("version", "")
        values = _values(conn, visit, found.alert, int(asked) if asked.isdecimal() else found.alert.version)
    if visit.query.get("stand") == values["stand"]:
        return Answer(status=204)
    return Answer("progress.html", values)


def _values(conn: Connection, visit: Visit, alert: Alert, version_seen: int) -> dict[str, Any]:
    versions = [alert_from(stored.content) for stored in versions_of(conn, alert.alert_id)]
    seen = next((version for version in versions if version.version == version_seen), alert)
    sent = [decode(outgoing.message)[1] for outgoing in actions_of(conn, alert.household_id)]
    stand = standings(alert, sent, visit.me.id)
    on_their_way = waiting(stand)
    places = visit.office.places
    notes = {note.action_id: note.text for note in notes_of(conn, alert.alert_id)}
    return {
        "alert": alert,
        "about": about(alert, visit.places, visit.now),
        "standings": shown(stand),
        "news": moved_on(seen, alert, visit.me.id),
        "forms": forms_of(
            alert, visit.me.role, cadres(conn, alert), (s.action for s in on_their_way), visit.fields, visit.today
        ),
        "answer_waits": any(standing.is_answer for standing in on_their_way),
        "story": story(versions, places),
        "doings": doings(alert.actions, _names(conn, alert), notes),
        "stand": stand_of(alert, on_their_way),
        "is_county": visit.me.role == COUNTY,
    }


def stand_of(alert: Alert, on_their_way: Sequence[Standing]) -> str:
    """What a page shows, in short: it asks again whether this still holds."""
    return f"{alert.version}-{len(on_their_way)}"


def _family(conn: Connection, visit: Visit, alert: Alert) -> Family | None:
    """Who lives there: for the responsible township, and noted."""
    if visit.me.role == COUNTY:
        return None
    try:
        key = visit.office.book_key()
        return read_family(conn, key, alert.household_id, visit.me.id, visit.now) if key else None
    except WrongKeyError:  # the key was changed under a book: as without an entry, and the load command says why
        return None


def cadres(conn: Connection, alert: Alert) -> dict[str, str]:
    """Account id -> name of those in the alert's township who may be made responsible."""
    everybody = accounts(conn)
    return {a.id: a.name for a in everybody if a.township_code == alert.township_code and a.closed_at is None}


def _names(conn: Connection, alert: Alert) -> dict[str, str]:
    found = (account_of(conn, account_id) for account_id in {done.actor for done in alert.actions})
    return {account.id: account.name for account in found if account}
