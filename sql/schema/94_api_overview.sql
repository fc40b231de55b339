-- Schema api: one recording as its page shows it, what was tried and who did what. Each hands on to schema leap.

CREATE OR REPLACE FUNCTION api.recording_overview(id uuid)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.recording_overview(id) $$;
COMMENT ON FUNCTION api.recording_overview IS
'All that the page of a recording shows

get_recording in detail, and operations {name: {allowed, reason, code, hint}}, targets [{id, type, preset, status, url, error, outdated, operations}], files [{id, kind, bytes, name, save, show, metadata}] with links that are good for twelve hours, cuts [{start, end, at}] (what is kept of the recording and where it is in the lesson), captions, outline {version, edited, language}, segments (of the transcript), running tasks. LP020 for an unknown one.';

CREATE OR REPLACE FUNCTION api.recording_runs(id uuid, after uuid = NULL, "limit" int = 10)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.recording_runs(id, after, "limit") $$;
COMMENT ON FUNCTION api.recording_runs IS
'The runs of a recording with every attempt

{recording_id, runs [{id, state, trigger, asked_for, started_at, finished_at, tasks [{id, kind, stage, state, skip_reason, platform, progress, error, attempts [{attempt, started_at, ended_at, seconds, outcome, worker (for administrators), error}]}]}], next}, the newest first; next goes on as after, null at the end. limit: 1 to 100. LP020 for an unknown recording, LP030 limit.';

CREATE OR REPLACE FUNCTION api.recording_doings(id uuid, after text = NULL, "limit" int = 20)
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.recording_doings(id, after, "limit") $$;
COMMENT ON FUNCTION api.recording_doings IS
'What people did to a recording

{recording_id, items [{id, at, action, result, by (me, owner, administrator or operator), before, after, why, details}], next}, the newest first; next goes on as after, null at the end. limit: 1 to 1000. LP020 for an unknown recording, LP030 after or limit.';

GRANT EXECUTE ON FUNCTION api.recording_overview, api.recording_runs, api.recording_doings TO leap_user, leap_admin;
