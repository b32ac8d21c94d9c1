"""The two languages of the house: zh-CN first, English complete."""

from typing import Literal, NamedTuple

Language = Literal["zh-CN", "en"]


class Text(NamedTuple):
    """One sentence in both languages; `{name}` marks what is filled in."""

    zh: str
    en: str

    def say(self, language: Language, **values: object) -> str:
        return (self.en if language == "en" else self.zh).format(**values)


def preferred(accept_language: str | None) -> Language:
    """The language asked for by an Accept-Language header (RFC 9110, 12.5.4); zh-CN when it does not say."""
    best: tuple[float, Language] = (0.0, "zh-CN")
    for part in (accept_language or "").split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            weight = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        language: Language | None = (
            "zh-CN" if tag.lower().startswith("zh") else "en" if tag.lower().startswith("en") else None
        )
        if language and weight > best[0]:
            best = (weight, language)
    return best[1]
