"""What the demo shows in the terminal: its progress, and at the end where to go and who may sign in."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.demo.build import Span
from app.demo.counties import PLANS, TIMEZONE
from app.demo.places import counties
from app.demo.simulation import PASSWORD, Tally

FOREIGN = (
    "数据库里有不是演示程序建立的县，演示不会动它；请用 YEFANG_DATABASE_URL 指向另一个库。\n"
    "This database holds counties that the demo did not make, and the demo leaves it alone: "
    "point YEFANG_DATABASE_URL at another one."
)
_ROLES = {
    "office": "县办公室 county office",
    "leader": "乡镇领导 township leader",
    "helper": "帮扶干部 helper",
}


class SimulationProgress:
    """Shows the simulated day, what has been recorded, and how fast."""

    def __init__(self, console: Console, span: Span) -> None:
        self._span = span
        self._bar = Progress(
            TextColumn("{task.fields[day]}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %  {task.fields[said]}"),
            TimeElapsedColumn(),
            console=console,
        )
        self._task = self._bar.add_task("", total=span.seconds, day="准备 preparing", said="")
        self._began = 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def watch(self, moment: datetime, tally: Tally) -> None:
        self._began = self._began or time.monotonic()
        pace = tally.requests / max(time.monotonic() - self._began, 1)
        self._bar.update(
            self._task,
            completed=(min(moment, self._span.until) - self._span.start).total_seconds(),
            day=f"{min(moment, self._span.until).astimezone(TIMEZONE):%Y-%m-%d}",
            said=f"签到 check-ins {tally.recorded:,}  请求 requests {pace:,.0f}/s",
        )


@contextmanager
def evaluation(console: Console) -> Iterator[Callable[[int, int], None]]:
    """Shows how many of the simulated check-ins have been recorded."""
    with Progress(
        TextColumn("签到 check-ins"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def say_made(console: Console, tally: Tally) -> None:
    standings = "  ".join(f"{standing} {number:,}" for standing, number in sorted(tally.standings.items()))
    console.print(f"签到 check-ins {tally.recorded:,} ({standings}); 重复上传 sent again {tally.repeated:,}")


def say_ready(console: Console, address: str) -> None:
    """The address, and the fixed sign-ins."""
    table = Table("手机号 phone", "角色 role", "县 county", title=f"密码 password: {PASSWORD}", title_style="bold")
    for plan in PLANS:
        county = counties()[plan.code]
        for role, words in _ROLES.items():
            if phone := getattr(plan, role):
                table.add_row(phone, words, f"{county.name} {county.name_en} {county.code}")
    console.print(table)
    console.print(f"夜访 Yefang: [bold]{address}[/bold]   (Ctrl-C 停止 stops)", highlight=False)
