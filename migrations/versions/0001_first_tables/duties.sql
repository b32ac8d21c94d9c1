-- Duties: the rules, who owes what in which period, the flags of what was missed; calendar and leave.

-- 任务规则: one version of who owes how much of what per period.
CREATE TABLE duty_rule (
    county_id text NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    source text NOT NULL,
    categories text[] NOT NULL,
    measure text NOT NULL,
    period_kind text NOT NULL,
    required integer NOT NULL,
    counts_in text NOT NULL,
    household_required boolean NOT NULL,
    night_start integer,
    night_until integer,
    grace_h integer NOT NULL,
    effective_from date NOT NULL,
    effective_until date,
    per text NOT NULL DEFAULT 'person',
    days text NOT NULL DEFAULT 'calendar',
    share text NOT NULL DEFAULT 'whole',
    unit_ids uuid[] NOT NULL DEFAULT '{}',
    except_ids uuid[] NOT NULL DEFAULT '{}',
    min_dwell_min integer,
    form_required boolean NOT NULL DEFAULT false,
    shift_closing boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_duty_rule PRIMARY KEY (county_id, id, version),
    CONSTRAINT ex_duty_rule_overlap
        EXCLUDE USING gist (county_id WITH =, id WITH =, daterange(effective_from, effective_until) WITH &&),
    CONSTRAINT fk_duty_rule_county_id FOREIGN KEY (county_id) REFERENCES county,
    CONSTRAINT ck_duty_rule_counts_in CHECK (counts_in IN ('assigned', 'unit', 'county')),
    CONSTRAINT ck_duty_rule_dates CHECK (effective_until > effective_from),
    CONSTRAINT ck_duty_rule_days CHECK (days IN ('calendar', 'working')),
    CONSTRAINT ck_duty_rule_grace_h CHECK (grace_h >= 0),
    CONSTRAINT ck_duty_rule_hours
        CHECK (measure <> 'hours_in_village'
          OR (night_start IS NULL AND min_dwell_min IS NULL AND NOT household_required AND NOT form_required)),
    CONSTRAINT ck_duty_rule_measure
        CHECK (measure IN ('nights', 'visits', 'distinct_households', 'village_days', 'nights_in_village',
          'hours_in_village')),
    CONSTRAINT ck_duty_rule_min_dwell_min CHECK (min_dwell_min > 0),
    CONSTRAINT ck_duty_rule_night
        CHECK ((night_start IS NULL) = (night_until IS NULL) AND night_until > night_start
          AND night_start BETWEEN 0 AND 2159 AND night_until - night_start <= 1440
          AND (measure NOT IN ('nights', 'nights_in_village') OR night_start IS NOT NULL)),
    CONSTRAINT ck_duty_rule_per CHECK (per IN ('person', 'household')),
    CONSTRAINT ck_duty_rule_period_kind CHECK (period_kind IN ('week', 'month', 'quarter', 'half_year', 'year')),
    CONSTRAINT ck_duty_rule_required CHECK (required > 0),
    CONSTRAINT ck_duty_rule_share CHECK (share IN ('whole', 'days', 'cap'))
);

-- 周期: a period of a rule that has been opened, so that everyone who owes in it has a row in `duty`.
CREATE TABLE duty_period (
    county_id text NOT NULL,
    rule_id uuid NOT NULL,
    start date NOT NULL,
    opened_on date NOT NULL,
    reminded text,
    CONSTRAINT pk_duty_period PRIMARY KEY (county_id, rule_id, start),
    CONSTRAINT fk_duty_period_county_id FOREIGN KEY (county_id) REFERENCES county
);

-- 任务: one rule for one person in one period.
CREATE TABLE duty (
    county_id text NOT NULL,
    id uuid NOT NULL,
    rule_id uuid NOT NULL,
    rule_version integer NOT NULL,
    person_id uuid NOT NULL,
    period_start date NOT NULL,
    period_end date NOT NULL,
    closes_at timestamptz NOT NULL,
    required integer NOT NULL,
    done integer NOT NULL,
    pending_review integer NOT NULL,
    status text NOT NULL,
    closed_at timestamptz,
    last_visit_at timestamptz,
    days integer NOT NULL DEFAULT 0,
    days_there double precision NOT NULL DEFAULT '0',
    excuse text,
    calendar_assumed boolean NOT NULL DEFAULT false,
    review_due_at timestamptz,
    CONSTRAINT pk_duty PRIMARY KEY (county_id, id),
    CONSTRAINT uq_duty_county_id_person_id_rule_id_period_start
        UNIQUE (county_id, person_id, rule_id, period_start),
    CONSTRAINT fk_duty_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT fk_duty_county_id_rule_id_rule_version
        FOREIGN KEY (county_id, rule_id, rule_version) REFERENCES duty_rule,
    CONSTRAINT ck_duty_excuse
        CHECK (excuse IN ('rule', 'category', 'days_off', 'presence', 'leave', 'rounding', 'appeal')),
    CONSTRAINT ck_duty_status CHECK (status IN ('open', 'met', 'met_late', 'missed', 'excused'))
);
CREATE INDEX ix_duty_period ON duty (county_id, rule_id, period_start, status);
CREATE INDEX ix_duty_to_close ON duty (county_id, greatest(closes_at, review_due_at)) WHERE closed_at IS NULL;

-- 预警: a missed duty put before the leaders who answer for it.
CREATE TABLE flag (
    county_id text NOT NULL,
    id uuid NOT NULL,
    duty_id uuid NOT NULL,
    person_id uuid NOT NULL,
    status text NOT NULL,
    misses integer NOT NULL,
    raised_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    reason text,
    level integer NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL,
    told_at timestamptz NOT NULL,
    unreviewed_by uuid[] NOT NULL DEFAULT '{}',
    CONSTRAINT pk_flag PRIMARY KEY (county_id, id),
    CONSTRAINT uq_flag_county_id_duty_id UNIQUE (county_id, duty_id),
    CONSTRAINT fk_flag_county_id_duty_id FOREIGN KEY (county_id, duty_id) REFERENCES duty,
    CONSTRAINT fk_flag_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_flag_status CHECK (status IN ('open', 'acknowledged', 'cleared', 'withdrawn'))
);
CREATE INDEX ix_flag_county_id_person_id ON flag (county_id, person_id);
CREATE INDEX ix_flag_open ON flag (county_id, told_at) WHERE status = 'open';
CREATE INDEX ix_flag_raised ON flag (county_id, raised_at DESC, id DESC);

-- Who answers for a flagged person, by the responsibility tree on the day it was put before them.
CREATE TABLE flag_recipient (
    county_id text NOT NULL,
    flag_id uuid NOT NULL,
    person_id uuid NOT NULL,
    CONSTRAINT pk_flag_recipient PRIMARY KEY (county_id, flag_id, person_id),
    CONSTRAINT fk_flag_recipient_county_id_flag_id FOREIGN KEY (county_id, flag_id) REFERENCES flag,
    CONSTRAINT fk_flag_recipient_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);
CREATE INDEX ix_flag_recipient_county_id_person_id ON flag_recipient (county_id, person_id);

-- 申诉: against a flag, or against the standing of a check-in.
CREATE TABLE appeal (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    flag_id uuid,
    check_in_id uuid,
    instance integer NOT NULL,
    text text NOT NULL,
    filed_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    status text NOT NULL,
    decided_by uuid,
    post text,
    decided_at timestamptz,
    decision_reason text,
    CONSTRAINT pk_appeal PRIMARY KEY (county_id, id),
    CONSTRAINT fk_appeal_county_id_check_in_id FOREIGN KEY (county_id, check_in_id) REFERENCES check_in,
    CONSTRAINT fk_appeal_county_id_decided_by FOREIGN KEY (county_id, decided_by) REFERENCES person,
    CONSTRAINT fk_appeal_county_id_flag_id FOREIGN KEY (county_id, flag_id) REFERENCES flag,
    CONSTRAINT fk_appeal_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_appeal_decision
        CHECK ((status IN ('upheld', 'overturned')) = (decided_at IS NOT NULL)
          AND num_nonnulls(decided_by, decided_at, decision_reason, post) IN (0, 4)),
    CONSTRAINT ck_appeal_instance CHECK (instance IN (1, 2)),
    CONSTRAINT ck_appeal_status CHECK (status IN ('open', 'upheld', 'overturned', 'late')),
    CONSTRAINT ck_appeal_subject CHECK (num_nonnulls(flag_id, check_in_id) = 1)
);
CREATE INDEX ix_appeal_county_id_check_in_id ON appeal (county_id, check_in_id);
CREATE INDEX ix_appeal_county_id_flag_id ON appeal (county_id, flag_id);
CREATE INDEX ix_appeal_county_id_person_id_filed_at ON appeal (county_id, person_id, filed_at);
CREATE UNIQUE INDEX uq_appeal_open_check_in ON appeal (county_id, check_in_id) WHERE status = 'open';
CREATE UNIQUE INDEX uq_appeal_open_flag ON appeal (county_id, flag_id) WHERE status = 'open';

-- 免除: a decision on an appeal has taken a duty off somebody.
CREATE TABLE duty_waiver (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    rule_id uuid NOT NULL,
    period_start date NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT pk_duty_waiver PRIMARY KEY (county_id, person_id, rule_id, period_start),
    CONSTRAINT fk_duty_waiver_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);

-- A day that is not what its weekday says: a weekday off, or a weekend day worked.
CREATE TABLE calendar_day (
    county_id text NOT NULL,
    date date NOT NULL,
    working boolean NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    source text NOT NULL,
    own boolean NOT NULL,
    regional jsonb,
    CONSTRAINT pk_calendar_day PRIMARY KEY (county_id, date),
    CONSTRAINT fk_calendar_day_county_id FOREIGN KEY (county_id) REFERENCES county
);

-- A year whose days off are known.
CREATE TABLE calendar_year (
    county_id text NOT NULL,
    year integer NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_calendar_year PRIMARY KEY (county_id, year),
    CONSTRAINT fk_calendar_year_county_id FOREIGN KEY (county_id) REFERENCES county
);

-- 请假/报备: an absence in half-days of the county's own clock; `until_half` is exclusive.
CREATE TABLE leave (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    from_half timestamp NOT NULL,
    until_half timestamp NOT NULL,
    returned_half timestamp,
    returned_at timestamptz,
    reason text NOT NULL,
    filed_at timestamptz NOT NULL,
    level text NOT NULL,
    status text NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text,
    CONSTRAINT pk_leave PRIMARY KEY (county_id, id),
    CONSTRAINT fk_leave_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_leave_back CHECK (returned_at IS NULL OR returned_half IS NOT NULL),
    CONSTRAINT ck_leave_decision CHECK (num_nonnulls(decided_by, decided_at, decision_reason) IN (0, 3)),
    CONSTRAINT ck_leave_half_days
        CHECK (extract(epoch FROM from_half) % 43200 = 0 AND extract(epoch FROM until_half) % 43200 = 0
          AND extract(epoch FROM returned_half) % 43200 = 0),
    CONSTRAINT ck_leave_halves CHECK (until_half > from_half),
    CONSTRAINT ck_leave_kind
        CHECK (kind IN ('personal', 'sick', 'official', 'filed_duty', 'annual', 'rotation')),
    CONSTRAINT ck_leave_level CHECK (level IN ('township', 'county')),
    CONSTRAINT ck_leave_returned CHECK (returned_half >= from_half),
    CONSTRAINT ck_leave_status CHECK (status IN ('asked', 'approved', 'refused', 'withdrawn'))
);
CREATE INDEX ix_leave_asked ON leave (county_id, filed_at) WHERE status = 'asked';
CREATE INDEX ix_leave_county_id_person_id_from_half ON leave (county_id, person_id, from_half);
