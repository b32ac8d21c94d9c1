"""What the service writes verifies; what is done to it by SQL, by whomever, is named."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from app.cli import cli
from app.directory.merging import Merge
from app.duties.service import DutyCounty
from app.flows import anonymise_person, delete_expired, merge_people
from app.flows.anonymise_person import Wanted
from app.kernel import sealing, tables, verifying
from app.kernel.roles import as_service
from app.kernel.verifying import CountyReport
from app.worker import seal_all
from tests.support import county
from tests.support.county import COUNTY, HELPER_A1, HELPER_B1, LEADER_A, OFFICE, RESIDENT_A2
from tests.support.server import WEDNESDAY_NIGHT, Api, check_in, running

CONSOLE = f"/v1/counties/{COUNTY}"


@pytest.fixture(scope="module")
async def api(server, template) -> AsyncIterator[Api]:
    """A county in which everything that is sealed has happened, and been sealed."""
    async with server.database(template) as url, running(url) as started:
        await _live(started)
        async with started.service.transaction(COUNTY) as session:
            await sealing.seal(session, COUNTY, started.clock(), most=5)  # a chain has more than one link
        await seal_all(started.service, started.clock)
        yield started


async def _live(api: Api) -> None:
    helper, office, other = await api.as_(HELPER_A1), await api.as_(OFFICE), await api.as_(RESIDENT_A2)
    told, mock, blind = check_in(note="田间"), check_in(position={"mock": True}), check_in(position=None)
    (held, fix) = (f"/check-ins/{mock['id']}", told["position"] | {"fixed_at": WEDNESDAY_NIGHT.isoformat()})
    leave = {"kind": "filed_duty", "from_date": "2026-11-19", "until_date": "2026-11-19", "reason": "县里培训"}
    found = {"finding": "confirmed", "verified_at": WEDNESDAY_NIGHT.isoformat()}
    for asked in (
        *(
            helper.post("/v1/check-ins", json=visit)
            for visit in (told, mock, blind | {"position_problem": "timeout"})
        ),
        other.post("/v1/check-ins", json=check_in(county.A2)),
        helper.put(f"/v1/check-ins/{blind['id']}/position", json=fix),
        office.post(f"{CONSOLE}{held}/verifications", json=found),
        office.post(f"{CONSOLE}{held}/reviews", json={"decision": "refuse", "reason": "不实"}),
        helper.post("/v1/me/appeals", json={"id": mock["id"], "check_in_id": mock["id"], "text": "属实"}),
        helper.post("/v1/me/leave", json={"id": mock["id"], **leave}),
        office.post(f"{CONSOLE}/leave/{mock['id']}/approve", json={"reason": "同意"}),
    ):
        reply = await asked
        assert reply.status_code in {200, 201}, reply.text
    async with api.service.transaction(COUNTY) as session:
        asked = Merge(RESIDENT_A2.id, HELPER_B1.id)
        their = DutyCounty(COUNTY, "Asia/Shanghai")
        await merge_people.merge(session, their, asked, actor_id=OFFICE.id, now=api.clock())
        waived = "SELECT county_id, person_id, rule_id, period_start, now() FROM duty LIMIT 1"
        await session.execute(text(f"INSERT INTO duty_waiver {waived}"))


async def ask(api: Api, statement: str) -> list[Any]:
    async with api.database.transaction() as session:
        return list((await session.execute(text(statement))).scalars())


async def report(api: Api, *tampering: str, kept: verifying.Head | None = None) -> CountyReport:
    """Of the county as these statements leave it; they are taken back."""
    tables.tables()
    async with api.database._sessions() as session:
        for statement in tampering:
            await session.execute(text(statement))
        found = await verifying.verify(session, COUNTY, kept)
        await session.rollback()
    return found


async def test_everything_that_is_sealed_is_there_and_verifies(api: Api):
    found = await report(api)
    assert (found.altered, found.tally.waiting) == ((), 0)
    sealed = {part for parts in await ask(api, "SELECT parts FROM seal") for part in parts}
    assert sealed == {part.name for part in sealing.parts()}


tables.tables()
SEALED = sorted({part.table for part in sealing.parts()})
AS_SERVICE = ("SET LOCAL ROLE yefang_app", f"SET LOCAL yefang.county = '{COUNTY}'")
OFF = "SET LOCAL session_replication_role = replica"  # triggers see nothing


@pytest.mark.parametrize(
    ("table", "change"),
    [
        *((each, None) for each in SEALED),
        ("audit_entry", "action = 'nothing'"),
        ("audit_entry", "detail = detail || '{\"x\": null}'"),
        ("check_in", "captured_at = captured_at - interval '1 microsecond'"),
        ("check_in", "note = note || ' '"),
        ("check_in", "raw_lon = 106.3"),
        ("check_in", "standing = CASE standing WHEN 'refused' THEN 'counted' ELSE 'refused' END"),
        ("check_in", "position = ST_SetSRID(ST_MakePoint(106.3, 24.3), 4326)"),
        ("check_in", f"person_id = '{LEADER_A.id}'"),
        ("check_in", "withdrawn_at = now(), source = 'dingtalk', record_key = id, record = '{}'"),
        ("review", "reason = 'other'"),
        ("review", f"reviewer_id = '{LEADER_A.id}'"),
        ("verification", "finding = 'unfounded'"),
        ("rejudgement", "after = before"),
        ("appeal", "text = 'other'"),
        ("appeal", "due_at = due_at + interval '1 day'"),
        ("leave", "status = 'refused'"),
        ("leave", "until_half = until_half + interval '1 day'"),
        ("duty_rule", "required = 2"),
        ("duty_rule", "effective_until = '2027-01-01'"),
        ("duty_waiver", "at = at + interval '1 day'"),
        ("person_merge", "check_in_ids = '{}'"),
    ],
)
async def test_a_row_that_is_changed_or_removed_is_named(api: Api, table: str, change: str | None):
    key = next(part.key for part in sealing.parts() if part.table == table)
    (row_id,) = await ask(api, f"SELECT {key} FROM {table} ORDER BY 1 LIMIT 1")
    where = f"WHERE {key} = '{row_id}'"
    statement = f"UPDATE {table} SET {change} {where}" if change else f"DELETE FROM {table} {where}"
    for off in (OFF, f"ALTER TABLE {table} DISABLE TRIGGER ALL"):
        (found,) = (await report(api, off, statement)).altered
        assert (found.table, found.id) == (table, str(row_id))
        assert found.what == ("changed" if change else "removed")


DECIDED = "status = 'upheld', decided_by = person_id, post = '', decided_at = now(), decision_reason = ''"


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("check_in", "standing = 'counted', reasons = '[]' WHERE mock"),
        ("check_in", "night_of = '2026-11-17' WHERE note = '田间'"),
        ("leave", "status = 'withdrawn'"),
        ("appeal", DECIDED),
    ],
)
async def test_what_the_service_may_do_is_noticed_where_nothing_explains_it(api: Api, table: str, change: str):
    """As who has stolen the service's password would, with all triggers on; before it is sealed and after."""
    seal = f"SELECT seal_county('{COUNTY}', now(), 1000)"
    for after in ([], [seal]):
        found = await report(api, *AS_SERVICE, f"UPDATE {table} SET {change}", *after)
        assert [(each.table, each.what) for each in found.altered] == [(table, "changed")]


AGAIN = (
    "INSERT INTO audit_entry SELECT county_id, gen_random_uuid(), at, actor_id, action, subject, detail"
    " FROM audit_entry LIMIT 1"
)


@pytest.mark.parametrize(
    ("statements", "table", "what"),
    [
        ([OFF, AGAIN], "audit_entry", "put_in"),
        ([AGAIN, "DELETE FROM unsealed"], "audit_entry", "put_in"),
        (["UPDATE seal SET digests[1] = sha256('')"], "seal", "seal_changed"),
        (["UPDATE seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 1"], "seal", "seal_changed"),
        (["UPDATE seal SET previous = sha256('') WHERE number = 1"], "seal", "link_broken"),
        (["DELETE FROM seal WHERE number = 1"], "seal", "seal_missing"),
    ],
)
async def test_rows_put_in_and_broken_chains_are_named(api: Api, statements: list[str], table: str, what: str):
    found = (await report(api, *statements)).altered
    assert (found[0].table, found[0].what) == (table, what)


async def test_a_removal_on_record_is_none_and_one_without_is_refused(api: Api):
    (gone,) = await ask(api, "SELECT id FROM check_in WHERE note = '田间'")
    remove = f"SELECT remove_evidence('{COUNTY}', 'check_in', ARRAY['{gone}'::uuid])"
    trace = (
        "INSERT INTO audit_entry (county_id, id, at, action, subject, detail)"
        f" VALUES ('{COUNTY}', gen_random_uuid(), now(), 'check_in.expired', 'county', '{{}}')"
    )
    with pytest.raises(Exception, match="with an audit entry in the same transaction"):
        await report(api, *AS_SERVICE, remove)
    seal = f"SELECT seal_county('{COUNTY}', now(), 1000)"
    before = (await report(api)).tally
    found = await report(api, *AS_SERVICE, trace, remove, seal)
    assert found.altered == ()
    assert found.tally.removed == before.removed + 2


async def test_a_chain_made_anew_is_told_by_the_head_that_was_kept(api: Api):
    """The whole chain from its first link, after a row was changed: only who kept a head elsewhere can tell."""
    async with api.database.transaction() as session:
        kept = await verifying.head(session, COUNTY)
    anew = [
        OFF,
        "UPDATE audit_entry SET action = 'nothing'",
        "DELETE FROM seal",
        *(
            "INSERT INTO unsealed (county_id, tx, table_name, op, row_ids)"
            f" SELECT county_id, 1, '{table}', 'INSERT', array_agg({key}) FROM {table} GROUP BY county_id"
            for table, key in {part.table: part.key for part in sealing.parts()}.items()
        ),
        f"SELECT seal_county('{COUNTY}', now(), 1000)",
    ]
    assert (await report(api, *anew)).altered == ()
    (found,) = (await report(api, *anew, kept=kept)).altered
    assert (found.what, found.id) == ("head_differs", str(kept.number))


async def test_what_commits_later_is_sealed_later(api: Api):
    """A transaction that began first, and commits last, comes in the next seal."""
    trace = (
        "INSERT INTO audit_entry (county_id, id, at, action, subject, detail)"
        f" VALUES ('{COUNTY}', gen_random_uuid(), now(), '{{}}', 'test', '{{}}')"
    ).replace("{{}}", "{}")
    async with api.database._sessions() as first:
        await first.execute(text(trace.replace("'{}', 'test'", "'first', 'test'", 1)))
        async with api.database.transaction() as second:
            await second.execute(text(trace.replace("'{}', 'test'", "'second', 'test'", 1)))
        assert await seal_all(api.service, api.clock) == 1
        await first.commit()
    assert await seal_all(api.service, api.clock) == 1
    sealed = await ask(
        api,
        "SELECT action FROM seal JOIN audit_entry ON audit_entry.id = ANY(row_ids) WHERE subject = 'test'"
        " ORDER BY number",
    )
    assert sealed == ["second", "first"]


async def test_the_commands(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    url = api.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("YEFANG_DATABASE_URL", as_service(url))

    async def run(*arguments: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, cli, list(arguments))
        return result.exit_code, result.stdout

    kept = tmp_path / "heads.json"
    assert (await run("heads", "export", str(kept)))[0] == 0
    code, said = await run("verify", "--heads", str(kept), "--json")
    assert (code, json.loads(said)["altered"]) == (0, [])
    async with api.database.transaction() as session:
        await session.execute(text("ALTER TABLE review DISABLE TRIGGER note_changed"))
    try:
        code, said = await run("verify", "--county", COUNTY)
        assert (code, "review note_changed" in said) == (1, True)
    finally:
        async with api.database.transaction() as session:
            await session.execute(text("ALTER TABLE review ENABLE TRIGGER note_changed"))
    kept.write_text("[]")
    assert (await run("verify", "--heads", str(kept)))[0] == 2


async def prepare(api: Api) -> None:
    """Everything is decided, and the helper has left."""
    for statement in (
        "UPDATE duty SET closed_at = closes_at",
        f"UPDATE appeal SET {DECIDED}",
        f"UPDATE person SET until_date = '2026-11-30' WHERE id = '{HELPER_A1.id}'",
        "DELETE FROM flag_recipient",
        "DELETE FROM flag",
    ):
        async with api.database.transaction() as session:
            await session.execute(text(statement))


async def clear(api: Api) -> dict[str, int]:
    due = await delete_expired.due(api.service, COUNTY, api.clock())
    return {old.table_name: await delete_expired.delete(api.service, old, api.clock) for old in due}


async def test_what_is_emptied_for_anonymity_and_deleted_for_age_is_explained(server, template, tmp_path: Path):
    """By the service. The same by SQL is not, with whatever entry beside it."""
    async with (
        server.database(template) as url,
        running(url, photo_store=str(tmp_path)) as api,
    ):
        await _live(api)
        await prepare(api)
        await seal_all(api.service, api.clock)
        assert (await report(api)).altered == ()
        api.clock.turn(days=100)
        leaving = Wanted(COUNTY, HELPER_A1.id, "已调离", OFFICE.id)
        photos = cast("Any", api.app.state.services.photo_objects)
        done = await anonymise_person.anonymise(api.service, photos, leaving, now=api.clock())
        assert (done.visits, done.leave) == (3, 1)
        for sealed in range(2):
            assert (await report(api)).altered == (), sealed
            await seal_all(api.service, api.clock)
        forged = AGAIN.replace("action, subject", f"'person.anonymised', 'person:{HELPER_B1.id}'", 1)
        seal = f"SELECT seal_county('{COUNTY}', now(), 1000)"
        for beside in ([], [forged], [forged, seal]):
            emptied = await report(api, *beside[:1], "UPDATE verification SET note = '.'", *beside[1:])
            assert [(each.table, each.what) for each in emptied.altered] == [("verification", "changed")], beside

        before = (await report(api)).tally.removed
        api.clock.turn(days=2000)
        gone = await clear(api)
        assert gone["check_in"] == 4
        assert gone["leave"] == 1
        assert gone["audit_entry"] > 3
        for sealed in range(2):
            assert (await report(api)).altered == (), sealed
            await seal_all(api.service, api.clock)
        assert (await report(api)).tally.removed > before + 10
        left = await ask(api, "SELECT count(*) FROM review UNION ALL SELECT count(*) FROM duty_waiver")
        assert left == [0, 0]


# Part, and the columns of which it is the digest. To what a release has, columns are only added, at the end.
CONTENT = {
    "appeal": "id, flag_id, check_in_id, instance, text, filed_at, until, due_at, photo_ids",
    "appeal.state": "person_id, status, decided_by, post, decided_at, decision_reason",
    "audit_entry": "id, at, actor_id, action, subject, detail",
    "check_in": (
        "id, device_id, captured_at, received_at, position_problem, purpose, household_id, note, "
        "photo_ids, form, app_version, content_hash, source, record_key, record"
    ),
    "check_in.state": (
        "person_id, fixed_at, crs, raw_lon, raw_lat, accuracy_m, altitude_m, speed_mps, mock, "
        "position_added_at, ST_AsText(position, 6), village_id, geofence_version, found_in_village_id, "
        "place, distance_m, confidence, household_distance_m, standing, reasons, night_of, withdrawn_at, "
        "review_time"
    ),
    "duty_rule": (
        "id, version, name, name_en, source, categories, measure, period_kind, required, counts_in, "
        "household_required, night_start, night_until, grace_h, per, days, share, unit_ids, except_ids, "
        "min_dwell_min, form_required, shift_closing, effective_from"
    ),
    "duty_rule.state": "effective_until",
    "duty_waiver": "person_id, rule_id, period_start, at",
    "leave": "id, kind, from_half, until_half, reason, filed_at, level",
    "leave.state": "person_id, returned_half, returned_at, status, decided_by, decided_at, decision_reason",
    "person_merge": "id, from_id, into_id, made_by, made_at, was, check_in_ids",
    "rejudgement": "id, check_in_id, cause, before, after, at",
    "review": "id, check_in_id, post, decision, reason, before, visited_at, at",
    "review.state": "reviewer_id",
    "verification": "id, check_in_id, finding, note, verified_at, at",
    "verification.state": "verifier_id",
}


@pytest.mark.parametrize("part", sealing.parts(), ids=lambda part: part.name)
def test_what_is_sealed_already_keeps_its_digest(part: sealing.Part):
    assert part.content.startswith(CONTENT[part.name])
