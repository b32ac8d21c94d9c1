"""A server of the phone's contract in memory: `yefang mock`, and what clients are tried against.

It keeps every clause of mobile_api_spec/server.md, tokens, visits, photos and devices included; whatever else the
document has is answered with an example of its shape.
"""

import hashlib
import threading
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from app.checkins.rules import Visit
from app.conformance.county import VILLAGES, Kept
from app.conformance.document import Operation, published
from app.conformance.line import JSON, Asked, Exchange, HangUp, Said
from app.conformance.signing_in import Session, Sessions
from app.conformance.troubles import Troubles
from app.http.validation import field_errors
from app.http.wire import MadeId
from app.kernel.clock import Clock, system_clock
from app.kernel.language import Text
from app.kernel.problems import (
    CONFLICT,
    ID_REUSED,
    INTERNAL,
    INVALID,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    FieldError,
    Problem,
    invalid,
)
from app.phone.schemas import forms
from app.phone.schemas.checkins import MAX_BATCH, MAX_BATCH_BYTES, CheckInIn, PositionIn
from app.phone.schemas.people import DeviceIn
from app.photos.decoding import decode
from app.photos.rules import CONTENT_TYPES

_ZONE = ZoneInfo("Asia/Shanghai")
_MISSING = Text("缺少此项", "This field is required")
_BATCH = Text("check_ins 应为 1 至 500 条的列表", "check_ins must be a list of 1 to 500 items")
_GRANT = Text("只能是 password 或 refresh_token", "Must be password or refresh_token")
_UNSET = Text("不是定位", "This is no position")
_ACCESS_TOKEN_S = 900

Model = TypeVar("Model", bound=BaseModel)


@dataclass
class Outcome:
    """What became of one visit; `status` is the word for it in a batch."""

    status: str
    kept: Kept | None = None
    problem: Problem | None = None


class _Photo(BaseModel):
    photo_id: MadeId


class Mock:
    """Methods are named for the operationId that they answer; `journal` has all that was asked."""

    def __init__(self, clock: Clock = system_clock, troubles: Troubles | None = None) -> None:
        self.clock = clock
        self.troubles = troubles or Troubles()
        self.sessions = Sessions()
        self.check_ins: dict[UUID, Kept] = {}
        self.photos: dict[UUID, tuple[UUID, bytes, dict[str, Any]]] = {}
        self.devices: dict[tuple[UUID, str], dict[str, Any]] = {}
        self.journal: list[Exchange] = []
        self._turn = threading.RLock()

    def answer(self, asked: Asked) -> Said:
        """One request at a time. Raises `HangUp` where the line is to be cut."""
        with self._turn:
            trouble = self.troubles.next_for(asked)
            exchange = Exchange(asked, trouble=str(trouble) if trouble else None)
            self.journal.append(exchange)
            said = trouble.before(self, asked) if trouble else None
            said = said or self.served(asked)
            if trouble:
                said = trouble.after(self, asked, said)
            said.headers.setdefault("Content-Type", JSON)
            said.headers.setdefault("Date", format_datetime(self.clock() + self.troubles.clock_off, usegmt=True))
            exchange.said = said
            return said

    def served(self, asked: Asked) -> Said:
        """What is answered when nothing goes wrong on the way."""
        try:
            operation = self._operation(asked)
            session = None if operation.is_open else self.sessions.of(asked.bearer)
            own = getattr(self, operation.id, None)
            said: Said = own(asked, session) if own else self.shaped(operation, asked)
            return self.troubles.dressed(said)
        except Problem as problem:
            return Said.of(problem, asked)
        except HangUp:
            raise
        except Exception:  # noqa: BLE001 - a fault of the mock's own is answered as any server's is
            return Said.of(Problem(INTERNAL), asked)

    def _operation(self, asked: Asked) -> Operation:
        found = list(published().at(asked.path))
        for operation, values in found:
            if operation.method == asked.method:
                asked.values = values
                return operation
        raise Problem(METHOD_NOT_ALLOWED if found else NOT_FOUND)

    def shaped(self, operation: Operation, asked: Asked) -> Said:
        """An example of what would be answered. Of what is sent, only what has to be there is looked for."""
        body = operation.body()
        if body is not None:
            said = asked.json if isinstance(asked.json, dict) else {}
            must = published().resolved(body).get("required", ())
            if missing := [FieldError(f"/{name}", "missing", _MISSING) for name in must if name not in said]:
                raise Problem(INVALID, errors=tuple(missing))
        shape = operation.shape(operation.success)
        return Said(operation.success, None if shape is None else published().example(shape))

    # Signing in

    def token(self, asked: Asked, _: None) -> Said:
        form = asked.form
        match form.get("grant_type"):
            case "password":
                self._present(form, "username", "password")
                session = self.sessions.sign_in(form["username"], form["password"], form.get("device_id"))
            case "refresh_token":
                self._present(form, "refresh_token")
                session = self.sessions.refresh(form["refresh_token"])
            case _:
                raise invalid("/grant_type", "unknown_value", _GRANT)
        return Said(
            200,
            {
                "access_token": session.access_token,
                "refresh_token": session.chain[-1],
                "token_type": "bearer",
                "expires_in": _ACCESS_TOKEN_S,
                "person": session.person.as_dict(),
            },
        )

    def _present(self, form: dict[str, str], *names: str) -> None:
        missing = tuple(FieldError(f"/{name}", "missing", _MISSING) for name in names if not form.get(name))
        if missing:
            raise Problem(INVALID, errors=missing)

    def logout(self, _: Asked, session: Session) -> Said:
        self.sessions.end(session)
        return Said(204)

    # Check-ins

    def post_check_in(self, asked: Asked, session: Session) -> Said:
        self._small_enough(asked)
        outcome = self.take(asked.json, session)
        if outcome.kept is None:
            raise outcome.problem or Problem(INTERNAL)
        status = 201 if outcome.status == "recorded" else 200
        return Said(status, outcome.kept.view(asked.language) | {"duties": self.duties()})

    def post_batch(self, asked: Asked, session: Session) -> Said:
        self._small_enough(asked)
        items = asked.json.get("check_ins") if isinstance(asked.json, dict) else None
        if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
            raise invalid("/check_ins", "batch_size", _BATCH)
        results = [self.result(index, item, asked, session) for index, item in enumerate(items)]
        return Said(200, {"results": results, "duties": self.duties()})

    def result(self, index: int, item: Any, asked: Asked, session: Session) -> dict[str, Any]:
        outcome = self.take(item, session)
        return {
            "index": index,
            "id": item.get("id") if isinstance(item, dict) and _is_id(item.get("id")) else None,
            "status": outcome.status,
            "check_in": outcome.kept and outcome.kept.view(asked.language),
            "problem": outcome.problem and outcome.problem.as_dict(asked.language),
        }

    def take(self, item: Any, session: Session) -> Outcome:
        try:
            visit = self.read(item, session)
        except Problem as problem:
            return Outcome("invalid", problem=problem)
        kept = self.check_ins.get(visit.id)
        if kept is None:
            return Outcome("recorded", self.store(visit))
        if kept.visit.content_hash != visit.content_hash:
            return Outcome("conflict", problem=Problem(ID_REUSED))
        return Outcome("duplicate", kept)

    def read(self, item: Any, session: Session) -> Visit:
        """Raises `INVALID`."""
        said = _valid(CheckInIn, item)
        forms.check(said.form)
        return said.visit(session.caller)

    def store(self, visit: Visit) -> Kept:
        kept = self.check_ins[visit.id] = Kept(visit, visit.fix, self.clock())
        return kept

    def put_position(self, asked: Asked, session: Session) -> Said:
        kept = self.own(asked.values["check_in_id"], session)
        fix = _valid(PositionIn, asked.json).fix(kept.visit.captured_at)
        if fix is None:
            raise invalid("", "unset_position", _UNSET)
        if kept.fix not in {None, fix}:
            raise Problem(CONFLICT)
        kept.fix = fix
        return Said(200, self.listed(kept, asked) | {"review": None, "duties": self.duties()})

    def my_check_in(self, asked: Asked, session: Session) -> Said:
        kept = self.own(asked.values["check_in_id"], session)
        return Said(200, self.listed(kept, asked) | {"review": None})

    def my_check_ins(self, asked: Asked, session: Session) -> Said:
        """`cursor` is the number of rows already seen."""
        mine = [each for each in self.check_ins.values() if each.visit.person_id == session.person.id]
        mine.sort(key=lambda each: (each.visit.captured_at, each.visit.id), reverse=True)
        limit, seen = int(asked.query.get("limit", "50")), int(asked.query.get("cursor", "0"))
        after = seen + limit
        return Said(
            200,
            {
                "items": [self.listed(each, asked) for each in mine[seen:after]],
                "next_cursor": str(after) if after < len(mine) else None,
            },
        )

    def listed(self, kept: Kept, asked: Asked) -> dict[str, Any]:
        return kept.view(asked.language) | {"appeal": None, "counts": []}

    def own(self, check_in_id: str, session: Session) -> Kept:
        """Raises `NOT_FOUND`, of somebody else's too."""
        kept = self.check_ins.get(UUID(check_in_id)) if _is_id(check_in_id) else None
        if kept is None or kept.visit.person_id != session.person.id:
            raise Problem(NOT_FOUND)
        return kept

    def duties(self) -> list[Any]:
        return [published().example({"$ref": "#/components/schemas/DutyOut"})]

    def _small_enough(self, asked: Asked) -> None:
        if len(asked.body) > MAX_BATCH_BYTES:
            raise Problem(TOO_LARGE)

    # Photos, devices, oneself

    def put_photo(self, asked: Asked, session: Session) -> Said:
        photo_id = _valid(_Photo, asked.values).photo_id
        there = self.photos.get(photo_id)
        if there is not None:
            if there[:2] != (session.person.id, asked.body):
                raise Problem(ID_REUSED)
            return Said(200, there[2])
        photo = decode(asked.body, zone=_ZONE)
        shown = {
            "id": photo_id,
            "content_type": CONTENT_TYPES[photo.format],
            "size_bytes": len(asked.body),
            "width": photo.width,
            "height": photo.height,
            "taken_at": photo.taken.at,
            "uploaded_at": self.clock(),
            "deleted_at": None,
        }
        self.photos[photo_id] = (session.person.id, asked.body, shown)
        return Said(201, shown)

    def my_photo(self, asked: Asked, session: Session) -> Said:
        there = self.photos.get(UUID(asked.values["photo_id"]))
        if there is None or there[0] != session.person.id:
            raise Problem(NOT_FOUND)
        return Said(200, there[1], {"Content-Type": there[2]["content_type"]})

    my_thumbnail = my_photo

    def put_device(self, asked: Asked, session: Session) -> Said:
        said = _valid(DeviceIn, asked.json).model_dump(exclude_unset=True)
        key = (session.person.id, asked.values["device_id"])
        kept = self.devices.setdefault(key, dict.fromkeys(DeviceIn.model_fields))
        kept |= said
        about = {"id": key[1], "last_seen_at": self.clock(), "push_problem": None}
        return Said(200, kept | about)

    def me(self, _: Asked, session: Session) -> Said:
        shown = published().example({"$ref": "#/components/schemas/MeOut"})
        return Said(200, shown | {"person": session.person.as_dict()})

    def my_villages(self, asked: Asked, _: Session) -> Said:
        said = Said(200, VILLAGES, {"Content-Type": "application/geo+json"})
        tag = f'"{hashlib.sha256(said.content).hexdigest()[:32]}"'
        said.headers["ETag"] = tag
        return Said(304, None, {"ETag": tag}) if tag in asked.headers.get("if-none-match", "") else said


def _valid(model: type[Model], said: object) -> Model:
    """Raises `INVALID`, with an error at each field at fault."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise Problem(INVALID, errors=field_errors(error.errors(include_url=False), said)) from None


def _is_id(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
