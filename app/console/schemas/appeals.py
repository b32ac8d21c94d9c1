"""Decisions on appeals, on the wire."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from app.duties.words import AppealVerdict


class AppealDecision(BaseModel):
    """`uphold` leaves what was appealed against; `overturn` puts it right."""

    decision: AppealVerdict
    reason: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00]*$")
    ]
