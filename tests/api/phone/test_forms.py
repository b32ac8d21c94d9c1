"""The form of a night visit at the phone's door: each error is at its field, and loses no other visit."""

from copy import deepcopy
from typing import Any

import pytest
from sqlalchemy import text

from tests.support import county
from tests.support.forms import night_form
from tests.support.server import Api, check_in


def without(part: str, name: str) -> dict[str, Any]:
    form = deepcopy(night_form())
    del (form[part] if part else form)[name]
    return form


async def post(api: Api, form: Any, **headers: str) -> Any:
    async with await api.as_(county.HELPER_A1, **headers) as phone:
        return await phone.post("/v1/check-ins", json=check_in(form=form))


async def test_a_form_filled_in_is_kept_as_it_was(api: Api):
    form = night_form(water="gap") | {"weather": "雨"}
    assert (await post(api, form)).status_code == 201
    async with api.database.transaction() as session:
        kept = await session.scalar(text("SELECT form FROM check_in WHERE county_id = '451029'"))
    assert kept == form


@pytest.mark.parametrize(
    ("form", "pointer", "code"),
    [
        (night_form() | {"version": 2}, "/form/version", "unknown_value"),
        (without("", "version"), "/form/version", "missing"),
        (without("items", "tv"), "/form/items/tv", "missing"),
        (night_form(road="broken"), "/form/items/road/state", "unknown_value"),
        (night_form() | {"items": []}, "/form/items", "not_an_object"),
        (night_form() | {"card": {"state": "lost"}}, "/form/card/state", "unknown_value"),
        (night_form() | {"card": {"state": "ok", "note": "字" * 501}}, "/form/card/note", "too_long"),
        (without("", "booklet"), "/form/booklet", "missing"),
        (night_form() | {"consistent": {"state": True}}, "/form/consistent/state", "unknown_value"),
        (night_form(recognition=(3, 4)), "/form/recognition/recognised", "more_than_asked"),
        (night_form(recognition=("3", 1)), "/form/recognition/asked", "not_a_number"),
        (night_form(satisfaction=(-1, 0)), "/form/satisfaction/asked", "too_small"),
        (night_form(satisfaction=(2, 1.5)), "/form/satisfaction/satisfied", "not_a_number"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field(untouched: Api, form: dict[str, Any], pointer: str, code: str):
    reply = await post(untouched, form)
    assert reply.status_code == 422
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in reply.json()["errors"]}


async def test_it_is_said_in_both_languages(api: Api):
    form = night_form(recognition=(3, 4))
    (chinese,) = (await post(api, form)).json()["errors"]
    (english,) = (await post(api, form, **{"Accept-Language": "en"})).json()["errors"]
    assert (chinese["detail"], english["detail"]) == (
        "不能多于询问的人数 3",
        "Must not be more than the 3 asked",
    )


@pytest.mark.parametrize("form", [{}, {"kind": "stock", "items": 3}, {"kind": ["night_visit"]}, {"kind": None}])
async def test_a_form_of_another_kind_is_kept(api: Api, form: dict[str, Any]):
    assert (await post(api, form)).status_code == 201


async def test_a_bad_form_in_a_batch_fails_alone(api: Api):
    items = [check_in(form=night_form(tv="snow")), check_in(form=night_form())]
    async with await api.as_(county.HELPER_A1) as phone:
        results = (await phone.post("/v1/check-ins/batch", json={"check_ins": items})).json()["results"]
    assert [result["status"] for result in results] == ["invalid", "recorded"]
    assert results[0]["problem"]["errors"][0]["pointer"] == "/form/items/tv/state"
