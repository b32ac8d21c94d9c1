"""What is a photo and what is not, decided by decoding it."""

from contextlib import suppress
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.kernel.problems import Problem
from app.photos import decoding
from app.photos.decoding import decode
from app.photos.rules import CameraData
from tests.support.camera import exif, photo, picture

ZONE = ZoneInfo("Asia/Shanghai")
JPEG = photo(picture(800, 600))


def frames(format: str) -> bytes:
    return photo(picture(), format=format, save_all=True, append_images=[picture(shade=10)], duration=100)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("jpeg", photo()),
        ("jpeg", photo(progressive=True)),
        ("jpeg", photo(picture(mode="CMYK"))),
        ("jpeg", photo(picture(mode="L"))),
        ("png", photo(format="PNG")),
        ("png", photo(picture(mode="RGBA"), format="PNG")),
        ("png", photo(picture(mode="P"), format="PNG", transparency=3)),
        ("png", photo(picture(mode="1"), format="PNG")),
        ("png", photo(picture().convert("I").convert("I;16"), format="PNG")),
        ("webp", photo(format="WEBP")),
        ("webp", photo(picture(mode="RGBA"), format="WEBP", lossless=True)),
        ("jpeg", photo(picture(1, 1))),
        ("jpeg", photo(picture(4000, 1))),
        # Two pictures in one file, as phones with two lenses write them.
        ("jpeg", photo(format="MPO", save_all=True, append_images=[picture(shade=9)])),
    ],
)
def test_what_cameras_and_phones_write_is_a_photo(name: str, data: bytes):
    decoded = decode(data, zone=ZONE)
    assert decoded.format == name
    with Image.open(BytesIO(data)) as original, Image.open(BytesIO(decoded.thumbnail)) as thumbnail:
        assert (decoded.width, decoded.height) == original.size
        assert (thumbnail.format, thumbnail.mode) == ("JPEG", "RGB")


def test_a_thumbnail_is_small_upright_and_says_nothing_of_place_or_time():
    made = picture(1200, 800)
    made.paste("white", (0, 0, 1200, 400))  # bright above, as the sensor lies
    taken = exif("2026:11:18 20:00:00", position=(106.22, 24.32), orientation=6)  # turned a quarter clockwise
    decoded = decode(photo(made, exif=taken), zone=ZONE)
    assert (decoded.width, decoded.height) == (800, 1200)
    assert decoded.taken.lon == pytest.approx(106.22)
    with Image.open(BytesIO(decoded.thumbnail)) as thumbnail:
        assert thumbnail.size == (320, 480)
        assert dict(thumbnail.getexif()) == {}
        assert thumbnail.convert("L").getpixel((300, 20)) > 240  # bright on the right by now
        assert thumbnail.convert("L").getpixel((20, 20)) < 240


def test_what_is_transparent_is_white():
    see_through = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    with Image.open(BytesIO(decode(photo(see_through, format="PNG"), zone=ZONE).thumbnail)) as thumbnail:
        assert thumbnail.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "slug", "code"),
    [
        (b"", "invalid", "empty_photo"),
        (b"\0" * 5000, "unsupported-media", None),
        (b"<!DOCTYPE html><html><body>login</body></html>", "unsupported-media", None),
        (b"--boundary\r\nContent-Disposition: form-data\r\n\r\n" + JPEG, "unsupported-media", None),
        (photo(format="GIF"), "unsupported-media", None),
        (photo(format="BMP"), "unsupported-media", None),
        (photo(format="TIFF"), "unsupported-media", None),
        (b"%PDF-1.7 ...", "unsupported-media", None),
        (b"\xff\xd8\xff" + b"\0" * 5000, "invalid", "corrupt_photo"),
        (b"\xff\xd8\xff\xe0<html>", "invalid", "corrupt_photo"),
        (JPEG[: len(JPEG) // 2], "invalid", "corrupt_photo"),
        (photo(picture(800, 600), progressive=True)[:-800], "invalid", "corrupt_photo"),
        (photo(format="PNG")[:-80], "invalid", "corrupt_photo"),
        (photo(format="WEBP")[:-20], "invalid", "corrupt_photo"),
        (b"\x89PNG\r\n\x1a\n", "invalid", "corrupt_photo"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "invalid", "corrupt_photo"),
        (frames("PNG"), "invalid", "animated_photo"),
        (frames("WEBP"), "invalid", "animated_photo"),
        (b"\xff\xd8\xff" + b"\xff\xda" * 65, "invalid", "corrupt_photo"),
    ],
)
def test_what_is_not_is_refused_with_its_reason(data: bytes, slug: str, code: str | None):
    with pytest.raises(Problem) as refused:
        decode(data, zone=ZONE)
    assert refused.value.kind.slug == slug
    assert [error.code for error in refused.value.errors] == ([code] if code else [])


def test_heic_is_refused_with_what_to_do():
    for brand in (b"heic", b"mif1", b"avif"):
        with pytest.raises(Problem) as refused:
            decode(b"\0\0\0\x18ftyp" + brand + b"\0" * 500, zone=ZONE)
        assert refused.value.kind.slug == "unsupported-media"
        assert "兼容性最佳" in refused.value.as_dict("zh-CN")["detail"]
        assert "Most Compatible" in refused.value.as_dict("en")["detail"]


@pytest.mark.parametrize("format", ["PNG", "WEBP", "JPEG"])
def test_a_bomb_is_refused_before_it_is_unpacked(format: str, monkeypatch: pytest.MonkeyPatch):
    """A small file of many pixels; `load` would unpack it."""
    bomb = photo(Image.new("L", (9000, 8000)), format=format)
    assert len(bomb) < 2_000_000
    monkeypatch.setattr(Image.Image, "thumbnail", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(Problem) as refused:
        decode(bomb, zone=ZONE)
    assert refused.value.kind.slug == "too-large"
    assert ("67" if format == "JPEG" else "16") in refused.value.as_dict("en")["detail"]


def test_what_phones_call_64_megapixels_is_taken():
    assert decoding.MAX_PIXELS["jpeg"] >= 9248 * 6944


def damaged(data: bytes, where: list[tuple[float, int]], cut: float) -> bytes:
    changed = bytearray(data)
    for place, value in where:
        changed[int(place * len(data))] = value
    return bytes(changed[: max(1, int(cut * len(data)))])


SMALL = [
    photo(exif=exif("2026:11:18 20:00:00", position=(106.2, 24.3))),
    photo(format="PNG"),
    photo(format="WEBP"),
]


@pytest.mark.filterwarnings("ignore")  # Pillow warns of EXIF that it cannot read
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.binary(max_size=300)
    | st.builds(bytes.__add__, st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]), st.binary(max_size=300))
    | st.builds(
        damaged,
        st.sampled_from(SMALL),
        st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=6),
        st.floats(0, 1),
    )
)
@example(b"RIFF\0\0\0\0WEBP")
def test_whatever_the_bytes_they_are_a_photo_or_a_problem(data: bytes):
    """Anything else that is raised fails this."""
    with suppress(Problem):
        decoded = decode(data, zone=ZONE)
        assert decoded.thumbnail.startswith(b"\xff\xd8\xff")
        assert isinstance(decoded.taken, CameraData)
