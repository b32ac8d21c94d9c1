"""Cases of a phone: its photos. One whose visits name none, though they were kept with some, keeps no photos."""

import base64
from typing import Any

from app.conformance.bench import Bench
from app.conformance.cases import Cases, Skipped, expect
from app.conformance.pictures import photo

cases = Cases()


@cases("PHOTO-1")
def photos_hold_no_visit_up(bench: Bench) -> None:
    bench.trouble("photo:503, photo:torn, photo:500")
    for kept in (_photographed(bench, "with a photo"), bench.visit("after")):
        bench.keep(kept)
        bench.send()
        bench.expect_stored(kept)
    bench.send(times=2)
    _expect_photos(bench, 1)


@cases("PHOTO-2")
def a_photo_is_sent_as_it_was(bench: Bench) -> None:
    bench.keep(_photographed(bench, "with a photo"))
    bench.trouble("photo:lost, photo:500")
    bench.send(times=4)
    sent = {each.asked.body for each in bench.mock.journal if each.asked.path.startswith("/v1/photos/")}
    _expect_photos(bench, 1)
    expect(len(sent) == 1, f"sent again, a photo had other bytes: {len(sent)} of them")


def _photographed(bench: Bench, note: str) -> dict[str, Any]:
    return bench.visit(note, photos=[base64.b64encode(photo()).decode()])


def _expect_photos(bench: Bench, number: int) -> None:
    """Raises `Broken`, and `Skipped` where the phone names none."""
    if not any(item.get("photo_ids") for item in bench.sent()):
        raise Skipped("the phone keeps no photos")
    expect(len(bench.mock.photos) == number, f"of {number} photos {len(bench.mock.photos)} arrived")
