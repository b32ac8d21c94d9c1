"""From a server without a county to an office at work: the code, the password, slips for others, sessions."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import text

from app.flows import make_county
from app.flows.make_county import NewCounty
from tests.e2e.conftest import DESKTOP, PHONE, Live, opened, pick_one, served, sign_in
from tests.support.cluster import Server
from tests.support.county import COUNTY, HELPER_A1, OFFICE, OTHER_COUNTY, PASSWORD, RESIDENT_A2, STRANGER

SECRET = "岑王老山的云海2026"
NEW = NewCounty("451031", "隆林县", "Longlin", "韦秀兰", "13900000099")


@pytest.fixture(scope="module")
async def live(server: Server, county_template: str) -> AsyncIterator[Live]:
    """A county of its own, for its accounts change here."""
    async with served(server, county_template) as one:
        yield one


async def code_of_new_county(live: Live) -> str:
    async with live.api.database.transaction() as session:
        return (await make_county.create(session, NEW, now=live.api.clock())).code


async def test_the_office_of_a_new_county_begins_with_its_code(page: Page, live: Live):
    code = await code_of_new_county(live)
    await page.goto(live.url)
    await page.get_by_role("link", name="用激活码开通").click()
    await page.get_by_role("button", name="开通并登录").click()
    await expect(page.get_by_text("请输入激活条上的激活码")).to_be_visible()
    await page.get_by_label("激活码").fill("451031-0000-0000-0000")
    await page.get_by_label("设置密码").fill(SECRET)
    await page.get_by_label("再输入一次").fill("又一个")
    await page.get_by_role("button", name="开通并登录").click()
    await expect(page.get_by_text("两次输入的密码不一样")).to_be_visible()
    await page.get_by_label("再输入一次").fill(SECRET)
    await page.get_by_role("button", name="开通并登录").click()
    await expect(page.get_by_text("激活码不对")).to_be_visible()
    await expect(page.get_by_label("激活码")).to_be_focused()
    await page.goto(f"{live.url}/#/activate/{code.lower()}")  # as the QR code of a slip does
    await page.get_by_label("设置密码").fill(SECRET)
    await page.get_by_label("再输入一次").fill(SECRET)
    await page.get_by_role("button", name="开通并登录").click()
    await expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    await expect(page.get_by_role("heading", name="隆林县")).to_be_visible()
    assert "activate" not in page.url
    await expect(page.get_by_text("本县还没有")).to_be_visible()  # a rule, and so nothing owed


async def test_the_office_prints_slips_and_a_person_uses_one(browser: Browser, live: Live):
    async with live.api.database.transaction() as session:
        ids = [HELPER_A1.id, RESIDENT_A2.id]
        await session.execute(text("DELETE FROM sign_in WHERE person_id = ANY(:ids)"), {"ids": ids})
    async with opened(browser) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=accounts")
        await pick_one(page, "责任单位", "田林县 › 乐里战区")
        await page.get_by_role("button", name="生成激活条").click()
        slips = page.locator("article")
        await expect(slips).to_have_count(2)
        await expect(page.get_by_role("status")).to_contain_text("2 张激活条")
        slip = slips.filter(has_text=HELPER_A1.name)
        code = re.search(r"451029(-\w{4}){3}", await slip.inner_text())
        await expect(slip.get_by_role("img", name="二维码")).to_be_visible()
        await page.emulate_media(media="print")
        await expect(page.get_by_role("navigation")).to_be_hidden()
        await expect(slip).to_be_visible()
    assert code
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await page.goto(f"{live.url}/#/activate/{code[0]}")
        await page.get_by_label("设置密码").fill(HELPER_A1.phone)
        await page.get_by_label("再输入一次").fill(HELPER_A1.phone)
        await page.get_by_role("button", name="开通并登录").click()
        await expect(page.get_by_text("密码中不要有自己的手机号")).to_be_visible()
        await page.get_by_label("设置密码").fill(SECRET)
        await page.get_by_label("再输入一次").fill(SECRET)
        await page.get_by_role("button", name="开通并登录").click()
        await expect(page.get_by_role("button", name="退出登录")).to_be_visible()


@asynccontextmanager
async def accounts_of(browser: Browser, live: Live, name: str) -> AsyncIterator[Page]:
    async with opened(browser) as context:
        page = await context.new_page()
        await sign_in(page, live, address="#/?office=accounts")
        await page.get_by_role("searchbox", name="姓名或手机号").fill(name)
        await page.get_by_role("status").get_by_role("button", name=re.compile(name)).click()
        yield page


async def test_the_office_gives_one_person_a_code_and_signs_out_a_lost_phone(browser: Browser, live: Live):
    async with accounts_of(browser, live, "乙一帮扶") as page:
        await page.get_by_role("button", name="发激活码").click()
        await expect(page.get_by_role("status")).to_contain_text(f"{COUNTY}-")
        await page.get_by_role("button", name="手机丢失").click()
        await page.get_by_role("button", name="退出此人的全部登录").click()
        await expect(page.get_by_text("已退出 0 处登录。")).to_be_visible()
        await page.get_by_text("登录记录").click()
        await expect(page.get_by_text("没有记录")).to_be_visible()
    async with accounts_of(browser, live, OFFICE.name) as page:
        await page.get_by_role("button", name="发激活码").click()
        await expect(page.get_by_role("alert")).to_contain_text("请直接修改密码")


async def test_one_changes_ones_own_password_and_sees_where_one_is_signed_in(browser: Browser, live: Live):
    """A leader, on a desktop and on a phone: without any office's post."""
    async with opened(browser, viewport=PHONE) as phone, opened(browser, viewport=DESKTOP) as desktop:
        there, here = await phone.new_page(), await desktop.new_page()
        await sign_in(there, live, OFFICE)
        await sign_in(here, live, OFFICE, "#/?office=account")
        await expect(here.get_by_text("本机")).to_have_count(1)
        await here.get_by_label("现在的密码").fill("not this")
        await here.get_by_label("新密码").fill(SECRET)
        await here.get_by_label("再输入一次").fill(SECRET)
        await here.get_by_role("button", name="修改", exact=True).click()
        await expect(here.get_by_text("原密码不对")).to_be_visible()
        await here.get_by_label("现在的密码").fill("yefang-demo")
        await here.get_by_label("同时退出其他手机和浏览器").check()
        await here.get_by_role("button", name="修改", exact=True).click()
        await expect(here.get_by_text("密码已修改。")).to_be_visible()
        await expect(here.get_by_text("本机")).to_have_count(1)
        await expect(here.locator(".session")).to_have_count(1)
        await there.reload()
        await expect(there.get_by_role("button", name="登录", exact=True)).to_be_visible()
        await here.reload()
        tries = here.get_by_role("region", name="登录记录").get_by_role("listitem")
        await expect(tries.first).to_contain_text("修改密码")
        await expect(tries.nth(1)).to_contain_text("密码错误")
        await expect(tries.nth(1)).to_contain_text("127.0.0.1")
        await expect(tries.nth(1)).to_contain_text("Chrome")


async def test_who_supervises_nobody_has_an_account_page_too(browser: Browser, live: Live):
    async with opened(browser, viewport=PHONE) as context:
        page = await context.new_page()
        await page.goto(live.url)
        await page.get_by_label("手机号码").fill("13900000006")
        await page.get_by_label("密码").fill("yefang-demo")
        await page.get_by_role("button", name="登录", exact=True).click()
        await page.get_by_role("button", name="退出登录").wait_for()
        await page.goto(f"{live.url}/#/?office=account")
        await expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
        await expect(page.get_by_role("navigation").get_by_role("button")).to_have_text(["履职情况表", "我的账号"])


def code_of(live: Live, secret: str) -> str:
    return pyotp.TOTP(secret).generate_otp(int(live.api.clock().timestamp()) // 30)


async def test_a_second_factor_is_turned_on_and_asked_for(browser: Browser, live: Live):
    """In a county that wants it of offices: it is asked for before anything else is shown."""
    async with live.api.database.transaction() as session:
        change = "UPDATE county SET settings = settings || '{\"second_factor\": true}' WHERE id = :id"
        await session.execute(text(change), {"id": OTHER_COUNTY})
    async with opened(browser) as context:
        page = await context.new_page()
        await page.goto(live.url)
        await page.get_by_label("手机号码").fill(STRANGER.phone)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录", exact=True).click()
        await expect(page.get_by_text("本县要求办公室和管理员启用动态口令")).to_be_visible()
        await page.get_by_label("登录密码").fill("guess")
        await page.get_by_role("button", name="启用", exact=True).click()
        await expect(page.get_by_text("原密码不对")).to_be_visible()
        await page.get_by_label("登录密码").fill(PASSWORD)
        await page.get_by_role("button", name="启用", exact=True).click()
        secret = await page.locator(".secret").inner_text()
        await expect(page.get_by_role("img", name="二维码")).to_be_visible()
        live.api.clock.turn(seconds=60)
        await page.get_by_label("动态口令（6 位数字）").fill("000000")
        await page.get_by_role("button", name="确认启用").click()
        await expect(page.get_by_text("动态口令不对")).to_be_visible()
        await page.get_by_label("动态口令（6 位数字）").fill(code_of(live, secret))
        await page.get_by_role("button", name="确认启用").click()
        await page.get_by_role("button", name="退出登录").wait_for()
        await page.get_by_role("button", name="退出登录").click()
        await page.get_by_label("手机号码").fill(STRANGER.phone)
        await page.get_by_label("密码").fill(PASSWORD)
        await page.get_by_role("button", name="登录", exact=True).click()
        await expect(page.get_by_label("动态口令（6 位数字）")).to_be_focused()
        live.api.clock.turn(seconds=30)
        await page.get_by_label("动态口令（6 位数字）").fill(code_of(live, secret))
        await page.get_by_role("button", name="登录", exact=True).click()
        await page.get_by_role("button", name="退出登录").wait_for()
        await page.goto(f"{live.url}/#/?office=account")
        await expect(page.get_by_role("button", name="停用")).to_be_visible()
