"""Invented names: people, hamlets. Real ones: the kinds of departments that every county has."""

import random

_SURNAMES = "黄韦覃陆梁农岑罗李陈莫潘蒙杨王吴周廖谭何卢唐蓝邓刘苏龙石班欧"
_GIVEN_FIRST = "建国志文秀丽海春晓永桂玉明红金大小美德光秋雪正家忠少云新立庆凤"
_GIVEN_LAST = "华平军英林芳强兰辉福荣贵珍龙生宁安斌燕勇良娟峰萍松成清梅东学"
_HAMLET_FIRST = "那弄平六八百板达陇坡洞龙木花渭央下上岩石"
_HAMLET_LAST = "良怀马腊考洋样瓦劳冒桑旺塘桃沟禄甘灯坝架"

# fmt: off
DEPARTMENTS = (
    "县委办公室", "县政府办公室", "县委组织部", "县委宣传部", "县委统战部", "县委政法委", "县人大办公室",
    "县政协办公室", "教育局", "财政局", "农业农村局", "林业局", "水利局", "交通运输局", "住房和城乡建设局",
    "自然资源局", "卫生健康局", "民政局", "人力资源和社会保障局", "发展和改革局", "工业和信息化局",
    "市场监督管理局", "文化和旅游局", "统计局", "审计局", "司法局", "公安局", "应急管理局", "生态环境局",
    "医疗保障局", "扶贫开发办公室", "残疾人联合会", "妇女联合会", "总工会", "共青团县委", "税务局",
    "供销合作社联合社", "人民医院", "妇幼保健院", "县城中学", "职业教育中心", "广播电视台", "气象局",
    "邮政分公司", "供电公司",
)
# fmt: on
_THREE_CHARACTERS = 0.75  # of names


def person(rng: random.Random) -> str:
    middle = rng.choice(_GIVEN_FIRST) if rng.random() < _THREE_CHARACTERS else ""
    return rng.choice(_SURNAMES) + middle + rng.choice(_GIVEN_LAST)


def hamlets(rng: random.Random, count: int) -> list[str]:
    """Different names for the hamlets of one village."""
    names: dict[str, None] = {}
    while len(names) < count:
        names[f"{rng.choice(_HAMLET_FIRST)}{rng.choice(_HAMLET_LAST)}屯"] = None
    return list(names)


def department(county: str, name: str) -> str:
    return name.replace("县", county, 1) if name.startswith("县") else f"{county}{name}"
