-- What each value that people configure may be: recordings, users, templates and presets are checked against it.
--
-- A rule a row, so that nobody waits for a run to hear of a mistake; workers check again. A path names a value, its
-- parts separated by dots; type object stands for values within. Beside these JSON types, integer is a whole number,
-- template a text with variables, and title one that must have at least one (docs/metadata.md). What is off by default
-- (number_or_false, integer_or_false) is switched off again by false, where a farther layer of the configuration has a number.

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_proc p WHERE p.oid = to_regprocedure('leap.config_rules()') AND 'section' = ANY (p.proargnames)) THEN
        DROP FUNCTION leap.config_rules();      -- rules had two names instead of a path
    END IF;
END $$;

-- How lists of topics and questions look.
CREATE OR REPLACE FUNCTION leap.display_rules(display text)
RETURNS TABLE (path text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text) LANGUAGE sql IMMUTABLE AS $$
    SELECT display, 'object', NULL::text, NULL::numeric, NULL::numeric, NULL::jsonpath, 'an object'
    UNION ALL
    SELECT display || '.' || v.path, v.type, v.pattern, v.low, v.high, NULL, v.allowed
    FROM (VALUES
        ('enabled', 'boolean', NULL, NULL::numeric, NULL::numeric, 'true or false'),
        ('format', 'string', '^(numbered_list|bullet_list|dash_list|comma_separated|inline|plain)$', NULL, NULL,
            '"numbered_list", "bullet_list", "dash_list", "comma_separated", "inline" or "plain"'),
        ('max_count', 'number', NULL, 0, 999, 'a number from 0 to 999'),
        ('min_length', 'number', NULL, 0, 1000, 'a number of characters from 0 to 1000'),
        ('max_length', 'number', NULL, 1, 1000, 'a number of characters from 1 to 1000'),
        ('prefix', 'string', NULL, 0, 200, 'a text of at most 200 characters'),
        ('separator', 'string', NULL, 0, 20, 'a text of at most 20 characters'),
        ('show_timestamps', 'boolean', NULL, NULL, NULL, 'true or false')) AS v(path, type, pattern, low, high, allowed)
    WHERE v.path <> 'show_timestamps' OR display = 'topics_display'
$$;
COMMENT ON FUNCTION leap.display_rules(text) IS 'The rules of topics_display and questions_display, as rows of leap.config_rules().';

-- The settings of each platform: of its presets, and of the block that a template may have for it.
CREATE OR REPLACE FUNCTION leap.preset_rules()
RETURNS TABLE (platform text, path text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text) LANGUAGE sql IMMUTABLE AS $$
    SELECT p.platform, v.path, v.type, NULL::text, v.low, v.high, v.bad_item::jsonpath, v.allowed
    FROM unnest('{library,youtube,vk,yandex_disk,s3}'::text[]) AS p(platform), (VALUES
        ('title_template', 'title', 1, 500, NULL, 'a text of at most 500 characters with a variable such as {{ display_name }}'),
        ('description_template', 'template', 0, 5000, NULL, 'a text of at most 5000 characters'),
        ('tags', 'array', NULL, NULL, '$[*] ? (@.type() != "string")', 'an array of strings')) AS v(path, type, low, high, bad_item, allowed)
    WHERE v.path <> 'tags' OR p.platform IN ('library', 'youtube', 's3')
    UNION ALL
    SELECT p.platform, d.* FROM unnest('{library,youtube,vk,yandex_disk,s3}'::text[]) AS p(platform),
        LATERAL (SELECT * FROM leap.display_rules('topics_display') UNION ALL SELECT * FROM leap.display_rules('questions_display')) d
    UNION ALL
    SELECT v.platform, v.path, v.type, v.pattern, v.low, v.high, NULL, v.allowed
    FROM (VALUES
        ('library', 'url_prefix', 'string', '^https?://\S+$', 1, 500, 'the address below which the library is served, such as "https://lessons.example.org"'),
        ('youtube', 'privacy', 'string', '^(public|unlisted|private)$', NULL::numeric, NULL::numeric, '"public", "unlisted" or "private"'),
        ('youtube', 'made_for_kids', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('youtube', 'embeddable', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('youtube', 'category_id', 'string', '^\d{1,3}$', NULL, NULL, 'the number of a category as a text, such as "27"'),
        ('youtube', 'license', 'string', '^(youtube|creativeCommon)$', NULL, NULL, '"youtube" or "creativeCommon"'),
        ('youtube', 'language', 'string', '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', NULL, NULL, 'a language tag such as "en" or "pt-BR"'),
        ('youtube', 'default_language', 'string', '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$', NULL, NULL, 'a language tag such as "en" or "pt-BR"'),
        ('youtube', 'playlist_id', 'string', '^[A-Za-z0-9_-]{1,100}$', NULL, NULL, 'the id of a playlist'),
        ('youtube', 'playlist_title', 'string', '\S', 1, 150, 'the title of a playlist, of at most 150 characters'),
        ('youtube', 'thumbnail', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('youtube', 'captions', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('youtube', 'thumbnail_name', 'string', '^[^/\\]{1,255}$', NULL, NULL, 'the name of a picture without a folder'),
        ('youtube', 'publish_at', 'string', '^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$', NULL, NULL, 'a time such as "2027-01-31T09:00:00Z"'),
        ('youtube', 'disable_comments', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('youtube', 'rating_disabled', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('youtube', 'notify_subscribers', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('vk', 'privacy_view', 'number', NULL, 0, 3, '0 (all), 1 (friends), 2 (their friends too) or 3 (nobody else)'),
        ('vk', 'privacy_comment', 'number', NULL, 0, 3, '0 (all), 1 (friends), 2 (their friends too) or 3 (nobody else)'),
        ('vk', 'group_id', 'number', NULL, 1, 9999999999, 'the number of a community'),
        ('vk', 'album_id', 'number', NULL, 1, 9999999999, 'the number of an album'),
        ('vk', 'thumbnail', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('vk', 'thumbnail_name', 'string', '^[^/\\]{1,255}$', NULL, NULL, 'the name of a picture without a folder'),
        ('vk', 'disable_comments', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('vk', 'repeat', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('vk', 'compression', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('vk', 'wallpost', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('yandex_disk', 'folder_path_template', 'template', NULL, 1, 500, 'the path of a folder, such as "/Lectures/{{ record_date_iso }}"'),
        ('yandex_disk', 'filename_template', 'template', NULL, 1, 255, 'a file name, such as "{{ display_name }}.mp4"'),
        ('yandex_disk', 'overwrite', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('yandex_disk', 'publish', 'boolean', NULL, NULL, NULL, 'true or false'),
        ('s3', 'bucket', 'string', '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', NULL, NULL, 'the name of a bucket: 3 to 63 small letters, digits, dots and hyphens'),
        ('s3', 'key_template', 'template', NULL, 1, 500, 'a key, such as "lectures/{{ record_date_iso }}/{{ display_name }}.mp4"'),
        ('s3', 'storage_class', 'string', '^[A-Z0-9_]{1,40}$', NULL, NULL, 'a storage class such as "STANDARD_IA"'),
        ('s3', 'acl', 'string', '^[a-z-]{1,40}$', NULL, NULL, 'a canned ACL such as "public-read"')) AS v(platform, path, type, pattern, low, high, allowed)
    UNION ALL
    -- files beside the video: there if the object is
    SELECT 'yandex_disk', f.file || v.path, v.type, NULL, v.low, v.high, NULL, v.allowed
    FROM unnest('{subtitles_srt,subtitles_vtt,transcription,description_txt}'::text[]) AS f(file), (VALUES
        ('', 'object', NULL, NULL, 'an object'),
        ('.folder_path_template', 'template', 1, 500, 'the path of a folder'),
        ('.filename_template', 'template', 1, 255, 'a file name'),
        ('.content_template', 'template', 0, 5000, 'a text of at most 5000 characters')) AS v(path, type, low, high, allowed)
    WHERE v.path <> '.content_template' OR f.file = 'description_txt'
    UNION ALL
    SELECT p.platform, 'sidecars', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "string" || !(@ like_regex "^(srt|vtt|transcript|description|metadata|poster)$"))',
           'an array of "srt", "vtt", "transcript", "description", "metadata" and "poster"'
    FROM unnest('{yandex_disk,s3}'::text[]) AS p(platform)
$$;
COMMENT ON FUNCTION leap.preset_rules() IS
'What each setting of a platform may be: of a preset (preset_metadata), and of metadata.<platform> in a configuration. Columns as in leap.config_rules().';

CREATE OR REPLACE FUNCTION leap.config_rules()
RETURNS TABLE (path text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES
        ('trimming', 'object', NULL, NULL::numeric, NULL::numeric, NULL::jsonpath, 'an object'),
        ('transcription', 'object', NULL, NULL, NULL, NULL, 'an object'),
        ('metadata', 'object', NULL, NULL, NULL, NULL, 'an object'),
        ('output', 'object', NULL, NULL, NULL, NULL, 'an object'),
        ('trimming.enable_trimming', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('trimming.silence_threshold', 'number_or_false', NULL, -127, 0, NULL, 'a level in dBFS, a number from -127 to 0, or false (adaptive)'),
        ('trimming.min_silence_duration', 'number', NULL, 0, 10000000, NULL, 'a number of seconds from 0 to 10000000'),
        ('trimming.padding_before', 'number', NULL, 0, 10000000, NULL, 'a number of seconds from 0 to 10000000'),
        ('trimming.padding_after', 'number', NULL, 0, 10000000, NULL, 'a number of seconds from 0 to 10000000'),
        ('trimming.max_trim_share', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('trimming.mode', 'string', '^(copy|exact|reencode)$', NULL, NULL, NULL, '"copy", "exact" or "reencode"'),
        ('trimming.shorten_pauses_above', 'number_or_false', NULL, 1, 3600, NULL, 'a number of seconds from 1 to 3600, or false (pauses stay as they are)'),
        ('trimming.shorten_pauses_to', 'number', NULL, 0.2, 60, NULL, 'a number of seconds from 0.2 to 60'),
        ('trimming.crf', 'integer', NULL, 0, 51, NULL, 'a whole number from 0 (lossless) to 51 (worst)'),
        ('trimming.max_height', 'integer_or_false', NULL, 144, 4320, NULL, 'a whole number of lines from 144 to 4320, or false (no limit)'),
        ('trimming.max_bitrate', 'integer_or_false', NULL, 50000, 100000000, NULL, 'a whole number of bits a second from 50000 to 100000000, or false (no limit)'),
        ('trimming.audio_bitrate', 'integer', NULL, 32000, 512000, NULL, 'a whole number of bits a second from 32000 to 512000'),
        ('trimming.on_blank', 'string', '^(hold|skip|publish)$', NULL, NULL, NULL, '"hold", "skip" or "publish"'),
        ('transcription.enable_transcription', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('transcription.language', 'string', '^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*|auto)?$', NULL, NULL, NULL, 'a language tag such as "en" or "pt-BR", or "auto" (found out)'),
        ('transcription.provider', 'json', NULL, NULL, NULL, NULL, 'the name of a speech provider, or a list of them in the order in which they are asked, each a name or {"name", "attempts"}'),
        ('transcription.outline_provider', 'json', NULL, NULL, NULL, NULL, 'the name of an outline provider, or a list of them in the order in which they are asked, each a name or {"name", "attempts"}'),
        ('transcription.vocabulary', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "string")', 'an array of strings'),
        ('transcription.enable_topics', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('transcription.granularity', 'string', '^(short|medium|long)$', NULL, NULL, NULL, '"short", "medium" or "long"'),
        ('transcription.enable_subtitles', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('transcription.questions', 'integer', NULL, 0, 10, NULL, 'a whole number from 0 to 10'),
        ('transcription.min_confidence', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('transcription.gate', 'object', NULL, NULL, NULL, NULL, 'an object'),
        ('transcription.gate.min_words_per_minute', 'number', NULL, 0, 1000, NULL, 'a number from 0 to 1000'),
        ('transcription.gate.max_repeated_share', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('transcription.gate.max_known_phrases_share', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('transcription.gate.max_silent_share', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('transcription.gate.max_periodic_share', 'number', NULL, 0, 1, NULL, 'a number from 0 to 1'),
        ('transcription.on_suspect', 'string', '^(hold|publish|without_text)$', NULL, NULL, NULL, '"hold", "publish" or "without_text"'),
        ('transcription.on_reject', 'string', '^(hold|without_text)$', NULL, NULL, NULL, '"hold" or "without_text"'),
        ('metadata.title_template', 'title', NULL, 1, 500, NULL, 'a text of at most 500 characters with a variable such as {{ display_name }}'),
        ('metadata.description_template', 'template', NULL, 0, 5000, NULL, 'a text of at most 5000 characters'),
        ('metadata.thumbnail_name', 'string', '^[^/\\]{1,255}$', NULL, NULL, NULL, 'the name of a picture without a folder'),
        ('metadata.tags', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "string")', 'an array of strings'),
        ('metadata.category', 'string', NULL, 1, 100, NULL, 'a text of at most 100 characters'),
        ('output.preset_ids', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "string" || !(@ like_regex "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))',
            'an array of the ids of presets'),
        ('output.auto_upload', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('output.upload_captions', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('output.targets', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "object" || !exists(@.type ? (@ == "LIBRARY")))',
         'an array of objects, each with a "type": "LIBRARY"')
    UNION ALL SELECT 'metadata.' || d.path, d.type, d.pattern, d.low, d.high, d.bad_item, d.allowed
        FROM (SELECT * FROM leap.display_rules('topics_display') UNION ALL SELECT * FROM leap.display_rules('questions_display')) d
    UNION ALL SELECT 'metadata.' || p.platform, 'object', NULL, NULL::numeric, NULL::numeric, NULL::jsonpath, 'an object'
        FROM (SELECT DISTINCT x.platform FROM leap.preset_rules() x) p
    UNION ALL SELECT format('metadata.%s.%s', p.platform, p.path), p.type, p.pattern, p.low, p.high, p.bad_item, p.allowed FROM leap.preset_rules() p
$$;
COMMENT ON FUNCTION leap.config_rules() IS
'What each value of the configuration may be: path, JSON type (integer: a whole number; number_or_false, integer_or_false: also false, which is off; template and title: a text with variables), pattern of a string, range of a number, what no item of an array may match, and all that in words.';

-- What people say when they make or change a thing.
CREATE OR REPLACE FUNCTION leap.thing_rules()
RETURNS TABLE (thing text, path text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text) LANGUAGE sql IMMUTABLE AS $$
    SELECT t.thing, v.path, v.type, v.pattern, v.low, v.high, NULL::jsonpath, v.allowed
    FROM unnest('{template,preset}'::text[]) AS t(thing), (VALUES
        ('name', 'string', '\S', 1, 255, 'a text of 1 to 255 characters', NULL),
        ('description', 'string', NULL, 0, 5000, 'a text of at most 5000 characters', NULL),
        ('is_active', 'boolean', NULL, NULL, NULL, 'true or false', NULL),
        ('is_draft', 'boolean', NULL, NULL, NULL, 'true or false', 'template'),
        ('matching_rules', 'json', NULL, NULL, NULL, 'an object', 'template'),
        ('processing_config', 'json', NULL, NULL, NULL, 'an object', 'template'),
        ('metadata_config', 'json', NULL, NULL, NULL, 'an object', 'template'),
        ('output_config', 'json', NULL, NULL, NULL, 'an object', 'template'),
        ('platform', 'string', NULL, NULL, NULL, 'the name of a platform', 'preset'),
        ('preset_metadata', 'json', NULL, NULL, NULL, 'an object', 'preset'),
        ('credential_id', 'string', '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$', NULL, NULL, 'the id of a credential', 'preset'),
        ('on_rerun', 'string', '^(update|replace|new)$', NULL, NULL, '"update", "replace" or "new"', 'preset')) AS v(path, type, pattern, low, high, allowed, only_of)
    WHERE v.only_of IS NULL OR v.only_of = t.thing
    UNION ALL
    SELECT 'rules', v.path, v.type, NULL, NULL, NULL, v.bad_item::jsonpath, v.allowed
    FROM (VALUES
        ('exact_matches', 'array', '$[*] ? (@.type() != "string")', 'an array of names'),
        ('keywords', 'array', '$[*] ? (@.type() != "string")', 'an array of strings'),
        ('patterns', 'array', '$[*] ? (@.type() != "string")', 'an array of regular expressions'),
        ('exclude_keywords', 'array', '$[*] ? (@.type() != "string")', 'an array of strings'),
        ('exclude_patterns', 'array', '$[*] ? (@.type() != "string")', 'an array of regular expressions'),
        ('source_ids', 'array', '$[*] ? (@.type() != "string" || !(@ like_regex "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))', 'an array of the ids of sources'),
        ('case_sensitive', 'boolean', NULL, 'true or false')) AS v(path, type, bad_item, allowed)
$$;
COMMENT ON FUNCTION leap.thing_rules() IS
'What can be said of a template or a preset (leap.add_template, leap.change_preset, …), and what matching rules are made of. Columns as in leap.config_rules(); type json is looked at elsewhere.';

CREATE OR REPLACE FUNCTION leap.value_rules(scope text)
RETURNS TABLE (path text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text) LANGUAGE sql IMMUTABLE AS $$
    SELECT c.* FROM leap.config_rules() c WHERE scope = 'config'
    UNION ALL SELECT p.path, p.type, p.pattern, p.low, p.high, p.bad_item, p.allowed FROM leap.preset_rules() p WHERE p.platform = scope
    UNION ALL SELECT t.path, t.type, t.pattern, t.low, t.high, t.bad_item, t.allowed FROM leap.thing_rules() t WHERE t.thing = scope
    UNION ALL SELECT v.path, v.type, v.pattern, v.low, v.high, v.bad_item, v.allowed FROM leap.provider_rules() v WHERE v.family = scope
$$;
COMMENT ON FUNCTION leap.value_rules(text) IS
'The rules for config (a configuration), the settings of a platform (library, youtube, vk, yandex_disk, s3), template, preset, rules (of matching), or a provider of family speech or outline.';

CREATE OR REPLACE FUNCTION leap.value_fits(value jsonb, type text, pattern text, low numeric, high numeric, bad_item jsonpath)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT value = 'null' OR CASE
        WHEN type = 'json' THEN true
        WHEN type LIKE '%\_or\_false' AND value = 'false' THEN true
        WHEN jsonb_typeof(value) <> CASE WHEN type IN ('template', 'title') THEN 'string' WHEN type ~ '^(integer|number)' THEN 'number' ELSE type END THEN false
        WHEN type ~ '^(integer|number)' THEN value::numeric BETWEEN low AND high AND (type ~ '^number' OR value::numeric % 1 = 0)
        WHEN type = 'array' THEN NOT jsonb_path_exists(value, bad_item)
        WHEN jsonb_typeof(value) = 'string' THEN coalesce(value #>> '{}' ~ pattern, true) AND coalesce(length(value #>> '{}') BETWEEN low AND high, true)
        ELSE true END
$$;
COMMENT ON FUNCTION leap.value_fits(jsonb, text, text, numeric, numeric, jsonpath) IS
'Whether a value is as a rule of leap.value_rules() says; null always is. What a text template says is not looked at.';

CREATE OR REPLACE FUNCTION leap.check_values(given jsonb, scope text, what text, shown_by text = NULL)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    bad record;
BEGIN
    IF jsonb_typeof(given) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', what, coalesce(left(given::text, 100), 'null')),
                            concat_ws('; ', 'It is a JSON object', shown_by) || '.');
    ELSIF given = '{}' THEN
        RETURN;
    END IF;
    WITH RECURSIVE rule AS MATERIALIZED (SELECT v.* FROM leap.value_rules(scope) v),
    node (path, value) AS (
        SELECT k.key, k.value FROM jsonb_each(given) k
        UNION ALL
        SELECT n.path || '.' || k.key, k.value
        FROM node n JOIN rule r ON r.path = n.path AND r.type = 'object' AND jsonb_typeof(n.value) = 'object'
        CROSS JOIN LATERAL jsonb_each(n.value) k)
    SELECT u.unknown, (SELECT string_agg(x.path, ', ' ORDER BY x.path) FROM rule x
                       WHERE regexp_replace(x.path, '[^.]*$', '') = regexp_replace(u.first, '[^.]*$', '')) AS known,
           u.wrong, u.rules, u.templates INTO bad
    FROM (SELECT string_agg(n.path, ', ' ORDER BY n.path) FILTER (WHERE r.path IS NULL) AS unknown, min(n.path) FILTER (WHERE r.path IS NULL) AS first,
                 array_agg(format('%s cannot be %s', n.path, left(n.value::text, 100)) ORDER BY n.path) FILTER (WHERE NOT f.fits) AS wrong,
                 array_agg(format('%s is %s', n.path, r.allowed) ORDER BY n.path) FILTER (WHERE NOT f.fits) AS rules,
                 jsonb_agg(jsonb_build_array(n.path, n.value, r.type = 'title')) FILTER (WHERE r.type IN ('template', 'title') AND n.value <> 'null') AS templates
          FROM node n LEFT JOIN rule r ON r.path = n.path
          CROSS JOIN LATERAL (SELECT leap.value_fits(n.value, r.type, r.pattern, r.low, r.high, r.bad_item) AS fits) f) u;
    IF bad.unknown IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s has unknown keys: %s', what, bad.unknown), CASE WHEN bad.unknown ~ '^metadata\.' THEN format('It has %s.', bad.known) ELSE coalesce(shown_by, format('It has %s', bad.known)) || '.' END);
    ELSIF bad.wrong IS NOT NULL THEN
        PERFORM leap.refuse('LP030', array_to_string(bad.wrong, '; '), format(CASE scope WHEN 'config' THEN '%s; null removes an override.' ELSE '%s.' END,
            CASE cardinality(bad.rules) WHEN 1 THEN regexp_replace(bad.rules[1], '^\S+', 'It') ELSE array_to_string(bad.rules, '; ') END));
    END IF;
    IF bad.templates IS NOT NULL THEN
        PERFORM leap.check_publication_text(t->>1, (t->>2)::boolean, t->>0) FROM jsonb_array_elements(bad.templates) t;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_values(jsonb, text, text, text) IS
'Refuses (LP030) what is no object, keys that leap.value_rules(scope) does not have and values that it does not allow, all of them at once: they would silently do nothing, or fail hours later; text templates that cannot be read are LP031. null is allowed everywhere. what names the object in messages, shown_by says where to see what there is.';

CREATE OR REPLACE FUNCTION leap.check_config(config jsonb)
RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF config #> '{transcription,on_low_quality}' IS NOT NULL THEN
        PERFORM leap.refuse('LP030', 'transcription.on_low_quality is two settings now', 'They are transcription.on_suspect, "hold", "publish" or "without_text", and transcription.on_reject, "hold" or "without_text".');
    END IF;
    PERFORM leap.check_values(config, 'config', 'the configuration', 'config_rules shows what there is');
    PERFORM leap.check_providers('speech', config #> '{transcription,provider}', 'transcription.provider');
    PERFORM leap.check_providers('outline', config #> '{transcription,outline_provider}', 'transcription.outline_provider');
    IF (config #>> '{trimming,shorten_pauses_to}')::numeric >= nullif(config #>> '{trimming,shorten_pauses_above}', 'false')::numeric THEN
        PERFORM leap.refuse('LP030', format('pauses longer than %s s cannot be shortened to %s s', config #>> '{trimming,shorten_pauses_above}',
                                            config #>> '{trimming,shorten_pauses_to}'), 'trimming.shorten_pauses_to is below trimming.shorten_pauses_above.');
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_config(jsonb) IS
'Refuses (LP030) configuration keys and values that leap.config_rules() does not allow, pauses that would be shortened to more than they must be long for it, providers that there are not, and (LP031) text templates that cannot be read. null is allowed everywhere.';
