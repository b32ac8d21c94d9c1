"""Writes `docs/settings.md`: everything that a county may set. `--check` only compares."""

from app.flows.county_settings import ROOMS
from app.kernel.county_settings import Setting, SettingUnit
from dev.generated import ROOT, write

PAGE = ROOT / "docs" / "settings.md"
_HEAD = """# What a county may set

Made by `make spec` from the settings of each room (`app/*/settings.py` and their like); change it there. The
county's office sets them under 业务办理 → 设置, or by `PUT /v1/counties/{county_id}/settings`; what is not set is
as usual. A change holds from then on: nothing that was judged or counted before is judged or counted
anew. Phones are told what is marked so.

`clock` is minutes after midnight, past 1440 of the next day; `words` are structures.
"""


def main() -> None:
    lines = [_HEAD]
    for room, name in ROOMS.items():
        lines += [
            f"## {name.en} {name.zh}\n",
            "| setting | usual | unit | 中文 | meaning | phones |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_row(each) for each in room.declared()]
        lines.append("")
    write({PAGE: "\n".join(lines).rstrip() + "\n"})


def _row(setting: Setting) -> str:
    bounds = (
        f" {setting.least:g} to {setting.most:g}"
        if setting.is_number and setting.unit is not SettingUnit.SHARE
        else ""
    )
    usual = str(setting.default).lower() if isinstance(setting.default, bool) else setting.default
    phones = "yes" if setting.phones else ""
    meaning = f"{setting.meaning.zh} | {setting.meaning.en}"
    return f"| `{setting.name}` | {usual} | {setting.unit}{bounds} | {meaning} | {phones} |"


if __name__ == "__main__":
    main()
