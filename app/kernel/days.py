"""Days as people say them: `11月16日至22日`, `16 to 22 November`. `year` is for paper, read years later."""

from datetime import date, datetime, time, timedelta

from app.kernel.language import Language

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def say_day(of: date, language: Language, *, year: bool = False) -> str:
    """`11月16日`, `16 November`."""
    if language == "en":
        return f"{of.day} {_MONTHS[of.month - 1]}" + (f" {of.year}" if year else "")
    return (f"{of.year}年" if year else "") + f"{of.month}月{of.day}日"


def say_days(first: date, last: date, language: Language, *, year: bool = False) -> str:
    """From the first to the last, what they share said once; of two years both are said."""
    if first == last:
        return say_day(first, language, year=year)
    crosses = first.year != last.year
    if language == "en":
        begun = f"{first.day}" if _month(first) == _month(last) else say_day(first, language, year=crosses)
        return f"{begun} to {say_day(last, language, year=year or crosses)}"
    ended = f"{last.day}日" if _month(first) == _month(last) else say_day(last, language, year=crosses)
    return f"{say_day(first, language, year=year or crosses)}至{ended}"


def say_deadline(local: datetime, language: Language) -> str:
    """Until when, at the county's time; midnight is the end of the day before it: `12月4日24:00`."""
    midnight = local.time() == time.min
    day = local.date() - timedelta(days=midnight)
    clock = "24:00" if midnight else f"{local:%H:%M}"
    return f"{say_day(day, language)} {clock}" if language == "en" else f"{say_day(day, language)}{clock}"


def _month(of: date) -> tuple[int, int]:
    return of.year, of.month
