"""Every table that holds something of a person: what for, on what legal basis, who sees it, what becomes of it.

`docs/personal-data.md` is made from this, what is held of somebody is handed out by it, and a test wants every
table and every column of the models to have its place here.
"""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import Table

from app.kernel import tables
from app.kernel.language import Text
from app.kernel.words import Word


class Basis(Word):
    """处理依据: the legal basis of a use of personal data, by article 13 of the PIPL (个人信息保护法)."""

    DUTY = "duty", "履行法定职责所必需（第十三条第三项）", "needed for a statutory duty (art. 13, 3)"
    STAFF = "staff", "人力资源管理所必需（第十三条第二项）", "needed to manage staff (art. 13, 2)"
    SECURITY = "security", "履行法定义务：网络安全法第二十一条", "a legal duty: Cybersecurity Law, art. 21"
    CONSENT = "consent", "个人同意（第十三条第一项），可随时撤回", "consent (art. 13, 1), withdrawn at any time"


@dataclass(frozen=True, slots=True)
class Held:
    """What one table holds of the person that its column `of` names.

    `gone`: columns that a person made anonymous no longer has; of a table whose rows `go`, all of them. `secret`
    are shown to nobody, the person included.
    """

    of: str
    purpose: Text
    basis: Basis
    seen_by: Text
    stays: str
    gone: str = ""
    secret: str = ""
    go: bool = False

    @property
    def columns(self) -> set[str]:
        return {*self.stays.split(), *self.gone.split(), *self.secret.split(), self.of}


_LEADERS = Text("本人，分管领导，办公室", "oneself, those who answer for one, the office")
_OFFICE = Text("本人，办公室", "oneself, the office")
_SELF = Text("本人", "oneself")
_ALL = Text("本县人员（按权限）", "the county's people, each in their scope")

PERSONAL: dict[str, Held] = {
    "person": Held(
        "id", Text("名册：由谁办理、归谁负责", "the roster: who does what, and who answers"), Basis.STAFF, _ALL,
        "category unit_id department_id from_date until_date last_contact_at merged_into anonymised_at",
        "name phone number",
    ),
    "person_merge": Held(
        "into_id", Text("重复档案的合并", "a second record of a person"), Basis.STAFF, _OFFICE,
        "id from_id made_by made_at check_in_ids", "was",
    ),
    "two_people": Held(
        "one_id", Text("不是同一人", "two people who look alike"), Basis.STAFF, _OFFICE, "other_id said_by said_at"
    ),
    "post": Held(
        "person_id", Text("任职与权限", "posts, and the rights that go with them"), Basis.STAFF, _ALL,
        "id unit_id role from_date until_date", "title",
    ),
    "assignment": Held(
        "person_id", Text("结对联系", "villages and households to answer for"), Basis.DUTY, _ALL,
        "id village_id household_id from_date until_date",
    ),
    "import_name": Held(
        "person_id", Text("其他平台报表中的姓名", "names in reports of other platforms"), Basis.STAFF, _OFFICE,
        "", "source written", go=True,
    ),
    "check_in": Held(
        "person_id", Text("走访记录：在哪里、何时", "visits: where and when"), Basis.DUTY, _LEADERS,
        "id captured_at fixed_at received_at crs raw_lon raw_lat accuracy_m altitude_m speed_mps mock"
        " position_problem purpose household_id app_version content_hash position_added_at source record_key"
        " position village_id geofence_version found_in_village_id place distance_m confidence"
        " household_distance_m standing reasons night_of withdrawn_at review_time visited_at form photo_ids",
        "device_id note record",
    ),
    "review": Held(
        "reviewer_id", Text("核实决定", "decisions about visits"), Basis.DUTY, _LEADERS,
        "id check_in_id decision before visited_at at", "reason post",
    ),
    "verification": Held(
        "verifier_id", Text("现场核查", "what was found on site"), Basis.DUTY, _LEADERS,
        "id check_in_id finding verified_at at", "note",
    ),
    "photo": Held(
        "person_id", Text("走访照片", "photos of visits"), Basis.DUTY, _LEADERS,
        "id sha256 kept_sha256 format size_bytes width height taken_at uploaded_at deleted_at object_key",
        "taken_lon taken_lat looks look_bands",
    ),
    "track_fix": Held(
        "person_id", Text("轨迹（县里启用且本人同意时）", "tracks, where kept and agreed to"),
        Basis.CONSENT, _LEADERS, "",
        "fixed_at key session_id lon lat accuracy_m altitude_m speed_mps heading_deg battery received_at", go=True,
    ),
    "track_day": Held(
        "person_id", Text("轨迹的日期", "days with tracks"), Basis.CONSENT, _LEADERS, "",
        "day revision computed computed_at", go=True,
    ),
    "stay": Held(
        "person_id", Text("在村停留时间", "time spent in villages"), Basis.DUTY, _LEADERS,
        "day village_id from_at until_at fixes received_at geofence_version",
    ),
    "duty": Held(
        "person_id", Text("任务及完成情况", "what is owed, and done"), Basis.DUTY, _LEADERS,
        "id rule_id rule_version period_start period_end closes_at required days days_there excuse"
        " calendar_assumed done pending_review status closed_at review_due_at last_visit_at",
    ),
    "duty_waiver": Held(
        "person_id", Text("申诉成立后的免除", "duties taken off on appeal"), Basis.DUTY, _LEADERS,
        "rule_id period_start at",
    ),
    "flag": Held(
        "person_id", Text("未完成任务的预警", "duties that were missed"), Basis.DUTY, _LEADERS,
        "id duty_id status misses level raised_at opened_at told_at changed_at changed_by unreviewed_by", "reason",
    ),
    "flag_recipient": Held(
        "person_id", Text("预警报给谁", "whom a flag was put before"), Basis.DUTY, _LEADERS, "flag_id"
    ),
    "appeal": Held(
        "person_id", Text("申诉", "appeals"), Basis.DUTY, _LEADERS,
        "id flag_id check_in_id instance filed_at until due_at status decided_by decided_at post photo_ids",
        "text decision_reason",
    ),
    "leave": Held(
        "person_id", Text("请假报备", "absences"), Basis.STAFF, _LEADERS,
        "id kind from_half until_half returned_half returned_at filed_at level status decided_by decided_at",
        "reason decision_reason",
    ),
    "notice": Held(
        "person_id", Text("通知", "what one was told"), Basis.DUTY, _OFFICE, "",
        "id kind occasion about created_at until read_at", go=True,
    ),
    "deferred_notice": Held(
        "person_id", Text("并入汇总的通知", "what a summary tells"), Basis.DUTY, _SELF, "",
        "id kind occasion about created_at summary_id", go=True,
    ),
    "summary_turn": Held(
        "person_id", Text("汇总发到何时", "until when summaries have told"), Basis.DUTY, _SELF, "",
        "told_until", go=True,
    ),
    "notice_preference": Held(
        "person_id", Text("本人选择的通知方式", "how one wants to be told"), Basis.CONSENT, _SELF, "",
        "language channels addresses summary_at", go=True,
    ),
    "sign_in": Held(
        "person_id", Text("登录", "signing in"), Basis.SECURITY, _SELF, "", "phone", "password_hash", go=True
    ),
    "second_factor": Held(
        "person_id", Text("动态口令", "a second factor"), Basis.SECURITY, _SELF, "",
        "made_at confirmed_at", "secret last_step", go=True,
    ),
    "activation": Held(
        "person_id", Text("激活码", "codes for a first password"), Basis.SECURITY, _OFFICE, "",
        "id made_by made_at expires_at used_at replaced_at", "code_hash", go=True,
    ),
    "sign_in_event": Held(
        "person_id", Text("登录记录", "sign-ins"), Basis.SECURITY, _OFFICE, "",
        "id at result address device_id agent", go=True,
    ),
    "device_session": Held(
        "person_id", Text("登录的手机和浏览器", "phones and browsers signed in"), Basis.SECURITY, _OFFICE, "",
        "id device_id client started_at expires_at last_used_at issued_by ended_at end_reason",
        "token_hash previous_hash", go=True,
    ),
    "device": Held(
        "person_id", Text("手机：推送、待上传数量", "phones: pushes, what waits on them"), Basis.DUTY, _OFFICE, "",
        "id platform model app_version last_seen_at status waiting oldest_waiting_at waiting_said_at",
        "push", go=True,
    ),
    "push_owner": Held(
        "person_id", Text("推送登记", "registrations for pushes"), Basis.CONSENT, _SELF, "", "device_id", "key",
        go=True,
    ),
    "contact": Held(
        "person_id", Text("手机何时联系过服务器", "when phones were in touch"), Basis.DUTY, _LEADERS, "",
        "device_id at waiting oldest_waiting_at", go=True,
    ),
    "quarantine": Held(
        "person_id", Text("定位应用无法接收的内容", "what tracking apps sent in vain"), Basis.DUTY, _LEADERS, "",
        "id session_id received_at last_seen_at times_seen reason body size digest", go=True,
    ),
    "consent": Held(
        "person_id", Text("对个人信息处理规则的同意", "what one has agreed to"), Basis.DUTY, _OFFICE,
        "id version at agreed",
    ),
    "audit_entry": Held(
        "actor_id", Text("操作与查看记录", "who did and looked at what"), Basis.SECURITY, _OFFICE,
        "id at action subject", "", "detail",
    ),
}  # fmt: skip

WITH_ANOTHER = {
    "delivery": "how a notice reached its reader: goes with the notice",
    "rejudgement": "how a visit was judged anew: no word of anybody's",
    "household": "villagers, whose head's name is on the county's lists of households (basis: statutory duty)",
    "import_job": "files of the office, with the roster in them: they go after `import_retention_d`",
    "password_tries": "hashes of phone numbers and networks, for a day",
}
"""Tables that name nobody themselves, or other people than the county's cadres."""

NOBODYS = frozenset({
    *("county", "unit", "township", "village", "village_code", "geofence", "calendar_day", "calendar_year"),
    *("duty_rule", "duty_period", "notice_channel", "notice_template", "document_template", "import_heading"),
    *("photo_purge", "deletion", "privacy_notice", "seal", "unsealed"),
})  # fmt: skip
"""Tables of the county's own, whose only people are those who made a row."""


@cache
def held() -> dict[str, tuple[Table, Held]]:
    """By table, in the order of the catalogue."""
    known = {table.name: table for table in tables.tables()}
    return {name: (known[name], each) for name, each in PERSONAL.items()}
