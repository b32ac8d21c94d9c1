"""The notices of `make bench`, as few as it gets: each goes to its reader's phone."""

from app.flows.deliver_notices import Dispatcher
from app.kernel.clock import system_clock
from app.kernel.database import Database
from bench import notices
from tests.support.notices import Recording


async def test_each_reminder_is_due_on_one_phone(database_url):
    await notices.seed(database_url)
    await notices.tell(database_url, 30)
    database = Database(database_url, pool_size=2)
    fcm = Recording(batch=10)
    assert await Dispatcher(database, system_clock, {"fcm": fcm}).deliver_due() == 30
    await database.close()
    assert {message.push["token"] for message in fcm.messages} == {f"ok-phone {number}" for number in range(1, 31)}
    assert {message.kind for message in fcm.messages} == {"duty_reminder"}
