"""The closed sets of words of exchange."""

from app.kernel.words import Word


class ImportState(Word):
    """导入状态: how far an import has come."""

    CHECKING = "checking", "正在检查", "being checked"
    READY = "ready", "可以导入", "ready to apply"
    FAILED = "failed", "有问题，未导入", "has problems"
    APPLYING = "applying", "正在导入", "being applied"
    APPLIED = "applied", "已导入", "applied"
    UNDONE = "undone", "已撤回", "taken back"


class FileFormat(Word):
    """文件格式: what a list is written as; a map only where its items have a place."""

    XLSX = "xlsx", "Excel 工作簿", "Excel workbook"
    CSV = "csv", "CSV 文本", "CSV text"
    GEOJSON = "geojson", "GeoJSON 地图", "GeoJSON map"
    GPKG = "gpkg", "GeoPackage 地图", "GeoPackage map"
