"""The inbox as a web application: the table of its pages, and who may open which."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from consumers.inbox.alert_page import alert_page, progress
from consumers.inbox.answer_page import answer
from consumers.inbox.area_page import area_page, areas_page
from consumers.inbox.county_page import county_page
from consumers.inbox.door import broken_page, endpoint, unknown_page
from consumers.inbox.headers import Headers
from consumers.inbox.lists_page import county_list_page, tasks_page
from consumers.inbox.messages_page import messages_page
from consumers.inbox.rendering import STATIC
from consumers.inbox.sight import COUNTY, TOWNSHIP
from consumers.inbox.sign_in import invitation_page, sign_in, sign_in_page, sign_out, start, take_invitation
from consumers.inbox.visit import Office, Page

_TOWNSHIP, _COUNTY = frozenset((TOWNSHIP,)), frozenset((COUNTY,))
_OFFICERS = _TOWNSHIP | _COUNTY
_HERE = ("127.0.0.1", "localhost")

PAGES: tuple[Page, ...] = (
    Page("/", "GET", start),
    Page("/sign-in", "GET", sign_in_page),
    Page("/sign-in", "POST", sign_in),
    Page("/sign-out", "POST", sign_out),
    Page("/invitations/{token}", "GET", invitation_page),
    Page("/invitations/{token}", "POST", take_invitation),
    Page("/tasks", "GET", tasks_page, _TOWNSHIP),
    Page("/messages", "GET", messages_page, _OFFICERS),
    Page("/alerts/{alert_id}", "GET", alert_page, _OFFICERS),
    Page("/alerts/{alert_id}", "POST", answer, _OFFICERS),
    Page("/alerts/{alert_id}/progress", "GET", progress, _OFFICERS, is_use=False),
    Page("/areas", "GET", areas_page, _OFFICERS),
    Page("/areas/{area_id}", "GET", area_page, _OFFICERS),
    Page("/county", "GET", county_page, _COUNTY),
    Page("/county/alerts", "GET", county_list_page, _COUNTY),
    Page("/county/area", "GET", areas_page, _COUNTY),
    Page("/county/area/{area_id}", "GET", area_page, _COUNTY),
)


def create_app(office: Office) -> Starlette:
    """Application of an office."""
    routes = [Route(page.path, endpoint(office, page), methods=[page.method]) for page in PAGES]
    hosts = [*_HERE, *filter(None, (urlsplit(office.url).hostname,))]
    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC))],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=hosts), Middleware(Headers, url=office.url)],
        exception_handlers={404: unknown_page, 405: unknown_page, Exception: broken_page},
    )
