"""Rules that counties really had, ready to be put in force with `service.put_rule`; `source` says where."""

from dataclasses import replace

from app.duties.rules import NightWindow, RuleTerms

NIGHT = NightWindow(18 * 60 + 30, 29 * 60)  # 18:30, with a tail to 05:00 that belongs to the evening before

LEADER_NIGHT = RuleTerms(
    name="领导夜访",
    name_en="Leaders' night visits",
    source="《广西精准脱贫攻坚简报》2018年第39期，融安县“领导夜访考”：处级领导、乡镇班子成员、帮扶单位领导每周至少1晚进村入户",
    categories=("leader",),
    measure="nights",
    period_kind="week",
    required=1,
    counts_in="county",
    household_required=True,
    night=NIGHT,
)
HELPER_WEEKLY = RuleTerms(
    name="帮扶走访",
    name_en="Helpers' visits",
    source="县定：帮扶干部每周到所联系的村走访（全区无统一频次，各地每月1次至每周1次不等）",
    categories=("helper",),
    measure="visits",
    period_kind="week",
    required=1,
    counts_in="assigned",
)
RESIDENT_WEEKLY = RuleTerms(
    name="驻村五天",
    name_en="Residents' days in the village",
    source="“五天四夜”驻村工作制：第一书记、驻村工作队员每周驻村5天（云南南涧；昭平等县每月不少于20天）",
    categories=("resident", "first_secretary"),
    measure="village_days",
    period_kind="week",
    required=5,
    counts_in="assigned",
)
PRESETS = (LEADER_NIGHT, HELPER_WEEKLY, RESIDENT_WEEKLY)
"""In force in the demo."""

HELPER_HOUSEHOLDS = replace(
    HELPER_WEEKLY,
    name="每月入户",
    name_en="A visit a month to each household",
    source="通行做法：每户每月至少走访1次；重庆大足、枣庄台儿庄等地另有每季、每年次数",
    measure="distinct_households",
    period_kind="month",
    per="household",
    share="days",
    household_required=True,
)
HELPER_WEEK_OF_POVERTY_RELIEF = replace(
    HELPER_WEEKLY,
    name="扶贫周",
    name_en="One day a month in the village",
    source="贵港市港北区“扶贫周”：每月第一周至少1天到村（按月计，周内由县里督促）",
    measure="village_days",
    period_kind="month",
)
HELPER_QUARTERLY = replace(
    HELPER_WEEKLY,
    name="每季两访",
    name_en="Two visits a quarter",
    source="枣庄市台儿庄区：每季度至少2次，逐次记入记录卡",
    period_kind="quarter",
    required=2,
    share="days",
)
HELPER_YEARLY = replace(
    HELPER_QUARTERLY,
    name="每年四访",
    name_en="Four visits a year",
    source="重庆市大足区：每年至少4次（2017）",
    period_kind="year",
    required=4,
)
RESIDENT_TWENTY_DAYS = replace(
    RESIDENT_WEEKLY,
    name="每月驻村二十天",
    name_en="Twenty days a month in the village",
    source="昭平县：每月不少于20天；南丹县（2015）：20个工作日。当月工作日扣除请假后不足20天的，按实有天数",
    period_kind="month",
    required=20,
    days="working",
    share="cap",
)
RESIDENT_FOUR_NIGHTS = replace(
    RESIDENT_WEEKLY,
    name="驻村四夜",
    name_en="Four nights a week in the village",
    source="“五天四夜”驻村工作制（云南南涧：每周五天四夜）",
    measure="nights_in_village",
    required=4,
    night=NIGHT,
    share="cap",
)
RESIDENT_THREE_VISIT_DAYS = replace(
    RESIDENT_WEEKLY,
    name="每周三天走访",
    name_en="Visits on three days a week",
    source="湖北钟祥“5-4-3”：每周工作5天、驻村4天、走访3天",
    required=3,
    household_required=True,
    share="cap",
)
RESIDENT_TWO_HUNDRED_DAYS = replace(
    RESIDENT_WEEKLY,
    name="每年驻村二百天",
    name_en="Two hundred days a year in the village",
    source="青海乐都（2021年起）：每年驻村不少于200天",
    period_kind="year",
    required=200,
    share="days",
)
LEADER_TWO_NIGHTS = replace(
    LEADER_NIGHT,
    name="驻村夜访",
    name_en="Two night visits a month",
    source="扶绥县“驻村夜访”（2007年起）：县、乡镇领导每月至少2晚",
    period_kind="month",
    required=2,
)
LEADER_OVERNIGHT = replace(
    LEADER_NIGHT,
    name="每月住村一晚",
    name_en="One night a month in a village",
    source="湖南临武：县领导每月至少住村1晚，乡镇领导每周至少1晚",
    measure="nights_in_village",
    period_kind="month",
    household_required=False,
    night=NightWindow(22 * 60, 24 * 60),  # 湘阴樟树镇: signed between 22:00 and 24:00
)
ALL = (
    *PRESETS,
    HELPER_HOUSEHOLDS,
    HELPER_WEEK_OF_POVERTY_RELIEF,
    HELPER_QUARTERLY,
    HELPER_YEARLY,
    RESIDENT_TWENTY_DAYS,
    RESIDENT_FOUR_NIGHTS,
    RESIDENT_THREE_VISIT_DAYS,
    RESIDENT_TWO_HUNDRED_DAYS,
    LEADER_TWO_NIGHTS,
    LEADER_OVERNIGHT,
)
"""Everything the office may choose from."""
