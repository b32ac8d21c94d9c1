"""Photos that the simulated phones take: drawn, not photographed, each from its id and the time of day."""

import random
from datetime import datetime
from io import BytesIO
from uuid import UUID

from PIL import Image, ImageDraw
from PIL.ExifTags import IFD, Base

_SIZE = (480, 360)
_SKIES = {"night": ((16, 24, 48), (44, 52, 84)), "day": ((132, 178, 220), (216, 230, 240))}
_DARK_BEFORE, _DARK_FROM = 7, 18  # o'clock


def snapshot(photo_id: UUID, at: datetime) -> bytes:
    """A house before the hills as a JPEG; `at` is what the camera writes into it."""
    rng = random.Random(photo_id.int)
    night = not _DARK_BEFORE <= at.hour < _DARK_FROM
    high, low = _SKIES["night" if night else "day"]
    width, height = _SIZE
    ramp = Image.linear_gradient("L").resize(_SIZE)
    image = Image.composite(Image.new("RGB", _SIZE, low), Image.new("RGB", _SIZE, high), ramp)
    draw = ImageDraw.Draw(image)
    ridge = [(x, rng.randint(90, 190)) for x in range(0, width + 1, 60)]
    draw.polygon([(0, height), *ridge, (width, height)], fill=(22, 38, 34) if night else (88, 128, 92))
    left, top = rng.randint(90, 200), rng.randint(180, 210)
    wall = (96, 80, 66) if night else tuple(rng.randint(150, 215) for _ in range(3))
    draw.rectangle((left, top, left + 170, height - 40), fill=wall)
    draw.polygon([(left - 14, top), (left + 85, top - 56), (left + 184, top)], fill=(70, 52, 48))
    for x in (left + 20, left + 118):
        draw.rectangle((x, top + 26, x + 32, top + 62), fill=(250, 214, 120) if night else (70, 86, 98))
    draw.rectangle((left + 70, top + 46, left + 102, height - 40), fill=(58, 40, 34))
    out = BytesIO()
    image.save(out, "JPEG", quality=80, exif=_exif(at))
    return out.getvalue()


def _exif(at: datetime) -> Image.Exif:
    made = Image.Exif()
    tags = made.get_ifd(IFD.Exif)
    tags[Base.DateTimeOriginal] = f"{at:%Y:%m:%d %H:%M:%S}"
    tags[Base.OffsetTimeOriginal] = f"{at:%z}"[:3] + ":" + f"{at:%z}"[3:]
    return made
