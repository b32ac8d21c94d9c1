"""What night visits find: the form of 领导夜访考, better in some villages than in others."""

import random

from app.checkins.forms import ITEMS, NIGHT_VISIT
from app.demo.counties import SEED

_GAPS = {"water": 0.09, "road": 0.05, "housing": 0.06, "income": 0.08, "above_line": 0.07}
_OTHER_GAPS = 0.015
_NOT_CHECKED = 0.04
_NOTES = {
    "water": "水管冬天冻，要到山下挑",
    "road": "进屯路雨后塌方",
    "housing": "老房墙体有裂缝",
    "income": "主要劳力生病",
    "above_line": "去年卖牛，今年收入不稳",
}
_PROBLEMS, _ABSENT = 0.1, 0.02  # of cards and booklets
_DIFFERS = 0.08


def night_form(village: str, rng: random.Random) -> dict[str, object]:
    """As a leader fills it in at one household of the village."""
    worse = random.Random(f"{SEED} {village} findings").choice((0.3, 0.6, 1.0, 1.0, 1.5, 2.5))
    asked = rng.choice((0, 1, 2, 3, 3, 4))
    return {
        "kind": NIGHT_VISIT,
        "version": 1,
        "items": {item: _item(item, worse, rng) for item in ITEMS},
        "card": _paper("帮扶人已换，卡未换", worse, rng),
        "booklet": _paper("收入没有填写", worse, rng),
        "consistent": {"state": "no", "note": "手册写 5 人，系统为 4 人"}
        if rng.random() < _DIFFERS * worse
        else {"state": "yes"},
        "recognition": {"asked": asked, "recognised": _of(asked, 1 - 0.12 * worse, rng)},
        "satisfaction": {"asked": asked, "satisfied": _of(asked, 1 - 0.06 * worse, rng)},
    }


def _item(name: str, worse: float, rng: random.Random) -> dict[str, str]:
    if rng.random() < _NOT_CHECKED:
        return {"state": "not_checked"}
    if rng.random() < _GAPS.get(name, _OTHER_GAPS) * worse:
        return {"state": "gap", "note": _NOTES.get(name, "")}
    return {"state": "ok"}


def _paper(problem: str, worse: float, rng: random.Random) -> dict[str, str]:
    drawn = rng.random()
    if drawn < _ABSENT * worse:
        return {"state": "absent"}
    return {"state": "problems", "note": problem} if drawn < (_ABSENT + _PROBLEMS) * worse else {"state": "ok"}


def _of(asked: int, likely: float, rng: random.Random) -> int:
    return sum(rng.random() < likely for _ in range(asked))
