"""Rules that counties really had, ready to be put in force with `service.put_rule`; `source` says where."""

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
