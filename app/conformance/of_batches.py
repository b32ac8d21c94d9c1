"""Cases of a server: a batch, lists, photos, devices."""

from app.conformance.cases import Cases, Skipped, expect
from app.conformance.pictures import photo
from app.conformance.visitor import Visitor, json_of, moment, new_id, pages, results, status, statuses
from app.phone.schemas.checkins import MAX_BATCH, MAX_BATCH_BYTES

cases = Cases()

_PAGES = 40
_PAGE = 3


@cases("SERVER-23")
def results_keep_the_order(visitor: Visitor) -> None:
    sent = [visitor.visit(), visitor.visit(purpose="nonsense"), visitor.visit()]
    found = [(each.get("index"), each.get("id")) for each in results(visitor.phone.batch(*sent))]
    wanted = [(index, each["id"]) for index, each in enumerate(sent)]
    expect(found == wanted, f"index and id were {found}, expected {wanted}")


@cases("SERVER-24")
def a_bad_item_fails_alone(visitor: Visitor) -> None:
    good = [visitor.visit(), visitor.visit()]
    for bad in (visitor.visit(captured_at="yesterday"), None, {}):
        reply = visitor.phone.batch(good[0], bad, good[1])
        found = statuses(reply)
        expect(found[1] == "invalid", f"a bad item was {found[1]}")
        errors = results(reply)[1]["problem"]["errors"]
        expect(bad is None or errors, "a bad item does not say where it is wrong")
        expect(set(found[::2]) == {"recorded"}, f"beside a bad item good ones were {found[::2]}")
        good = [visitor.visit(), visitor.visit()]


@cases("SERVER-25")
def repeats_and_conflicts_are_told_apart(visitor: Visitor) -> None:
    sent = visitor.visit()
    found = statuses(visitor.phone.batch(sent, sent, sent | {"note": "another"}))
    expect(found == ["recorded", "duplicate", "conflict"], f"new, repeat, other content were {found}")


@cases("SERVER-26")
def a_batch_again_stores_nothing_twice(visitor: Visitor) -> None:
    sent = [visitor.visit(captured_at=visitor.ago(seconds=each).isoformat()) for each in range(3)]
    first, again = (statuses(visitor.phone.batch(*sent)) for _ in range(2))
    expect(first == ["recorded"] * 3, f"the first time: {first}")
    expect(again == ["duplicate"] * 3, f"the second time: {again}")
    listed = [row["id"] for row in json_of(visitor.phone.get("/v1/me/check-ins?limit=50"))["items"]]
    times = [listed.count(each["id"]) for each in sent]
    expect(times == [1, 1, 1], f"each stands in the list so many times: {times}")


@cases("SERVER-27")
def five_hundred_are_taken(visitor: Visitor) -> None:
    """All but one are bad, lest a server be filled with what this kit made up."""
    good = visitor.visit()
    found = statuses(visitor.phone.batch(*[{"id": new_id()} for _ in range(MAX_BATCH - 1)], good))
    expect(len(found) == MAX_BATCH, f"{MAX_BATCH} items had {len(found)} results")
    expect(found[-1] == "recorded", f"the last of {MAX_BATCH} was {found[-1]}")


@cases("SERVER-28")
def more_are_refused_as_a_whole(visitor: Visitor) -> None:
    good = visitor.visit()
    status(visitor.phone.batch(good, *[{"id": new_id()} for _ in range(MAX_BATCH)]), 422)
    status(visitor.phone.stored(good["id"]), 404)


@cases("SERVER-29")
def two_mebibytes_are_the_most(visitor: Visitor) -> None:
    status(visitor.phone.batch(visitor.visit(app_version="x" * MAX_BATCH_BYTES)), 413)


@cases("SERVER-30")
def what_waits_is_only_said(visitor: Visitor) -> None:
    for beside in ({"waiting": "many"}, {"waiting": -1}, {"waiting": 2, "oldest_waiting_at": "long ago"}):
        found = statuses(visitor.phone.batch(visitor.visit(), **beside))
        expect(found == ["recorded"], f"beside {beside} a good visit was {found}")


@cases("SERVER-34")
def lists_show_every_row_once(visitor: Visitor) -> None:
    sent = [visitor.visit(captured_at=visitor.ago(hours=each).isoformat()) for each in range(1, 8)]
    expect(set(statuses(visitor.phone.batch(*sent))) == {"recorded"}, "good visits were not recorded")
    since = visitor.ago(hours=9).isoformat().replace("+", "%2B")
    path = f"/v1/me/check-ins?limit={_PAGE}&since={since}"
    rows = pages(visitor.phone.get, path, _PAGES)
    ids = [row["id"] for row in rows]
    expect(len(ids) == len(set(ids)), "rows came twice")
    times = [moment(row["captured_at"]) for row in rows]
    expect(times == sorted(times, reverse=True), "the newest is not first")
    if len(rows) < _PAGE * _PAGES:
        missing = {each["id"] for each in sent} - set(ids)
        expect(not missing, f"{len(missing)} of {len(sent)} rows never came")


@cases("SERVER-35")
def what_is_somebody_elses_is_not_there(visitor: Visitor) -> None:
    sent, stranger = visitor.visit(), visitor.stranger
    if stranger.tokens["person"]["county_id"] != visitor.phone.tokens["person"]["county_id"]:
        raise Skipped("the second person is of another county, which may use the same id")
    status(visitor.phone.post(sent), 201)
    status(stranger.stored(sent["id"]), 404)
    status(stranger.post(sent), 409, problem="id-reused")


@cases("SERVER-36")
def villages_come_once(visitor: Visitor) -> None:
    first = visitor.phone.get("/v1/me/villages")
    status(first, 200)
    tag = first.headers.get("etag")
    expect(tag, "villages have no ETag")
    again = visitor.phone.get("/v1/me/villages", If_None_Match=tag)
    status(again, 304)
    expect(not again.content, "a 304 with a body")


@cases("SERVER-37")
def a_photo_is_put_once(visitor: Visitor) -> None:
    path, taken = f"/v1/photos/{new_id()}", photo()
    status(visitor.phone.ask("PUT", path, taken, Content_Type="image/jpeg"), 201)
    status(visitor.phone.ask("PUT", path, taken, Content_Type="image/jpeg"), 200)
    status(visitor.phone.ask("PUT", path, photo(), Content_Type="image/jpeg"), 409)


@cases("SERVER-38")
def a_photo_comes_back_as_it_was(visitor: Visitor) -> None:
    photo_id, taken = new_id(), photo()
    status(visitor.phone.ask("PUT", f"/v1/photos/{photo_id}", taken, Content_Type="image/jpeg"), 201)
    reply = visitor.phone.get(f"/v1/me/photos/{photo_id}")
    status(reply, 200)
    expect(reply.content == taken, f"{len(taken)} bytes were sent, {len(reply.content)} others came back")


@cases("SERVER-39")
def a_photo_is_a_photo(visitor: Visitor) -> None:
    for said in (b"%PDF-1.7 no photo", b"\0\0\0\x18ftypheic\0\0\0\0heic"):
        status(visitor.phone.ask("PUT", f"/v1/photos/{new_id()}", said, Content_Type="image/jpeg"), 415)


@cases("SERVER-40")
def what_a_device_does_not_say_stays(visitor: Visitor) -> None:
    path = "/v1/devices/yefang-conformance"
    status(visitor.phone.ask("PUT", path, {"model": "Redmi 4A", "app_version": "1.0.0"}), 200)
    reply = visitor.phone.ask("PUT", path, {"app_version": None})
    status(reply, 200)
    found = json_of(reply)
    expect(found["model"] == "Redmi 4A", f"the model was not said again, and is {found['model']!r}")
    expect(found["app_version"] is None, f"app_version was taken away, and is {found['app_version']!r}")
