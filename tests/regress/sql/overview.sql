-- One recording as its page shows it: what may be done and why not, targets, links, attempts, and who did what.
SELECT leap.add_user('page@example.org') IS NOT NULL AND leap.add_user('page.foe@example.org') IS NOT NULL AS added;
SELECT test.start('page', 'page@example.org'), test.start('page of a foe', 'page.foe@example.org');
SELECT test.connect();
CREATE FUNCTION test.sheet(name text = 'page') RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.recording_overview(test.id(name)) $$;

-- what may be done is what the judge says, operation by operation
SELECT o.key AS operation, o.value->>'allowed' AS allowed, o.value->>'code' AS code,
       (j.allowed, j.reason, j.sqlstate) IS NOT DISTINCT FROM ((o.value->>'allowed')::boolean, o.value->>'reason', o.value->>'code') AS as_judged
FROM jsonb_each(test.sheet()->'operations') o CROSS JOIN LATERAL leap.operation_allowed(test.id('page'), o.key) j ORDER BY 1;
SELECT array_agg(k ORDER BY k) = ARRAY(SELECT n FROM unnest(leap.operation_names()) n ORDER BY 1) AS all_of_them FROM jsonb_object_keys(test.sheet()->'operations') k;

-- a first attempt that fails, a second that does not; then all the way
SELECT c.kind, c.attempt FROM test.claim() c WHERE c.name = 'page';
SELECT jsonb_array_length(test.sheet()->'running') AS running, test.sheet() #>> '{running,0,kind}' AS kind;
SELECT test.fail('download', 'page', 'transient', 'the line broke');
SELECT t->>'kind' AS kind, t->>'state' AS state, a->>'attempt' AS attempt, a->>'outcome' AS outcome, a ? 'seconds' AS timed, a ->> 'worker' AS worker, a #>> '{error,message}' AS error
FROM jsonb_array_elements(leap.recording_runs(test.id('page')) #> '{runs,0,tasks}') t LEFT JOIN LATERAL jsonb_array_elements(t->'attempts') a ON true ORDER BY (t->>'id')::bigint;
SELECT leap.retry_recording(test.id('page'))->>'message' AS message;
SELECT test.advance('page', 'nothing');
SELECT test.sheet()->>'status' AS status, t->>'type' AS type, t->>'status' AS target, t #>> '{operations,upload,reason}' AS upload, t #>> '{operations,republish,allowed}' AS again,
       t #>> '{operations,unpublish,allowed}' AS back, t->>'outdated' AS outdated
FROM jsonb_array_elements(test.sheet()->'targets') t;
SELECT t->>'kind' AS kind, t->>'state' AS state, jsonb_path_query_array(t, '$.attempts[*].outcome') AS outcomes
FROM jsonb_array_elements(leap.recording_runs(test.id('page')) #> '{runs,0,tasks}') t ORDER BY (t->>'id')::bigint;

-- runs by page, the newest first
SELECT leap.run_recording(test.id('page'), force => true)->>'message' AS message;
SELECT leap.cancel_recording(test.id('page'))->>'message' AS message;
SELECT leap.recording_runs(test.id('page'), NULL, 1)->>'next' AS next \gset
SELECT jsonb_path_query_array(leap.recording_runs(test.id('page')), '$.runs[*].state') AS states,
       jsonb_path_query_array(leap.recording_runs(test.id('page'), :'next', 1), '$.runs[*].state') AS second, leap.recording_runs(test.id('page'), :'next', 2)->'next' AS next;
SELECT * FROM test.error($$SELECT leap.recording_runs(test.id('page'), NULL, 0)$$) \gx

-- links are good, those of files that players show come twice, and a deleted recording has none
INSERT INTO leap.artifacts (recording_id, user_id, kind, uri, bytes, sha256, media_type, metadata)
SELECT r.id, r.user_id, k.kind, 'page/' || k.kind, 9, repeat('0b', 32), k.type, k.metadata
FROM leap.recordings r, (VALUES ('video', 'video/mp4', '{"cuts": [{"start": 5, "end": 15, "at": 0}]}'::jsonb), ('vtt', 'text/vtt', '{"language": "en"}'), ('vtt:ru', 'text/vtt', '{"language": "ru"}'),
     ('srt', 'application/x-subrip', '{}'), ('heard:0123abcd', 'application/json', '{"settings_key": "x"}')) AS k (kind, type, metadata) WHERE r.display_name = 'page';
SELECT f->>'kind' AS kind, f->>'name' AS name, f->>'bytes' AS bytes, f->>'show' IS NOT NULL AS shown, f->'metadata' AS metadata,
       (SELECT count(*) FROM leap.signed_file((f->>'id')::uuid, (regexp_match(f->>'save', 'exp=(\d+)'))[1]::bigint, true, (regexp_match(f->>'save', 'sig=(.+)$'))[1])) AS good
FROM jsonb_array_elements(test.sheet()->'files') f WHERE f->>'kind' IN ('video', 'vtt', 'vtt:ru', 'srt', 'heard:0123abcd') ORDER BY 1;
SELECT test.sheet()->'cuts' AS cuts;

-- who did what: the owner is told that it was somebody else, an administrator who it was
BEGIN;
SELECT set_config('request.jwt.claims', json_build_object('sub', (SELECT id FROM leap.users WHERE email = 'page@example.org'), 'role', 'leap_user')::text, true) IS NOT NULL AS known;
SELECT test.id('page of a foe') AS other, test.id('page') AS own \gset
SET LOCAL ROLE leap_user;
SELECT api.change_recording(:'own', 'page')->>'display_name' AS name, api.change_recording(:'own', 'Page one')->>'display_name' AS renamed;
SELECT i->>'action' AS action, i->>'by' AS by, i->>'name' AS name, i->>'result' AS result, i->'after' AS after FROM jsonb_array_elements(api.recording_doings(:'own')->'items') i;
SELECT jsonb_array_length(api.recording_doings(:'own', api.recording_doings(:'own', "limit" => 1)->>'next', 100)->'items') AS behind_the_first;
SELECT DISTINCT a->>'worker' AS worker FROM jsonb_array_elements(api.recording_runs(:'own')->'runs') r, jsonb_array_elements(r->'tasks') t, jsonb_array_elements(t->'attempts') a;
SELECT api.recording_overview(:'own')->>'display_name' AS name, api.recording_overview(:'own')->>'owner' AS owner;
\set VERBOSITY sqlstate
SAVEPOINT s;
SELECT api.recording_overview(:'other');
ROLLBACK TO s;
SELECT api.recording_runs(:'other');
ROLLBACK TO s;
SELECT api.recording_doings(:'other');
ROLLBACK TO s;
SELECT api.recording_doings(:'own', 'nowhere');
ROLLBACK;
\set VERBOSITY default
SELECT i->>'action' AS action, i->>'by' AS by, i->>'name' = session_user AS named FROM jsonb_array_elements(leap.recording_doings(test.id('page'))->'items') i;
SELECT leap.delete_recording(test.id('page'))->>'message' AS message;
SELECT test.sheet()->>'deleted' AS deleted, test.sheet()->'files' AS files, test.sheet() #>> '{operations,run,code}' AS run, test.sheet() #>> '{operations,restore,allowed}' AS restore;
-- nothing is left for the tests that follow
SELECT leap.cancel_recording(test.id('page of a foe'))->>'message' AS message;
