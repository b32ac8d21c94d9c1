"""What a request of the console is answered from: who asks, when, in which language.

Also the record of whose location was looked at.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

from fastapi import Depends, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.directory import service as directory
from app.directory.leaders import reaching_beyond, standings
from app.directory.rights import Ability, county_wide, of_others
from app.directory.scope import Scope
from app.http.abilities import ability_of
from app.http.caller import CountyScopeDep, LanguageDep
from app.http.services import services
from app.http.sessions import SessionDep
from app.kernel import audit
from app.kernel.audit import Looked
from app.kernel.language import Language, Text
from app.kernel.problems import FORBIDDEN, Problem
from app.reads import rule_period
from app.reads.answers.named import PersonRef
from app.reads.rule_period import RuleInPeriod
from app.reads.visibility import VisibleScope, visible_to

_OTHERS = Text("由管辖该处的办公室办理", "The office that answers there does this")
_OWN = Text("不能办理本人的事项", "Nobody does this about themselves")
_OPENED = Text("您的账号由此人开通，须由他人办理", "This person opened your account: somebody else has to do it")
_BEYOND = Text(
    "此人还有您管辖范围以外的任职，由上级办公室办理",
    "Holds a post beyond your units: an office above does this",
)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """What every request of the console is answered from."""

    session: AsyncSession
    scope: Scope
    now: datetime
    language: Language
    ability: Ability  # that the route declares

    async def visible(
        self, *, unit: UUID | None = None, village: str | None = None, person: UUID | None = None
    ) -> VisibleScope:
        """What may be seen, narrowed to a unit. Raises `NOT_FOUND` when a unit, village or person named is not."""
        return await visible_to(self.session, self.scope, unit_id=unit, village_id=village, person_id=person)

    async def where(
        self, *, village: str | None = None, person: UUID | None = None, own: Text = _OWN
    ) -> VisibleScope:
        """Where the caller may do what the route lets them do; a wider sight by another post is none to act in.

        Raises `NOT_FOUND` for what is named and out of sight, `FORBIDDEN` where they may only look at it, and for
        what is done to others only (`Reach.OTHERS`): about oneself, for which `own` is said, and about those whose
        posts reach further than the caller's.
        """
        await self.visible(village=village, person=person)
        self.must_hold()
        if person and of_others(self.ability):
            self.of_another(person, own)
        try:
            found = await visible_to(
                self.session, self.scope.within(self.ability), village_id=village, person_id=person
            )
        except Problem:
            raise Problem(FORBIDDEN, _OTHERS) from None
        if person and of_others(self.ability) and await self.reaching_beyond([person], found):
            raise Problem(FORBIDDEN, _BEYOND)
        return found

    def of_another(self, person_id: UUID, own: Text = _OWN) -> None:
        """Raises `FORBIDDEN` for what would be the caller's own case."""
        if self.scope.is_own(person_id):
            raise Problem(FORBIDDEN, own if person_id == self.scope.person_id else _OPENED)

    async def reaching_beyond(self, person_ids: Collection[UUID], where: VisibleScope) -> set[UUID]:
        """Of these people those who hold power outside of where the caller does what the route lets them do."""
        county = await directory.county(self.session, self.scope.county_id)
        return await reaching_beyond(
            self.session,
            county_id=county.id,
            person_ids=person_ids,
            paths=where.scope,
            today=county.day(self.now),
        )

    async def above(self, ability: Ability, person_ids: Collection[UUID]) -> set[UUID]:
        """Of these people those about whom the caller may do this: what is offered, and what is let in."""
        found = await standings(
            self.session, county_id=self.scope.county_id, person_ids=set(person_ids), now=self.now
        )
        return {of.person_id for of in found if self.scope.may(ability, of)}

    def must_hold(self, why: Text | None = None) -> None:
        """Raises `FORBIDDEN` unless the caller may do it somewhere."""
        if not self.scope.may(self.ability):
            raise Problem(FORBIDDEN, why)

    async def question(self, period: str | None, rule: UUID | None) -> RuleInPeriod:
        return await rule_period.ask(
            self.session, county_id=self.scope.county_id, rule_id=rule, period=period, now=self.now
        )

    async def seen(self, person_id: UUID | None, what: Mapping[str, object]) -> None:
        """Note in the audit log whose locations were looked at: a person's, or those that the filter `what` finds.

        Not for oneself, who is all that someone without a supervising post can see.
        """
        if person_id == self.scope.person_id or not self.scope.supervises:
            return
        await audit.record(
            self.session,
            county_id=self.scope.county_id,
            at=self.now,
            actor_id=self.scope.person_id,
            action="location.seen",
            subject=f"person:{person_id}" if person_id else "check_ins",
            detail=dict(what),
        )

    async def shown(self, what: Looked, person_ids: Collection[UUID]) -> None:
        """Note in the audit log that the caller was shown this of each of these people, themselves apart."""
        others = set(person_ids) - {self.scope.person_id}
        if others and self.scope.supervises:
            await audit.shown(
                self.session,
                county_id=self.scope.county_id,
                actor_id=self.scope.person_id,
                person_ids=others,
                what=what,
                now=self.now,
            )


Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[object]])


def shows(what: Looked, *, asked: bool = True) -> Callable[[Endpoint], Endpoint]:
    """Innermost above a route's function, which takes `context`: whom its answer names is noted as looked at.

    Without `asked` not the one `person` who was asked for: the function notes that itself.
    """

    def wrap(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def noted(*given: object, **named: Any) -> object:
            answer = await endpoint(*given, **named)
            asking = next(each for each in (*given, *named.values()) if isinstance(each, RequestContext))
            noted_already = set() if asked else {named.get("person")}
            await asking.shown(what, set(people_of(answer)) - noted_already)
            return answer

        noted.__dict__["shows"] = what
        return cast("Endpoint", noted)

    return wrap


def people_of(answer: object) -> Iterator[UUID]:
    """Everybody whom an answer names as the one whom it is about."""
    if isinstance(answer, PersonRef):
        yield answer.id
    elif isinstance(answer, BaseModel):
        for name in type(answer).model_fields:
            yield from people_of(getattr(answer, name))
    elif isinstance(answer, list):
        for each in answer:
            yield from people_of(each)


def context(request: Request, scope: CountyScopeDep, session: SessionDep, language: LanguageDep) -> RequestContext:
    """Raises `FORBIDDEN` at once for what is the whole county's, where the caller does not answer for that."""
    ability = ability_of(request.scope["endpoint"])
    made = RequestContext(session, scope, services(request).clock(), language, ability)
    if county_wide(ability):
        made.must_hold()
    return made


ContextDep = Annotated[RequestContext, Depends(context)]
