"""The closed sets of words of the directory."""

from app.kernel.words import Word


class UnitLevel(Word):
    """责任层级: the rung of the responsibility tree on which a unit stands."""

    COUNTY = "county", "县", "county"
    THEATRE = "theatre", "战区", "theatre"  # one township, under leaders of the county
    SECTOR = "sector", "片区", "sector"  # one of a township's three
    AREA = "area", "专区", "area"  # the villages that one township leader links to
    SQUAD = "squad", "突击班", "squad"  # a village
    TEAM = "team", "小队", "team"  # a natural hamlet
    GROUP = "group", "互助组", "mutual-help group"  # households that help each other
    DEPARTMENT = "department", "县直单位", "department"


class Category(Word):
    """人员类别: what kind of cadre a person is; rules name whom they concern by it."""

    HELPER = "helper", "帮扶干部", "helper"
    RESIDENT = "resident", "驻村工作队员", "resident team member"
    FIRST_SECRETARY = "first_secretary", "第一书记", "first secretary"
    LEADER = "leader", "领导干部", "leader"
    OFFICIAL = "official", "村两委", "village official"
    INFO_OFFICER = "info_officer", "信息员", "information officer"
    INSPECTOR = "inspector", "督查员", "inspector"


class HouseholdCategory(Word):
    """农户类别: how a household stands with poverty, by the national lists."""

    LIFTED = "lifted", "脱贫户", "lifted out of poverty"
    LIFTED_UNSTABLE = "lifted_unstable", "脱贫不稳定户", "lifted, not stable"
    NEAR_POOR = "near_poor", "边缘易致贫户", "on the edge of poverty"
    HARDSHIP = "hardship", "突发严重困难户", "in sudden hardship"
    ORDINARY = "ordinary", "一般农户", "ordinary household"


class Role(Word):
    """岗位角色: what a post lets its holder do in its unit and below."""

    CADRE = "cadre", "干部", "cadre"
    LEADER = "leader", "领导", "leader"
    INSPECTOR = "inspector", "督查", "inspector"
    OFFICE = "office", "办公室", "office"
    ADMIN = "admin", "管理员", "administrator"


class StructureFinding(Word):
    """结构问题: what of the responsibility tree is not as the briefing has it."""

    SECTORS = "sectors", "乡镇的片区不是三个", "a township without exactly three sectors"
    VILLAGE_WITHOUT_SECTOR = "village_without_sector", "村不在任何片区", "a village in no sector"
    SQUAD_LEADERS = "squad_leaders", "突击班的班长不是一名", "a squad without exactly one leader"
    SQUAD_DEPUTIES = "squad_deputies", "突击班的副班长不是两名（一肩挑为一名）", "a squad without its two deputies"
    DEPARTMENT_GROUP = (
        "department_group",
        "县直单位的领导小组不是一至三人",
        "a department's group not of one to three",
    )
    VILLAGE_WITHOUT_PEOPLE = "village_without_people", "村没有人联系", "a village that nobody answers for"
    PERSON_WITHOUT_POST = "person_without_post", "人员没有任职", "a person without a post"
    PERSON_IN_CLOSED_UNIT = "person_in_closed_unit", "人员的责任单位已关闭", "a person in a unit that is closed"
    HOUSEHOLD_WITHOUT_POINT = "household_without_point", "农户没有坐标", "a household without a point"


class Likeness(Word):
    """重复理由: what makes two records look like one person's."""

    SAME_PHONE = "same_phone", "手机号相同，写法不同", "the same phone number, written differently"
    SAME_NUMBER = "same_number", "工号相同，写法不同", "the same office number, written differently"
    NEAR_PHONE = "near_phone", "姓名相同，手机号只差一位", "the same name, and phone numbers one digit apart"
    SAME_VILLAGE = "same_village", "姓名相同，联系同一个村", "the same name, and the same village to answer for"
    SAME_UNIT = "same_unit", "姓名相同，在同一单位", "the same name in the same unit"
    SAME_TOWNSHIP = "same_township", "姓名相同，在同一乡镇", "the same name in the same township"
    NAME_ALIKE = "name_alike", "姓名只差一字，联系同一农户", "names one character apart, and the same household"
    SAME_DEVICE = "same_device", "轮流使用同一部手机", "the same phone, used in turns"


def usual_role(category: object) -> Role:
    """What a person's post is where nobody says."""
    return {Category.LEADER: Role.LEADER, Category.INSPECTOR: Role.INSPECTOR}.get(category, Role.CADRE)  # type: ignore[call-overload,no-any-return]


OFFICE_ROLES = (Role.OFFICE, Role.ADMIN)
SUPERVISING_ROLES = (Role.LEADER, Role.INSPECTOR, Role.OFFICE, Role.ADMIN)
