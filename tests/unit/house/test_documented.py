"""What is added to a closed set is said wherever people look for it; the steps are in CONTRIBUTING.md."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint

from app.checkins.signals import SEVERITY
from app.console.schemas.notices import NoticeSettingsIn
from app.flows.county_settings import declared
from app.kernel.database import Base
from app.notices.channels.gateways import SCHEMES
from app.notices.rules import NoticeSettings
from app.notices.templates import KINDS
from app.reads.rule_period import _MEASURES
from app.settings import Settings
from app.wiring import channel_kinds
from tests.support.rooms import import_all

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
import_all()


def words_of(constraint: str) -> list[str]:
    """The closed set that a CHECK of the models keeps."""
    (found,) = (
        str(each.sqltext)
        for table in Base.metadata.tables.values()
        for each in table.constraints
        if isinstance(each, CheckConstraint) and each.name == constraint
    )
    return re.findall(r"'(\w+)'", found)


@pytest.mark.parametrize(
    ("page", "named"),
    [
        ("integrity.md", [signal.__name__ for signal in SEVERITY]),
        ("notices.md", KINDS),
        ("duties.md", words_of("ck_duty_rule_measure")),
        ("channels.md", words_of("ck_notice_channel_kind")),
    ],
)
def test_every_one_of_a_set_is_on_its_page(page, named):
    written = (DOCS / page).read_text()
    assert [name for name in named if f"`{name}`" not in written] == []


def test_every_kind_of_address_is_on_the_page_of_channels():
    """`bark(s)` stands for both."""
    written = (DOCS / "channels.md").read_text()
    assert [name for name in SCHEMES if not re.search(rf"`{name}`|`{name.removesuffix('s')}\(s\)`", written)] == []


def test_every_setting_of_a_county_is_on_some_page():
    pages = (page for page in DOCS.glob("*.md") if page.name != "settings.md")  # which is made from them
    written = "".join(page.read_text() for page in pages)
    names = [each.name for _, each in declared()]
    assert [name for name in names if f"`{name}`" not in written] == []


def test_every_measure_is_said_in_a_question():
    assert set(_MEASURES) == set(words_of("ck_duty_rule_measure"))


def test_an_installation_may_set_up_every_kind_of_channel():
    settings = Settings(secret_key="k" * 32, fcm_credentials="key.json")
    assert channel_kinds(settings) == set(words_of("ck_notice_channel_kind"))


def test_the_console_sets_every_setting_of_notices():
    assert {each.name for each in fields(NoticeSettings)} == NoticeSettingsIn.model_fields.keys()
