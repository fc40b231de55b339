-- Providers: what may be set of one, which of them a configuration names, and who changes them.
--
-- A configuration names one provider or several, in the order in which they are asked (transcription.provider,
-- transcription.outline_provider). What it names must be there when it is saved; what is gone or inactive later is passed over, and
-- the task says so if nobody is left.

CREATE OR REPLACE FUNCTION leap.named_providers(wanted jsonb)
RETURNS TABLE (name text, attempts int, n int) LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(p.value->>'name', p.value #>> '{}'), (p.value->>'attempts')::int, p.n::int
    FROM jsonb_array_elements(CASE jsonb_typeof(wanted) WHEN 'array' THEN wanted WHEN 'string' THEN jsonb_build_array(wanted) ELSE '[]' END)
        WITH ORDINALITY AS p(value, n)
$$;
COMMENT ON FUNCTION leap.named_providers(jsonb) IS
'The providers that a setting names, a name or a list of names and {"name","attempts"}, in their order; attempts is null where it says none.';

CREATE OR REPLACE FUNCTION leap.wanted_providers(kind text, config jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT config->'transcription'->CASE kind WHEN 'transcribe' THEN 'provider' WHEN 'topics' THEN 'outline_provider' END
$$;
COMMENT ON FUNCTION leap.wanted_providers(text, jsonb) IS
'What a resolved configuration says of the providers of a kind of task, transcribe or topics; null for another.';

CREATE OR REPLACE FUNCTION leap.provider_family(kind text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT CASE kind WHEN 'transcribe' THEN 'speech' WHEN 'topics' THEN 'outline' END $$;
COMMENT ON FUNCTION leap.provider_family(text) IS 'The family of the providers that a kind of task asks; null: it asks none.';

CREATE OR REPLACE FUNCTION leap.task_providers(kind text, config jsonb)
RETURNS json LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT coalesce(json_agg(json_build_object('name', p.name, 'protocol', p.protocol, 'base_url', p.base_url, 'model', p.model, 'languages', p.languages,
                   'settings', p.settings || CASE WHEN w.attempts IS NULL THEN '{}' ELSE jsonb_build_object('attempts', w.attempts) END) ORDER BY w.n), '[]')
        FROM leap.named_providers(leap.wanted_providers(kind, config)) w
        JOIN leap.providers p ON p.family = leap.provider_family(kind) AND p.name = w.name AND p.is_active);
END
$$;
COMMENT ON FUNCTION leap.task_providers(text, jsonb) IS
'The active providers that a task of this kind asks under a resolved configuration, in their order: [{name, protocol, base_url, model, languages, settings}].';

-- Captions that came with a recording are there or not: who is asked without them tells what the task is like.
CREATE OR REPLACE FUNCTION leap.asked_by_http(kind text, config jsonb)
RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN p.base_url IS NOT NULL THEN p.family || ':' || p.name END
        FROM leap.named_providers(leap.wanted_providers(kind, config)) w
        JOIN leap.providers p ON p.family = leap.provider_family(kind) AND p.name = w.name AND p.is_active AND p.protocol <> 'captions'
        ORDER BY w.n LIMIT 1);
END
$$;
COMMENT ON FUNCTION leap.asked_by_http(text, jsonb) IS
'The platform, speech:<name> or outline:<name>, that a task of this kind talks to under a resolved configuration: its first active provider but for captions, if that is asked by HTTP; else null.';

-- What may be set of a provider.
CREATE OR REPLACE FUNCTION leap.provider_rules()
RETURNS TABLE (family text, path text, type text, pattern text, low numeric, high numeric, bad_item jsonpath, allowed text) LANGUAGE sql IMMUTABLE AS $$
    SELECT f.family, v.path, v.type, v.pattern, v.low, v.high, v.bad_item::jsonpath, v.allowed
    FROM unnest('{speech,outline}'::text[]) AS f(family), (VALUES
        ('speech',  'protocol', 'string', '^(openai|assemblyai|pocketsphinx|captions)$', NULL::numeric, NULL::numeric, NULL, '"openai", "assemblyai", "pocketsphinx" or "captions"'),
        ('outline', 'protocol', 'string', '^(openai|embedded)$', NULL, NULL, NULL, '"openai" or "embedded"'),
        (NULL,      'base_url', 'string', '^https?://[^\s/?#@]+(/[^\s?#]*)?$', 1, 500, NULL, 'an http or https address without user name, query and fragment, such as "https://api.example.org/v1"'),
        (NULL,      'model', 'string', '^\S+$', 1, 200, NULL, 'the name of a model, at most 200 characters without blanks'),
        (NULL,      'languages', 'array', NULL, NULL, NULL, '$[*] ? (@.type() != "string" || !(@ like_regex "^[a-z]{2,3}$"))', 'an array of language codes such as "en"'),
        (NULL,      'is_active', 'boolean', NULL, NULL, NULL, NULL, 'true or false'),
        ('speech',  'price_per_hour', 'number', NULL, 0, 1000000, NULL, 'what an hour of sound costs, a number from 0 to 1000000'),
        (NULL,      'price_per_million_input', 'number', NULL, 0, 1000000, NULL, 'what a million tokens that go in cost, a number from 0 to 1000000'),
        (NULL,      'price_per_million_output', 'number', NULL, 0, 1000000, NULL, 'what a million tokens that come out cost, a number from 0 to 1000000'),
        (NULL,      'settings', 'object', NULL, NULL, NULL, NULL, 'an object'),
        (NULL,      'settings.attempts', 'integer', NULL, 1, 10, NULL, 'how often a request is sent before the next provider is asked, 1 to 10'),
        (NULL,      'settings.timeout_seconds', 'integer', NULL, 1, 7200, NULL, 'how long one answer may take, 1 to 7200 seconds'),
        (NULL,      'settings.auth', 'string', '^(bearer|raw)$', NULL, NULL, NULL, '"bearer" (Authorization: Bearer KEY) or "raw" (Authorization: KEY)'),
        ('speech',  'settings.parallel', 'integer', NULL, 1, 16, NULL, 'how many pieces are sent at the same time, 1 to 16'),
        ('speech',  'settings.chunk_seconds', 'integer', NULL, 5, 14400, NULL, 'how long a piece of the sound is at most, 5 to 14400 seconds'),
        ('speech',  'settings.poll_seconds', 'number', NULL, 0.1, 60, NULL, 'how often a job is asked for, 0.1 to 60 seconds'),
        ('speech',  'settings.max_bytes', 'integer', NULL, 100000, 2000000000, NULL, 'how large a piece may be, 100000 to 2000000000 bytes'),
        ('speech',  'settings.upload_format', 'string', '^(ogg|mp3|flac|wav)$', NULL, NULL, NULL, '"ogg", "mp3", "flac" or "wav"'),
        ('speech',  'settings.word_times', 'boolean', NULL, NULL, NULL, NULL, 'true (the provider can tell when each word is spoken) or false'),
        ('speech',  'settings.granularities', 'string', '^(repeated|list)$', NULL, NULL, NULL, '"repeated" (a field for each) or "list" (one field, with a comma)'),
        ('outline', 'settings.response_format', 'string', '^(json_schema|json_object|none)$', NULL, NULL, NULL, '"json_schema", "json_object" or "none"'),
        ('outline', 'settings.max_tokens', 'integer', NULL, 100, 200000, NULL, 'how many tokens an answer may have, 100 to 200000'),
        ('outline', 'settings.context_chars', 'integer', NULL, 2000, 2000000, NULL, 'how many characters of a transcript are sent at once, 2000 to 2000000')
    ) AS v(only_of, path, type, pattern, low, high, bad_item, allowed)
    WHERE v.only_of IS NULL OR v.only_of = f.family
$$;
COMMENT ON FUNCTION leap.provider_rules() IS
'What can be set of a provider of each family (leap.set_provider), columns as in leap.config_rules().';

CREATE OR REPLACE FUNCTION leap.check_providers(family text, wanted jsonb, path text)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    there text := (SELECT string_agg(p.name, ', ' ORDER BY p.name) FROM leap.providers p WHERE p.family = check_providers.family AND p.is_active);
    bad record;
BEGIN
    IF coalesce(wanted, 'null') = 'null' THEN
        RETURN;
    ELSIF NOT jsonb_path_exists(jsonb_build_array(wanted), 'strict $[0] ? (@.type() == "string" || @.type() == "array" && @.size() > 0 && @.size() <= 10)')
       OR jsonb_path_exists(CASE jsonb_typeof(wanted) WHEN 'array' THEN wanted ELSE '[]' END,
              '$[*] ? (@.type() != "string" && !(@.type() == "object" && @.name.type() == "string"))')
       OR jsonb_path_exists(wanted, 'lax $[*] ? (@.type() == "object").keyvalue() ? (@.key != "name" && !(@.key == "attempts" && @.value.type() == "number" && @.value >= 1 && @.value <= 10 && @.value == @.value.floor()))') THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', path, left(wanted::text, 100)),
            'It is the name of a provider, or a list of up to ten, in the order in which they are asked, each a name or {"name": …, "attempts": 1 to 10}.');
    END IF;
    SELECT w.name, count(*) > 1 AS twice, p.name IS NOT NULL AS known, p.is_active INTO bad
    FROM leap.named_providers(wanted) w LEFT JOIN leap.providers p ON p.family = check_providers.family AND p.name = w.name
    GROUP BY w.name, p.name, p.is_active HAVING count(*) > 1 OR p.is_active IS NOT TRUE ORDER BY min(w.n) LIMIT 1;
    IF bad.name IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format(CASE WHEN bad.twice THEN '%s names the provider "%s" twice' WHEN bad.known THEN '%s: the provider "%s" is not active'
                                                 ELSE '%s: there is no provider "%s"' END, path, left(bad.name, 100)),
                            format('There are %s.', coalesce(there, 'none')));
    END IF;
END
$$;
COMMENT ON FUNCTION leap.check_providers(text, jsonb, text) IS
'Refuses (LP030) a setting, whose path in the configuration is given for the message, that does not name active providers of this family, each once; null passes.';

-- What can be known before a run starts: it is told, not refused, because captions may come with the recording.
CREATE OR REPLACE FUNCTION leap.speech_warning(config jsonb)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN s.names IS NULL THEN 'none of its speech providers is active'
                WHEN s.tag NOT IN ('', 'auto') AND NOT s.knows THEN format('none of its speech providers (%s) can do "%s"%s', s.names, s.tag,
                     CASE WHEN s.captions THEN ': it needs captions in this language' ELSE '' END) END
    FROM (SELECT string_agg(p.name, ', ' ORDER BY w.n) AS names, l.tag, bool_or(p.protocol = 'captions') AS captions,
                 bool_or(p.protocol <> 'captions' AND (p.languages IS NULL OR split_part(l.tag, '-', 1) = ANY (p.languages))) AS knows
          FROM (SELECT coalesce(config #>> '{transcription,language}', '') AS tag) l
          LEFT JOIN leap.named_providers(config #> '{transcription,provider}') w ON true
          LEFT JOIN leap.providers p ON p.family = 'speech' AND p.name = w.name AND p.is_active GROUP BY l.tag) s
$$;
COMMENT ON FUNCTION leap.speech_warning(jsonb) IS
'Why nobody will understand a recording with this resolved configuration, unless it has captions: no provider is active, or none knows the language; null if nothing is known against it.';

-- Who would be left without it.
CREATE OR REPLACE FUNCTION leap.provider_uses(family text, name text)
RETURNS text[] LANGUAGE sql STABLE AS $$
    WITH said AS (
        SELECT 'user ' || u.email AS place, 1 AS n, u.config FROM leap.users u WHERE u.config ? 'transcription'
        UNION ALL
        SELECT format('template "%s" of %s', t.name, u.email), 2, t.layer FROM leap.recording_templates t JOIN leap.users u ON u.id = t.user_id WHERE t.layer ? 'transcription'
        UNION ALL
        SELECT format('job "%s" of %s', j.name, u.email), 3, j.processing_config FROM leap.automation_jobs j JOIN leap.users u ON u.id = j.user_id WHERE j.processing_config ? 'transcription'
        UNION ALL
        SELECT format('recording %s', r.id), 4, r.config FROM leap.recordings r WHERE r.config ? 'transcription' AND r.delete_state = 'active')
    SELECT coalesce(array_agg(s.place ORDER BY s.n, s.place), '{}')
    FROM said s CROSS JOIN LATERAL leap.named_providers(leap.wanted_providers(CASE provider_uses.family WHEN 'speech' THEN 'transcribe' ELSE 'topics' END, s.config)) w
    WHERE w.name = provider_uses.name
$$;
COMMENT ON FUNCTION leap.provider_uses(text, text) IS
'The users, templates, jobs and recordings whose own configuration names a provider, in words.';

CREATE OR REPLACE FUNCTION leap.provider_facts(p leap.providers)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_strip_nulls(to_jsonb(p) - '{created_at,updated_at}'::text[]) $$;
COMMENT ON FUNCTION leap.provider_facts(leap.providers) IS 'A provider as operators see it, without what is not set.';

CREATE OR REPLACE FUNCTION leap.set_provider(family text, name text, spec jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    was leap.providers;
    p leap.providers;
BEGIN
    IF coalesce(family NOT IN ('speech', 'outline'), true) OR coalesce(name !~ '^[a-z0-9][a-z0-9_-]{0,49}$', true) THEN
        PERFORM leap.refuse('LP030', format('"%s" of family "%s" is no provider', left(name, 100), left(family, 100)),
            'A family is speech or outline; a name has 1 to 50 of a-z, 0-9, _ and -, the first a letter or digit.');
    END IF;
    PERFORM leap.check_values(spec, family, 'a provider of family ' || family);
    SELECT x.* INTO was FROM leap.providers x WHERE (x.family, x.name) = (set_provider.family, set_provider.name) FOR NO KEY UPDATE;
    p := jsonb_populate_record(was, spec - 'settings');
    p.settings := jsonb_strip_nulls(leap.merge_config(coalesce(was.settings, '{}'), coalesce(nullif(spec->'settings', 'null'), '{}')));
    p.base_url := rtrim(p.base_url, '/');
    p.languages := nullif(p.languages, '{}');
    IF p.protocol IS NULL THEN
        PERFORM leap.refuse('LP030', format('the provider "%s" has no protocol', name), 'Say which it speaks, such as {"protocol": "openai"}.');
    ELSIF p.protocol IN ('openai', 'assemblyai') AND p.base_url IS NULL THEN
        PERFORM leap.refuse('LP030', format('the provider "%s" has no base_url', name), 'Its protocol is spoken over HTTP: say at which address.');
    ELSIF p.protocol NOT IN ('openai', 'assemblyai') AND p.base_url IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('the protocol %s has no base_url', p.protocol), 'It is part of LEAP and asks nobody.');
    ELSIF p.protocol = 'openai' AND p.model IS NULL THEN
        PERFORM leap.refuse('LP030', format('the provider "%s" has no model', name), 'The protocol openai names one in every request; a server with only one takes any name.');
    END IF;
    INSERT INTO leap.providers AS x (family, name, protocol, base_url, model, languages, settings, price_per_hour, price_per_million_input, price_per_million_output, is_active)
    VALUES (set_provider.family, set_provider.name, p.protocol, p.base_url, p.model, p.languages, p.settings, p.price_per_hour, p.price_per_million_input,
            p.price_per_million_output, coalesce(p.is_active, true))
    ON CONFLICT ON CONSTRAINT providers_pkey DO UPDATE
    SET protocol = excluded.protocol, base_url = excluded.base_url, model = excluded.model, languages = excluded.languages, settings = excluded.settings,
        price_per_hour = excluded.price_per_hour, price_per_million_input = excluded.price_per_million_input,
        price_per_million_output = excluded.price_per_million_output, is_active = excluded.is_active, updated_at = clock_timestamp()
    RETURNING x.* INTO p;
    IF was.name IS NULL OR leap.provider_facts(was) <> leap.provider_facts(p) THEN
        PERFORM leap.audit(CASE WHEN was.name IS NULL THEN 'add' ELSE 'change' END, 'provider', format('%s:%s', family, name),
                           CASE WHEN was.name IS NOT NULL THEN leap.provider_facts(was) END, leap.provider_facts(p));
    END IF;
    RETURN leap.provider_facts(p);
END
$$;
COMMENT ON FUNCTION leap.set_provider(text, text, jsonb) IS
'Adds a provider of family speech or outline, or changes it by the keys that spec has (leap.provider_rules()); null removes a value, settings change key by key. Tasks that are claimed from then on use it. Returns the provider. For operators; audited. Error LP030.';

CREATE OR REPLACE FUNCTION leap.remove_provider(family text, name text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    p leap.providers;
    uses text[];
BEGIN
    SELECT x.* INTO p FROM leap.providers x WHERE (x.family, x.name) = (remove_provider.family, remove_provider.name) FOR UPDATE;
    IF p.name IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no %s provider "%s"', family, name), 'SELECT family, name FROM leap.providers shows those there are.');
    ELSIF p.protocol IN ('pocketsphinx', 'captions', 'embedded') AND p.name = p.protocol THEN
        PERFORM leap.refuse('LP009', format('the provider "%s" comes with LEAP', name), 'It can be made inactive: leap.set_provider(…, ''{"is_active": false}'').');
    END IF;
    uses := leap.provider_uses(family, name);
    IF cardinality(uses) > 0 THEN
        PERFORM leap.refuse('LP009', format('the provider "%s" is named by %s', name, array_to_string(uses[1:5], ', '))
                || CASE WHEN cardinality(uses) > 5 THEN format(' and %s more', cardinality(uses) - 5) ELSE '' END,
            'Let them name another one first, or make it inactive: leap.set_provider(…, ''{"is_active": false}''); who names it then passes it over.');
    END IF;
    DELETE FROM leap.providers x WHERE (x.family, x.name) = (p.family, p.name);
    PERFORM leap.audit('delete', 'provider', format('%s:%s', family, name), leap.provider_facts(p));
END
$$;
COMMENT ON FUNCTION leap.remove_provider(text, text) IS
'Removes a provider that no configuration names. For operators; audited. Errors LP009 (it is named, or comes with LEAP: make it inactive instead), LP020.';
