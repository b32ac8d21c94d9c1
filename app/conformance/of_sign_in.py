"""Cases of a server: signing in, and what every answer has."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from app.conformance.cases import Broken, Cases, expect
from app.conformance.document import published
from app.conformance.visitor import Visitor, json_of, new_id, status
from app.phone.schemas.accounts import TokenOut
from app.phone.schemas.checkins import BatchOut, CheckInList, RecordedOut
from app.phone.schemas.duties import DutyList
from app.phone.schemas.people import DeviceOut, HouseholdList, MeOut, NoticeList, VillageCollection
from app.phone.schemas.reviews import OwnCheckInOut

cases = Cases()

_UNKNOWN_WORDS = {"enum", "literal_error"}  # a server that is newer has more of them


@cases("SERVER-1")
def a_sign_in_gives_tokens_and_says_who(visitor: Visitor) -> None:
    said = visitor.phone.tokens
    for name in ("access_token", "refresh_token", "expires_in", "person"):
        expect(said.get(name), f"the answer to a sign-in has no {name}")
    expect(said.get("token_type", "").lower() == "bearer", "token_type is not bearer")


@cases("SERVER-2")
def a_wrong_password_is_refused(visitor: Visitor) -> None:
    reply = visitor.sign_in(visitor.account.username, "wrong " + new_id(), "yefang-conformance-wrong")
    status(reply, 401, problem="bad-credentials")


@cases("SERVER-3")
def no_good_token_no_answer(visitor: Visitor) -> None:
    for header in ({}, {"Authorization": "Bearer nonsense"}):
        reply = visitor.http.get("/v1/me", headers=header)
        status(reply, 401, problem="not-signed-in")


@cases("SERVER-4")
def a_lost_reply_to_a_refresh_costs_nothing(visitor: Visitor) -> None:
    phone = visitor.signed_in(visitor.account, "yefang-conformance-refresh")
    first, again = (visitor.refresh(phone.tokens["refresh_token"]) for _ in range(2))
    status(first, 200)
    status(again, 200)
    one, two = (json_of(each).get("refresh_token") for each in (first, again))
    expect(one == two, "asked again with the same refresh token, the server gave another successor")
    status(visitor.refresh(str(one)), 200)


@cases("SERVER-5")
def a_refresh_token_in_two_hands_ends_the_session(visitor: Visitor) -> None:
    oldest = visitor.signed_in(visitor.account, "yefang-conformance-reuse").tokens["refresh_token"]
    newer = json_of(visitor.refresh(oldest))["refresh_token"]
    newest = json_of(visitor.refresh(newer))["refresh_token"]
    status(visitor.refresh(oldest), 401, problem="session-ended")
    status(visitor.refresh(newest), 401, problem="session-ended")


@cases("SERVER-6")
def signing_out_ends_the_session(visitor: Visitor) -> None:
    phone = visitor.signed_in(visitor.account, "yefang-conformance-out")
    status(phone.ask("POST", "/v1/auth/logout"), 204)
    status(visitor.refresh(phone.tokens["refresh_token"]), 401, problem="session-ended")


@cases("SERVER-7")
def signing_in_again_ends_the_older_session(visitor: Visitor) -> None:
    older, newer = (visitor.signed_in(visitor.account, "yefang-conformance-again") for _ in range(2))
    status(visitor.refresh(older.tokens["refresh_token"]), 401, problem="session-ended")
    status(visitor.refresh(newer.tokens["refresh_token"]), 200)


@cases("SERVER-41")
def errors_are_problems(visitor: Visitor) -> None:
    phone = visitor.phone
    for reply in (
        phone.post(visitor.visit(purpose="nonsense")),
        phone.post(b"{not json"),
        phone.stored(new_id()),
        visitor.refresh("nonsense"),
    ):
        said = f"{reply.request.method} {reply.request.url.path}"
        expect(reply.status_code >= httpx.codes.BAD_REQUEST, f"{said} was answered {reply.status_code}")
        kind = reply.headers.get("content-type", "")
        expect(kind.startswith("application/problem+json"), f"{said}: an error of the kind {kind}")
        problem = json_of(reply)
        missing = {"type", "title", "status", "detail", "errors"} - problem.keys()
        expect(not missing, f"{said}: a problem without {', '.join(sorted(missing))}")
        expect(problem["status"] == reply.status_code, f"{said}: the problem says another status than the answer")


@cases("SERVER-42")
def problems_speak_the_callers_language(visitor: Visitor) -> None:
    bad = visitor.visit(purpose="nonsense")
    zh, en = (json_of(visitor.phone.post(bad, Accept_Language=language)) for language in ("zh-CN", "en"))
    expect(zh["type"] == en["type"], "the type of a problem changes with the language")
    chinese = re.compile("[\u4e00-\u9fff]")
    expect(chinese.search(zh["detail"]), f"asked for zh-CN: {zh['detail']!r}")
    expect(not chinese.search(en["detail"]), f"asked for en: {en['detail']!r}")


@cases("SERVER-43")
def answers_have_their_shape(visitor: Visitor) -> None:
    phone, sent = visitor.phone, visitor.visit()
    asked: list[tuple[httpx.Response, type[BaseModel]]] = [
        (
            visitor.sign_in(visitor.account.username, visitor.account.password, "yefang-conformance-shape"),
            TokenOut,
        ),
        (phone.post(sent), RecordedOut),
        (phone.batch(visitor.visit(), visitor.visit(purpose="nonsense")), BatchOut),
        (phone.stored(sent["id"]), OwnCheckInOut),
        (phone.get("/v1/me/check-ins?limit=5"), CheckInList),
        (phone.get("/v1/me"), MeOut),
        (phone.get("/v1/me/villages"), VillageCollection),
        (phone.get("/v1/me/households"), HouseholdList),
        (phone.get("/v1/me/duties"), DutyList),
        (phone.get("/v1/me/notices?limit=5"), NoticeList),
        (phone.ask("PUT", "/v1/devices/yefang-conformance", {"app_version": "1.0.0"}), DeviceOut),
    ]
    for reply, shape in asked:
        status(reply, 200, 201)
        _of_shape(reply, shape)


def _of_shape(reply: httpx.Response, shape: type[BaseModel]) -> None:
    try:
        shape.model_validate_json(reply.content)
    except ValidationError as error:
        wrong = [each for each in error.errors(include_url=False) if each["type"] not in _UNKNOWN_WORDS]
        if wrong:
            at = "/".join(map(str, wrong[0]["loc"]))
            raise Broken(f"{reply.request.method} {reply.request.url.path}: {at}: {wrong[0]['msg']}") from None


@cases("SERVER-44")
def times_have_their_offset(visitor: Visitor) -> None:
    phone, sent = visitor.phone, visitor.visit()
    replies = [phone.post(sent), phone.stored(sent["id"]), phone.get("/v1/me/notices?limit=5")]
    shapes = [
        published().resolved({"$ref": f"#/components/schemas/{each}"}) for each in ("RecordedOut", "NoticeOut")
    ]
    names = {
        name for shape in shapes for name, of in shape["properties"].items() if of.get("format") == "date-time"
    }
    found = [said for reply in replies for said in _named(json_of(reply), names)]
    expect(found, "no time was answered")
    for name, value in found:
        try:
            there = datetime.fromisoformat(value).utcoffset() is not None
        except ValueError:
            there = False
        expect(there, f"{name} is {value!r}, a time without an offset")


def _named(value: Any, names: set[str]) -> list[tuple[str, str]]:
    """The texts that stand under one of these names, however deep."""
    if isinstance(value, list):
        return [found for each in value for found in _named(each, names)]
    if not isinstance(value, dict):
        return []
    here = [(name, of) for name, of in value.items() if name in names and isinstance(of, str)]
    return here + [found for of in value.values() for found in _named(of, names)]


@cases("SERVER-45")
def answers_have_a_date(visitor: Visitor) -> None:
    reply = visitor.phone.get("/v1/me")
    try:
        parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        raise Broken(f"GET /v1/me: Date is {reply.headers.get('date')!r}") from None
