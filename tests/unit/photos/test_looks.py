"""What pictures look like: copies that were worked on are known again, other pictures are not."""

import random
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from app.photos.looks import ALIKE, bands, looks
from tests.support.camera import picture, scene

SCENES = [scene(seed) for seed in range(8)]


def apart(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """As the statement compares them: all looks of each with the whole of the other."""
    pairs = [(look, other[0]) for look in one] + [(one[0], look) for look in other]
    return min((int(a, 2) ^ int(b, 2)).bit_count() for a, b in pairs)


def encoded(image: Image.Image, quality: int) -> Image.Image:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out)


def cropped(left: int, top: int, right: int, bottom: int) -> Callable[[Image.Image], Image.Image]:
    def crop(image: Image.Image) -> Image.Image:
        wide, high = image.size
        return image.crop(
            (wide * left // 100, high * top // 100, wide * (100 - right) // 100, high * (100 - bottom) // 100)
        )

    return crop


WORKED_ON = {
    "encoded anew": lambda image: encoded(image, 40),
    "badly encoded": lambda image: encoded(image, 10),
    "made small": lambda image: image.resize((160, 120)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
    "mirrored": ImageOps.mirror,
    "mirrored and encoded": lambda image: encoded(ImageOps.mirror(image), 60),
    "grey": lambda image: image.convert("L"),
    "a little blurred": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "cropped a little": cropped(3, 3, 3, 3),
    "cropped": cropped(6, 5, 6, 5),
    "cropped by a tenth": cropped(9, 9, 9, 9),
    "cropped on one side": cropped(8, 0, 0, 0),
    "cropped and encoded": lambda image: encoded(cropped(6, 6, 6, 6)(image), 50),
}


@pytest.mark.parametrize("work", WORKED_ON.values(), ids=WORKED_ON)
def test_a_picture_is_known_again(work):
    known = [apart(looks(each), looks(work(each))) <= ALIKE for each in SCENES]
    assert sum(known) >= len(SCENES) - 1


def test_other_pictures_are_not():
    made = [looks(each) for each in SCENES]
    assert min(apart(one, other) for n, one in enumerate(made) for other in made[:n]) > 2 * ALIKE


def test_the_same_board_from_another_step_is_another_picture():
    """Some degrees and a step to the side: what a person does who photographs it each week."""
    rng = random.Random(4)
    for each in SCENES:
        again = each.rotate(rng.choice((-5, 5)), resample=Image.Resampling.BICUBIC)
        again = ImageEnhance.Brightness(cropped(18, 3, 2, 16)(again)).enhance(0.85)
        assert apart(looks(each), looks(again)) > ALIKE


@pytest.mark.parametrize(
    "plain",
    [picture(), picture(shade=9), Image.new("RGB", (640, 480), "white"), Image.new("L", (640, 480), 3)],
    ids=["gradient", "another", "a blank sheet", "the dark"],
)
def test_there_is_too_little_on_it_to_know_it_by(plain):
    assert looks(plain) == ()


def test_looks_that_differ_a_little_share_a_band():
    look = looks(SCENES[0])[0]
    other = "".join("10"[int(bit)] if n % 20 == 0 else bit for n, bit in enumerate(look))  # seven bits
    assert set(bands(look)) & set(bands(other))
    assert len(set(bands(look))) == 8
