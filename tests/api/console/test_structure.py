"""Structure findings: what the briefing wants of the tree, counted on the small county, live and as of a day."""

from typing import Any

from sqlalchemy import text

from tests.support.county import A1, COUNTY, HELPER_A1, LEADER_A, OFFICE, RESIDENT_A2, Cast, known_id, unit_id
from tests.support.server import Api

PATH = f"/v1/counties/{COUNTY}/structure"


async def found(api: Api, query: str = "", who: Cast = OFFICE) -> dict[str, list[tuple[str, int]]]:
    async with await api.as_(who) as console:
        reply = await console.get(f"{PATH}?{query}")
    assert reply.status_code == 200, reply.text
    listed: dict[str, list[tuple[str, int]]] = {}
    for each in reply.json()["items"]:
        listed.setdefault(each["finding"], []).append((each["name"], each["number"]))
    return listed


async def change(api: Api, *statements: str, **values: Any) -> None:
    async with api.database.transaction() as session:
        for statement in statements:
            await session.execute(text(statement), values)


async def test_the_small_county_is_told_what_the_briefing_wants(api: Api):
    said = await found(api)
    assert said["sectors"] == [("乐里战区", 0), ("利周战区", 0)]
    assert [name for name, _ in said["village_without_sector"]] == ["乙一村", "乙二村", "甲一村", "甲二村"]
    squads = ["乙一突击班", "乙二突击班", "甲一突击班", "甲二突击班"]
    assert said["squad_leaders"] == said["squad_deputies"] == [(name, 0) for name in squads]
    assert said["village_without_people"] == [("乙二村", 0)]
    assert said.keys() == {
        "sectors",
        "village_without_sector",
        "squad_leaders",
        "squad_deputies",
        "village_without_people",
    }


async def test_what_is_put_right_is_found_no_more(api: Api):
    sector = (
        "INSERT INTO unit (county_id, id, parent_id, code, name, level, path)"
        " SELECT county_id, :id, id, new.code, new.code, 'sector', path || new.code"
        " FROM unit, (SELECT CAST(:code AS text) AS code) AS new WHERE id = :theatre"
    )
    for code in ("s1", "s2", "s3"):
        await change(api, sector, id=known_id(code), code=code, theatre=unit_id("theatre_a"))
    moved = "UPDATE unit SET parent_id = s.id, path = s.path || 'squad_a1' FROM unit AS s WHERE unit.id = :id"
    await change(api, f"{moved} AND s.id = :sector", sector=known_id("s1"), id=unit_id("squad_a1"))
    post = "id, person_id, unit_id, role, title, from_date"
    squad = unit_id("squad_a1")
    for name, cast, role, title in (
        ("leader", LEADER_A, "leader", "班长（第一书记）"),
        ("deputy", RESIDENT_A2, "cadre", "副班长（村支书、村委主任）"),
    ):
        await change(
            api,
            f"INSERT INTO post (county_id, {post})"
            f" VALUES ('{COUNTY}', :id, :person, :unit, :role, :title, DATE '2026-11-18')",
            id=known_id(name), person=cast.id, unit=squad, role=role, title=title,
        )  # fmt: skip
    said = await found(api)
    assert said["sectors"] == [("利周战区", 0)]
    assert "甲一村" not in [name for name, _ in said["village_without_sector"]]
    for finding in ("squad_leaders", "squad_deputies"):
        assert "甲一突击班" not in [name for name, _ in said[finding]]
    before = await found(api, "day=2026-11-17")
    assert ("甲一突击班", 0) in before["squad_leaders"], "the day before nobody led it"


async def test_people_households_and_departments(api: Api):
    await change(
        api,
        "DELETE FROM post WHERE person_id = :id",
        "UPDATE household SET position = NULL WHERE village_id = :village",
        id=HELPER_A1.id,
        village=A1,
    )
    department = (
        "INSERT INTO unit (county_id, id, parent_id, code, name, level, path)"
        " SELECT county_id, :id, id, 'd1', '县教育局', 'department', path || 'd1' FROM unit WHERE id = :root"
    )
    await change(api, department, id=known_id("d"), root=unit_id("root"))
    await change(api, "UPDATE unit SET until_date = DATE '2026-11-18' WHERE id = :id", id=unit_id("squad_b1"))
    said = await found(api)
    assert said["person_without_post"] == [(HELPER_A1.name, 0)]
    assert len(said["household_without_point"]) == 1
    assert said["department_group"] == [("县教育局", 0)]
    assert [name for name, _ in said["person_in_closed_unit"]] == ["乙一帮扶"]
    assert "乙一突击班" not in [name for name, _ in said["squad_leaders"]], "it is closed"


async def test_each_sees_their_own_part(api: Api):
    said = await found(api, who=LEADER_A)
    assert [name for name, _ in said["village_without_sector"]] == ["甲一村", "甲二村"]
    assert said["sectors"] == [("乐里战区", 0)]
    assert (await found(api, f"unit={unit_id('theatre_b')}"))["sectors"] == [("利周战区", 0)]
