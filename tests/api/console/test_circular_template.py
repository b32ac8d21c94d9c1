"""The county's own template of the circular: what is sent back changed is what circulars are made from."""

import asyncio
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from sqlalchemy import text

from app.console import circular
from app.console.circular import NAMES, Listed
from app.console.routes.circular import numbers
from app.exchange import own_templates
from app.exchange import service as exchange
from app.exchange.documents import fill
from app.exchange.words import DocumentKind
from app.kernel.database import rows
from tests.api.console.test_exports import two_weeks
from tests.support.cluster import Server
from tests.support.county import COUNTY, HELPER_A1, LEADER_A, NIGHT_RULE, OFFICE, STRANGER, Cast
from tests.support.documents import paragraph, related, repacked, said, swapped, with_body, with_furniture
from tests.support.server import Api, running

BASE = f"/v1/counties/{COUNTY}"
PATH = f"{BASE}/circular-template"
ASKED = f"period=2026-W46&rule={NIGHT_RULE}"
HOUSE = circular.house("zh-CN")
OURS = with_furniture(
    with_body(swapped(HOUSE, "本期应完成", "本周全县应完成"), paragraph("特此", "通报。共{{ mis", "sed }}人。")),
    header="田林县夜访办公室",
    footer="{{ period }}",
    title="{{ unit }}{{ period }}通报",
)


@pytest.fixture
async def lived_in(server: Server, county_template: str) -> AsyncIterator[Api]:
    """A county with numbers; where they do not matter, tests take an empty one (`api`)."""
    async with server.database(county_template) as url, running(url) as one:
        yield await two_weeks(one)


async def send(api: Api, data: bytes, *, language: str = "zh-CN", who: Cast = OFFICE, reads: str = "zh-CN") -> Any:
    async with await api.as_(who) as console:
        return await console.put(
            f"{PATH}/{language}",
            files={"file": ("我县通报模板.docx", data)},
            headers={"Accept-Language": reads},
        )


async def get(api: Api, path: str, who: Cast = OFFICE, **headers: str) -> Any:
    async with await api.as_(who, **headers) as console:
        return await console.get(path)


async def made(api: Api, who: Cast = OFFICE, **headers: str) -> bytes:
    reply = await get(api, f"{BASE}/exports/circular.docx?{ASKED}", who, **headers)
    assert reply.status_code == 200, reply.text
    content: bytes = reply.content
    return content


def versions(reply: Any, language: str = "zh-CN") -> list[Any]:
    assert reply.status_code == 200, reply.text
    (found,) = [each["versions"] for each in reply.json()["items"] if each["language"] == language]
    return list(found)


async def test_the_houses_template_comes_out_is_changed_goes_in_and_circulars_say_so(lived_in: Api):
    api = lived_in
    house = await get(api, f"{PATH}/zh-CN/house.docx")
    assert "本期应完成{{ owed }}人" in said(house.content)
    ours = swapped(house.content, "本期应完成", "本周全县应完成")
    (kept,) = versions(await send(api, ours))
    assert (kept["version"], kept["house"], kept["file_name"]) == (1, False, "我县通报模板.docx")
    assert (kept["made_by"]["name"], kept["made_at"]) == (OFFICE.name, "2026-11-18T12:10:00Z")
    for who in (OFFICE, LEADER_A):
        board = (await get(api, f"{BASE}/compliance?{ASKED}", who)).json()
        missed = (await get(api, f"{BASE}/duties?{ASKED}&status=missed&limit=200", who)).json()["items"]
        total, document = board["total"], Document(BytesIO(await made(api, who)))
        words = "\n".join(each.text for each in document.paragraphs)
        assert f"本周全县应完成{total['people'] - total['excused']}人，另有{total['excused']}人不作要求" in words
        assert [row.cells[4].text for row in document.tables[0].rows][1:] == [
            str(item["missed"]) for item in board["items"]
        ]
        assert words.count("：应完成") == len(missed) == total["missed"]
    assert "本周全县" not in said(await made(api, **{"Accept-Language": "en"})), "English readers have the house's"
    assert (await get(api, f"{PATH}/zh-CN/1.docx")).content == ours


async def test_headers_footers_properties_and_names_in_pieces_are_filled(api: Api):
    versions(await send(api, OURS))
    total = (await get(api, f"{BASE}/compliance?{ASKED}")).json()["total"]
    words = said(await made(api))
    for each in ("田林县夜访办公室", "2026-W46", f"特此通报。共{total['missed']}人。"):
        assert each in words
    assert Document(BytesIO(await made(api))).core_properties.title.endswith("2026-W46通报")


async def test_back_to_the_houses_and_again_and_nothing_is_lost(api: Api):
    versions(await send(api, OURS))
    versions(await send(api, OURS))  # is in use already
    async with await api.as_(OFFICE) as office:
        back = versions(await office.delete(f"{PATH}/zh-CN"))
        assert [(each["version"], each["house"]) for each in back] == [(2, True), (1, False)]
        assert versions(await office.delete(f"{PATH}/zh-CN")) == back, "the house's is in use already"
        assert versions(await office.delete(f"{PATH}/en"), "en") == []
    assert "田林县夜访办公室" not in said(await made(api))
    assert len(versions(await send(api, OURS))) == 3
    assert "田林县夜访办公室" in said(await made(api))
    assert (await get(api, f"{PATH}/zh-CN/1.docx")).content == OURS
    for none in ("zh-CN/2.docx", "zh-CN/9.docx", "en/1.docx"):
        assert (await get(api, f"{PATH}/{none}")).status_code == 404
    for nonsense in ("zh-CN/0.docx", "fr/house.docx", f"zh-CN/{2**40}.docx"):
        assert (await get(api, f"{PATH}/{nonsense}")).status_code == 422
    async with api.database.transaction() as session:
        acts = await rows(
            session,
            "SELECT action, actor_id, detail FROM audit_entry WHERE subject = 'document_template:circular:zh-CN'"
            " ORDER BY id",
        )
        exported = await rows(
            session, "SELECT detail FROM audit_entry WHERE subject = 'export:circular' ORDER BY id"
        )
    assert [act.action.removeprefix("document_template.") for act in acts] == ["changed", "reset", "changed"]
    assert {act.actor_id for act in acts} == {OFFICE.id}
    assert acts[0].detail["file_name"] == "我县通报模板.docx"
    assert [each.detail.get("template") for each in exported] == [None, 3]


async def test_each_language_has_its_own(api: Api):
    english = swapped(circular.house("en"), "people owed, and", "cadres owed, and")
    assert len(versions(await send(api, english, language="en"), "en")) == 1
    assert "cadres owed" in said(await made(api, **{"Accept-Language": "en"}))
    assert "本期应完成" in said(await made(api))


@pytest.mark.parametrize(
    ("data", "code", "zh", "en"),
    [
        (b"no docx", "no_document", "不是 Word 文档", "No Word document"),
        (b"x" * 6_000_000, "document_too_large", "文件超过 5 MB", "more than 5 MB"),
        (repacked(HOUSE, {"word/vbaProject.bin": b"x"}), "document_macro", "文件中有宏", "holds macros"),
        (
            related(HOUSE, "attachedTemplate", "http://a.example/b.dotm", external=True),
            "document_linked",
            "http://a.example/b.dotm",
            "refers to something outside",
        ),
        (
            with_body(HOUSE, paragraph("共{{ misssed }}人")),
            "unknown_name",
            "正文“共{{ misssed }}人”：没有“misssed”这个名称",
            "the text, “共{{ misssed }}人”: there is no misssed here",
        ),
        (
            with_furniture(HOUSE, header="{{ unit.__class__ }}", footer="", title=""),
            "unknown_name",
            "页眉“{{ unit.__class__ }}”",
            "a header, “{{ unit.__class__ }}”",
        ),
        (with_body(HOUSE, paragraph("{{ owed / missed }}")), "beyond", "不能计算", "neither calculates"),
        (with_body(HOUSE, paragraph("{% if met %}好")), "unclosed", "没有对应的结束", "has no end"),
    ],
    ids=lambda each: each if isinstance(each, str) and each.isascii() else "",
)
async def test_what_cannot_be_used_is_refused_in_the_callers_language(
    api: Api, data: bytes, code: str, zh: str, en: str
):
    for reads, words in (("zh-CN", zh), ("en", en)):
        reply = await send(api, data, reads=reads)
        assert reply.status_code == 422, reply.text
        (error,) = reply.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/file", code)
        assert words in error["detail"]
        assert words in reply.json()["detail"]
    assert versions(await get(api, PATH)) == []


async def test_a_circular_that_is_filled_in_is_not_taken_for_the_template(api: Api):
    reply = await send(api, await made(api))
    assert reply.json()["errors"][0]["code"] == "document_no_names"


async def test_only_the_countys_office_may(api: Api):
    for who, status in ((LEADER_A, 403), (HELPER_A1, 403), (STRANGER, 404)):
        assert (await send(api, OURS, who=who)).status_code == status
        async with await api.as_(who) as console:
            assert (await console.delete(f"{PATH}/zh-CN")).status_code == status
            for path in ("", "/zh-CN/house.docx", "/zh-CN/1.docx"):
                assert (await console.get(f"{PATH}{path}")).status_code == status


async def test_the_names_that_are_listed_are_those_that_circulars_are_filled_with(lived_in: Api, monkeypatch: Any):
    api = lived_in
    listed = (await get(api, PATH, **{"Accept-Language": "en"})).json()
    assert {each["name"] for each in listed["names"]} == {
        name for name, each in NAMES.items() if not isinstance(each, Listed)
    }
    (units, people) = listed["lists"]
    assert (units["name"], units["begin"], units["end"]) == ("units", "{%tr for row in units %}", "{%tr endfor %}")
    assert people["begin"] == "{%p for person in people %}"
    for mark in (units["begin"], units["end"], people["begin"], people["end"]):
        assert mark in said(HOUSE)
    assert {"name": "person.done", "meaning": "how much was done"} in people["names"]
    seen: list[Any] = []

    async def watched(*asked: Any) -> Any:
        seen.append(await numbers(*asked))
        return seen[-1]

    monkeypatch.setattr("app.console.routes.circular.numbers", watched)
    await made(api)
    values = seen[0].values
    assert values.keys() == NAMES.keys()
    for name, each in NAMES.items():
        if isinstance(each, Listed):
            assert {frozenset(item) for item in values[name]} == {frozenset(each.names)}


async def test_one_that_no_longer_bears_its_values_is_said_and_not_silently_replaced(api: Api):
    """As after an update that took a name away: it passed, once."""
    async with api.database.transaction() as session:
        await own_templates.use(
            session,
            COUNTY,
            DocumentKind.CIRCULAR,
            "zh-CN",
            file_name="旧.docx",
            template=with_body(HOUSE, paragraph("{{ gone }}")),
            actor_id=OFFICE.id,
            now=api.clock(),
        )
    reply = await get(api, f"{BASE}/exports/circular.docx?{ASKED}")
    assert reply.status_code == 409
    assert "没有“gone”这个名称" in reply.json()["detail"]
    assert "恢复自带模板" in reply.json()["detail"]


async def test_two_at_once_lose_nothing(api: Api):
    replies = await asyncio.gather(*(send(api, with_body(HOUSE, paragraph(f"第{n}"))) for n in range(3)))
    kept = [reply for reply in replies if reply.status_code == 200]
    assert {reply.status_code for reply in replies} <= {200, 409}
    history = versions(await get(api, PATH))
    assert [each["version"] for each in history] == list(range(len(kept), 0, -1))


async def test_a_county_without_rules_may_have_one(api: Api):
    async with api.database.transaction() as session:
        await session.execute(text(f"DELETE FROM duty_rule WHERE county_id = '{COUNTY}'"))
    assert len(versions(await send(api, OURS))) == 1


async def test_it_goes_over_with_a_record_that_goes_into_another(api: Api):
    versions(await send(api, OURS))
    async with api.database.transaction() as session:
        await exchange.take_over(session, COUNTY, from_id=OFFICE.id, into_id=LEADER_A.id)
    (kept,) = versions(await get(api, PATH))
    assert kept["made_by"] == {"id": str(LEADER_A.id), "name": LEADER_A.name}


def test_filled_with_nothing_missed_it_says_nobody():
    assert "无。" in said(fill(OURS, circular.samples()[1]))
