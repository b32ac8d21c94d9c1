"""Is it a photo? Decided by decoding all of it, never by its name or what the phone calls it. Pure and slow."""

from dataclasses import dataclass
from io import BytesIO
from zoneinfo import ZoneInfo

from PIL import Image, ImageOps
from PIL.ExifTags import Base
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from app.kernel.language import Text
from app.kernel.problems import TOO_LARGE, UNSUPPORTED_MEDIA, Problem, invalid
from app.photos import exif
from app.photos.looks import looks
from app.photos.rules import THUMBNAIL_PX, CameraData
from app.photos.stripping import stripped

# 67 million is above what phones call 64 megapixels. A JPEG is decoded straight to about the size of its
# thumbnail, the others in full: measured, these take up to 200, 130 and 250 MiB for a moment.
MAX_PIXELS = {"jpeg": 2**26, "png": 2**24, "webp": 2**24}
_MAX_SCANS = 64  # of a progressive JPEG; cameras write up to a dozen, and each costs a pass over all pixels
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height

_UNSUPPORTED = Text(
    "只接收 JPEG、PNG、WebP 照片；请求正文应为照片文件本身",
    "Only JPEG, PNG and WebP photos are taken; the body must be the photo's own bytes",
)
_HEIC = Text(
    "不能接收 HEIC/AVIF 照片：请在相机设置中选择“兼容性最佳”(JPEG)，或转换为 JPEG 后再上传",
    "HEIC and AVIF photos are not taken: set the camera to “Most Compatible” (JPEG), or convert the photo first",
)
_EMPTY = Text("照片是空的", "The photo is empty")
_CORRUPT = Text("照片已损坏或不完整，请重新上传", "The photo is damaged or incomplete; upload it again")
_ANIMATED = Text("只接收静态照片", "Animated pictures are not taken")
_PIXELS = Text(
    "此格式的照片最多 {most_mp} 百万像素，请降低分辨率或改用 JPEG",
    "At most {most_mp} megapixels in this format; lower the resolution, or send JPEG",
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the bytes turned out to be; `width` and `height` as displayed, `thumbnail` a JPEG without metadata.

    `kept` is the photo without what is no evidence.
    """

    format: str
    width: int
    height: int
    thumbnail: bytes
    taken: CameraData
    looks: tuple[str, ...]
    kept: bytes


def decode(data: bytes, *, zone: ZoneInfo) -> Decoded:
    """Raises `UNSUPPORTED_MEDIA`, `TOO_LARGE` (pixels) or `INVALID`: empty, damaged, animated."""
    name = _format(data)
    try:
        return _decode(name, data, zone)
    except Problem:
        raise
    except Exception:  # noqa: BLE001 - a broken file makes Pillow raise almost anything
        raise invalid("", "corrupt_photo", _CORRUPT) from None


def _format(data: bytes) -> str:
    if not data:
        raise invalid("", "empty_photo", _EMPTY)
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    raise Problem(UNSUPPORTED_MEDIA, _HEIC if data[4:8] == b"ftyp" else _UNSUPPORTED)


def _decode(name: str, data: bytes, zone: ZoneInfo) -> Decoded:
    image = _open(name, data)
    width, height = image.size
    if width * height > MAX_PIXELS[name]:
        raise Problem(TOO_LARGE, _PIXELS, most_mp=MAX_PIXELS[name] // 1_000_000)
    if getattr(image, "is_animated", False):
        raise invalid("", "animated_photo", _ANIMATED)
    # Decodes every byte.
    image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    taken = exif.camera_data(image, zone=zone)
    kept = stripped(name, data, image)
    upright, sideways = _upright(image)
    if sideways:
        width, height = height, width
    plain = _plain(upright)
    return Decoded(name, width, height, _jpeg(plain), taken, looks(plain), kept)


def _open(name: str, data: bytes) -> Image.Image:
    """By the format's own reader: `Image.open` would let others try, and takes stereo JPEGs for films."""
    if name == "jpeg":
        if data.count(b"\xff\xda") > _MAX_SCANS:
            raise invalid("", "corrupt_photo", _CORRUPT)
        return JpegImageFile(BytesIO(data))
    return PngImageFile(BytesIO(data)) if name == "png" else WebPImageFile(BytesIO(data))


def _upright(image: Image.Image) -> tuple[Image.Image, bool]:
    """Turned as its EXIF orientation says, which may be rubbish, and whether that is by a quarter."""
    try:
        return ImageOps.exif_transpose(image), image.getexif().get(Base.Orientation) in _SIDEWAYS
    except Exception:  # noqa: BLE001 - as above
        return image, False


def _plain(image: Image.Image) -> Image.Image:
    """The pixels alone, on white where the photo is transparent."""
    plain = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        plain.paste(layer, mask=layer.getchannel("A"))
    else:
        plain.paste(image.convert("RGB"))
    return plain


def _jpeg(plain: Image.Image) -> bytes:
    out = BytesIO()
    plain.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()
