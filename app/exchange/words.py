"""The closed sets of words of exchange."""

from app.kernel.words import Word


class ImportState(Word):
    """导入状态: how far an import has come."""

    CHECKING = "checking", "正在检查", "being checked"
    READY = "ready", "可以导入", "ready to apply"
    FAILED = "failed", "有问题，未导入", "has problems"
    APPLYING = "applying", "正在导入", "being applied"
    APPLIED = "applied", "已导入", "applied"
    UNDONE = "undone", "已撤销", "revoked"


class FileFormat(Word):
    """文件格式: what a list is written as; a map only where its items have a place."""

    XLSX = "xlsx", "Excel 工作簿", "Excel workbook"
    CSV = "csv", "CSV 文本", "CSV text"
    GEOJSON = "geojson", "GeoJSON 地图", "GeoJSON map"
    GPKG = "gpkg", "GeoPackage 地图", "GeoPackage map"


class DocumentKind(Word):
    """文书: a Word document of which a county may have a template of its own."""

    CIRCULAR = "circular", "通报", "circular"


class DocumentPart(Word):
    """文档位置: where in a Word document something stands."""

    BODY = "body", "正文", "the text"
    HEADER = "header", "页眉", "a header"
    FOOTER = "footer", "页脚", "a footer"
    FOOTNOTE = "footnote", "脚注", "a footnote"
    ENDNOTE = "endnote", "尾注", "an endnote"
    COMMENT = "comment", "批注", "a comment"
    PROPERTIES = "properties", "文档属性", "the document's properties"
    ELSEWHERE = "elsewhere", "其他部分", "another part"


class DrawnKind(Word):
    """图上要素: what something on the map of an import is."""

    COUNTY = "county", "县界", "the county"
    PRESENT = "present", "现有村界", "boundaries as they are"
    SAME = "same", "与现有相同", "unchanged"
    NEW = "new", "新增", "new"
    CHANGED = "changed", "有变化", "changed"
    REFUSED = "refused", "不能导入", "cannot be imported"
    MENDED = "mended", "已修复的图形", "mended"
    OVERLAP = "overlap", "重叠", "an overlap"
    GAP = "gap", "空隙", "a gap"
    AWAY = "away", "界外", "out of its bounds"
