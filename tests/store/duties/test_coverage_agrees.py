"""The same visits from the household's side and from the people's: coverage and duties never tell two stories."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.duties import service as duties
from app.reads import coverage
from app.reads.visibility import VisibleScope
from tests.store.duties.builder import Facts, Visit, add
from tests.store.duties.cast import COUNTY, HOUSE_1, HOUSE_2, HOUSES, LONG_AGO, SHANGHAI, Person, rule

MONDAY = datetime(2024, 2, 26, tzinfo=SHANGHAI)
NEXT_MONDAY = MONDAY + timedelta(days=7)
PEOPLE = [Person("helper"), Person("leader", "leader", unit="a"), Person("other", unit="b")]
EVERYWHERE = VisibleScope(COUNTY.id, (COUNTY.id,), (COUNTY.id,), None)
# On both sides of both ends of the week, and inside it.
MOMENTS = st.sampled_from(
    [MONDAY + timedelta(**by) for by in ({"seconds": -1}, {}, {"hours": 5}, {"days": 3}, {"days": 6, "hours": 20})]
    + [NEXT_MONDAY - timedelta(seconds=1), NEXT_MONDAY]
)


@st.composite
def visits(draw):
    house = draw(st.sampled_from((HOUSE_1, HOUSE_2, None)))
    return Visit(
        person=draw(st.sampled_from(PEOPLE)),
        captured_at=draw(MOMENTS),
        household=house,
        standing=draw(st.sampled_from(("counted", "counted", "counted", "held", "refused"))),
        name=str(draw(st.integers(0, 10**6))),
    )


async def from_the_people(session, now):
    """How many different households each person has to their credit by the week's rule, and which they are."""
    owed = [
        duty
        for person in PEOPLE
        for duty in await duties.of_person(
            session, county_id=COUNTY.id, person_id=person.id, timezone=COUNTY.timezone, period="2024-W09", now=now
        )
    ]
    assert len(owed) == len(PEOPLE)
    considered = [
        each
        for duty in owed
        for each in await duties.evidence(
            session, county_id=COUNTY.id, timezone=COUNTY.timezone, duty_id=duty.id, now=now
        )
    ]
    return sum(duty.done for duty in owed), [each.check_in_id for each in considered if each.counted]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(visits(), min_size=1, max_size=14, unique_by=lambda visit: visit.id))
async def test_a_week_of_visits_is_one_story(database, made):
    categories = ("helper", "leader")
    weekly = rule(
        "houses", since=LONG_AGO, measure="distinct_households", counts_in="county", categories=categories
    )
    async with database.engine.connect() as connection, connection.begin() as transaction:
        session = database._sessions(bind=connection)
        await add(session, Facts(people=PEOPLE, rules=[weekly], visits=made))
        done, counted = await from_the_people(session, NEXT_MONDAY)
        found = await coverage.not_visited(
            session, EVERYWHERE, days=7, village_id=None, cursor=None, limit=50, now=NEXT_MONDAY
        )
        await session.close()
        await transaction.rollback()
    of_check_in = {visit.id: (visit.person.id, visit.household) for visit in made}
    pairs = [of_check_in[check_in_id] for check_in_id in counted]
    assert done == len(pairs) == len(set(pairs))
    visited = {house for _, house in pairs}
    assert {item.household.id for item in found.items} == set(HOUSES) - visited
    total = found.total
    assert (total.households, total.visited) == (len(HOUSES), len(visited))
    for side in (found.by_unit, found.by_village):
        assert {name: sum(getattr(each, name) for each in side) for name, _ in total} == dict(total)
