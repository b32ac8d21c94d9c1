"""The closed sets of words of access."""

from app.kernel.words import Word


class SignInResult(Word):
    """登录结果: what became of a try to sign in, or to prove who one is by the password."""

    SIGNED_IN = "signed_in", "登录成功", "signed in"
    WRONG_PASSWORD = "wrong_password", "密码错误", "wrong password"
    SECOND_FACTOR = "second_factor", "密码正确，动态口令未通过", "right password, but no good code"
    PASSWORD_CHANGED = "password_changed", "修改密码", "password changed"
    ACTIVATED = "activated", "用激活码设置密码", "password set with a code"


class OwnPage(Word):
    """本系统的网页: a page of this server, which keeps its refresh token in a cookie."""

    CONSOLE = "console", "督导页面", "the supervisors' page"
    PHONE = "phone", "手机应用", "the phone app"


class Client(Word):
    """定位应用: a tracking app that a device may be given a key for."""

    OWNTRACKS = "owntracks", "OwnTracks", "OwnTracks"
    TRACCAR = "traccar", "Traccar Client", "Traccar Client"
    OVERLAND = "overland", "Overland", "Overland"
