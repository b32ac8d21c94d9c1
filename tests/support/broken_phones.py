"""Phones that break one clause each, made of the sample client: `python -m tests.support.broken_phones CLAUSE`."""

import json
import sys
import time
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid4, uuid5

from tests.support.sample_client import phone_queue

Phone, Later, SignedOut = phone_queue.Phone, phone_queue.Later, phone_queue.SignedOut
BROKEN: dict[str, type[Phone]] = {}


def breaks(clause: str):
    def add(phone: type[Phone]) -> type[Phone]:
        BROKEN[clause] = phone
        return phone

    return add


class ChangesVisits(Phone):
    """Something happens to each visit when it is kept."""

    def keep(self, visits):
        super().keep([self.changed(visit) for visit in visits])


class ChangesResults(Phone):
    """Something is made of each result of a batch."""

    def _signed_in(self, path, body):
        answer = super()._signed_in(path, body)
        for check_in, result in zip(body["check_ins"], answer["results"], strict=True):
            self.change(check_in, result)
        return answer


@breaks("SYNC-1")
class IdsByContent(ChangesVisits):
    def changed(self, visit):
        return visit | {"id": str(uuid5(NAMESPACE_OID, visit["note"]))}


@breaks("SYNC-2")
class SaysSavedTooSoon(Phone):
    def keep(self, visits):
        sys.stdout.write("{}\n")
        sys.stdout.flush()
        time.sleep(2)
        super().keep(visits)


@breaks("SYNC-3")
class NewIdsEachTime(Phone):
    def _signed_in(self, path, body):
        fresh = [each | {"id": str(uuid4())} for each in body["check_ins"]]
        return super()._signed_in(path, body | {"check_ins": fresh})


@breaks("SYNC-4")
class ForgetsWhatWasSent(Phone):
    def send(self):
        try:
            super().send()
        except Later:
            self.state["waiting"] = []
            self.store()
            raise


@breaks("SYNC-6")
class NeverRefreshes(Phone):
    def _token(self, **form):
        if form["grant_type"] == "refresh_token":
            raise SignedOut
        super()._token(**form)


@breaks("SYNC-7")
class DuplicatesComeAgain(ChangesResults):
    def change(self, _check_in, result):
        result["status"] = result["status"].replace("duplicate", "deferred")


@breaks("SYNC-8")
class TriesRefusedOnesUnderNewIds(ChangesResults):
    def change(self, check_in, result):
        if result["status"] in phone_queue.TO_MEND:
            check_in["id"], result["status"] = str(uuid4()), "deferred"


@breaks("SYNC-9")
class StopsAtABadOne(Phone):
    batch = 1

    def _signed_in(self, path, body):
        answer = super()._signed_in(path, body)
        if any(result["status"] == "invalid" for result in answer["results"]):
            raise Later
        return answer


@breaks("SYNC-10")
class TakesAnyWordForDone(ChangesResults):
    def change(self, _check_in, result):
        if result["status"] not in phone_queue.TO_MEND:
            result["status"] = "recorded"


@breaks("SYNC-11")
class SendsTheSameSizeForEver(Phone):
    def _signed_in(self, path, body):
        answer = super()._signed_in(path, body)
        if answer is None:
            raise Later
        return answer


@breaks("SYNC-12")
class SendsAllAtOnce(Phone):
    batch = 10_000


@breaks("SYNC-13")
class NewestFirst(Phone):
    def send(self):
        self.state["waiting"].reverse()
        super().send()


@breaks("SYNC-14")
class OneByOne(Phone):
    batch = 1


@breaks("SYNC-15")
class GoesOnAfterAFailure(Phone):
    def _signed_in(self, path, body):
        try:
            return super()._signed_in(path, body)
        except Later:
            return {"results": [{"status": "deferred"} for _ in body["check_ins"]]}


@breaks("SYNC-16")
class IsImpatient(Phone):
    def again_in_s(self, _least):
        return 1


@breaks("SYNC-17")
class GivesUpAfterFive(Phone):
    def again_in_s(self, least):
        if self.state["failures"] >= 4:
            self.state["waiting"] = []
        return super().again_in_s(least)


@breaks("SYNC-19")
class KeepsItToItself(Phone):
    def _signed_in(self, path, body):
        return super()._signed_in(path, {"check_ins": body["check_ins"]})


@breaks("SYNC-20")
class StampsWhenItSends(Phone):
    def _signed_in(self, path, body):
        now = datetime.now().astimezone().isoformat()
        stamped = [each | {"captured_at": now} for each in body["check_ins"]]
        return super()._signed_in(path, body | {"check_ins": stamped})


@breaks("SYNC-22")
class MendsItsTimes(Phone):
    def again_in_s(self, least):
        for each in self.state["waiting"]:
            then = datetime.fromisoformat(each["check_in"]["captured_at"])
            each["check_in"]["captured_at"] = (then + timedelta(days=1)).isoformat()
        return super().again_in_s(least)


@breaks("SYNC-23")
class IsAnotherDeviceEachTime(Phone):
    def sign_in(self, username, password):
        self.state["device_id"] = str(uuid4())
        super().sign_in(username, password)


@breaks("SYNC-24")
class StoresTokensLater(Phone):
    def _token(self, **form):
        if form["grant_type"] == "refresh_token":
            self.store = lambda: None
        super()._token(**form)
        self.__dict__.pop("store", None)


@breaks("SYNC-25")
class SignsOutAfterALostRefresh(Phone):
    def _token(self, **form):
        try:
            super()._token(**form)
        except Later:
            self.state["tokens"] = None
            self.store()
            raise


@breaks("SYNC-26")
class EmptiesItsQueueWithTheSession(Phone):
    def send(self):
        try:
            super().send()
        except SignedOut:
            self.state["waiting"] = []
            self.store()
            raise


@breaks("SYNC-27")
class OneQueueForAll(Phone):
    def send(self):
        for each in self.state["waiting"]:
            each["person"] = self.state["person"]
        super().send()


@breaks("CRS-1")
class ConvertsCoordinates(ChangesVisits):
    def changed(self, visit):
        return visit | {"position": visit["position"] | {"lon": 106.2259, "lat": 24.2979, "crs": "wgs84"}}


@breaks("CRS-2")
class RoundsItsAccuracy(ChangesVisits):
    def changed(self, visit):
        return visit | {"position": visit["position"] | {"accuracy_m": max(1, visit["position"]["accuracy_m"])}}


@breaks("PHOTO-1")
class PhotosFirst(Phone):
    def send(self):
        self.send_photos()
        self.send_visits()


@breaks("PHOTO-2")
class CompressesEachTime(Phone):
    def _signed_in(self, path, body, method="POST"):
        said = body + self.state["failures"].to_bytes(4) if method == "PUT" else body
        return super()._signed_in(path, said, method)


@breaks("VERSION-1")
class KnowsWhatItKnows(Phone):
    def _ask(self, *request):
        status, answer = super()._ask(*request)
        if answer and "added_later" in answer:
            raise Later
        return status, answer


@breaks("VERSION-3")
class GoesByTheTypeAlone(Phone):
    def _ask(self, *request):
        status, answer = super()._ask(*request)
        if status == 401:
            raise Later
        return status, answer


@breaks("VERSION-4")
class TakesTheUnknownForBad(Phone):
    def passes(self, status):
        return status in (408, 429, 500, 502, 503, 504)

    def _signed_in(self, path, body):
        try:
            return super()._signed_in(path, body)
        except Later:
            return {"results": [{"status": "invalid"} for _ in body["check_ins"]]}


if __name__ == "__main__":
    clause, url, file, command, *words = sys.argv[1:]
    given = [json.load(sys.stdin)] if command == "keep" else words
    sys.stdout.write(json.dumps(phone_queue.obey(BROKEN[clause](url, file), command, *given)))
