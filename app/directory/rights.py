"""权限: who may do what, and where: one table. Each route declares its ability, and nothing else compares roles.

A person has the rights of each post that they hold today, in its unit; and, post or none, those of a cadre.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Protocol, TypeVar

from app.directory.words import OFFICE_ROLES, SUPERVISING_ROLES, Role, UnitLevel
from app.kernel.words import Word


class Ability(Word):
    """权限事项: what a route lets its caller do."""

    PUBLIC = "public", "公开", "without signing in"
    BY_CLIENT_KEY = "by_client_key", "定位应用上报", "send by a tracking app"
    OWN_AFTERWARDS = "own_afterwards", "本人记录（离任后仍可）", "one's own records, also after service"
    OWN = "own", "本人事务", "one's own affairs"
    READ_RULES = "read_rules", "查看规则和日历", "read rules and calendar"
    READ = "read", "查看人员和地点", "look at people and places"
    REVIEW_CHECK_INS = "review_check_ins", "核实签到", "review and verify check-ins"
    SETTLE_FLAGS = "settle_flags", "处理预警", "acknowledge and settle flags"
    DECIDE_LEAVE = "decide_leave", "审批请假", "decide on leave"
    DECIDE_LONG_LEAVE = "decide_long_leave", "审批长假", "decide on long leave"
    REVOKE_LEAVE = "revoke_leave", "撤销请假", "revoke leave"
    DECIDE_APPEALS = "decide_appeals", "复查申诉", "decide on appeals"
    DECIDE_SECOND_APPEALS = "decide_second_appeals", "再次申诉决定", "decide on second appeals"
    CHANGE_ROSTER = "change_roster", "变更人员和结对", "change the roster"
    MERGE_PEOPLE = "merge_people", "合并重复人员", "merge people entered twice"
    CHANGE_GEOFENCES = "change_geofences", "变更村界", "change geofences"
    IMPORT_FILES = "import_files", "导入文件", "import files"
    MANAGE_ACCOUNTS = "manage_accounts", "管理账号", "manage accounts"
    MANAGE_CLIENT_KEYS = "manage_client_keys", "管理应用密钥", "manage keys of tracking apps"
    CHANGE_RULES = "change_rules", "变更任务规则", "change duty rules"
    CHANGE_CALENDAR = "change_calendar", "变更日历", "change the calendar"
    CHANGE_SETTINGS = "change_settings", "变更县级设置", "change the county's settings"
    MANAGE_NOTICES = "manage_notices", "管理通知", "manage notices"
    READ_LOOKS = "read_looks", "查看访问记录和封存", "see who looked at whom, and the seals"
    MANAGE_PERSONAL_DATA = "manage_personal_data", "个人信息事务", "personal data: notice, copies, anonymity"


class Reach(Word):
    """权限范围: where a right reaches."""

    OWN = "own", "本人", "oneself"
    SHARED = "shared", "本县共享", "what all the county sees"
    SUBTREE = "subtree", "所辖", "the unit and all below it"
    OTHERS = "others", "所辖他人", "the same, without oneself and without who holds power beyond it"
    ABOVE = "above", "下级", "those whom one stands above"
    COUNTY = "county", "全县", "the whole county, by a post in its own unit"


LEADING = (Role.LEADER, *OFFICE_ROLES)
"""Who answers for people: what concerns them is put before these. They are told singly only of what
must be acted on today; the rest is in their summary."""

_EVERYONES = (Reach.OWN, Reach.SHARED)  # these need no post

_ALL_OWN = dict.fromkeys(Role, Reach.OWN)


def _by(roles: Iterable[Role], reach: Reach) -> dict[Role, Reach]:
    return dict.fromkeys(roles, reach)


RIGHTS: Mapping[Ability, Mapping[Role, Reach]] = {
    Ability.PUBLIC: {},
    Ability.BY_CLIENT_KEY: _ALL_OWN,
    Ability.OWN_AFTERWARDS: _ALL_OWN,
    Ability.OWN: _ALL_OWN,
    Ability.READ_RULES: _by(Role, Reach.SHARED),
    Ability.READ: _ALL_OWN | _by(SUPERVISING_ROLES, Reach.SUBTREE),
    Ability.REVIEW_CHECK_INS: _by(SUPERVISING_ROLES, Reach.ABOVE),
    Ability.SETTLE_FLAGS: _by(LEADING, Reach.ABOVE),
    Ability.DECIDE_LEAVE: _by(LEADING, Reach.ABOVE),
    Ability.DECIDE_LONG_LEAVE: _by(OFFICE_ROLES, Reach.ABOVE),
    Ability.REVOKE_LEAVE: _by(OFFICE_ROLES, Reach.ABOVE),
    Ability.DECIDE_APPEALS: _by(LEADING, Reach.ABOVE),
    Ability.DECIDE_SECOND_APPEALS: _by(OFFICE_ROLES, Reach.ABOVE),
    Ability.CHANGE_ROSTER: _by(OFFICE_ROLES, Reach.OTHERS),
    Ability.MERGE_PEOPLE: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.CHANGE_GEOFENCES: _by(OFFICE_ROLES, Reach.SUBTREE),
    Ability.MANAGE_ACCOUNTS: _by(OFFICE_ROLES, Reach.OTHERS),
    Ability.MANAGE_CLIENT_KEYS: _by(OFFICE_ROLES, Reach.OTHERS),
    Ability.CHANGE_RULES: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.CHANGE_CALENDAR: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.IMPORT_FILES: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.CHANGE_SETTINGS: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.MANAGE_NOTICES: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.READ_LOOKS: _by(OFFICE_ROLES, Reach.COUNTY),
    Ability.MANAGE_PERSONAL_DATA: _by(OFFICE_ROLES, Reach.COUNTY),
}


class HasRole(Protocol):
    """A post, as far as its role goes."""

    @property
    def role(self) -> str: ...


class Post(HasRole, Protocol):
    """What of a post decides."""

    @property
    def unit_level(self) -> str: ...


P = TypeVar("P", bound=Post)
R = TypeVar("R", bound=HasRole)


def roles(ability: Ability) -> frozenset[Role]:
    """The roles whose posts give it, beyond what everybody has."""
    return frozenset(role for role, reach in RIGHTS[ability].items() if reach not in _EVERYONES)


def county_wide(ability: Ability) -> bool:
    """Whether it is had for the whole county or not at all."""
    return Reach.COUNTY in RIGHTS[ability].values()


def of_others(ability: Ability) -> bool:
    """Whether nobody has it about themselves, nor about who holds power beyond their own units."""
    return Reach.OTHERS in RIGHTS[ability].values()


def giving(ability: Ability, posts: Iterable[P]) -> list[P]:
    """Those of the posts that give it, each in its own unit."""
    return [
        post
        for post in of_roles(roles(ability), posts)
        if not county_wide(ability) or post.unit_level == UnitLevel.COUNTY
    ]


def of_roles(wanted: Collection[str], posts: Iterable[R]) -> list[R]:
    """Those of the posts that are of such a role."""
    return [post for post in posts if post.role in wanted]
