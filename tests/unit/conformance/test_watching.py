"""What the mock says of an app that is used by hand: nothing of a good one, and of a bad one what it breaks."""

from pathlib import Path

import httpx
import pytest

from app.conformance.mock import Mock
from app.conformance.mutants import in_process
from app.conformance.serving import served
from app.conformance.watching import Seen, seen
from tests.support.broken_phones import BROKEN
from tests.support.camera import photo
from tests.support.sample_client import InProcess, phone_queue

TROUBLES = "lost, invalid, deferred, conflict, expired, 503, ok"
ID = "0b0e8f6e-5c1f-4d5e-9a51-6f1d2f0c7a11"


def lived(phone: type, folder: Path) -> list[Seen]:
    """What is seen of a phone in whose life a good deal goes wrong."""

    class Used(InProcess):
        pass

    Used.phone = phone
    mock = Mock()
    with served(mock) as url:
        bench = Used([], mock, url, folder)
        bench.sign_in()
        bench.trouble(TROUBLES)
        for note in ("first", "second", "third"):
            bench.keep(bench.visit(note), bench.visit(f"{note} too"))
            bench.send(times=3)
        assert len(bench.posts) >= 6
    return seen(mock.journal)


def test_nothing_is_seen_of_a_good_phone(tmp_path: Path):
    assert lived(phone_queue.Phone, tmp_path) == []


@pytest.mark.parametrize("clause", ["SYNC-1", "SYNC-7"])
def test_a_bad_phone_is_seen(clause: str, tmp_path: Path):
    assert {each.clause for each in lived(BROKEN[clause], tmp_path)} == {clause}


class ChangesItsNotes(phone_queue.Phone):
    def _signed_in(self, path, body):
        for number, each in enumerate(body["check_ins"]):
            each["note"] += str(number)
        return super()._signed_in(path, body)


class SendsRefusedOnesAgain(BROKEN["SYNC-7"]):
    def change(self, _check_in, result):
        if result["status"] in phone_queue.TO_MEND:
            result["status"] = "deferred"


@pytest.mark.parametrize(
    ("phone", "clause"), [(ChangesItsNotes, "SYNC-3"), (SendsRefusedOnesAgain, "SYNC-8")], ids=["SYNC-3", "SYNC-8"]
)
def test_what_is_sent_again_is_looked_at(phone: type, clause: str, tmp_path: Path):
    assert clause in {each.clause for each in lived(phone, tmp_path)}


def test_sizes_devices_and_photos_are_seen():
    mock = Mock()
    with in_process(mock) as transport, httpx.Client(base_url="http://mock", transport=transport) as http:
        form = {"grant_type": "password", "username": "13800000003", "password": "yefang-demo"}
        headers = {"Authorization": f"Bearer {http.post('/v1/auth/token', data=form).json()['access_token']}"}
        http.post("/v1/check-ins/batch", headers=headers, json={"check_ins": []})
        for colour in ("red", "blue"):
            http.put(f"/v1/photos/{ID}", headers=headers, content=photo() + colour.encode())
        http.post("/v1/check-ins", headers=headers, content=b"{no json")
    assert [each.clause for each in seen(mock.journal)] == ["SYNC-23", "SYNC-12", "PHOTO-2"]


def test_one_may_ask_for_it():
    with served(Mock()) as url, httpx.Client(base_url=url) as http:
        http.post("/v1/auth/token", data={"grant_type": "password", "username": "13800000003"})
        (found,) = http.get("/mock/clauses").json()["broken"]
        assert (found["clause"], found["why"]) == ("SYNC-23", "a sign-in without a device_id")
