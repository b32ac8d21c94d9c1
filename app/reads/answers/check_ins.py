"""Check-ins on the wire: the contract's, with whose they are."""

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field

from app.checkins.words import (
    ConsistencyState,
    ItemState,
    PaperState,
    Purpose,
    RecordSource,
    RejudgementCause,
    ReviewDecision,
    Standing,
    VerificationFinding,
)
from app.geo.words import Crs, Place
from app.reads.answers.named import AppealRef, CodedPlace, Named, PersonRef


class Position(BaseModel):
    """WGS-84, degrees."""

    lon: float
    lat: float
    accuracy_m: float | None = Field(description="68 % radius in metres, as claimed; null is unknown")


class JudgedAgainst(CodedPlace):
    geofence_version: int


class Reason(BaseModel):
    code: str
    detail: str = Field(description="in the caller's language")
    values: dict[str, object] = Field(
        description="what the words are made from, such as the id of another check-in"
    )


class StandingReview(BaseModel):
    """The last decision of a person: the one that stands."""

    decision: ReviewDecision
    reason: str
    reviewer: PersonRef
    post: str = Field(description="the reviewer's, at that time")
    at: datetime
    visited_at: datetime | None = Field(description="when the visit took place, where the reviewer set the time")


class PlatformWords(BaseModel):
    """What another platform says of a visit, in its own words, and where in which file."""

    report: str
    place: str = ""
    result: str = ""
    oddities: str = Field("", description="why the platform found it odd, 异常打卡原因")
    device: str = Field("", description="手机打卡, 管理员, 自助补卡 ...")
    customer: str = ""
    remark: str = ""
    phone_mark: str = ""
    mock: bool = Field(False, description="the platform reports a simulated position")
    file: str
    sheet: str
    row: int


class CheckIn(BaseModel):
    """签到: one geotagged visit record, as it was judged."""

    id: UUID
    person: PersonRef
    captured_at: datetime = Field(description="as the phone said")
    visited_at: datetime = Field(description="when it took place: captured_at, unless a review has set the time")
    received_at: datetime
    late_s: int = Field(description="seconds from the visit to its upload")
    position: Position | None
    village: JudgedAgainst | None = Field(description="judged against; null when none was assigned")
    found_in_village: CodedPlace | None = Field(description="contains the fix, whoever's it is")
    place: Place
    distance_m: float | None = Field(description="metres to the judged village's fence; 0 inside")
    confidence: float | None = Field(description="probability that the fix is inside the judged village")
    household_distance_m: float | None
    standing: Standing
    reasons: list[Reason]
    night_of: date | None = Field(description="the date whose evening this belongs to; null by day")
    purpose: Purpose
    household_id: UUID | None
    note: str
    source: RecordSource | None = Field(description="the platform that recorded it; null: sent by a phone")
    record: PlatformWords | None = Field(description="what that platform says; null: sent by a phone")
    withdrawn: bool = Field(description="the import that brought it was taken back")
    appeal: AppealRef | None = Field(None, description="the latest against its standing")
    review: StandingReview | None = Field(None, description="null where rules alone decided")


class CheckInPage(BaseModel):
    items: list[CheckIn]
    next_cursor: str | None


class AwaitingDuty(BaseModel):
    """A duty that what is held could meet."""

    id: UUID
    rule: Named
    period: str = Field(description="such as 2026-W47")
    review_due_at: datetime = Field(description="it waits for the review until then")


class HeldCheckIn(CheckIn):
    may_review: bool = Field(False, description="the caller may decide whether it counts")
    overdue: bool = Field(description="it has waited for longer than the county allows its reviewers")
    duties: list[AwaitingDuty] = Field(description="that wait for its review, the soonest due first")


class ReviewQueue(BaseModel):
    items: list[HeldCheckIn]
    next_cursor: str | None


class Raw(BaseModel):
    """What the phone said, as it said it."""

    lon: float | None
    lat: float | None
    crs: Crs
    altitude_m: float | None
    speed_mps: float | None
    mock: bool | None
    fixed_at: datetime | None
    position_problem: str | None = Field(description="why there was no fix")
    position_added_at: datetime | None = Field(description="when a fix followed; null when it came at once")
    app_version: str | None


class Device(BaseModel):
    id: str
    platform: str | None
    model: str | None


class Review(BaseModel):
    """核实: a person decided. The last one stands."""

    id: UUID
    decision: ReviewDecision
    reason: str
    reviewer: PersonRef
    post: str = Field(description="the reviewer's, at that time")
    at: datetime
    before: Standing = Field(description="the standing that it replaced")
    visited_at: datetime | None = Field(description="when the visit took place, where the reviewer set the time")


class Verification(BaseModel):
    """现场核查: what was found on site."""

    id: UUID
    finding: VerificationFinding
    note: str
    verifier: PersonRef
    verified_at: datetime = Field(description="when somebody stood there")
    at: datetime = Field(description="when it was reported")


class Judgement(BaseModel):
    """What a rule made of a check-in; distances in metres."""

    standing: Standing
    place: Place
    village_id: str | None
    geofence_version: int | None
    found_in_village_id: str | None
    distance_m: float | None
    confidence: float | None
    reasons: list[str] = Field(description="codes")


class Rejudgement(BaseModel):
    """重新判定: what changed when a fix, a corrected fence, a photo or another time came."""

    at: datetime
    cause: RejudgementCause
    before: Judgement
    after: Judgement


class Photo(BaseModel):
    """照片, as its bytes turned out to be."""

    id: UUID
    content_type: str
    size_bytes: int
    width: int = Field(description="pixels, as displayed")
    height: int
    taken_at: datetime | None = Field(description="when the camera says that it was taken (EXIF)")
    uploaded_at: datetime
    deleted_at: datetime | None = Field(description="when it was deleted after the county's retention time")
    original: str = Field(description="path of the photo as it was uploaded; every look is on record")
    thumbnail: str = Field(description="path of a small JPEG; likewise")


class FormFinding(BaseModel):
    state: ItemState
    note: str


class NightFormItem(FormFinding):
    """One of 八有一超."""

    code: str
    name: str = Field(description="in the caller's language")


class FormPaper(BaseModel):
    """联系卡 or 帮扶手册."""

    state: PaperState
    note: str


class FormConsistency(BaseModel):
    """Whether booklet, card and system say the same."""

    state: ConsistencyState
    note: str = Field(description="what differs")


class FormRecognition(BaseModel):
    asked: int
    recognised: int


class FormSatisfaction(BaseModel):
    asked: int
    satisfied: int


class NightForm(BaseModel):
    """领导夜访考, as the leader filled it in."""

    items: list[NightFormItem] = Field(description="all nine, in the order of the county's form")
    card: FormPaper
    booklet: FormPaper
    consistent: FormConsistency
    recognition: FormRecognition
    satisfaction: FormSatisfaction


class CheckInDetail(CheckIn):
    raw: Raw
    form: NightForm | None = Field(description="of a night visit; null also where it is of an unknown kind")
    device: Device | None
    photo_ids: list[UUID] = Field(description="all that it names, uploaded or not")
    photos: list[Photo] = Field(description="those of them that the person has uploaded")
    reviews: list[Review] = Field(description="the first one first; the last one stands")
    verifications: list[Verification]
    rejudgements: list[Rejudgement]


class ReviewSummary(BaseModel):
    """What awaits the caller's decision."""

    held: int = Field(description="held check-ins in scope, without the caller's own")
    oldest_captured_at: datetime | None
