"""Cases of a phone: what it sends when all goes wrong."""

import json
from datetime import timedelta
from http import HTTPStatus
from itertools import dropwhile
from typing import Any
from uuid import UUID

from app.conformance.bench import FIRST, SECOND, Bench
from app.conformance.cases import Broken, Cases, Skipped, expect
from app.conformance.county import PEOPLE
from app.conformance.line import items
from app.conformance.visitor import moment
from app.phone.schemas.checkins import MAX_BATCH, MAX_BATCH_BYTES

cases = Cases()

_MADE_BY_PHONES = (4, 7)
_FAILURES = ("500", "torn", "503", "429=1", "408", "599", "403", "500", "lost")
_STOPS = ("403", "408", "429", "500", "503", "torn")


@cases("SYNC-1")
def each_visit_has_an_id_of_its_own(bench: Bench) -> None:
    kept = bench.visits(3)
    bench.keep(*kept)
    bench.send()
    ids = [UUID(str(item.get("id"))) for item in bench.sent()]
    expect(len(set(ids)) == len(kept), f"{len(kept)} visits had {len(set(ids))} ids")
    versions = {each.version for each in ids}
    expect(versions <= set(_MADE_BY_PHONES), f"ids are of version {versions}")


@cases("SYNC-2")
def saved_is_saved_though_the_power_fails(bench: Bench) -> None:
    kept = bench.visit("saved")
    bench.killed("keep", said=json.dumps([kept]), once="spoken")
    bench.send()
    bench.expect_stored(kept)


@cases("SYNC-3")
def sent_again_it_is_the_same(bench: Bench) -> None:
    bench.keep(*bench.visits(2))
    bench.trouble("lost, lost")
    bench.send(times=3)
    for note in ("visit 0", "visit 1"):
        first, *again = bench.sent(note)
        expect(again, f"{note!r}, whose answer was lost, was not sent again")
        for each in again:
            changed = sorted(name for name in {*first, *each} if first.get(name) != each.get(name))
            expect(not changed, f"sent again, {note!r} had another {', '.join(changed)}")


@cases("SYNC-4")
def kept_until_it_is_answered_for(bench: Bench) -> None:
    kept = bench.visits(2)
    bench.keep(*kept)
    bench.trouble("torn, 500, 503=1, 408")
    bench.send(times=6)
    bench.expect_stored(*kept)


@cases("SYNC-6")
def an_expired_token_is_refreshed_once(bench: Bench) -> None:
    kept = bench.visits(1)
    bench.keep(*kept)
    bench.trouble("expired")
    before = len(bench.mock.journal)
    bench.send()
    bench.expect_stored(*kept)
    # A phone that keeps its access token in memory alone has asked for one before, too.
    after = dropwhile(
        lambda each: each.said is None or each.said.status != HTTPStatus.UNAUTHORIZED, bench.mock.journal[before:]
    )
    grants = [each.asked.form.get("grant_type") for each in after if each.asked.path == "/v1/auth/token"]
    expect(grants == ["refresh_token"], f"after one 401 the phone asked for tokens by {grants}")


@cases("SYNC-7")
def a_duplicate_is_done(bench: Bench) -> None:
    bench.keep(*bench.visits(2))
    bench.trouble("lost")
    bench.send(times=2)
    before = len(bench.posts)
    bench.send()
    expect(len(bench.posts) == before, "what the server has answered for was sent once more")


@cases("SYNC-8")
def what_was_refused_is_kept_for_its_owner(bench: Bench) -> None:
    for trouble in ("invalid", "conflict"):
        kept = bench.visit(trouble)
        bench.keep(kept)
        bench.trouble(trouble)
        said = bench.send(times=2)
        times = len(bench.sent(trouble))
        expect(times == 1, f"what the server called {trouble} was sent {times} times")
        expect(said.get("to_mend"), f"what the server called {trouble} is not kept: {said}")


@cases("SYNC-9")
def a_bad_visit_holds_nobody_up(bench: Bench) -> None:
    bad, *good = bench.visit("bad", minutes_ago=90, purpose="nonsense"), *bench.visits(2)
    bench.keep(bad, *good)
    bench.send(times=2)
    bench.expect_stored(*good)


@cases("SYNC-10")
def what_is_deferred_comes_again(bench: Bench) -> None:
    for trouble in ("deferred", "strange"):
        kept = bench.visit(trouble)
        bench.keep(kept)
        bench.trouble(trouble)
        bench.send(times=2)
        bench.expect_stored(kept)


@cases("SYNC-11")
def too_large_is_sent_in_parts(bench: Bench) -> None:
    kept = bench.visits(5)
    bench.keep(*kept)
    bench.trouble(", ".join(["large=2"] * 20))
    bench.send(times=4)
    bench.expect_stored(*kept)


@cases("SYNC-12")
def batches_are_small_enough(bench: Bench) -> None:
    kept = bench.visits(MAX_BATCH + 1)
    for each in kept:
        each["note"] += "访" * 1900
    bench.keep(*kept)
    bench.send(times=2)
    for post in bench.posts:
        number, size = len(items(post)), len(post.asked.body)
        expect(1 <= number <= MAX_BATCH, f"a batch had {number} items")
        expect(size <= MAX_BATCH_BYTES, f"a batch had {size} bytes")
    bench.expect_stored(*kept)


@cases("SYNC-13")
def the_oldest_goes_first(bench: Bench) -> None:
    bench.keep(*bench.visits(4))
    bench.send()
    times = [moment(item["captured_at"]) for item in bench.sent()]
    expect(times == sorted(times), f"visits were sent in the order {times}")


@cases("SYNC-14")
def many_go_together(bench: Bench) -> None:
    bench.keep(*bench.visits(6))
    bench.send()
    expect(len(bench.posts) < len(bench.sent()), f"{len(bench.sent())} visits took {len(bench.posts)} requests")


@cases("SYNC-15")
def a_failure_ends_the_run(bench: Bench) -> None:
    bench.keep(*bench.visits(MAX_BATCH + 1))
    for trouble in _STOPS:
        before = len(bench.posts)
        bench.trouble(trouble)
        bench.send()
        times = len(bench.posts) - before
        expect(times == 1, f"after {trouble} the phone went on: {times} requests in one run")
    before = len(bench.posts)
    bench.trouble("401, 401")
    bench.send()
    times = len(bench.posts) - before
    expect(times == 2, f"refreshed in vain, the phone went on: {times} requests in one run")


@cases("SYNC-16")
def retry_after_is_kept(bench: Bench) -> None:
    bench.keep(*bench.visits(1))
    bench.trouble("503=7")
    wait = bench.send().get("again_in_s")
    if wait is None:
        raise Skipped("the phone does not print again_in_s")
    expect(wait >= 7, f"asked to wait 7 s, the phone says that it waits {wait}")


@cases("SYNC-17")
def nothing_is_ever_given_up(bench: Bench) -> None:
    kept = bench.visits(2)
    bench.keep(*kept)
    bench.trouble(", ".join(_FAILURES[:-1]))
    bench.send(times=len(_FAILURES))
    bench.expect_stored(*kept)


@cases("SYNC-19")
def what_waits_is_said(bench: Bench) -> None:
    bench.keep(*bench.visits(2))
    bench.send()
    said = [
        post.asked.json for post in bench.mock.journal if post.asked.method in {"POST", "PUT"} and _is_json(post)
    ]
    expect(any(isinstance(each.get("waiting"), int) for each in said), "`waiting` was never said")


@cases("SYNC-20")
def times_are_those_of_the_visit(bench: Bench) -> None:
    kept = bench.visit("late", minutes_ago=9 * 60)
    kept["position"]["fixed_at"] = moment(kept["captured_at"]).replace(second=1).isoformat()
    bench.keep(kept)
    bench.send()
    _same_times(bench, kept)


@cases("SYNC-22")
def a_time_that_was_sent_stays(bench: Bench) -> None:
    bench.trouble("lost, lost", clock_off=timedelta(days=1))
    bench.keep(bench.visit("before"))
    bench.send(times=3)
    times = {(item["captured_at"], (item.get("position") or {}).get("fixed_at")) for item in bench.sent()}
    expect(len(times) == 1, f"a visit was sent with the times {sorted(times)}")


def _same_times(bench: Bench, kept: dict[str, Any]) -> None:
    sent = bench.sent(kept["note"])
    expect(sent, f"{kept['note']!r} was never sent")
    for item in sent:
        pairs = (
            ("captured_at", kept["captured_at"], item.get("captured_at")),
            ("fixed_at", kept["position"]["fixed_at"], (item.get("position") or {}).get("fixed_at")),
        )
        for name, was, came in pairs:
            expect(moment(came) == moment(was), f"{name} was {was}, and was sent as {came}")


@cases("SYNC-23")
def a_device_has_one_name(bench: Bench) -> None:
    bench.sign_in()
    names = [each.asked.form.get("device_id") for each in bench.token_requests]
    expect(all(names), "a sign-in had no device_id")
    expect(len(set(names)) == 1, f"two sign-ins had the device_ids {names}")


@cases("SYNC-24")
def new_tokens_are_stored_before_they_are_used(bench: Bench) -> None:
    bench.keep(*bench.visits(1))
    bench.trouble("expired, hang=30")
    bench.killed("send", once="asked:3")  # a post, the refresh, and the post that hangs
    newest = bench.token_requests[-1].said
    before = len(bench.mock.journal)
    bench.send()
    asked = [
        {each.asked.bearer, each.asked.form.get("refresh_token")} - {"", None}
        for each in bench.mock.journal[before:]
    ]
    first = next(filter(None, asked), None)
    if first is None or newest is None:
        raise Broken("killed in the middle, the phone does not send again")
    tokens = newest.body
    new = first & {tokens["access_token"], tokens["refresh_token"]}
    expect(new, "killed after its new access token was used, the phone came back with the old tokens")


@cases("SYNC-25")
def a_lost_refresh_is_asked_again(bench: Bench) -> None:
    kept = bench.visits(1)
    bench.keep(*kept)
    bench.trouble("expired, token:lost")
    before = len(bench.token_requests)
    bench.send(times=2)
    tokens = [each.asked.form.get("refresh_token") for each in bench.token_requests[before:]]
    expect(len(tokens) > 1, "the refresh whose answer was lost was not sent again")
    expect(tokens[0] == tokens[1], "after the answer was lost, the phone sent something else than the same token")
    bench.expect_stored(*kept)


@cases("SYNC-26")
def the_queue_outlives_the_session(bench: Bench) -> None:
    kept = bench.visits(2)
    bench.keep(*kept)
    bench.trouble("ended")
    bench.send()
    bench.sign_in()
    bench.send()
    bench.expect_stored(*kept)


@cases("SYNC-27")
def visits_go_with_who_made_them(bench: Bench) -> None:
    bench.keep(bench.visit("of the first"))
    bench.sign_in(SECOND)
    bench.keep(bench.visit("of the second"))
    bench.send()
    bench.sign_in(FIRST)
    bench.send()
    owners = {kept.visit.note: kept.visit.person_id for kept in bench.mock.check_ins.values()}
    wanted = {"of the first": PEOPLE[FIRST].id, "of the second": PEOPLE[SECOND].id}
    wrong = [note for note, person_id in owners.items() if wanted[note] != person_id]
    expect(not wrong, f"sent by somebody else: the visit {', '.join(wrong)}")
    expect("of the first" in owners, "when its owner came back, the visit of the first was not sent")


@cases("CRS-1")
def coordinates_go_as_they_are(bench: Bench) -> None:
    kept = bench.visit("shifted")
    kept["position"] |= {"lon": 106.229412, "lat": 24.294731, "crs": "gcj02"}
    bench.keep(kept)
    bench.send()
    _same_position(bench, kept, "lon", "lat", "crs")


@cases("CRS-2")
def accuracy_goes_as_it_is(bench: Bench) -> None:
    for accuracy_m in (0, 850.5):
        kept = bench.visit(f"accuracy {accuracy_m}")
        kept["position"]["accuracy_m"] = accuracy_m
        bench.keep(kept)
        bench.send()
        _same_position(bench, kept, "accuracy_m")


def _same_position(bench: Bench, kept: dict[str, Any], *names: str) -> None:
    sent = bench.sent(kept["note"])
    expect(sent, f"{kept['note']!r} was never sent")
    for name in names:
        was, came = kept["position"][name], (sent[0].get("position") or {}).get(name)
        expect(came == was, f"{name} was {was}, and was sent as {came}")


@cases("VERSION-1")
def newer_members_are_passed_over(bench: Bench) -> None:
    bench.trouble("", newer=True)
    bench.sign_in()
    kept = bench.visits(2)
    bench.keep(*kept)
    bench.send()
    before = len(bench.posts)
    bench.send()
    bench.expect_stored(*kept)
    expect(len(bench.posts) == before, "an answer with newer members was not understood: all was sent again")


@cases("VERSION-3")
def an_unknown_problem_goes_by_its_status(bench: Bench) -> None:
    kept = bench.visits(1)
    bench.keep(*kept)
    bench.trouble("401")
    bench.send()
    bench.expect_stored(*kept)


@cases("VERSION-4")
def an_unknown_status_goes_by_its_first_digit(bench: Bench) -> None:
    kept = bench.visits(2)
    bench.keep(*kept)
    bench.trouble("599")
    said = bench.send()
    expect(not said.get("to_mend"), f"after a 599 the phone gave visits to their owner to mend: {said}")
    bench.send()
    bench.expect_stored(*kept)


def _is_json(post: Any) -> bool:
    return str(post.asked.headers.get("content-type", "")).startswith("application/json")
