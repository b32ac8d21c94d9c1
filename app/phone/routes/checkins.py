"""Check-ins: posting one or many, and reading one's own."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from pydantic_core import to_json

from app.access import devices
from app.checkins import service as checkins
from app.checkins.rules import Visit
from app.directory.rights import Ability
from app.duties.service import DutyProgress
from app.flows.record_visits import Outcome
from app.http.abilities import needs
from app.http.caller import LanguageDep, ScopeDep, caller_of, language_of, refuse_ended
from app.http.errors import LATER
from app.http.services import services
from app.http.sessions import SessionDep
from app.http.tokens import Caller
from app.http.validation import field_errors
from app.http.wire import MomentQuery, Whole
from app.kernel import patient_json
from app.kernel.language import Language, Text
from app.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from app.kernel.problems import (
    BAD_REQUEST,
    INTERNAL,
    INVALID,
    SESSION_ENDED,
    TOO_LARGE,
    FieldError,
    Problem,
    invalid,
)
from app.phone.schemas import forms
from app.phone.schemas.checkins import (
    MAX_BATCH,
    MAX_BATCH_BYTES,
    BatchIn,
    BatchOut,
    CheckInIn,
    CheckInList,
    RecordedOut,
    Waiting,
)
from app.phone.schemas.reviews import OwnCheckInOut
from app.reads import own_check_ins

log = structlog.get_logger()

router = APIRouter(tags=["check-ins"])

_BATCH_SHAPE = Text('应为 {{"check_ins": [...]}}', 'Must be {{"check_ins": [...]}}')
_BATCH_SIZE = Text("每批 1 至 {most} 条", "1 to {most} items in a batch")


def _read_by_hand(model: type) -> dict[str, object]:
    """Body and sign-in for the document.

    These routes are direct (http/direct.py) and read both themselves, so that each item fails alone.
    """
    return {
        "security": [{"OAuth2PasswordBearer": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}},
        },
    }


@router.post(
    "/check-ins",
    status_code=201,
    response_model=RecordedOut,
    responses={200: {"model": RecordedOut, "description": "A repeat of what is recorded already"}, **LATER},
    openapi_extra=_read_by_hand(CheckInIn),
    summary="Post one check-in",
)
@needs(Ability.OWN_AFTERWARDS)
async def post_check_in(request: Request) -> Response:
    caller, language = caller_of(request), language_of(request)
    services(request).limits.check_ins.check(caller.person_id)
    visit = _parsed(await _json(request), caller)
    if isinstance(visit, Visit):
        (outcome,) = await _recorded(request, caller, [visit])
    else:
        await refuse_ended(services(request), caller, may_have_left=True)
        outcome = visit
    if outcome.check_in is None:
        raise outcome.problem or Problem(INTERNAL)
    body = checkins.view(outcome.check_in, language) | {"duties": _duties(request, outcome.duties, language)}
    return _answer(body, status=201 if outcome.status == "recorded" else 200)


@router.post(
    "/check-ins/batch",
    response_model=BatchOut,
    responses=LATER,
    openapi_extra=_read_by_hand(BatchIn),
    summary="Post a queue of check-ins; each stands or fails alone",
)
@needs(Ability.OWN_AFTERWARDS)
async def post_batch(request: Request) -> Response:
    caller, language = caller_of(request), language_of(request)
    services(request).limits.check_ins.check(caller.person_id)
    body = await _json(request)
    try:
        items = _items(body)
    except Problem:
        await refuse_ended(services(request), caller, may_have_left=True)
        raise
    parsed = [_parsed(item, caller) for item in items]
    visits = [visit for visit in parsed if isinstance(visit, Visit)]
    if not visits:
        await refuse_ended(services(request), caller, may_have_left=True)
    outcomes = iter(await _recorded(request, caller, visits) if visits else ())
    results: list[dict[str, object]] = []
    duties: dict[UUID, DutyProgress] = {}
    for index, (item, visit) in enumerate(zip(items, parsed, strict=True)):
        outcome = next(outcomes) if isinstance(visit, Visit) else visit
        duties |= {duty.id: duty for duty in outcome.duties}
        results.append(
            {
                "index": index,
                "id": visit.id if isinstance(visit, Visit) else _id_of(item),
                "status": outcome.status,
                "check_in": outcome.check_in and checkins.view(outcome.check_in, language),
                "problem": outcome.problem and outcome.problem.as_dict(language),
            }
        )
    beside = any(result["status"] not in _TAKEN for result in results)
    await _note_waiting(request, caller, body, beside=beside)
    return _answer({"results": results, "duties": _duties(request, duties.values(), language)})


_TAKEN = ("recorded", "duplicate")
DIRECT = {"/check-ins": post_check_in, "/check-ins/batch": post_batch}


@router.get("/me/check-ins", response_model=CheckInList, summary="One's own check-ins, newest first")
@needs(Ability.OWN_AFTERWARDS)
async def my_check_ins(
    request: Request,
    own: ScopeDep,
    session: SessionDep,
    language: LanguageDep,
    since: MomentQuery | None = None,
    cursor: str | None = None,
    limit: Annotated[Whole, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> dict[str, object]:
    listed = await checkins.listing(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        since=since,
        cursor=cursor,
        limit=limit,
        language=language,
    )
    marked = await own_check_ins.marks(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        visits={each["id"]: each["visited_at"] for each in listed["items"]},
        now=services(request).clock(),
    )
    return listed | {"items": [each | marked[each["id"]].as_dict(language) for each in listed["items"]]}


@router.get("/me/check-ins/{check_in_id}", response_model=OwnCheckInOut, summary="One of one's own check-ins")
@needs(Ability.OWN_AFTERWARDS)
async def my_check_in(
    request: Request, check_in_id: UUID, own: ScopeDep, session: SessionDep, language: LanguageDep
) -> dict[str, object]:
    found = await checkins.one(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        check_in_id=check_in_id,
        language=language,
    )
    marked = await own_check_ins.marks(
        session,
        county_id=own.county_id,
        person_id=own.person_id,
        visits={check_in_id: found["visited_at"]},
        now=services(request).clock(),
    )
    return found | marked[check_in_id].as_dict(language)


async def _note_waiting(request: Request, caller: Caller, body: object, *, beside: bool) -> None:
    said = Waiting.said_in(body)
    if said is None:
        return
    house = services(request)
    try:
        async with house.database.transaction(caller.county_id) as session:
            await devices.say_waiting(
                session,
                county_id=caller.county_id,
                person_id=caller.person_id,
                session_id=caller.session_id,
                waiting=said.waiting,
                oldest_waiting_at=said.oldest_waiting_at,
                beside=beside,
                now=house.clock(),
            )
    except Exception:  # the check-ins beside it are stored, and that must be said
        log.exception("waiting_not_noted")


async def _json(request: Request) -> object:
    """The body, at most 2 MiB. What is odd in one item must not lose the others: it is refused at its field."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MAX_BATCH_BYTES:
        raise Problem(TOO_LARGE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BATCH_BYTES:
            raise Problem(TOO_LARGE)
    try:
        return patient_json.parse(bytes(body))
    except ValueError:
        raise Problem(BAD_REQUEST, Text("不是合法的 JSON", "This is not valid JSON")) from None


def _items(body: object) -> list[object]:
    items = body.get("check_ins") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise invalid("/check_ins", "not_a_list", _BATCH_SHAPE)
    if not 1 <= len(items) <= MAX_BATCH:
        raise Problem(INVALID, errors=(FieldError("/check_ins", "batch_size", _BATCH_SIZE, {"most": MAX_BATCH}),))
    return items


def _visit(item: object, caller: Caller) -> Visit:
    try:
        said = CheckInIn.model_validate(item)
    except ValidationError as error:
        raise Problem(INVALID, errors=field_errors(error.errors(include_url=False), item)) from None
    forms.check(said.form)
    return said.visit(caller)


def _parsed(item: object, caller: Caller) -> Visit | Outcome:
    try:
        return _visit(item, caller)
    except Problem as problem:
        return Outcome.refused(problem)
    except Exception:  # a fault of ours, which must cost the item's neighbours nothing
        log.exception("check_in_not_read")
        return Outcome.deferred()


async def _recorded(request: Request, caller: Caller, visits: Sequence[Visit]) -> Sequence[Outcome]:
    """Raises what came in the way of all of them: `SESSION_ENDED`, or when to come back."""
    outcomes = await services(request).visits.submit(caller.county_id, visits)
    fresh = sum(outcome.status == "recorded" for outcome in outcomes)  # repeats cost nothing: answers are lost
    services(request).limits.check_ins.spend(caller.person_id, fresh)
    deferred = [outcome.problem for outcome in outcomes if outcome.status == "deferred" and outcome.problem]
    ended = [problem for problem in deferred if problem.kind is SESSION_ENDED]
    if ended or (deferred and not any(outcome.check_in for outcome in outcomes)):
        raise (ended or deferred)[0]
    return outcomes


def _id_of(item: Any) -> UUID | None:
    """The id of an item that is wrong elsewhere, so that the phone can find it."""
    try:
        return UUID(item["id"])
    except (TypeError, KeyError, ValueError, AttributeError):
        return None


def _duties(request: Request, duties: Iterable[DutyProgress], language: Language) -> list[dict[str, object]]:
    now: datetime = services(request).clock()
    return [duty.as_dict(language, now) for duty in duties]


def _answer(body: dict[str, object], status: int = 200) -> Response:
    return Response(to_json(body), status_code=status, media_type="application/json")
