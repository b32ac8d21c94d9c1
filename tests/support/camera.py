"""Photos as cameras write them, and files that are none."""

import random
from datetime import datetime
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base


def picture(width: int = 64, height: int = 48, *, shade: int = 120, mode: str = "RGB") -> Image.Image:
    """A gradient: no two of different shade have the same bytes."""
    grey = Image.linear_gradient("L").resize((width, height)).point(lambda value: (value + shade) % 256)
    return grey.convert(mode)


def exif(
    at: datetime | str | None = None,
    *,
    offset: str | None = "+08:00",
    position: tuple[float, float] | None = None,
    datum: str | None = "WGS-84",
    orientation: int | None = None,
) -> Image.Exif:
    made = Image.Exif()
    made[Base.Make] = "Yefang"
    if orientation is not None:
        made[Base.Orientation] = orientation
    if at is not None:
        tags = made.get_ifd(IFD.Exif)
        tags[Base.DateTimeOriginal] = at if isinstance(at, str) else f"{at:%Y:%m:%d %H:%M:%S}"
        if offset is not None:
            tags[Base.OffsetTimeOriginal] = offset
    if position is not None:
        lon, lat = position
        tags = made.get_ifd(IFD.GPSInfo)
        tags |= {
            GPS.GPSLatitudeRef: "S" if lat < 0 else "N",
            GPS.GPSLatitude: dms(abs(lat)),
            GPS.GPSLongitudeRef: "W" if lon < 0 else "E",
            GPS.GPSLongitude: dms(abs(lon)),
        }
        if datum is not None:
            tags[GPS.GPSMapDatum] = datum
    return made


def dms(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 6)


def photo(image: Image.Image | None = None, *, format: str = "JPEG", **options: Any) -> bytes:
    """The file that a camera makes; other shades are other photos."""
    shade = options.pop("shade", 120)
    out = BytesIO()
    (image or picture(shade=shade)).save(out, format, **options)
    return out.getvalue()


def scene(seed: int, width: int = 640, height: int = 480) -> Image.Image:
    """A picture with things on it, others for another seed."""
    rng = random.Random(seed)
    drawn = Image.new("RGB", (width, height), tuple(rng.randrange(256) for _ in range(3)))
    pen = ImageDraw.Draw(drawn)
    for _ in range(30):
        left, top = rng.randrange(width), rng.randrange(height)
        box = (left, top, left + rng.randrange(20, width // 3), top + rng.randrange(20, height // 3))
        (pen.rectangle if rng.random() < 0.5 else pen.ellipse)(
            box, fill=tuple(rng.randrange(256) for _ in range(3))
        )
    return drawn
