"""Pictures to try photos with."""

from io import BytesIO
from random import Random

from PIL import Image

from app.conformance.visitor import new_id


def photo() -> bytes:
    """A small JPEG that nobody has sent before."""
    picture = Image.frombytes("RGB", (16, 16), Random(new_id()).randbytes(16 * 16 * 3))  # noqa: S311
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
