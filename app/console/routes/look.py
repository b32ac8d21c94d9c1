"""One look at a county: who looks, when, in which language; and the record of whose location was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.asgi.caller import CountyScopeDep, LanguageDep
from app.asgi.services import services
from app.asgi.sessions import SessionDep
from app.directory.scope import Scope
from app.kernel import audit
from app.kernel.language import Language, Text
from app.kernel.problems import FORBIDDEN, Problem
from app.reads import question
from app.reads.question import Question
from app.reads.sight import Sight, looking

_OTHERS = Text("由管辖该处的办公室办理", "The office that answers there does this")


@dataclass(frozen=True, slots=True)
class Look:
    """What every request of the console is answered from."""

    session: AsyncSession
    scope: Scope
    now: datetime
    language: Language

    async def sight(
        self, *, unit: UUID | None = None, village: str | None = None, person: UUID | None = None
    ) -> Sight:
        """What may be seen, narrowed to a unit. Raises `NOT_FOUND` when a unit, village or person named is not."""
        return await looking(self.session, self.scope, unit_id=unit, village_id=village, person_id=person)

    async def as_office(
        self, *, unit: UUID | None = None, village: str | None = None, person: UUID | None = None
    ) -> Sight:
        """What the caller answers for in an office; a leader's or inspector's wider sight is none to act in.

        Raises `NOT_FOUND` for what is named and out of sight, `FORBIDDEN` where no office of theirs lies above it.
        """
        await self.sight(unit=unit, village=village, person=person)
        office = self.scope.as_office()
        if not office.supervises:
            raise Problem(FORBIDDEN)
        try:
            return await looking(self.session, office, unit_id=unit, village_id=village, person_id=person)
        except Problem:
            raise Problem(FORBIDDEN, _OTHERS) from None

    def as_county_office(self) -> None:
        """For what holds in the whole county. Raises `FORBIDDEN` for all but its own office."""
        if not self.scope.of_county_office:
            raise Problem(FORBIDDEN)

    async def question(self, period: str | None, rule: UUID | None) -> Question:
        return await question.ask(
            self.session, county_id=self.scope.county_id, rule_id=rule, period=period, now=self.now
        )

    async def seen(self, person_id: UUID | None, what: Mapping[str, Any]) -> None:
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


def look(request: Request, scope: CountyScopeDep, session: SessionDep, language: LanguageDep) -> Look:
    return Look(session, scope, services(request).clock(), language)


LookDep = Annotated[Look, Depends(look)]
