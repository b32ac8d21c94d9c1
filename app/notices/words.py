"""The closed sets of words of notices."""

from app.kernel.words import Word


class ChannelKind(Word):
    """渠道类型: what a channel speaks; the last reaches people, the others the phones they have registered."""

    FCM = "fcm", "应用推送（Firebase）", "app push (Firebase)"
    WEBPUSH = "webpush", "浏览器推送", "browser push"
    APPRISE = "apprise", "企业微信、钉钉、短信网关、邮件等", "WeCom, DingTalk, SMS gateway, mail and others"


DEVICE_KINDS = (ChannelKind.FCM, ChannelKind.WEBPUSH)


class DeliveryStatus(Word):
    """发送状态: what has become of a notice on one channel."""

    WAITING = "waiting", "待发送", "waiting"
    SENT = "sent", "已发出", "sent"
    FAILED = "failed", "已转其他渠道", "sent by another channel"  # for good on this channel
    DEAD = "dead", "未能送达", "not delivered"  # nothing is left to try
    NEEDLESS = "needless", "不再发送", "not needed"  # read in the app, or past its use, before it went
