"""The catalogue of problems: every error that leaves the house, as RFC 9457 problem details.

A problem never echoes input (it may hold names and places) and never shows an exception's text.
"""

from dataclasses import dataclass, field

from app.kernel.language import Language, Text


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of problem. `slug` is stable: programs compare `/problems/<slug>`."""

    slug: str
    status: int
    title: Text


BAD_REQUEST = Kind("bad-request", 400, Text("请求无法解析", "The request cannot be read"))
BAD_CREDENTIALS = Kind("bad-credentials", 401, Text("手机号或密码不正确", "Wrong phone number or password"))
SECOND_FACTOR_NEEDED = Kind(
    "second-factor-needed", 401, Text("请输入动态口令", "Enter the code of your authenticator app too")
)
SECOND_FACTOR_WRONG = Kind("second-factor-wrong", 401, Text("动态口令不对", "Wrong code"))
NOT_SIGNED_IN = Kind("not-signed-in", 401, Text("请先登录", "Sign in first"))
SESSION_ENDED = Kind("session-ended", 401, Text("登录已失效，请重新登录", "The session has ended; sign in again"))
SERVICE_ENDED = Kind(
    "service-ended",
    401,
    Text(
        "您已离任，只能补传任职期间的签到和照片",
        "You no longer serve here; what was captured in service may still be uploaded",
    ),
)
SECOND_FACTOR_MISSING = Kind(
    "second-factor-missing",
    403,
    Text(
        "本县要求办公室和管理员启用动态口令；请先启用",
        "Offices here work with a second factor; turn yours on first",
    ),
)
FORBIDDEN = Kind("forbidden", 403, Text("没有权限", "Not allowed"))
NOT_FOUND = Kind("not-found", 404, Text("没有找到", "Not found"))
TRACKS_OFF = Kind("tracks-off", 404, Text("本县未开启轨迹记录", "Tracks are off in this county"))
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, Text("不支持的方法", "Method not allowed"))
TOO_SLOW = Kind(
    "too-slow", 408, Text("上传太慢，请在信号好时重试", "Too slow; try again where the signal is better")
)
CONFLICT = Kind("conflict", 409, Text("与已有数据冲突", "In conflict with what is stored"))
ID_REUSED = Kind(
    "id-reused",
    409,
    Text("同一编号已用于不同的内容", "This id already holds other content"),
)
PHOTO_DELETED = Kind(
    "photo-deleted",
    410,
    Text("照片已过保存期限，已删除", "The photo was deleted after its retention time"),
)
TOO_LARGE = Kind("too-large", 413, Text("请求过大", "The request is too large"))
UNSUPPORTED_MEDIA = Kind("unsupported-media", 415, Text("不支持的内容类型", "Unsupported media type"))
INVALID = Kind("invalid", 422, Text("内容有误", "Invalid content"))
TOO_MANY_ATTEMPTS = Kind(
    "too-many-attempts", 429, Text("尝试次数过多，请稍后再试", "Too many attempts; try later")
)
OVER_QUOTA = Kind(
    "over-quota", 429, Text("超出每人限额，请稍后原样重发", "More than one person may send; send it again later")
)
INTERNAL = Kind("internal", 500, Text("服务器内部错误", "Internal error"))
BUSY = Kind("busy", 503, Text("服务繁忙，请稍后重试", "Busy; try again shortly"))
UNAVAILABLE = Kind("unavailable", 503, Text("服务暂不可用", "Unavailable"))

KINDS: dict[str, Kind] = {kind.slug: kind for kind in list(globals().values()) if isinstance(kind, Kind)}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. `pointer` is a JSON pointer into the body (RFC 6901)."""

    pointer: str
    code: str
    text: Text
    values: dict[str, object] = field(default_factory=dict)

    def as_dict(self, language: Language) -> dict[str, str]:
        return {
            "pointer": self.pointer,
            "code": self.code,
            "detail": self.text.say(language, **self.values),
        }


class Problem(Exception):  # noqa: N818 - the field's word (RFC 9457) is "problem"
    """Raised anywhere; the doors answer it as problem+json."""

    def __init__(
        self,
        kind: Kind,
        detail: Text | None = None,
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after_s: int | None = None,
        **values: object,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail
        self.errors = errors
        self.retry_after_s = retry_after_s
        self.values = values

    def as_dict(self, language: Language, instance: str | None = None) -> dict[str, object]:
        """The members of problem+json, texts in the caller's language."""
        if self.detail:
            detail = self.detail.say(language, **self.values)
        elif self.errors:
            detail = "; ".join(error.text.say(language, **error.values) for error in self.errors)
        else:
            detail = self.kind.title.say(language)
        return {
            "type": f"/problems/{self.kind.slug}",
            "title": self.kind.title.say(language),
            "status": self.kind.status,
            "detail": detail,
            **({"instance": instance} if instance else {}),
            "errors": [error.as_dict(language) for error in self.errors],
        }


def invalid(pointer: str, code: str, text: Text, **values: object) -> Problem:
    """A problem with a single field."""
    return Problem(INVALID, errors=(FieldError(pointer, code, text, values),))
