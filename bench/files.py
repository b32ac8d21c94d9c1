"""Files of 60,000 rows: households come in from a sheet, and check-ins go out as one.

`python -m bench --only files`. Beside the import stands the least that there is to do: the same sheet read by
calamine alone, and its rows written by one COPY into a table without keys. Beside the export, a COPY of the rows.
"""

import asyncio
import io
import resource
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import asyncpg
import python_calamine
import xlsxwriter

from bench.report import say
from bench.server import fresh
from tests.support.county import A1, A2, B1, B2, COUNTY, HELPER_A1, OFFICE, centre
from tests.support.server import Api, check_in, running

ROWS = 60_000
_VILLAGES = (A1, A2, B1, B2)
_IMPORTS = f"/v1/counties/{COUNTY}/imports"
_COPIES = f"""
INSERT INTO check_in SELECT (new).* FROM (
  SELECT jsonb_populate_record(check_in, jsonb_build_object(
    'id', gen_random_uuid(), 'captured_at', captured_at - make_interval(secs => n))) AS new
  FROM check_in, generate_series(1, {ROWS - 1}) AS n) AS made
"""
_COLUMNS = """
SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns
WHERE table_name = 'check_in' AND is_generated = 'NEVER'
"""


@dataclass
class FilesRow:
    """One line; `against_plain`: times as long as the least there is to do. Memory is the peak until then."""

    name: str
    rows: int
    seconds: float
    against_plain: float | None
    peak_mib: float


def run(rows: int = ROWS) -> list[FilesRow]:
    """Import, undo, and both exports, each after the plain way of the same."""
    with fresh("bench-files") as (_, url):
        return asyncio.run(_measure(url, rows))


async def _measure(url: str, rows: int) -> list[FilesRow]:
    say(f"write a sheet of {rows} households")
    sheet = await asyncio.to_thread(_sheet, rows)
    made = [FilesRow("sheet read and copied, plain", rows, await _timed(_plain_import(url, sheet)), None, _peak())]
    async with running(url) as api, await api.as_(OFFICE) as office:
        office.timeout = 600  # type: ignore[assignment]
        plain = made[0].seconds
        say("import it")
        began = time.perf_counter()
        job = (await office.post(f"{_IMPORTS}/households", files={"file": ("a.xlsx", sheet)})).json()["id"]
        made.append(_line("import: checked", rows, began, plain))
        assert (await office.get(f"{_IMPORTS}/{job}")).json()["state"] == "ready"
        began = time.perf_counter()
        await office.post(f"{_IMPORTS}/{job}/apply")
        made.append(_line("import: applied", rows, began, plain))
        assert (await office.get(f"{_IMPORTS}/{job}")).json()["state"] == "applied"
        began = time.perf_counter()
        await office.post(f"{_IMPORTS}/{job}/undo")
        made.append(_line("import: taken back", rows, began, plain))
        say(f"make {rows} check-ins")
        await _check_ins(api, url)
        copied = await _timed(_plain_export(url))
        made.append(FilesRow("check-ins copied to CSV, plain", rows, copied, None, _peak()))
        for kind in ("csv", "xlsx"):
            say(f"export them as {kind}")
            began = time.perf_counter()
            reply = await office.get(f"/v1/counties/{COUNTY}/exports/check-ins.{kind}")
            assert reply.status_code == 200, reply.text
            made.append(_line(f"check-ins exported as {kind}", rows, began, copied))
    return made


def _line(name: str, rows: int, began: float, plain: float) -> FilesRow:
    seconds = time.perf_counter() - began
    return FilesRow(name, rows, seconds, seconds / plain, _peak())


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


def _peak() -> float:
    """Of this process and of the children that it waited for, whichever is more."""
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most / 1024


def _sheet(rows: int) -> bytes:
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"constant_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["户编号", "户主", "村", "自然屯", "经度", "纬度"])
    for number in range(rows):
        village = _VILLAGES[number % 4]
        lon, lat = centre(village)
        place = [lon + number % 97 * 1e-4, lat + number % 89 * 1e-4]
        sheet.write_row(number + 1, 0, [f"{number:06}", f"户主{number}", village, f"屯{number % 50}", *place])
    book.close()
    return made.getvalue()


async def _plain_import(url: str, sheet: bytes) -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet))
    rows = book.get_sheet_by_index(0).to_python()[1:]
    driver: Any = await asyncpg.connect(url.replace("+asyncpg", ""))
    await driver.execute(
        "CREATE TEMP TABLE plain (number text, head text, village text, hamlet text, x float8, y float8)"
    )
    await driver.copy_records_to_table("plain", records=[tuple(row) for row in rows])
    await driver.close()


async def _plain_export(url: str) -> None:
    driver: Any = await asyncpg.connect(url.replace("+asyncpg", ""))
    await driver.copy_from_query("SELECT * FROM check_in ORDER BY captured_at", output=io.BytesIO(), format="csv")
    await driver.close()


async def _check_ins(api: Api, url: str) -> None:
    async with await api.as_(HELPER_A1) as phone:
        assert (await phone.post("/v1/check-ins", json=check_in(A1))).status_code == 201
    driver: Any = await asyncpg.connect(url.replace("+asyncpg", ""))
    columns = await driver.fetchval(_COLUMNS)
    names = ", ".join(f"(new).{each}" for each in columns.split(", "))
    await driver.execute(
        _COPIES.replace("INTO check_in SELECT (new).*", f"INTO check_in ({columns}) SELECT {names}")
    )
    await driver.execute("ANALYZE")
    await driver.close()
