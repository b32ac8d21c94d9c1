"""The closed sets of words of places on the ground."""

from app.kernel.words import Word


class Crs(Word):
    """坐标系: in what coordinate system a longitude and latitude are given."""

    WGS84 = "wgs84", "WGS-84（原始 GPS）", "WGS-84 (plain GPS)"
    GCJ02 = "gcj02", "GCJ-02（高德、腾讯）", "GCJ-02 (Amap, Tencent)"
    BD09 = "bd09", "BD-09（百度）", "BD-09 (Baidu)"


class Place(Word):
    """位置判定: where a fix is, seen from the fence of the village that it is judged against."""

    INSIDE = "inside", "村界内", "inside"
    NEAR = "near", "村界外，容差内", "outside, within tolerance"
    OUTSIDE = "outside", "村界外", "outside"
    UNSURE = "unsure", "位置难以判定", "cannot be told"
