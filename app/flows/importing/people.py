"""People, each with a post and, where a village is named, an assignment: known by phone or office number."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from app.directory.phone_numbers import phone_number
from app.directory.rows import Person, Post
from app.directory.words import Category, usual_role
from app.exchange.cells import Bad
from app.exchange.tables import Row
from app.flows.importing.lookup import Lookup
from app.flows.importing.missing import OFFICE, OWN, Missing, offices, some, stands_in
from app.flows.importing.reading import Asked, BadCell, Built, Reader, answer, open_assignments
from app.kernel.ids import new_id
from app.kernel.language import Text

_TWO_PEOPLE = Text(
    "手机号是{phone}的，工号是{number}的，请核对", "The phone number is {phone}'s and the number {number}'s; check"
)
_WHOSE = Text(
    "这个手机号登记的是{name}，不是{written}。如果改了姓名，请先在花名册改；如果号码给了别人，请先让{name}离任或换号",
    "The number is {name}'s, not {written}'s. Where the name has changed, correct it in the roster first; where"
    " the number has passed on, end {name}'s service or change their number first",
)
_HAS_LEFT = Text(
    "{name}已于 {until} 离任。回来任职的，请填开始日期",
    "{name} left on {until}. For who has come back, give the date from which",
)


class People(Reader):
    """A row is a person as they shall be."""

    def __init__(self, lookup: Lookup, asked: Asked, built: Built) -> None:
        super().__init__(lookup, asked, built)
        latest_last = sorted(lookup.known.posts, key=lambda post: post.from_date)
        posts = {(post.person_id, post.unit_id, post.role): post for post in latest_last}
        ends = {person.id: person.until_date for person in lookup.known.people}
        # One that ended before its person did is over: who holds the same again begins another.
        over = {
            key
            for key, post in posts.items()
            if post.until_date and post.until_date <= asked.today and post.until_date != ends.get(post.person_id)
        }
        self._posts = {key: post for key, post in posts.items() if key not in over}
        self._again = over
        self._answers = open_assignments(lookup.known.assignments)
        self._giving_up: set[UUID] = set()
        self._townships: set[str] = set()  # that rows name

    def in_order(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Who is known by the office's number and has another phone number now gives the one before up."""
        for row in rows:
            was = self.lookup.by_number.get(str(row.get("number")))
            if was and was.phone != phone_number(str(row.get("phone"))):
                self._giving_up.add(was.id)
        return rows

    def take(self, row: Row) -> None:
        was = self._known(row)
        village = self.village(row) if row.get("village") else None
        if village and row.get("township"):
            self._townships.add(village.township_id)
        unit = self.of(row, "unit", self.lookup.unit).id if row.get("unit") else None
        department = self.of(row, "department", self.lookup.unit).id if row.get("department") else None
        person = Person(
            id=was.id if was else new_id(),
            name=str(row.get("name")),
            phone=phone_number(str(row.get("phone"))),
            category=str(row.get("category")),
            unit_id=unit or (was.unit_id if was else self.lookup.squad_of(village.id if village else None)),
            department_id=department or (was.department_id if was else None),
            number=str(row.get("number")) if row.get("number") else (was.number if was else None),
            **self.days(row, was),  # type: ignore[arg-type]
        )
        self.once(row, "phone", person.phone)
        self.built.add("people", person, row)
        self._post(row, person)
        if village:
            answered = answer(person.id, village.id, None, self._answers, {"from_date": person.from_date})
            self.built.add("assignments", answered, row)

    def _known(self, row: Row) -> Person | None:
        by_phone = self._holder(row)
        by_number = self.lookup.by_number.get(str(row.get("number"))) if row.get("number") else None
        if by_phone and by_number and by_phone.id != by_number.id:
            raise BadCell("number", Bad("two_people", _TWO_PEOPLE, phone=by_phone.name, number=by_number.name))
        if by_number is None and by_phone and by_phone.name != row.get("name"):
            raise BadCell("phone", Bad("other_name", _WHOSE, name=by_phone.name, written=row.get("name")))
        return by_number or by_phone

    def _holder(self, row: Row) -> Person | None:
        """Whose number it is in the time that the row is about: who has left has passed it on."""
        begun, until = self.days(row).values()
        holders = [
            person
            for person in self.lookup.holders.get(phone_number(str(row.get("phone"))), ())
            if person.id not in self._giving_up
        ]
        there = [
            person
            for person in holders
            if begun < (person.until_date or date.max) and person.from_date < (until or date.max)  # type: ignore[operator]
        ]
        same = [person for person in there or holders if person.name == row.get("name")]
        if there:
            return (same or there)[-1]
        if same and not row.get("from_date"):
            if not until:
                about = {"name": same[-1].name, "until": same[-1].until_date}
                raise BadCell("from_date", Bad("has_left", _HAS_LEFT, **about))
            return same[-1]
        return None

    def _post(self, row: Row, person: Person) -> None:
        role = str(row.get("role") or usual_role(row.get("category")))
        key = (person.id, person.unit_id, role)
        was = self._posts.get(key)
        title = str(row.get("title") or (was.title if was else ""))
        begun = was.from_date if was else self.asked.today if key in self._again else person.from_date
        post = Post(was.id if was else new_id(), person.id, person.unit_id, role, title, begun, person.until_date)
        self.built.add("posts", post, row)

    def compare(self) -> None:
        """A file is about the units in which its people stand, and the townships that it names.

        It is about their categories, too, and where it says of everybody who sent them, about those departments.
        """
        known, rows = self.lookup.known, self.built.rows["people"]
        if not rows:
            return
        units = {person.unit_id for person in rows}
        units |= {village.unit_id for village in known.villages if village.township_id in self._townships}
        paths = {self.lookup.units[each].path for each in units} - {""}  # which has no path yet, has nobody yet
        categories = {person.category for person in rows}
        senders = {person.department_id for person in rows}
        named, office = self.named("people"), offices(known.posts, self.asked.today)
        left_out = (
            Missing("people", person, person.name, f"{unit.name} {person.phone}", why)
            for person in known.people
            if person.id not in named and self.lasts(person) and person.category in categories
            for unit in (self.lookup.units[person.unit_id],)
            if stands_in(unit.path, paths) and (None in senders or person.department_id in senders)
            for why in (OWN if person.id == self.asked.by else OFFICE if person.id in office else None,)
        )
        root = self.lookup.root
        among = self._among(units, categories, senders)
        self.built.compare(left_out, self.asked.ending, among, root if root.id in units else None)

    def _among(self, units: set[UUID], categories: set[str], senders: set[UUID | None]) -> Text:
        where = some(sorted(self.lookup.units[each].name for each in units))
        kinds = [category.text for category in Category if category in categories]
        sent = "" if None in senders else some(sorted(self.lookup.units[each].name for each in senders if each))
        return Text(
            f"{where}（含下级）；{'、'.join(kind.zh for kind in kinds)}" + (sent and f"；派出单位：{sent}"),
            f"{where}, with all below; {', '.join(kind.en for kind in kinds)}" + (sent and f"; sent by {sent}"),
        )
