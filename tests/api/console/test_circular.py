"""The circular: its numbers are the board's, its people those of the list, and it reaches no further."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from sqlalchemy import text

from app.kernel.database import Database
from tests.api.console.test_exports import two_weeks
from tests.support.cluster import Server
from tests.support.county import COUNTY, LEADER_A, NIGHT_RULE, OFFICE, STRANGER, Cast
from tests.support.server import Api, running

BASE = f"/v1/counties/{COUNTY}"
ASKED = f"period=2026-W46&rule={NIGHT_RULE}"


@pytest.fixture(scope="module")
async def lived_in(server: Server, county_template: str) -> AsyncIterator[Api]:
    """One for all: they only look."""
    async with server.database(county_template) as url, running(url) as api:
        yield await two_weeks(api)


async def circular(api: Api, who: Cast = OFFICE, query: str = ASKED, **headers: str) -> Any:
    async with await api.as_(who, **headers) as console:
        reply = await console.get(f"{BASE}/exports/circular.docx?{query}")
    assert reply.status_code == 200, reply.text
    return Document(BytesIO(reply.content))


def texts(document: Any) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize("who", [OFFICE, LEADER_A], ids=lambda cast: cast.phone)
async def test_its_numbers_are_those_of_the_board(lived_in: Api, who: Cast):
    async with await lived_in.as_(who) as console:
        board = (await console.get(f"{BASE}/compliance?{ASKED}")).json()
        missed = (await console.get(f"{BASE}/duties?{ASKED}&status=missed&limit=200")).json()["items"]
    document = await circular(lived_in, who)
    total, said = board["total"], texts(document)
    assert total["missed"] == len(missed) > 0
    assert f"应完成{total['people'] - total['excused']}人，另有{total['excused']}人不作要求" in said
    assert (
        f"按时完成{total['met']}人，补报完成{total['met_late']}人，未完成{total['missed']}人，完成率{total['rate']:.1%}"
        in said
    )
    head, *rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert head == ["单位", "应完成", "按时", "补报", "未完成", "不作要求", "完成率"]
    assert [[int(cell) for cell in row[1:-1]] for row in rows] == [
        [item["people"] - item["excused"], *(item[name] for name in ("met", "met_late", "missed", "excused"))]
        for item in board["items"]
    ]
    assert said.count("：应完成") == len(missed)
    for duty in missed:
        assert f"{duty['person']['name']}（{duty['unit']['name']}，" in said


async def test_it_is_in_the_readers_language_and_says_whose_and_when(lived_in: Api):
    said = texts(await circular(lived_in, **{"Accept-Language": "en"}))
    assert "circular on" in said
    assert "people owed, and" in said
    assert "{" not in said
    chinese = texts(await circular(lived_in))
    assert "（2026年11月9日至15日）" in chinese
    assert "数据截至2026-11-18" in chinese


async def test_nobody_behind_is_said_in_words(lived_in: Api):
    said = texts(await circular(lived_in, query="period=2025-W01"))
    assert "三、未完成人员\n无。" in said
    assert "完成率—" in said


async def test_it_is_on_record_and_reaches_no_further_than_the_board(lived_in: Api):
    await circular(lived_in, LEADER_A)
    async with lived_in.database.transaction() as session:
        last = (
            "SELECT actor_id, detail FROM audit_entry WHERE subject = 'export:circular' ORDER BY id DESC LIMIT 1"
        )
        ((actor, detail),) = (await session.execute(text(last))).all()
    assert (actor, detail["filter"]["period"], detail["format"]) == (LEADER_A.id, "2026-W46", "docx")
    async with await lived_in.as_(OFFICE) as office:
        (unit,) = [
            each["id"] for each in (await office.get(f"{BASE}/units")).json()["items"] if each["level"] == "county"
        ]
    async with await lived_in.as_(LEADER_A) as leader, await lived_in.as_(STRANGER) as stranger:
        assert (await leader.get(f"{BASE}/exports/circular.docx?unit={unit}")).status_code == 404
        assert (await stranger.get(f"{BASE}/exports/circular.docx")).status_code == 404
        assert (await leader.get(f"{BASE}/exports/circular.docx?period=nonsense")).status_code == 422


async def test_all_of_it_is_of_one_moment(lived_in: Api, monkeypatch: pytest.MonkeyPatch):
    asked: list[bool] = []
    transaction = Database.transaction

    def watched(self: Database, county_id: str | None, *, snapshot: bool = False) -> Any:
        asked.append(snapshot)
        return transaction(self, county_id, snapshot=snapshot)

    async with await lived_in.as_(OFFICE) as office:
        monkeypatch.setattr(Database, "transaction", watched)
        for path in ("compliance", "exports/circular.docx"):
            assert (await office.get(f"{BASE}/{path}")).status_code == 200
    assert asked == [False, True]
