"""Servers that break a clause about check-ins, batches or lists."""

import threading
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from app.checkins.rules import Visit
from app.conformance.county import Kept
from app.conformance.line import Asked, Said
from app.conformance.mock import Outcome
from app.conformance.mutants import Mutant, Mutants
from app.conformance.signing_in import Session
from app.conformance.visitor import new_id
from app.kernel.language import Text
from app.kernel.problems import ID_REUSED, INVALID, NOT_FOUND, Problem, invalid

_NUMBER = Text("必须是整数", "Must be a whole number")

mutants = Mutants()


# One check-in


@mutants("SERVER-8")
class StoresNothing(Mutant):
    def store(self, visit: Visit) -> Kept:
        self.ran += 1
        return Kept(visit, visit.fix, self.clock())


@mutants("SERVER-9")
class RepeatsAreNew(Mutant):
    def take(self, item: Any, session: Session) -> Outcome:
        outcome = super().take(item, session)
        if outcome.status == "duplicate" and outcome.kept:
            self.ran += 1
            return Outcome("recorded", self.store(outcome.kept.visit))
        return outcome


@mutants("SERVER-10")
class ComparesText(Mutant):
    """By the bytes of the JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[UUID, bytes] = {}

    def post_check_in(self, asked: Asked, session: Session) -> Said:
        said = super().post_check_in(asked, session)
        if self.bodies.setdefault(said.body["id"], asked.body) != asked.body:
            self.ran += 1
            raise Problem(ID_REUSED)
        return said


@mutants("SERVER-11")
class TheLastContentWins(Mutant):
    def take(self, item: Any, session: Session) -> Outcome:
        outcome = super().take(item, session)
        if outcome.status == "conflict":
            self.ran += 1
            return Outcome("duplicate", self.store(self.read(item, session)))
        return outcome


@mutants("SERVER-12")
class OneFaultAtATime(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if said.status != 422 or len(said.body["errors"]) < 2:
            return None
        return replace(said, body=said.body | {"errors": said.body["errors"][:1]})


@mutants("SERVER-13")
class RefusedIdsAreSpent(Mutant):
    def __init__(self) -> None:
        super().__init__()
        self.spent: set[str] = set()

    def read(self, item: Any, session: Session) -> Visit:
        if item["id"] in self.spent:
            self.ran += 1
            raise Problem(ID_REUSED)
        try:
            return super().read(item, session)
        except Problem:
            self.spent.add(item["id"])
            raise


@mutants("SERVER-14")
class AnyIdWillDo(Mutant):
    def read(self, item: Any, session: Session) -> Visit:
        try:
            return super().read(item, session)
        except Problem:
            self.ran += 1
            return super().read(item | {"id": new_id()}, session)


@mutants("SERVER-15")
class LooksBeforeItLeaps(Mutant):
    """Asks whether the id is there, and stores it a moment later."""

    def __init__(self) -> None:
        super().__init__()
        self.between = threading.Barrier(2)

    def answer(self, asked: Asked) -> Said:
        if asked.path != "/v1/check-ins":
            return super().answer(asked)
        known = asked.json["id"] in map(str, self.check_ins)
        with suppress(threading.BrokenBarrierError):
            self.between.wait(timeout=1)
        said = super().answer(asked)
        if not known and said.status == 200:
            self.ran += 1
            said.status = 201
        return said


@mutants("SERVER-16")
class KnownMembersOnly(Mutant):
    def read(self, item: Any, session: Session) -> Visit:
        if "added_later" in item:
            self.ran += 1
            raise Problem(INVALID)
        return super().read(item, session)


@mutants("SERVER-17")
class NoPositionNoVisit(Mutant):
    def read(self, item: Any, session: Session) -> Visit:
        if item["position"] is None:
            self.ran += 1
            raise Problem(INVALID)
        return super().read(item, session)


@mutants("SERVER-18")
class ZeroIsAPlace(Mutant):
    def read(self, item: Any, session: Session) -> Visit:
        visit = super().read(item, session)
        if item["position"] and not item["position"]["lon"]:
            self.ran += 1
            real = super().read(item | {"position": item["position"] | {"lon": 100.0, "lat": 30.0}}, session)
            return replace(visit, fix=real.fix and replace(real.fix, lon=0.0, lat=0.0))
        return visit


@mutants("SERVER-19")
class TheLastFixWins(Mutant):
    def put_position(self, asked: Asked, session: Session) -> Said:
        kept = self.own(asked.values["check_in_id"], session)
        if kept.fix is not None:
            self.ran += 1
            kept.fix = None
        return super().put_position(asked, session)


@mutants("SERVER-20")
class ZeroMetresIsPerfect(Mutant):
    def read(self, item: Any, session: Session) -> Visit:
        visit = super().read(item, session)
        if item["position"]["accuracy_m"] == 0 and visit.fix:
            self.ran += 1
            return replace(visit, fix=replace(visit.fix, accuracy_m=0.0))
        return visit


@mutants("SERVER-21")
class TakesAllForWgs84(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if asked.path != "/v1/check-ins" or asked.json["position"]["crs"] == "wgs84":
            return None
        position = {name: asked.json["position"][name] for name in ("lon", "lat", "accuracy_m")}
        return replace(said, body=said.body | {"position": position})


@mutants("SERVER-22")
class TakesTheTimeOfArrival(Mutant):
    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if asked.path != "/v1/check-ins":
            return None
        return replace(said, body=said.body | {"captured_at": said.body["received_at"]})


# A batch


class _OfResults(Mutant):
    """Changes what a batch answers."""

    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if not said.answers(asked, "POST", "/v1/check-ins/batch", 200):
            return None
        results = self.changed(said.body["results"])
        return None if results == said.body["results"] else replace(said, body=said.body | {"results": results})

    def changed(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        raise NotImplementedError


@mutants("SERVER-23")
class GoodOnesFirst(_OfResults):
    def changed(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(results, key=lambda each: each["status"] == "invalid")


@mutants("SERVER-24")
class AllOrNothing(Mutant):
    def take(self, item: Any, session: Session) -> Outcome:
        outcome = super().take(item, session)
        if outcome.status == "invalid":
            self.ran += 1
            raise Problem(INVALID)
        return outcome


@mutants("SERVER-25")
class ConflictsAreInvalid(_OfResults):
    def changed(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [each | {"status": each["status"].replace("conflict", "invalid")} for each in results]


@mutants("SERVER-26")
class ListsRepeatsTwice(Mutant):
    def __init__(self) -> None:
        super().__init__()
        self.again: list[Kept] = []

    def take(self, item: Any, session: Session) -> Outcome:
        outcome = super().take(item, session)
        if outcome.status == "duplicate" and outcome.kept:
            self.again.append(outcome.kept)
        return outcome

    def spoil(self, asked: Asked, said: Said) -> Said | None:
        if not self.again or not said.answers(asked, "GET", "/v1/me/check-ins", 200):
            return None
        twice = [self.listed(each, asked) for each in self.again]
        return replace(said, body=said.body | {"items": twice + said.body["items"]})


@mutants("SERVER-27")
class OneHundredAreEnough(_OfResults):
    def changed(self, results: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return results[:100]


@mutants("SERVER-28")
class TakesTheFirstFiveHundred(Mutant):
    def post_batch(self, asked: Asked, session: Session) -> Said:
        if len(asked.json["check_ins"]) > 500:
            self.ran += 1
            asked.json["check_ins"] = asked.json["check_ins"][:500]
        return super().post_batch(asked, session)


@mutants("SERVER-29")
class AnySizeWillDo(Mutant):
    def _small_enough(self, asked: Asked) -> None:
        self.ran += len(asked.body) > 2**21


@mutants("SERVER-30")
class WantsToKnowWhatWaits(Mutant):
    def post_batch(self, asked: Asked, session: Session) -> Said:
        if not isinstance(asked.json.get("waiting", 0), int):
            self.ran += 1
            raise invalid("/waiting", "not_a_number", _NUMBER)
        return super().post_batch(asked, session)


# Reading


@mutants("SERVER-34")
class SkipsARowBetweenPages(Mutant):
    def my_check_ins(self, asked: Asked, session: Session) -> Said:
        if cursor := asked.query.get("cursor"):
            self.ran += 1
            asked.query["cursor"] = str(int(cursor) + 1)
        return super().my_check_ins(asked, session)


@mutants("SERVER-35")
class ShowsEverybodysVisits(Mutant):
    def own(self, check_in_id: str, session: Session) -> Kept:
        kept = self.check_ins.get(UUID(check_in_id))
        if kept is None:
            raise Problem(NOT_FOUND)
        self.ran += kept.visit.person_id != session.person.id
        return kept


@mutants("SERVER-36")
class NeverUnchanged(Mutant):
    def my_villages(self, asked: Asked, session: Session) -> Said:
        self.ran += "if-none-match" in asked.headers
        return super().my_villages(replace(asked, headers={}), session)
