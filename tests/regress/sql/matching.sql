-- Templates: which names their rules match, in which order, what is refused, and what rules may change.
SELECT test.connect();
SELECT leap.add_user('rules@example.org') IS NOT NULL AS made;

-- one template each: {rules, name} and whether they match
CREATE FUNCTION pg_temp.matches(rules jsonb, name text, source uuid = NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(m.rule, m.note, '-') FROM leap.first_matches(jsonb_build_array(rules || '{"id": "018f0000-0000-7000-8000-000000000000"}'), ARRAY[name], ARRAY[source]) m
$$;
SELECT rules, name, pg_temp.matches(rules, name) FROM (VALUES
    -- the whole name: trimmed, in lower case as Unicode knows it
    ('{"exact_matches": ["Linear Algebra"]}'::jsonb, U&'\2003 linear ALGEBRA\00A0'), ('{"exact_matches": ["Linear Algebra"]}', 'Linear Algebra 2'),
    ('{"exact_matches": ["МАТЕМАТИЧЕСКИЙ АНАЛИЗ"]}', 'Математический анализ'), ('{"exact_matches": ["ÉCOLE ΣΟΦΟΣ"]}', 'école σοφος'), ('{"exact_matches": ["straße"]}', 'STRASSE'),
    ('{"exact_matches": ["Linear Algebra"], "case_sensitive": true}', 'linear algebra'), ('{"exact_matches": ["Linear Algebra"], "case_sensitive": true}', ' Linear Algebra '),
    -- a part of it
    ('{"keywords": ["algebra", "topology"]}', 'Intro to TOPOLOGY'), ('{"keywords": [" Algebra "]}', 'algebraic'), ('{"keywords": ["algebra"], "case_sensitive": true}', 'Algebra'),
    ('{"keywords": ["лекция"]}', 'ЛЕКЦИЯ 7'), ('{"keywords": ["%"]}', '100 % sure'), ('{"keywords": [""]}', 'anything'), ('{"keywords": [7, null, "x"]}', 'seven'),
    -- patterns see the name as it is
    ('{"patterns": ["^ML\\s+\\d+$"]}', 'ml 12'), ('{"patterns": ["^ML"]}', ' ML'), ('{"patterns": ["^ml"], "case_sensitive": true}', 'ML'),
    ('{"patterns": ["(?i)^ml"], "case_sensitive": true}', 'ML'), ('{"patterns": ["лекция (\\d+|вводная)"]}', 'Лекция ВВОДНАЯ'), ('{"patterns": ["a|b"]}', 'B'),
    ('{"patterns": ["colou?r"]}', 'COLOR'), ('{"patterns": ["ab+c"]}', 'xABBCx'), ('{"patterns": ["ab{2}c"]}', 'abc'), ('{"patterns": ["(abc)?d"]}', 'd'),
    ('{"patterns": ["\\ylab\\y"]}', 'the lab.'), ('{"patterns": ["\\ylab\\y"]}', 'label'), ('{"patterns": ["week(?!end)"]}', 'weekend'), ('{"patterns": ["\\."]}', 'a.b'),
    -- excluded, whatever else matches; OR between the groups, nothing to match by never matches
    ('{"keywords": ["algebra"], "exclude_keywords": ["TEST"]}', 'algebra test'), ('{"exact_matches": ["algebra test"], "exclude_patterns": ["test$"]}', 'Algebra TEST'),
    ('{"exact_matches": ["nothing"], "keywords": ["no"], "patterns": ["alg"]}', 'algebra'), ('{"exclude_keywords": ["x"]}', 'algebra'), ('{}', 'algebra'), ('{"case_sensitive": true}', ''),
    -- a pattern that cannot be used matches nothing, and says so where nothing else does
    ('{"patterns": ["(", "alg"]}', 'algebra'), ('{"patterns": ["("]}', 'algebra'), ('{"patterns": ["(a)\\1"]}', 'aa'), ('{"keywords": ["x"], "exclude_patterns": ["["]}', 'x'))
    AS v(rules, name);
-- the source
SELECT rules, source, pg_temp.matches(rules, 'algebra', source) FROM (VALUES
    ('{"keywords": ["a"], "source_ids": ["018f0000-0000-7000-8000-00000000000A"]}'::jsonb, '018f0000-0000-7000-8000-00000000000a'::uuid), ('{"keywords": ["a"], "source_ids": ["018f0000-0000-7000-8000-00000000000a"]}', '018f0000-0000-7000-8000-00000000000b'),
    ('{"keywords": ["a"], "source_ids": ["018f0000-0000-7000-8000-00000000000a"]}', NULL), ('{"keywords": ["a"], "source_ids": []}', NULL), ('{"source_ids": ["018f0000-0000-7000-8000-00000000000a"]}', '018f0000-0000-7000-8000-00000000000a'))
    AS v(rules, source);

-- patterns are refused when they are saved: what the engine cannot read, and what has no good bound
SELECT left(p, 40) AS pattern, e.code, e.message, e.hint FROM unnest(ARRAY['(', 'a)', '[', '[a', 'a**', '*', 'a{2', 'a{3,2}', '\', '\q', '(a)\1', '(?<name>a)', '(?x)a', 'a(?i)b', '\bword\b', '***=a',
    'a{300}', '(a{50}){50}', '((a{100}){100}){100}', '(?=a)(?!b)(?=c)', '(?=a(?=b))', repeat('(', 21) || 'a' || repeat(')', 21), repeat('a', 501)]) p,
    test.error(format('SELECT leap.check_pattern(%L, %L)', p, 'patterns')) e;
SELECT leap.check_pattern(p, 'patterns') FROM unnest(ARRAY['', '^(a+)+$', '(.*)*x', '(a|aa)*$', '(\d{1,3}\.){3}\d{1,3}', '[[:alpha:]]+', '[]a]', '[^]]', 'a{,5}', '(?i)лекция', '\x41\u0416', '\d\D\w\W\s\S\y\m\M\A\Z', repeat('a', 200)]) p;

-- hostile patterns on the longest name: each answer takes bounded work (the engine has no way back)
CREATE TEMP TABLE hostile AS SELECT p, name FROM unnest(ARRAY['^(a+)+$', '(a|a)*b', '(a|aa)+$', '(.*)*x', '(.*a){1,20}b', '(.*?a){20}c', '(x+x+)+y', '([a-zA-Z]+)*1', '(a?){99}a{99}', '((a*)*)*b', '.*.*.*.*.*.*=',
    '(?=(a+)+$)b', '(?<=a+)b', '(a{0,19}b?){19}c', '[ab]*a[ab]{180}[cd]', '(?=[ab]*a[ab]{90}[cd])(?<=a[ab]{90})[ab]']) p, (VALUES (repeat('a', 499) || '!'), (repeat('ab', 250)), (repeat('x', 500))) AS v(name);
SET statement_timeout = '60s';
SELECT p, string_agg(CASE WHEN m.template IS NULL THEN 'no' ELSE 'yes' END, ' ' ORDER BY left(h.name, 3)) AS aaa_aba_xxx
FROM hostile h, leap.first_matches(jsonb_build_array(jsonb_build_object('id', '018f0000-0000-7000-8000-000000000000', 'patterns', jsonb_build_array(p))), ARRAY[h.name], '{}') m GROUP BY p ORDER BY p COLLATE "C";
RESET statement_timeout;
-- when a call has used up its time, what needs a pattern is left alone; what does not is matched
SET leap.match_seconds = 1;
CREATE FUNCTION pg_temp.flood() RETURNS TABLE (tried boolean, keyword boolean, noted text) LANGUAGE sql AS $$
    SELECT bool_or(m.note IS NULL AND m.template IS NULL), bool_and(m.template IS NOT NULL) FILTER (WHERE x.name LIKE 'key%'), min(m.note)
    FROM (SELECT array_agg(CASE WHEN i % 2 = 0 THEN 'key ' ELSE '' END || (SELECT string_agg(translate(md5(format('%s %s', i, g)), '0123456789cdef', repeat('ab', 7)), '') FROM generate_series(1, 15) g)) AS names FROM generate_series(1, 10000) i) a,
        leap.first_matches(jsonb_build_array('{"id": "018f0000-0000-7000-8000-000000000000", "keywords": ["key "]}'::jsonb,
            '{"id": "018f0000-0000-7000-8000-000000000001", "patterns": []}' ::jsonb || jsonb_build_object('patterns', (SELECT jsonb_agg(format('[ab]*a[ab]{%s}[cd]', 100 + i)) FROM generate_series(1, 80) i))), a.names, '{}') m JOIN unnest(a.names) WITH ORDINALITY AS x(name, i) ON x.i = m.n
$$;
SELECT * FROM pg_temp.flood();
RESET leap.match_seconds;
-- the same of one pattern: what is not tried is not known
SELECT leap.pattern_matches('^ab+c$', ARRAY['abbc', 'ABC', NULL, ''], 1), leap.pattern_matches('(a)\1', ARRAY['aa'], 1) AS unusable, leap.pattern_matches('a', '{}', 1) AS nothing;
SELECT m[1] AS first, m[100000] IS NULL AS out_of_time
FROM (SELECT leap.pattern_matches('(?=[ab]*a[ab]{90}[cd])(?<=a[ab]{90})[ab]', array_agg(repeat('ab', 200) || i), 1) AS m FROM generate_series(1, 100000) i) x;

-- saved rules: trimmed, each word once, nothing empty
SELECT leap.add_template('{"name": " Algebra ", "matching_rules": {"keywords": [" algebra", "algebra", "", "Algebra "], "patterns": [], "case_sensitive": false}}', 'rules@example.org') AS algebra \gset
SELECT name, matching_rules, is_active, is_draft FROM leap.recording_templates WHERE id = :'algebra';
SELECT c.spec, e.code, e.message, e.hint FROM (VALUES ('{}'), ('[]'), ('{"name": ""}'), ('{"name": 7}'), ('{"name": "a", "colour": 1}'), ('{"name": "a", "is_draft": "yes"}'),
    ('{"name": "a", "matching_rules": 7}'), ('{"name": "a", "matching_rules": {"keyword": []}}'), ('{"name": "a", "matching_rules": {"keywords": "x"}}'), ('{"name": "a", "matching_rules": {"keywords": [7]}}'),
    ('{"name": "a", "matching_rules": {"patterns": ["a", "("]}}'), ('{"name": "a", "matching_rules": {"exclude_patterns": ["(a)\\1"]}}'), ('{"name": "a", "matching_rules": {"source_ids": ["x"]}}'),
    ('{"name": "a", "matching_rules": {"source_ids": ["018f0000-0000-7000-8000-000000000000"]}}'), ('{"name": "a", "processing_config": {"trim": {}}}'), ('{"name": "a", "processing_config": {"trimming": {"padding_before": -1}}}'),
    ('{"name": "a", "processing_config": {"transcription_vocabulary": "x"}}'), ('{"name": "a", "metadata_config": {"title_template": "no variable"}}'), ('{"name": "a", "metadata_config": {"title_template": "{{ nonsense }}"}}'),
    ('{"name": "a", "metadata_config": {"topics_display": {"format": "table"}}}'), ('{"name": "a", "metadata_config": {"youtube": {"privacy": "secret"}}}'), ('{"name": "a", "metadata_config": {"vk": {"colour": 1}}}'),
    ('{"name": "a", "output_config": {"preset_ids": [7]}}'), ('{"name": "Algebra"}')) AS c(spec), test.error(format('SELECT leap.add_template(%L, %L)', c.spec, 'rules@example.org')) e;
SELECT code, message FROM test.error(format($$SELECT leap.add_template('{"name": "a", "matching_rules": {"keywords": %s}}', 'rules@example.org')$$, (SELECT jsonb_agg('k' || i) FROM generate_series(1, 101) i)));
-- whoever writes
SELECT code, message FROM test.error($$UPDATE leap.recording_templates SET matching_rules = '{"patterns": ["("]}'$$);
SELECT code, message FROM test.error($$INSERT INTO leap.recording_templates (user_id, name) SELECT id, '  ' FROM leap.users$$);

-- the first in the order they were made wins; drafts, inactive ones and the default one take no part
SELECT leap.add_template(s, 'rules@example.org') IS NOT NULL AS made FROM unnest(ARRAY['{"name": "Draft", "is_draft": true, "matching_rules": {"keywords": ["lecture"]}}', '{"name": "Inactive", "is_active": false, "matching_rules": {"keywords": ["lecture"]}}',
    '{"name": "Lectures", "matching_rules": {"keywords": ["lecture"]}}', '{"name": "Late", "matching_rules": {"keywords": ["lecture", "seminar"], "exclude_keywords": ["test"]}}', '{"name": "No rules"}', '{"name": "Default", "matching_rules": {"keywords": ["e"]}}']::jsonb[]) s;
CREATE FUNCTION test.template(a_name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM leap.recording_templates WHERE name = a_name $$;
SELECT leap.set_default_template(test.template('Default'))->>'is_default' AS is_default;
SELECT leap.add_recording('rules@example.org', '{"type": "url", "url": "https://e.org/a"}', n) IS NOT NULL AS added FROM unnest('{algebra lecture 1,lecture 2,seminar 3,seminar test 4,talk 5}'::text[]) n;
CREATE VIEW test.bound AS SELECT r.display_name AS name, t.name AS template, r.template_by, r.status, r.unmatched_reason FROM leap.recordings r LEFT JOIN leap.recording_templates t ON t.id = r.template_id
    WHERE r.user_id = test.user_id('rules@example.org') ORDER BY 1;
CREATE FUNCTION test.all_of_rules() RETURNS uuid[] LANGUAGE sql AS $$ SELECT array_agg(id) FROM leap.recordings WHERE user_id = test.user_id('rules@example.org') $$;
SELECT r.display_name, t.name, m.rule FROM leap.match_recordings(test.all_of_rules()) m JOIN leap.recordings r ON r.id = m.recording JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;
SELECT r.display_name, t.name, m.rule FROM leap.match_recordings(test.all_of_rules(), ARRAY[test.template('Late'), test.template('Draft'), test.template('Lectures')]) m JOIN leap.recordings r ON r.id = m.recording JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;
SELECT n, t.name, m.rule FROM leap.match_names(test.user_id('rules@example.org'), '{seminar,x,NULL,lecture}', '{}') m LEFT JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;

-- written down; counted once
SELECT r.display_name, t.name FROM leap.apply_matches(test.all_of_rules()) m JOIN leap.recordings r ON r.id = m.recording JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;
SELECT * FROM test.bound;
SELECT count(*) FROM leap.apply_matches(test.all_of_rules());
SELECT name, used_count, last_matched_at IS NOT NULL AS matched FROM leap.recording_templates WHERE used_count > 0 ORDER BY 1;

-- what a person decided stays, also that there is no template
SELECT leap.bind_template(test.id('talk 5'), test.template('Lectures')) - 'recording' - 'template' AS bound;
SELECT leap.unbind_template(test.id('lecture 2')) - 'recording' AS unbound;
SELECT count(*) FROM leap.apply_matches(test.all_of_rules());
SELECT * FROM test.bound WHERE name IN ('talk 5', 'lecture 2');
SELECT leap.unbind_template(test.id('lecture 2'), false) - 'recording' AS left_to_rules;
-- of these candidates only: what other templates gave stays unless one of these matches; a person's choice is told
SELECT r.display_name, t.name FROM leap.apply_matches(test.all_of_rules(), ARRAY[test.template('Late'), test.template('Lectures')]) m JOIN leap.recordings r ON r.id = m.recording JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;
SELECT r.display_name, t.name FROM leap.apply_matches(test.all_of_rules(), ARRAY[test.template('No rules')]) m JOIN leap.recordings r ON r.id = m.recording JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;
SELECT * FROM test.bound;
-- rules that do not match any more take their template back; what runs is left alone
SELECT leap.run_recording(test.id('lecture 2')) IS NOT NULL AS started;
SELECT leap.change_template(test.template('Lectures'), '{"matching_rules": {"keywords": ["nothing"]}}')->'matching_rules' AS rules;
SELECT leap.change_template(test.template('Late'), '{"matching_rules": null, "description": "none"}') - '{id,user_id,created_at,updated_at,last_matched_at}'::text[] AS changed;
SELECT r.display_name, t.name FROM leap.apply_matches(test.all_of_rules()) m JOIN leap.recordings r ON r.id = m.recording JOIN leap.recording_templates t ON t.id = m.template ORDER BY 1;
SELECT * FROM test.bound;
SELECT leap.cancel_recording(test.id('lecture 2')) IS NOT NULL AS cancelled;

-- skipped because nothing matched is taken back in, skipped by a person is not
SELECT leap.skip_recording(test.id('seminar 3')) IS NOT NULL AND leap.skip_recording(test.id('seminar test 4')) IS NOT NULL AS skipped;
UPDATE leap.recordings SET unmatched_reason = 'no template matches' WHERE id = test.id('seminar 3');
SELECT leap.change_template(test.template('Late'), '{"matching_rules": {"keywords": ["seminar", "lecture"]}}') IS NOT NULL AS changed;
SELECT leap.preview_template(test.template('Late')) #- '{will_match,0,recording}' #- '{will_match,0,start_time}' AS preview;
SELECT leap.preview_template(test.template('Draft'), false, "limit" => 1) #- '{will_match,0,recording}' #- '{will_match,0,template}' #- '{will_match,0,start_time}' AS preview;
SELECT leap.preview_rules('{"patterns": ["^talk"]}', false, "user" => 'rules@example.org') #- '{will_match,0,recording}' #- '{will_match,0,template}' #- '{will_match,0,start_time}' AS preview;
SELECT code, message FROM test.error($$SELECT leap.preview_rules('{"patterns": ["("]}', "user" => 'rules@example.org')$$);
SELECT code, message FROM test.error($$SELECT leap.preview_template(test.template('Late'), "limit" => 501)$$);
SELECT answer->'checked' AS checked, answer->'matched' AS matched, jsonb_array_length(answer->'bound') AS bound FROM leap.rematch_template(test.template('Late')) answer;
SELECT * FROM test.bound;
SELECT code, message, hint FROM test.error($$SELECT leap.rematch_template(test.template('Draft'))$$);
SELECT leap.change_template(test.template('Lectures'), '{"matching_rules": {"keywords": ["lecture"]}}') IS NOT NULL AS changed;
SELECT answer->'checked' AS checked, answer->'matched' AS matched FROM leap.rematch_template(test.template('Lectures')) answer;
SELECT answer->'checked' AS checked, answer->'matched' AS matched, jsonb_array_length(answer->'bound') AS bound FROM leap.rematch_template(test.template('Lectures'), false) answer;
SELECT leap.template_stats(test.template('Late')) - '{template,last_matched_at}'::text[] AS stats;

-- copies, names, the default one, deletion
SELECT ARRAY[leap.copy_template(test.template('Late')), leap.copy_template(test.template('Late')), leap.copy_template(test.template('Late'), 'Mine')] AS ids \gset
SELECT name, is_draft, is_active, matching_rules FROM leap.recording_templates WHERE id = ANY (:'ids'::uuid[]) ORDER BY 1;
SELECT code, message FROM test.error($$SELECT leap.copy_template(test.template('Late'), 'Mine')$$);
SELECT code, message FROM test.error($$SELECT leap.change_template(test.template('Late'), '{"name": "Mine"}')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.delete_template(test.template('Default'))$$);
SELECT code, message, hint FROM test.error($$SELECT leap.change_template(test.template('Default'), '{"is_active": false}')$$);
SELECT code, message, hint FROM test.error($$SELECT leap.bind_template(test.id('talk 5'), test.template('Default'))$$);
SELECT leap.set_default_template(test.template('No rules'))->>'name' AS "default", (SELECT count(*) FROM leap.recording_templates WHERE is_default) AS defaults;
SELECT leap.set_default_template(test.template('No rules'), false)->>'is_default' AS is_default;
SELECT leap.delete_template(test.template('Late'));
SELECT * FROM test.bound;
SELECT deleted, reason IS NOT NULL AS refused, sqlstate FROM leap.delete_templates(ARRAY[test.template('Mine'), '018f0000-0000-7000-8000-000000000000']) ORDER BY 1;
SELECT action, count(*) FROM leap.audit_logs WHERE resource_type = 'template' GROUP BY 1 ORDER BY 1;
SELECT leap.configure_recording(test.id('talk 5'), '{"trimming": {"padding_after": 1}}') IS NOT NULL AS configured;
SELECT leap.template_from_recording(test.id('talk 5'), 'From talk') IS NOT NULL AND leap.template_from_recording(test.id('talk 5'), 'From talk, pattern', match_pattern => '^talk') IS NOT NULL AS made;
SELECT name, matching_rules, processing_config FROM leap.recording_templates WHERE name LIKE 'From talk%' ORDER BY 1;

-- the quota: the default one is free, a deleted one gives its place back, a copy takes one
SELECT leap.set_quota('rules@example.org', 'templates', (SELECT count(*) FROM leap.recording_templates WHERE user_id = test.user_id('rules@example.org')), 'test') IS NOT NULL AS set;
SELECT used, remaining FROM leap.quota_status('rules@example.org') WHERE quota = 'templates';
SELECT code, message FROM test.error($$SELECT leap.copy_template(test.template('Lectures'))$$);
SELECT leap.set_default_template(test.template('Lectures'))->>'is_default' AS is_default;
SELECT leap.copy_template(test.template('Lectures')) IS NOT NULL AS copied;
SELECT code, message FROM test.error($$SELECT leap.set_default_template(test.template('Lectures'), false)$$);
SELECT leap.delete_template(test.template('Algebra'));
SELECT used, remaining FROM leap.quota_status('rules@example.org') WHERE quota = 'templates';
-- another's template, written past the functions, counts for nothing and is not shown
SELECT leap.add_user('ruler@example.org') IS NOT NULL AS added;
SELECT leap.add_template('{"name": "Foreign", "processing_config": {"trimming": {"padding_before": 9}}}', 'ruler@example.org') IS NOT NULL AS added;
SELECT leap.add_recording('rules@example.org', '{"type": "url", "url": "https://example.org/v"}', 'borrowed') AS borrowed \gset
UPDATE leap.recordings SET template_id = test.template('Foreign'), template_by = 'user' WHERE id = :'borrowed';
SELECT leap.resolved_config(r)#>'{trimming,padding_before}' = leap.default_config()#>'{trimming,padding_before}' AS default_holds, leap.recording_detail(r.id)->'template' AS shown
FROM leap.recordings r WHERE r.id = :'borrowed';
DELETE FROM leap.users WHERE email IN ('rules@example.org', 'ruler@example.org');
