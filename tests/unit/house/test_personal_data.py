"""Every table and every column has its place in the catalogue of personal data, and its page is made from it."""

from app.flows.personal_data import NOBODYS, PERSONAL, WITH_ANOTHER
from app.kernel.database import Base
from tests.unit.house import sql

sql.growing()  # loads the models
TABLES = Base.metadata.tables


def test_every_table_is_placed_once():
    placed = [*PERSONAL, *WITH_ANOTHER, *NOBODYS]
    assert sorted(placed) == sorted(TABLES)


def test_every_column_of_what_is_personal_is_placed_once():
    for name, held in PERSONAL.items():
        said = [*held.stays.split(), *held.gone.split(), *held.secret.split()]
        assert len(said) == len(set(said)), name
        assert held.columns == set(TABLES[name].c.keys()) - {"county_id"}, name


def test_nobodys_tables_name_no_person_but_who_made_a_row():
    for name in NOBODYS:
        of_people = {column.name for column in TABLES[name].c if column.name.endswith(("person_id", "actor_id"))}
        assert not of_people, name
