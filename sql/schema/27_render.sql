-- Text templates in LEAP's schema: which variables there are, and what is refused when a template is saved.
--
-- The language itself is C (leap.render(), leap.render_filters(); docs/metadata.md). Titles and descriptions are
-- rendered with the variables below; mails have names of their own and say so with `known`.

CREATE OR REPLACE FUNCTION leap.render_variables()
RETURNS TABLE (variable text, description text) LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('display_name', 'the name of the recording'),
        ('original_title', 'the same'),
        ('title', 'the title as it was rendered; in descriptions only'),
        ('recording_id', 'the id of the recording'),
        ('duration', 'the length in seconds'),
        ('duration_hm', 'the length as H:MM:SS or M:SS'),
        ('summary', 'what was said, in a few sentences'),
        ('topic', 'the first three main topics, with commas'),
        ('themes', 'the same'),
        ('topics', 'the list of topics, as topics_display says'),
        ('chapters', 'the topics as YouTube reads chapters in a description; nothing where they are fewer than three'),
        ('questions', 'the list of questions, as questions_display says'),
        ('date', 'the day of the recording, DD.MM.YYYY'),
        ('record_date', 'the day of the recording, DD.MM.YYYY'),
        ('record_date_short', 'the day of the recording, DD.MM.YY'),
        ('record_date_iso', 'the day of the recording, YYYY-MM-DD'),
        ('record_datetime', 'day and time of the recording, DD.MM.YYYY hh:mm'),
        ('record_datetime_iso', 'day and time of the recording, YYYY-MM-DD hh:mm'),
        ('record_time_hm', 'the time of the recording, hh:mm'),
        ('record_time', 'day and time of the recording, YYYY-MM-DDThh:mm:ss'),
        ('record_timestamp_local', 'the same'),
        ('publish_date', 'the day of publishing, DD.MM.YYYY'),
        ('publish_date_short', 'the day of publishing, DD.MM.YY'),
        ('publish_date_iso', 'the day of publishing, YYYY-MM-DD'),
        ('publish_datetime', 'day and time of publishing, DD.MM.YYYY hh:mm'),
        ('publish_datetime_iso', 'day and time of publishing, YYYY-MM-DD hh:mm'),
        ('publish_time_hm', 'the time of publishing, hh:mm'),
        ('publish_time', 'day and time of publishing, YYYY-MM-DDThh:mm:ss'),
        ('publish_timestamp_local', 'the same')
$$;
COMMENT ON FUNCTION leap.render_variables() IS
'The variables of titles and descriptions. All are texts; days and times are in the owner''s time zone.';

CREATE OR REPLACE FUNCTION leap.render_variable_names()
RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT array_agg(v.variable) FROM leap.render_variables() v $$;
COMMENT ON FUNCTION leap.render_variable_names() IS 'The names of leap.render_variables().';

CREATE OR REPLACE FUNCTION leap.check_text_template(template text, needs_variable boolean = false,
                                                    known text[] = leap.render_variable_names(), what text = 'the template')
RETURNS void LANGUAGE sql IMMUTABLE AS $$ SELECT leap.check_template(template, needs_variable, known, what) $$;
COMMENT ON FUNCTION leap.check_text_template(text, boolean, text[], text) IS
'Refuses a template that must not be saved: error LP031 names what it is, line, column, what is wrong, and the nearest name for an unknown filter or variable. known: the variables there will be; without it those of titles and descriptions, null for any name. needs_variable: it must use at least one. A null template passes.';

-- What platforms take. A deployment sets these rows again: they are facts about platforms.
CREATE TABLE IF NOT EXISTS leap.platforms (
    platform         text PRIMARY KEY CHECK (platform ~ '^[a-z][a-z0-9_]{0,29}$'),
    target_type      text NOT NULL UNIQUE,
    publishes        boolean NOT NULL,
    title_max        int NOT NULL CHECK (title_max > 0),
    title_unit       text NOT NULL CHECK (title_unit IN ('chars', 'bytes', 'utf16')),
    description_max  int NOT NULL CHECK (description_max > 0),
    description_unit text NOT NULL CHECK (description_unit IN ('chars', 'bytes', 'utf16')),
    tags_max         int NOT NULL CHECK (tags_max >= 0),
    angles           boolean NOT NULL,
    source           text NOT NULL
);
ALTER TABLE leap.platforms ADD COLUMN IF NOT EXISTS needs_picture boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS needs_credential boolean NOT NULL DEFAULT true;
-- a name once had letters only
DO $$
BEGIN
    IF (SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
        WHERE c.conrelid = 'leap.platforms'::regclass AND c.conname = 'platforms_platform_check') NOT LIKE '%0-9%' THEN
        ALTER TABLE leap.platforms DROP CONSTRAINT platforms_platform_check,
            ADD CONSTRAINT platforms_platform_check CHECK (platform ~ '^[a-z][a-z0-9_]{0,29}$');
    END IF;
END
$$;
COMMENT ON TABLE leap.platforms IS
'Where lessons can be published to. publishes: this version can; needs_picture: it takes no sound without pictures; needs_credential: it asks for an account, which the preset names; title_max, description_max: the longest text in the unit the platform counts in; tags_max: the longest list of tags in characters, commas and the quotes around tags with blanks included (0: it has none); angles: whether < and > are allowed; source: where these numbers are from, a page of the platform or practice.';

INSERT INTO leap.platforms (platform, target_type, publishes, title_max, title_unit, description_max, description_unit, tags_max, angles, needs_picture, needs_credential, source) VALUES
    ('library', 'LIBRARY', true, 500, 'chars', 20000, 'chars', 2000, true, false, false, 'LEAP'),
    -- the page of YouTube counts an emoji as two; to count so is never too long
    ('youtube', 'YOUTUBE', true, 100, 'utf16', 5000, 'bytes', 500, false, true, true, 'https://developers.google.com/youtube/v3/docs/videos'),
    ('vk', 'VK', true, 128, 'chars', 5000, 'chars', 0, true, true, true, 'practice: VK documents no limits'),
    ('yandex_disk', 'YANDEX_DISK', true, 255, 'bytes', 20000, 'chars', 0, true, false, true, 'practice: what names of files may have everywhere'),
    ('s3', 'S3', true, 255, 'bytes', 20000, 'chars', 2000, true, false, true, 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, of which keys have 1024 bytes')
ON CONFLICT (platform) DO UPDATE SET
    target_type = excluded.target_type, publishes = excluded.publishes, title_max = excluded.title_max, title_unit = excluded.title_unit,
    description_max = excluded.description_max, description_unit = excluded.description_unit, tags_max = excluded.tags_max,
    angles = excluded.angles, needs_picture = excluded.needs_picture, needs_credential = excluded.needs_credential, source = excluded.source;
