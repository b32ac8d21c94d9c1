"""Someone of the small county who was told something, and whom it did not reach."""

from app.notices import service as notices
from app.notices.channels.base import Never
from app.notices.delivering import put_usual_channels
from app.notices.service import NewNotice
from tests.support import county
from tests.support.county import COUNTY, Cast
from tests.support.notices import Recording, dispatcher
from tests.support.server import Api

SMS = {"url": "json://gateway.example/sms?-to={phone}", "position": 3, "per_minute": 20}


async def tell(api: Api, occasion: str, who: Cast = county.HELPER_A1) -> None:
    about = {
        "rule": {"name": "走访", "name_en": "Visits"},
        "period": {"start": "2026-11-09", "end": "2026-11-15"},
        "required": 1,
        "done": 0,
    }
    async with api.database.transaction() as session:
        told = [NewNotice(who.id, "duty_missed", occasion, about)]
        await notices.tell(session, county_id=COUNTY, now=api.clock(), notices=told)


async def open_channels(api: Api) -> None:
    """The usual channels and the office's gateway for SMS; the helper of A1 has a phone that takes pushes."""
    async with api.database.transaction() as session:
        await put_usual_channels(session, COUNTY, enabled=True)
    async with await api.as_(county.OFFICE) as office:
        assert (await office.put(f"/v1/counties/{COUNTY}/notice-channels/sms", json=SMS)).status_code == 200
    async with await api.as_(county.HELPER_A1) as phone:
        pushed = {"platform": "android", "model": "Redmi 4A", "push": {"channel": "fcm", "token": "t"}}
        device = f"phone of {county.HELPER_A1.name}".encode().hex()
        assert (await phone.put(f"/v1/devices/{device}", json=pushed)).status_code == 200


async def fail_to_reach(api: Api) -> None:
    """What waits: the phone is gone, so the gateway is tried, and refuses."""
    gone = {"fcm": Recording(Never("unregistered: 404", gone=True)), "apprise": Recording(Never("refused: 400"))}
    for _ in range(2):
        api.clock.turn(seconds=2)
        await dispatcher(api.service, api.clock, **gone).deliver_due()
