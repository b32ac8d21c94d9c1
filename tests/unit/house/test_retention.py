"""What the models say of how long rows are kept is a setting of the county, and every such setting is said."""

from app.flows.county_settings import declared
from app.kernel.database import Base
from tests.unit.house import sql


def test_every_retention_time_is_some_tables_and_no_table_names_another():
    sql.growing()  # loads the models
    settings = {each.name for _, each in declared() if each.name.endswith("_retention_d")}
    assert {each.class_.kept for each in Base.registry.mappers if each.class_.kept} == settings
