"""领导夜访考: what the form of a night visit asks, by Rong'an's rules of 2018, and how its parts are named.

A check-in carries the form as it was filled in: `{"kind": "night_visit", "version": 1, ...}`. It counts for a rule
that wants a form by its kind alone; the phone's door refuses one that is not filled in as it should be.
"""

from app.kernel.language import Text

NIGHT_VISIT = "night_visit"

# 八有一超: what a household must have to leave poverty, in the order of the county's form.
ITEMS = {
    "income": Text("有稳定收入来源且吃穿不愁", "a steady income, enough to eat and wear"),
    "housing": Text("有住房保障", "safe housing"),
    "medical": Text("有基本医疗保障", "basic medical care"),
    "education": Text("有义务教育保障", "compulsory schooling"),
    "water": Text("有安全饮水", "safe drinking water"),
    "road": Text("有路通", "a road to the hamlet"),
    "electricity": Text("有电用", "electricity"),
    "tv": Text("有电视看", "television"),
    "above_line": Text("年人均纯收入稳定超过国家扶贫标准", "income a head steadily above the national line"),
}
