"""What is wrong with a field is said in its own terms."""

import pytest
from pydantic import BaseModel, ValidationError

from app.http.validation import field_errors
from app.phone.schemas.checkins import CheckInIn
from app.phone.schemas.people import DeviceIn


@pytest.mark.parametrize(
    ("model", "said", "code", "detail"),
    [
        (DeviceIn, {"model": "x" * 101}, "too_long", "At most 100 characters"),
        (CheckInIn, {"note": "x" * 2001}, "too_long", "At most 2000 characters"),
        (CheckInIn, {"photo_ids": ["0b0e8f6e-5c1f-4d5e-9a51-6f1d2f0c7a11"] * 21}, "too_many", "At most 20 items"),
    ],
    ids=["a text that may be null", "a text", "a list"],
)
def test_a_text_has_characters_and_a_list_items(model: type[BaseModel], said: dict, code: str, detail: str):
    with pytest.raises(ValidationError) as wrong:
        model.model_validate(said)
    (pointer,) = said
    (found,) = (each for each in field_errors(wrong.value.errors(), said) if each.pointer == f"/{pointer}")
    assert (found.code, found.as_dict("en")["detail"]) == (code, detail)
