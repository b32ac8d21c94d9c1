"""Why a whole file is not read, in words of an office."""

from app.kernel.language import Language, Text

_TEXTS = {
    "too_large": Text("文件超过 {most} MB，请拆成几个文件", "The file has more than {most} MB; split it"),
    "bomb": Text("文件解压后过大，可能有问题，已拒绝", "Unpacked, the file is far too large; it is refused"),
    "locked": Text("文件有密码，请先去掉密码再上传", "The file has a password; take it off first"),
    "macro": Text(
        "文件中有宏，不能导入。请另存为“Excel 工作簿（.xlsx）”",
        "The file holds macros. Save it as an Excel workbook (.xlsx) and send that",
    ),
    "external_link": Text(
        "文件引用了其他工作簿，数值可能不是最新的。请“数据→编辑链接→断开链接”后另存",
        "The file refers to other workbooks, whose values may be old. Break the links (Data, Edit links) first",
    ),
    "unreadable": Text(
        "文件打不开，可能已损坏或不是表格文件（.xlsx、.xls、.ods、.csv）",
        "The file cannot be read: it is damaged, or no sheet (.xlsx, .xls, .ods, .csv)",
    ),
    "encoding": Text(
        "看不出文字编码，请在 Excel 中另存为 .xlsx 后上传",
        "The text's encoding cannot be told; save it as .xlsx in Excel, and send that",
    ),
    "too_many_rows": Text("超过 {most} 行，请拆成几个文件", "More than {most} rows; split the file"),
    "too_slow": Text("文件太复杂，读取超时，请拆成几个文件", "The file took too long to read; split it"),
    "no_boundaries": Text(
        "不是村界文件：请用 Shapefile（压缩成 zip）、GeoPackage、GeoJSON、KML 或奥维 ovkml",
        "No boundary file: send a Shapefile (as a zip), a GeoPackage, GeoJSON, KML or Ovital's ovkml",
    ),
    "several_layers": Text("文件中有几个图层，请只留一个：{names}", "Several layers; keep one: {names}"),
    "incomplete": Text(
        "Shapefile 不完整，压缩包里缺：{missing}", "The Shapefile is not whole; the zip lacks: {missing}"
    ),
    "too_many_corners": Text("顶点超过 {most} 个，请先简化", "More than {most} corners; simplify it first"),
    "old_datum": Text(
        "坐标系是“{name}”（西安80/北京54），没有精确的转换方法。请用测绘部门转换后的 CGCS2000 数据",
        "The system is {name} (Xian 80 or Beijing 54), which nothing converts exactly; ask for CGCS2000",
    ),
    "which_zone": Text(
        "坐标是米，但没有说明是哪一带。请在地图上看是哪一带并选定，或补上 .prj 文件后重新上传",
        "The coordinates are metres of an unknown zone. Choose it on the map, or add the .prj file",
    ),
    "no_system": Text(
        "看不出坐标系。请补上 .prj 文件，或导出为经纬度",
        "The coordinate system cannot be told. Add the .prj file, or export longitude and latitude",
    ),
    "no_records": Text(
        "没有认出是哪个平台的报表。钉钉请导出“签到报表”或“原始记录”，企业微信请导出“打卡详情”；飞书请指明各列是什么",
        "No known report of another platform. Export DingTalk's 签到报表 or 原始记录, WeCom's 打卡详情; "
        "for Feishu say what the columns are",
    ),
    "monthly_summary": Text(
        "这是月度汇总，每天只有一格，看不出每次打卡的时间和地点。"
        "钉钉请导出“签到报表”或“原始记录”，企业微信请导出“打卡详情”",
        "A monthly summary, which tells no single clocking. Export DingTalk's 签到报表 or 原始记录, WeCom's "
        "打卡详情",
    ),
    "daily_summary": Text(
        "这是钉钉“每日统计”，只有结果，没有每次打卡的地点。请导出“签到报表”或“原始记录”",
        "DingTalk's 每日统计 holds results without places. Export 签到报表 or 原始记录 instead",
    ),
    "wecom_summary": Text(
        "这是企业微信的概况统计，只有最早和最晚，没有每次打卡。请导出带“打卡详情”的日报",
        "WeCom's overview holds the first and the last clocking only. Export the daily report with 打卡详情",
    ),
    "document_too_large": Text(
        "文件超过 {most} MB，请压缩或去掉其中的图片", "The file has more than {most} MB; make its pictures smaller"
    ),
    "no_document": Text(
        "不是 Word 文档（.docx），或已损坏。请在 Word 或 WPS 中“另存为”“Word 文档（.docx）”后上传",
        "No Word document (.docx), or a damaged one. Save it in Word or WPS as a Word document (.docx)",
    ),
    "document_macro": Text(
        "文件中有宏。请另存为不带宏的“Word 文档（.docx）”",
        "The file holds macros. Save it as a Word document without them (.docx) and send that",
    ),
    "document_embedded": Text(
        "文件中嵌有其他文件、对象或图表（{name}）。请去掉，图表请改成图片",
        "Something else is embedded in the file ({name}). Take it out; make a picture of a chart",
    ),
    "document_linked": Text(
        "文件引用了外部内容（{target}）。图片请直接插入，不要链接；只有网页和邮件地址可以作超链接",
        "The file refers to something outside it ({target}). Insert pictures, do not link them; a hyperlink may "
        "lead to a web page or a mail address only",
    ),
    "document_field": Text(
        "文件中有不能用的域（{name}）。请把它改成普通文字（Ctrl+Shift+F9）",
        "The file has a field that cannot be used ({name}). Make plain text of it (Ctrl+Shift+F9)",
    ),
    "document_revisions": Text(
        "文件中有修订痕迹，会出现在通报里。请先“接受所有修订”再上传",
        "The file has tracked changes, which every circular would show. Accept or reject all of them first",
    ),
    "document_structure": Text(
        "填写后文档结构不完整：“{{{{ }}}}”和“{{% %}}”要写在普通文字里",
        "Filled in, the document is not whole: what stands in braces belongs in plain text",
    ),
    "document_no_names": Text(
        "文件里没有一个“{{{{ 名称 }}}}”，像是已经填好的通报。请下载模板，在模板上修改",
        "The file has no name in braces: it looks like a circular that is filled in. Download the template, and "
        "change that",
    ),
    "document_too_slow": Text(
        "模板太复杂，不能在规定时间内填好，请简化", "The template takes too long to fill; make it simpler"
    ),
    "document_grows": Text(
        "人多时填好的文档会太大，请缩短列表里每一项的内容",
        "With many people the document becomes too large; make what is said of each of a list shorter",
    ),
    "no_headings": Text(
        "没有找到表头：需要这些列：{wanted}",
        "No row of headings was found; these columns are needed: {wanted}",
    ),
}


class Refusal(Exception):  # noqa: N818 - the field's word
    """A file that is not read; `code` and `values` say why."""

    def __init__(self, code: str, values: dict[str, object]) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    @property
    def text(self) -> Text:
        return _TEXTS[self.code]

    def say(self, language: Language) -> str:
        return self.text.say(language, **self.values)


def refused(code: str, **values: object) -> Refusal:
    return Refusal(code, values)
