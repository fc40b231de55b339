-- What kinds of task there are, what the classes of errors mean, and how often a failed task is tried again.
--
-- Operators change deadlines, policies and the flags of classes by plain SQL (docs/admin.md). A deployment never
-- touches what they may change: policies are put in together with a kind that is new, and never again.

CREATE TABLE IF NOT EXISTS leap.task_kinds (
    kind          text PRIMARY KEY,
    queue         text NOT NULL CHECK (queue ~ '^[a-z]{1,20}$'),
    stage         text CHECK (stage IN ('download', 'process', 'transcribe', 'upload')),
    counted       boolean NOT NULL,
    output        text,
    deadline      interval NOT NULL CONSTRAINT deadline_in_range CHECK (deadline BETWEEN '1 s' AND '30 days'),
    description   text NOT NULL
);
COMMENT ON TABLE leap.task_kinds IS
'What kinds of task there are: queue, stage, whether it counts for max_concurrent_tasks, the artifact that shows it is done, and how long a task may run (operators may change the deadline).';

CREATE TABLE IF NOT EXISTS leap.error_classes (
    class       text PRIMARY KEY,
    counts      boolean NOT NULL,
    notifies    boolean NOT NULL,
    breaker     text NOT NULL CHECK (breaker IN ('trips', 'clears', 'ignores')),
    description text NOT NULL
);
COMMENT ON TABLE leap.error_classes IS
'What the class of a task''s error means: whether it counts as a failure, whether the owner is notified when it ends a task, and what it tells the circuit breaker of the platform (trips: the platform is in trouble, clears: it answered, ignores: nothing). Operators may change these.';

CREATE TABLE IF NOT EXISTS leap.retry_policies (
    kind         text NOT NULL REFERENCES leap.task_kinds DEFERRABLE INITIALLY DEFERRED,
    class        text NOT NULL REFERENCES leap.error_classes,
    max_failures smallint CHECK (max_failures BETWEEN 1 AND 1000),
    base_delay   interval NOT NULL CHECK (base_delay > '0'),
    max_delay    interval NOT NULL CHECK (max_delay <= '30 days'),
    PRIMARY KEY (kind, class),
    CONSTRAINT delays_in_order CHECK (base_delay <= max_delay)
);
COMMENT ON TABLE leap.retry_policies IS
'How a task that failed is tried again: after base_delay, doubled with each failure up to max_delay, half of it random, until it has failed max_failures times (null: without end). A class without a row for the kind ends the task. Operators may add, change and delete rows.';

INSERT INTO leap.error_classes (class, counts, notifies, breaker, description) VALUES
    ('transient',    true,  true,  'trips',   'may succeed when tried again: network, busy, out of memory'),
    ('rate_limited', false, true,  'clears',  'the platform asks to come back later; its wish (retry_after) is honoured'),
    ('credential',   true,  true,  'clears',  'a person must authorise again'),
    ('quota',        true,  false, 'ignores', 'a limit of the owner is reached; quotas have alerts of their own'),
    ('input',        true,  true,  'ignores', 'the recording itself is at fault; another try cannot help'),
    ('permanent',    true,  true,  'ignores', 'configuration or the platform refuses; another try cannot help'),
    ('lost',         true,  true,  'ignores', 'the worker lost the task while it ran')
ON CONFLICT (class) DO UPDATE SET description = excluded.description;

-- Policies once were columns of leap.task_kinds: what operators set there is taken over.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'leap.task_kinds'::regclass AND attname = 'max_failures' AND NOT attisdropped) THEN
        INSERT INTO leap.retry_policies (kind, class, max_failures, base_delay, max_delay)
        SELECT k.kind, c.class, CASE WHEN c.counts THEN k.max_failures END, least(k.base_delay, k.max_delay), k.max_delay
        FROM leap.task_kinds k JOIN leap.error_classes c ON c.class IN ('transient', 'rate_limited', 'lost');
        SET CONSTRAINTS ALL IMMEDIATE;  -- a table with pending checks cannot be altered
        ALTER TABLE leap.task_kinds DROP COLUMN max_failures, DROP COLUMN base_delay, DROP COLUMN max_delay,
            ADD CONSTRAINT deadline_in_range CHECK (deadline BETWEEN '1 s' AND '30 days') NOT VALID;
    END IF;
END
$$;

INSERT INTO leap.retry_policies (kind, class, max_failures, base_delay, max_delay)
SELECT p.kind, c.class, CASE WHEN c.counts THEN p.max_failures END, p.base_delay::interval, p.max_delay::interval
FROM (VALUES
    ('download',   5, '10 s', '10 min'),
    ('trim',       3, '5 s',  '5 min'),
    ('transcribe', 3, '10 s', '10 min'),
    ('topics',     3, '10 s', '10 min'),
    ('subtitles',  3, '5 s',  '5 min'),
    ('upload',     5, '10 s', '10 min'),
    ('unpublish',  5, '10 s', '10 min'),
    ('sync',       4, '20 s', '10 min'),
    ('credential', 3, '10 s', '5 min'),
    ('notify',    10, '3 min', '8 h'),
    ('maintain',   3, '30 s', '10 min')) AS p (kind, max_failures, base_delay, max_delay)
-- the login that a notify lacks is the operator's: what was to be sent waits until it is mended
JOIN leap.error_classes c ON c.class IN ('transient', 'rate_limited', 'lost') OR (p.kind, c.class) = ('notify', 'credential')
WHERE NOT EXISTS (SELECT FROM leap.task_kinds k WHERE k.kind = p.kind);

INSERT INTO leap.task_kinds (kind, queue, stage, counted, output, deadline, description) VALUES
    ('download',   'upload',     'download',   true,  'source',     '12 h', 'fetch the recording and look at it'),
    ('trim',       'processing', 'process',    true,  'video',      '12 h', 'cut the dead air'),
    ('transcribe', 'processing', 'transcribe', true,  'transcript', '24 h', 'turn speech into words with times'),
    ('topics',     'processing', 'transcribe', true,  'topics',     '2 h',  'find the subjects of the lecture'),
    ('subtitles',  'processing', 'transcribe', true,  'vtt',        '1 h',  'write subtitles'),
    ('upload',     'upload',     'upload',     true,  NULL,         '24 h', 'publish to one target'),
    ('unpublish',  'upload',     NULL,         false, NULL,         '1 h',  'take back what is published'),
    ('sync',       'automation', NULL,         false, NULL,         '30 min', 'ask a source what is new'),
    ('credential', 'automation', NULL,         false, NULL,         '10 min', 'check access to a platform, get it, seal it anew'),
    ('notify',     'notify',     NULL,         false, NULL,         '10 min', 'deliver a message'),
    ('maintain',   'automation', NULL,         false, NULL,         '1 h',  'sweep files that no row names')
ON CONFLICT (kind) DO UPDATE SET queue = excluded.queue, stage = excluded.stage, counted = excluded.counted,
    output = excluded.output, description = excluded.description;
SET CONSTRAINTS ALL IMMEDIATE;
