"""Sheets that we write for offices to fill in, and lists of what is wrong with those that came."""

from collections.abc import Iterable, Sequence
from io import BytesIO

import xlsxwriter

from app.exchange.tables import Column
from app.kernel.language import Language, Text

_ROWS = 5000  # that are text cells with drop-downs; a sheet may have more
_MOST_CHOICES = 255  # characters that a drop-down holds
_HELP = Text("填写说明", "How to fill it in")
_COLUMN, _MEANING, _REQUIRED = Text("列", "Column"), Text("说明", "Meaning"), Text("必填", "Required")
_YES = Text("是", "yes")


def template(name: str, columns: Sequence[Column], language: Language) -> bytes:
    """An .xlsx with the headings, text cells that lose no digits, drop-downs, and a page of explanations."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#E3EAEF", "border": 1, "text_wrap": True})
    must = book.add_format({"bold": True, "bg_color": "#FDF3DC", "border": 1, "text_wrap": True})
    plain = book.add_format({"num_format": "@"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet, help_sheet = book.add_worksheet(name), book.add_worksheet(_HELP.say(language))
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        heading = column.heading.say(language)
        sheet.set_column(place, place, max(12, 2 * len(heading) + 4), plain)
        sheet.write(0, place, f"{heading}*" if column.required else heading, must if column.required else head)
        if column.choices and len(",".join(column.choices)) <= _MOST_CHOICES:
            sheet.data_validation(
                1,
                place,
                _ROWS,
                place,
                {"validate": "list", "source": list(column.choices), "error_type": "warning"},
            )
    help_sheet.set_column(0, 0, 18)
    help_sheet.set_column(1, 1, 70, wrapped)
    help_sheet.set_column(3, 3, 24)
    help_sheet.write_row(0, 0, [text.say(language) for text in (_COLUMN, _MEANING, _REQUIRED)], head)
    for number, column in enumerate(columns, 1):
        required = _YES.say(language) if column.required else ""
        example = (
            "、".join((*column.choices, *column.examples)) if not column.choices else "、".join(column.choices)
        )
        help_sheet.write_row(
            number, 0, [column.heading.say(language), column.meaning.say(language), required, example]
        )
    book.close()
    return made.getvalue()


def listing(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A plain table of texts as .xlsx. Text is written as text: nothing in it is a formula."""
    made = BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headings) - 1, 18)
    sheet.write_row(0, 0, headings, book.add_format({"bold": True, "bg_color": "#E3EAEF"}))
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, place, value)
            elif value is not None:
                sheet.write_string(number, place, str(value))
    book.close()
    return made.getvalue()
