"""The reply to a fix that follows its check-in."""

from app.phone.schemas.duties import DutyOut
from app.phone.schemas.reviews import OwnCheckInOut


class PositionedOut(OwnCheckInOut):
    """The check-in as it is judged with its fix, and what the person still owes."""

    duties: list[DutyOut]
