-- Notices: what a person must be told, always readable in the app's inbox, and how it reaches them.

-- 通知. `occasion` says what it is about, so that nothing is told twice.
CREATE TABLE notice (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    occasion text NOT NULL,
    about jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    until timestamptz,
    CONSTRAINT pk_notice PRIMARY KEY (county_id, id),
    CONSTRAINT uq_notice_county_id_person_id_occasion UNIQUE (county_id, person_id, occasion),
    CONSTRAINT fk_notice_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);
CREATE INDEX ix_notice_inbox ON notice (county_id, person_id, created_at DESC, id DESC);

-- What need not be told singly, or was over the reader's budget of the day: told in their next summary.
CREATE TABLE deferred_notice (
    county_id text NOT NULL,
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    occasion text NOT NULL,
    about jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    summary_id uuid,
    CONSTRAINT pk_deferred_notice PRIMARY KEY (county_id, id),
    CONSTRAINT uq_deferred_notice_county_id_person_id_occasion UNIQUE (county_id, person_id, occasion),
    CONSTRAINT fk_deferred_notice_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);
CREATE INDEX ix_deferred_notice_waiting ON deferred_notice (county_id, person_id) WHERE summary_id IS NULL;

-- Until when a person's daily summaries have told them; moved on also on days without news.
CREATE TABLE summary_turn (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    told_until timestamptz NOT NULL,
    CONSTRAINT pk_summary_turn PRIMARY KEY (county_id, person_id),
    CONSTRAINT fk_summary_turn_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person
);

-- 通知渠道: a way by which a county reaches its people; lower positions are tried first.
CREATE TABLE notice_channel (
    county_id text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    position integer NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    url text,
    for_group boolean NOT NULL DEFAULT false,
    per_minute integer,
    allowance double precision NOT NULL DEFAULT '0',
    allowance_at timestamptz,
    paused_until timestamptz,
    paused_reason text,
    CONSTRAINT pk_notice_channel PRIMARY KEY (county_id, name),
    CONSTRAINT fk_notice_channel_county_id FOREIGN KEY (county_id) REFERENCES county,
    CONSTRAINT ck_notice_channel_kind CHECK (kind IN ('fcm', 'webpush', 'apprise')),
    CONSTRAINT ck_notice_channel_name CHECK (name ~ '^[a-z][a-z0-9_]{0,30}$'),
    CONSTRAINT ck_notice_channel_per_minute CHECK (per_minute > 0),
    CONSTRAINT ck_notice_channel_url CHECK ((kind = 'apprise') = (url IS NOT NULL))
);

-- How one person wants to be told.
CREATE TABLE notice_preference (
    county_id text NOT NULL,
    person_id uuid NOT NULL,
    language text NOT NULL DEFAULT 'zh-CN',
    channels text[],
    addresses jsonb NOT NULL DEFAULT '{}',
    summary_at integer,
    CONSTRAINT pk_notice_preference PRIMARY KEY (county_id, person_id),
    CONSTRAINT fk_notice_preference_county_id_person_id FOREIGN KEY (county_id, person_id) REFERENCES person,
    CONSTRAINT ck_notice_preference_language CHECK (language IN ('zh-CN', 'en')),
    CONSTRAINT ck_notice_preference_summary_at CHECK (summary_at BETWEEN 0 AND 1439)
);

-- A county's own words for a kind of notice, in one language.
CREATE TABLE notice_template (
    county_id text NOT NULL,
    kind text NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL,
    CONSTRAINT pk_notice_template PRIMARY KEY (county_id, kind, language),
    CONSTRAINT fk_notice_template_county_id FOREIGN KEY (county_id) REFERENCES county,
    CONSTRAINT fk_notice_template_county_id_changed_by FOREIGN KEY (county_id, changed_by) REFERENCES person,
    CONSTRAINT ck_notice_template_language CHECK (language IN ('zh-CN', 'en'))
);

-- 发送: one notice on its way by one channel, to one phone where the channel reaches phones.
CREATE TABLE delivery (
    county_id text NOT NULL,
    id uuid NOT NULL,
    notice_id uuid NOT NULL,
    channel text NOT NULL,
    device_id text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'waiting',
    urgent boolean NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    reason text,
    reply text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_delivery PRIMARY KEY (county_id, id),
    CONSTRAINT uq_delivery_county_id_notice_id_channel_device_id
        UNIQUE (county_id, notice_id, channel, device_id),
    CONSTRAINT fk_delivery_county_id_channel FOREIGN KEY (county_id, channel) REFERENCES notice_channel,
    CONSTRAINT fk_delivery_county_id_notice_id FOREIGN KEY (county_id, notice_id) REFERENCES notice,
    CONSTRAINT ck_delivery_status CHECK (status IN ('waiting', 'sent', 'failed', 'dead', 'needless'))
);
CREATE INDEX ix_delivery_dead ON delivery (county_id, changed_at) WHERE status = 'dead';
CREATE INDEX ix_delivery_due ON delivery (county_id, channel, urgent DESC, due_at) WHERE status = 'waiting';
