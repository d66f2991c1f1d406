"""The gateway as a web application: its addresses, and the way of a request through them."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from producers.gateway.api_key import Key
from producers.gateway.arriving import Room, body_of, bytes_of
from producers.gateway.desk import Delivery, Desk, Limits
from producers.gateway.door import Door
from producers.gateway.evidence import came_of
from producers.gateway.manual import page
from producers.gateway.openapi import document
from producers.gateway.outcomes import counts_of
from producers.gateway.receipt import checked, receipt_of, whole_receipt
from producers.gateway.store import StoreError, reading
from producers.gateway.submission import submission_of
from producers.gateway.watched import Watched
from producers.gateway.words import RefusedError
from producers.metrics import ROWS, SECONDS
from producers.publish import REGISTER
from schemas.beijing import day_number, instant
from schemas.departments import DEPARTMENTS

_AT_ONCE, _WAITING = 4, 64
_IDEMPOTENCY_KEY = re.compile(r"[ -~]{1,200}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
T = TypeVar("T")


@dataclass(frozen=True)
class Gateway:
    """What the addresses work with.

    Attributes:
        now: milliseconds.

    """

    engine: Engine
    desk: Desk
    door: Door
    limits: Limits
    now: Callable[[], int]
    room: Room = field(default_factory=Room)
    lanes: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_AT_ONCE))

    async def work(self, task: Callable[[], T]) -> T:
        """Do what takes time beside the loop, a few at once; raises RefusedError where too many wait."""
        if self.lanes.statistics().tasks_waiting >= _WAITING:
            raise RefusedError("busy", retry_after=2)
        return await to_thread.run_sync(task, limiter=self.lanes)

    async def key(self, request: Request, sender: str | None) -> Key:
        """Key of a request that may send for this sender; its signature is checked with the body, later."""
        key, request.state.token = await to_thread.run_sync(
            self.door.key, request.headers.get("authorization"), request.client.host if request.client else "?"
        )
        if sender is not None and key.sender != sender:
            raise RefusedError("other_department")
        return key


def create_app(gateway: Gateway) -> FastAPI:
    """Application of a gateway."""
    app = FastAPI(title="Household Alert Bus", docs_url=None, redoc_url=None, openapi_url=None)
    for department in DEPARTMENTS:
        app.add_api_route(f"/v1/events/{department.code}", _deliver(gateway, department.code), methods=["POST"])
    app.add_api_route("/v1/register", _deliver(gateway, REGISTER), methods=["POST"])
    app.add_api_route("/v1/receipts/{receipt}", _receipt(gateway), methods=["GET"])
    app.add_api_route("/openapi.json", _openapi(gateway), methods=["GET"])
    app.add_api_route("/", _manual(gateway), methods=["GET"])
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HTTPException, _unknown)
    app.add_middleware(Watched)
    return app


def _deliver(gateway: Gateway, sender: str) -> Callable[[Request], Awaitable[Response]]:
    async def deliver(request: Request) -> Response:
        key = await gateway.key(request, sender)
        covers_to, idempotency = _covers_to(request), _idempotency(request)
        async with gateway.room.share() as share:
            sent = await bytes_of(request, gateway.limits, share)
            began = time.monotonic()
            sign = partial(gateway.door.signature, key, request.state.token, request.headers, sent)
            await to_thread.run_sync(sign)
            body = await body_of(request, sent, gateway.limits, share)
            delivery = Delivery(sender, body, covers_to, idempotency)
            if request.query_params.get("check") == "true":
                outcome = await gateway.work(partial(gateway.desk.check, delivery, gateway.now()))
                return JSONResponse(checked(outcome))
            taken = await gateway.work(partial(gateway.desk.take, delivery, gateway.now()))
        SECONDS.observe(time.monotonic() - began)
        if not taken.again:
            ROWS.labels(sender, "accepted").inc(taken.submission.accepted or 0)
            ROWS.labels(sender, "rejected").inc(taken.submission.rejected or 0)
        nothing = taken.submission.rejected and not taken.submission.accepted
        headers = {"location": f"/v1/receipts/{taken.submission.batch_id}"}
        if taken.again:
            headers["idempotent-replayed"] = "true"
        return JSONResponse(receipt_of(taken.submission), 422 if nothing else 202, headers)

    return deliver


def _receipt(gateway: Gateway) -> Callable[[Request, str], Awaitable[Response]]:
    async def show(request: Request, receipt: str) -> Response:
        key = await gateway.key(request, None)

        def found() -> dict[str, object]:
            try:
                with reading(gateway.engine) as conn:
                    submission = submission_of(conn, receipt)
                    if submission is None or submission.sender != key.sender:
                        raise RefusedError("not_found")
                    alerts = came_of(conn, key.sender, receipt)
                    return whole_receipt(submission, counts_of(conn, receipt), alerts)
            except StoreError as error:
                raise RefusedError("store_away", retry_after=5) from error

        return JSONResponse(await to_thread.run_sync(found))

    return show


def _openapi(gateway: Gateway) -> Callable[[Request], Awaitable[Response]]:
    async def show(_request: Request) -> Response:
        return JSONResponse(document(instant(gateway.now()).date()))

    return show


def _manual(gateway: Gateway) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return HTMLResponse(page(base, instant(gateway.now()).date()))

    return show


def _covers_to(request: Request) -> int | None:
    given = request.query_params.get("covers_to")
    if given is None:
        return None
    try:
        return day_number(date.fromisoformat(given if _DAY.fullmatch(given) else ""))
    except ValueError as error:
        raise RefusedError("bad_covers_to") from error


def _idempotency(request: Request) -> str | None:
    given = request.headers.get("idempotency-key")
    if given is not None and not _IDEMPOTENCY_KEY.fullmatch(given):
        raise RefusedError("bad_idempotency_key")
    return given


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101  # it is registered for these
    return JSONResponse(error.body(), error.status, error.headers)


async def _unknown(_request: Request, error: Exception) -> Response:
    """An address or method that is not there, in the shape of all refusals."""
    status = error.status_code if isinstance(error, HTTPException) else 400
    code = {404: "not_found", 405: "wrong_method"}.get(status, "bad_request")
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse(RefusedError(code).body(), status, dict(headers or {}))
