-- Captions of a recording as people give, see and take them (34_captions.sql).
--
-- What they change is made by the next run: its subtitles count as not done. Lock order: recording -> captions -> artifacts.

CREATE OR REPLACE FUNCTION leap.captions_format(body text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN body ~ '^\uFEFF?WEBVTT([ \t\r\n]|$)' THEN 'vtt'
                WHEN left(body, 20000) ~ '(^|\n|\uFEFF)\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}\s*-->\s*\d{1,3}:\d\d:\d\d[,.]\d{1,3}' THEN 'srt' END
$$;
COMMENT ON FUNCTION leap.captions_format(text) IS 'What format captions are in by what they say: vtt, srt, or null for neither.';

-- Languages in small letters, what follows as BCP 47 writes it.
CREATE OR REPLACE FUNCTION leap.language_tag(said text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT lower(coalesce(p[1], '')) || coalesce((SELECT string_agg('-' || CASE WHEN x ~ '^[A-Za-z]{2}$' THEN upper(x) WHEN x ~ '^[A-Za-z]{4}$' THEN initcap(x) ELSE lower(x) END, '' ORDER BY n)
                                    FROM unnest(p[2:]) WITH ORDINALITY AS t(x, n)), '')
    FROM (SELECT string_to_array(said, '-') AS p) s
$$;
COMMENT ON FUNCTION leap.language_tag(text) IS 'A language tag as it is usually written: pt-BR for PT-br.';

CREATE OR REPLACE FUNCTION leap.captions_json(c leap.captions)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('language', c.language, 'format', c.format, 'bytes', octet_length(c.body), 'origin', c.origin, 'added_at', c.added_at)
$$;
COMMENT ON FUNCTION leap.captions_json(leap.captions) IS 'Captions as lists show them.';

CREATE OR REPLACE FUNCTION leap.captioned_recording(recording uuid, to_change boolean)
RETURNS leap.recordings LANGUAGE plpgsql AS $$
DECLARE
    r leap.recordings;
BEGIN
    IF to_change THEN
        SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id) FOR NO KEY UPDATE;
    ELSE
        SELECT x.* INTO r FROM leap.recordings x WHERE x.id = recording AND x.delete_state = 'active' AND leap.may_see(x.user_id);
    END IF;
    IF r.id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no recording %s', recording), 'The list of recordings shows the ids.');
    END IF;
    RETURN r;
END
$$;
COMMENT ON FUNCTION leap.captioned_recording(uuid, boolean) IS 'A recording the caller may see, locked if it is to be changed. Error LP020.';

CREATE OR REPLACE FUNCTION leap.list_captions(recording uuid)
RETURNS jsonb LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce((SELECT jsonb_agg(leap.captions_json(c) ORDER BY c.language) FROM leap.captions c WHERE c.recording_id = r.id), '[]')
    FROM leap.captioned_recording(recording, false) r
$$;
COMMENT ON FUNCTION leap.list_captions(uuid) IS
'The captions of a recording: [{language (empty: nobody named it and nothing tells), format, bytes, origin user or source, added_at}]. Error LP020.';

CREATE OR REPLACE FUNCTION leap.add_captions(recording uuid, language text, body text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    r leap.recordings := leap.captioned_recording(recording, true);
    tag text := leap.language_tag(coalesce(language, ''));
    kept leap.captions;
    named boolean := tag <> '';
BEGIN
    IF NOT named THEN
        tag := leap.language_tag(leap.captions_language(coalesce(body, ''), coalesce((SELECT nullif(c.config #>> '{transcription,language}', 'auto') FROM leap.resolved_configs(ARRAY[r.id]) c), r.facts->>'language')));
    END IF;
    IF tag !~ '^([a-z]{2,3}(-[A-Za-z0-9]{1,8})*)?$' OR length(tag) > 35 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no language', left(language, 50)), 'It is a tag like en or pt-BR, or empty if it is not known.');
    ELSIF octet_length(coalesce(body, '')) NOT BETWEEN 1 AND 4194304 THEN
        PERFORM leap.refuse('LP030', format('captions cannot have %s bytes', octet_length(coalesce(body, ''))), 'They have at most 4194304 (4 MiB).');
    ELSIF leap.captions_format(body) IS NULL THEN
        PERFORM leap.refuse('LP030', format('captions cannot begin with "%s"', left(leap.one_line(left(body, 200)), 40)), 'They are WebVTT, whose first line is WEBVTT, or SubRip, with lines like 00:00:01,000 --> 00:00:02,500.');
    ELSIF (SELECT count(*) FROM leap.captions c WHERE c.recording_id = r.id AND c.language <> tag) >= 32 THEN
        PERFORM leap.refuse('LP030', format('captions in "%s" would be one language too many', tag), 'A recording has captions in at most 32 languages; remove some.');
    ELSIF leap.captions_size(body) + (SELECT coalesce(sum(leap.captions_size(c.body)), 0) FROM leap.captions c WHERE c.recording_id = r.id AND c.language <> tag) > 8388608 THEN
        PERFORM leap.refuse('LP030', format('with those in "%s" the captions of the recording would have more than 8388608 bytes', tag), 'All of them together have at most 8 MiB, where a line break counts as two bytes; remove some.');
    END IF;
    INSERT INTO leap.captions AS c (recording_id, user_id, language, format, body, origin)
    VALUES (r.id, r.user_id, tag, leap.captions_format(body), body, 'user')
    ON CONFLICT ON CONSTRAINT captions_pkey DO UPDATE SET format = excluded.format, body = excluded.body, origin = 'user', added_at = clock_timestamp()
    RETURNING * INTO kept;
    PERFORM leap.renew_subtitles(r.id, NULL);
    PERFORM leap.renew_transcript(r, tag);
    PERFORM leap.audit('add_captions', 'recording', r.id::text, details => leap.captions_json(kept) - 'added_at');
    RETURN leap.captions_json(kept) || jsonb_build_object('recording', r.id, 'message', format('captions%s of "%s" are kept%s; the next run makes subtitles of them', ' in ' || nullif(tag, ''), r.display_name,
        CASE WHEN named THEN '' WHEN tag = '' THEN ', in a language that nobody named and nothing tells' ELSE ', as no other language was named' END));
END
$$;
COMMENT ON FUNCTION leap.add_captions(uuid, text, text) IS
'Gives a recording captions in a language (a tag like en or pt-BR; null or empty: that of leap.captions_language(), the one that is spoken where their letters fit it), in place of those it has: WebVTT or SubRip in the times of the source, at most 4 MiB, and 8 MiB with those in other languages. In the language that is spoken they are what the provider captions hears, in others the next run makes subtitles of them. Returns {recording, language, format, bytes, origin, added_at, message}. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.renew_subtitles(recording uuid, gone text)
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.artifacts a SET input_hash = '\x00' WHERE a.recording_id = recording AND a.kind = 'vtt';
    DELETE FROM leap.artifacts a WHERE a.recording_id = recording AND a.kind IN ('srt:' || gone, 'vtt:' || gone)
$$;
COMMENT ON FUNCTION leap.renew_subtitles(uuid, text) IS
'Has the next run write the subtitles of a recording, whose lock the caller holds; those of the language that is gone (null: none) are garbage.';

-- What is read is not made anew by captions that nobody would hear.
CREATE OR REPLACE FUNCTION leap.renew_transcript(r leap.recordings, tag text)
RETURNS void LANGUAGE sql AS $$
    UPDATE leap.artifacts a SET input_hash = '\x00'
    FROM leap.resolved_configs(ARRAY[r.id]) c
    WHERE a.recording_id = r.id AND a.kind = 'transcript'
      AND (tag = '' OR split_part(tag, '-', 1) = split_part(coalesce(r.facts->>'language', c.config #>> '{transcription,language}'), '-', 1))
      AND EXISTS (SELECT FROM leap.named_providers(c.config #> '{transcription,provider}') n
                  JOIN leap.providers p ON p.family = 'speech' AND p.name = n.name AND p.protocol = 'captions' AND p.is_active)
$$;
COMMENT ON FUNCTION leap.renew_transcript(leap.recordings, text) IS
'Has the next run hear a recording, whose lock the caller holds and whose captions in this language changed, if these are what is spoken and its configuration asks them.';

CREATE OR REPLACE FUNCTION leap.remove_captions(recording uuid, language text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    r leap.recordings := leap.captioned_recording(recording, true);
    gone leap.captions;
BEGIN
    DELETE FROM leap.captions c WHERE c.recording_id = r.id AND c.language = leap.language_tag(coalesce(remove_captions.language, '')) RETURNING * INTO gone;
    IF gone.recording_id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there are no captions in "%s"', left(remove_captions.language, 50)),
            coalesce((SELECT format('There are some in %s.', string_agg(coalesce(nullif(c.language, ''), 'a language that is not known'), ', ' ORDER BY c.language)) FROM leap.captions c WHERE c.recording_id = r.id),
                     'The recording has none.'));
    END IF;
    PERFORM leap.renew_transcript(r, gone.language);
    PERFORM leap.renew_subtitles(r.id, gone.language);
    PERFORM leap.audit('remove_captions', 'recording', r.id::text, details => leap.captions_json(gone) - 'added_at');
    RETURN leap.captions_json(gone) || jsonb_build_object('recording', r.id, 'message', format('captions%s of "%s" are removed', ' in ' || nullif(gone.language, ''), r.display_name));
END
$$;
COMMENT ON FUNCTION leap.remove_captions(uuid, text) IS
'Takes the captions in a language from a recording, and the subtitles that were made of them. Returns what they were and a message. Errors LP020: recording, or none in this language.';
