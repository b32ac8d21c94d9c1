"""Every table says how long its rows are kept, or why they last; and what a setting says is done."""

from app.flows.county_settings import declared
from app.flows.delete_expired import FINALLY, ORDER, WITH_OTHERS, times
from app.kernel.database import Base
from tests.unit.house import sql

sql.growing()  # loads the models
OF_THEIR_OWN = {"photo": "purge_photos", "track_day": "purge_tracks"}
"""Tables that a flow of their own empties."""


def test_every_table_is_kept_for_a_time_or_lasts_for_a_reason():
    placed = {each.class_.__tablename__: (each.class_.kept, each.class_.lasts) for each in Base.registry.mappers}
    assert [name for name, (kept, lasts) in placed.items() if bool(kept) == bool(lasts)] == []


def test_every_retention_time_is_some_tables_and_no_table_names_another():
    settings = {each.name for _, each in declared() if each.name.endswith("_retention_d")}
    assert set(times().values()) == settings


def test_every_table_that_is_kept_for_a_time_is_cleared():
    cleared = ORDER.keys() - FINALLY.keys() | WITH_OTHERS.keys() | OF_THEIR_OWN.keys()
    assert times().keys() == cleared
    assert set(WITH_OTHERS.values()) <= ORDER.keys() | OF_THEIR_OWN.keys()
