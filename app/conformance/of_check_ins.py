"""Cases of a server: one check-in."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from typing import Any

from app.conformance.cases import Cases, expect
from app.conformance.visitor import Visitor, json_of, moment, new_id, status
from app.geo.coordinates import from_wgs84
from app.geo.words import Crs

cases = Cases()

_AT_ONCE = 8
_NEAR = 0.0002  # degrees, some 20 m: ways to convert differ by a metre, systems by hundreds


@cases("SERVER-8")
def what_is_new_is_there(visitor: Visitor) -> None:
    sent = visitor.visit()
    status(visitor.phone.post(sent), 201)
    reply = visitor.phone.stored(sent["id"])
    status(reply, 200)
    found = json_of(reply)
    expect((found["id"], found["note"]) == (sent["id"], sent["note"]), f"another check-in came back: {reply.text}")


@cases("SERVER-9")
def a_repeat_is_the_same_check_in(visitor: Visitor) -> None:
    sent = visitor.visit()
    first, again = visitor.phone.post(sent), visitor.phone.post(sent)
    status(first, 201)
    status(again, 200)
    for name in ("id", "captured_at", "received_at"):
        one, two = json_of(first)[name], json_of(again)[name]
        expect(one == two, f"{name} of the repeat is {two}, was {one}")


@cases("SERVER-10")
def a_repeat_in_other_json_is_one_too(visitor: Visitor) -> None:
    sent = visitor.visit()
    sent["position"]["accuracy_m"] = 12
    status(visitor.phone.post(sent), 201)
    position = {name: sent["position"][name] for name in reversed(sent["position"])} | {"accuracy_m": 12.0}
    captured_at = moment(sent["captured_at"]).astimezone(UTC).isoformat(timespec="milliseconds")
    other = {name: sent[name] for name in reversed(sent)} | {"position": position, "captured_at": captured_at}
    status(visitor.phone.post(json.dumps(other, indent=1).encode()), 200)


@cases("SERVER-11")
def an_id_holds_one_content(visitor: Visitor) -> None:
    sent = visitor.visit()
    status(visitor.phone.post(sent), 201)
    status(visitor.phone.post(sent | {"note": "another"}), 409, problem="id-reused")
    there = json_of(visitor.phone.stored(sent["id"]))["note"]
    expect(there == sent["note"], f"the first content is gone: the note is {there!r}")


@cases("SERVER-12")
def each_field_at_fault_is_named(visitor: Visitor) -> None:
    sent = visitor.visit(purpose="nonsense")
    sent["position"]["crs"] = "gps"
    reply = visitor.phone.post(sent)
    status(reply, 422, problem="invalid")
    named = {each.get("pointer") for each in json_of(reply)["errors"]}
    missing = {"/purpose", "/position/crs"} - named
    expect(not missing, f"no error names {', '.join(sorted(missing))}: {reply.text}")


@cases("SERVER-13")
def what_was_refused_may_be_mended(visitor: Visitor) -> None:
    sent = visitor.visit()
    status(visitor.phone.post(sent | {"purpose": "nonsense"}), 422)
    status(visitor.phone.stored(sent["id"]), 404)
    status(visitor.phone.post(sent), 201)


@cases("SERVER-14")
def ids_are_made_by_phones(visitor: Visitor) -> None:
    for version in (4, 7):
        status(visitor.phone.post(visitor.visit(id=new_id(version))), 201)
    for bad in ("00000000-0000-0000-0000-000000000000", "visit 1"):
        reply = visitor.phone.post(visitor.visit(id=bad))
        status(reply, 422)
        expect([each["pointer"] for each in json_of(reply)["errors"]] == ["/id"], f"not at /id: {reply.text}")


@cases("SERVER-15")
def at_once_is_stored_once(visitor: Visitor) -> None:
    sent, phone = visitor.visit(), visitor.phone
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        replies = list(threads.map(lambda _: phone.post(sent), range(_AT_ONCE)))
    for reply in replies:
        status(reply, 200, 201)
    new = sum(reply.status_code == 201 for reply in replies)
    expect(new == 1, f"of {_AT_ONCE} posts of one check-in at once {new} were answered 201")


@cases("SERVER-16")
def newer_members_cost_nothing(visitor: Visitor) -> None:
    sent = visitor.visit(added_later={"by": "an app of next year"})
    sent["position"]["satellites"] = 9
    status(visitor.phone.post(sent), 201)


@cases("SERVER-17")
def no_position_is_kept_and_held(visitor: Visitor) -> None:
    reply = visitor.phone.post(visitor.visit(position=None, position_problem="timeout"))
    status(reply, 201)
    _held_without_fix(json_of(reply))


@cases("SERVER-18")
def zeros_are_no_position(visitor: Visitor) -> None:
    reply = visitor.phone.post(visitor.visit(position={"lon": 0, "lat": 0, "accuracy_m": 5}))
    status(reply, 201)
    _held_without_fix(json_of(reply))


def _held_without_fix(found: dict[str, Any]) -> None:
    codes = [reason["code"] for reason in found["reasons"]]
    expect(found["standing"] == "held" and "no_fix" in codes, f"standing {found['standing']}, reasons {codes}")
    expect(found["position"] is None, f"the position is {found['position']}")


@cases("SERVER-19")
def a_fix_follows_once(visitor: Visitor) -> None:
    sent = visitor.visit(position=None, position_problem="timeout")
    status(visitor.phone.post(sent), 201)
    path = f"/v1/check-ins/{sent['id']}/position"
    fix = visitor.visit()["position"] | {"fixed_at": visitor.ago(seconds=30).isoformat(timespec="seconds")}
    for _ in range(2):
        reply = visitor.phone.ask("PUT", path, fix)
        status(reply, 200)
        expect(json_of(reply)["position"], f"the fix did not arrive: {reply.text}")
    status(visitor.phone.ask("PUT", path, fix | {"lat": fix["lat"] + 0.001}), 409)
    status(visitor.phone.post(sent), 200)


@cases("SERVER-20")
def no_accuracy_is_perfect(visitor: Visitor) -> None:
    for said in (None, 0, -1):
        sent = visitor.visit()
        sent["position"]["accuracy_m"] = said
        reply = visitor.phone.post(sent)
        status(reply, 201)
        found = json_of(reply)["position"]["accuracy_m"]
        expect(found is None, f"accuracy_m {said} was answered as {found}")


@cases("SERVER-21")
def positions_come_back_in_wgs84(visitor: Visitor) -> None:
    lon, lat = visitor.place
    for crs in Crs:
        shifted = [float(each) for each in from_wgs84(lon, lat, crs)]
        position = {"lon": shifted[0], "lat": shifted[1], "crs": crs, "accuracy_m": 12.0}
        reply = visitor.phone.post(visitor.visit(position=position))
        status(reply, 201)
        found = json_of(reply)["position"]
        off = max(abs(found["lon"] - lon), abs(found["lat"] - lat))
        expect(off < _NEAR, f"a {crs} position of {lon}, {lat} came back as {found['lon']}, {found['lat']}")


@cases("SERVER-22")
def late_is_when_it_was(visitor: Visitor) -> None:
    captured_at = visitor.ago(hours=30).replace(microsecond=0)
    reply = visitor.phone.post(visitor.visit(captured_at=captured_at.isoformat()))
    status(reply, 201)
    found = json_of(reply)
    off = moment(found["captured_at"]) - captured_at
    expect(off == timedelta(), f"captured_at {captured_at} was answered as {found['captured_at']}")
