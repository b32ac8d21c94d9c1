"""Closed sets of words, each declared once in its room: what database, API, page and texts say derives from it.

    class Place(Word):
        '''位置判定: where a fix is, seen from the fence.'''

        INSIDE = "inside", "村内", "inside"

The members are plain strings wherever a string is wanted. `make spec` writes `docs/words.md` and the page's texts.
"""

from enum import StrEnum
from typing import Self

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema

from app.kernel.language import Language, Text


class Word(StrEnum):
    """A word of a closed set: its code, and its name in both languages."""

    text: Text

    def __new__(cls, code: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.text = Text(zh, en)
        return member

    @classmethod
    def of(cls, code: str) -> Self:
        """The word that has this code. Raises `ValueError` where none has."""
        return cls(code)  # type: ignore[call-arg]  # by value: what __new__ takes is for members

    @classmethod
    def codes(cls) -> tuple[str, ...]:
        return tuple(member.value for member in cls)

    def say(self, language: Language) -> str:
        """Its name."""
        return self.text.say(language)

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, object]:
        """In the API's document each code stands with its name."""
        found = handler(core)
        schema = handler.resolve_ref_schema(found)
        names = "; ".join(f"`{member.value}` {member.text.zh}" for member in cls)
        schema["description"] = f"{(cls.__doc__ or '').strip()} {names}"
        return found
