"""What is half there in an old database is mended before the schema forbids it."""

import asyncio

from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.cli import migrate_database
from app.kernel.database import Database, rows
from tests.migrations.test_migrations import config

_OLD = """
INSERT INTO county (id, name, name_en) VALUES ('451029', '田林县', 'Tianlin');
INSERT INTO unit (county_id, id, code, name, level, path)
VALUES ('451029', gen_random_uuid(), '451029', '田林县', 'county', '451029');
INSERT INTO person (county_id, id, name, phone, category, unit_id, from_date)
SELECT '451029', gen_random_uuid(), '甲', '1', 'helper', id, date '2026-01-01' FROM unit;
INSERT INTO township (county_id, id, name) VALUES ('451029', '451029100', '乐里镇');
INSERT INTO village (county_id, id, name, official_name, township_id, unit_id)
SELECT '451029', '45102910020' || n, '村', '村', '451029100', id FROM unit, generate_series(1, 2) AS n;
INSERT INTO geofence (county_id, village_id, version, area, synthetic, source, valid_from, valid_until)
SELECT '451029', '451029100201', n, ST_Multi(ST_MakeEnvelope(106, 24, 106.1, 24.1, 4326)), true, 'test',
  timestamptz '2025-01-01' + n * interval '1 year', timestamptz '2026-01-01' + n * interval '1 year'
FROM generate_series(1, 2) AS n;
INSERT INTO check_in (county_id, id, person_id, captured_at, received_at, crs, fixed_at, raw_lon, raw_lat, purpose,
  note, photo_ids, content_hash, village_id, geofence_version, place, distance_m, confidence, standing, reasons)
SELECT '451029', gen_random_uuid(), person.id, at, at, 'wgs84', at, 106, 24, 'household_visit', '', '{}', '',
  village_id, NULL, 'inside', 0, 0.9, 'counted', '[]'
FROM person, (VALUES ('451029100201', timestamptz '2027-03-01'), ('451029100201', '2020-03-01'),
  ('451029100202', '2026-03-01')) AS visit (village_id, at);
INSERT INTO calendar_day (county_id, date, working, name, name_en, source, own)
VALUES ('451029', '2026-04-17', false, '壮族三月三(补休)', 'Sanyuesan', 'x', true),
  ('451029', '2026-04-18', false, '抗洪', 'Flood', 'x', true)
"""


async def test_halves_are_mended_and_the_regions_days_are_known_as_such(empty_database_url: str):
    script = ScriptDirectory.from_config(config(empty_database_url))
    await asyncio.to_thread(migrate_database, empty_database_url, script.get_revision("0020").down_revision)
    database = Database(empty_database_url)
    async with database.transaction() as session:
        for statement in _OLD.split(";"):
            await session.execute(text(statement))
    await asyncio.to_thread(migrate_database, empty_database_url)
    async with database.transaction() as session:
        found = await rows(
            session,
            "SELECT village_id, geofence_version, confidence FROM check_in ORDER BY captured_at",
        )
        days = await rows(session, "SELECT regional ->> 'working' AS said FROM calendar_day ORDER BY date")
    await database.close()
    assert [tuple(row) for row in found] == [
        ("451029100201", 1, 0.9),  # before every fence: by the first
        (None, None, None),  # of a village without a fence
        ("451029100201", 2, 0.9),
    ]
    assert [row.said for row in days] == ["false", None]
