-- Paths: what the REST API answers beside PostgREST's own forms, as calls of functions of schema api.
--
-- `leap serve` reads this table with its catalog. A name in braces is an argument of the function, so are the parameters
-- of the query and the members of the body. Below /api/v1 all paths are found; without it those of two or more names,
-- so that /recordings stays the view. docs/api.md lists them.

CREATE OR REPLACE FUNCTION leap.routes()
RETURNS TABLE (method text, path text, function text, arguments jsonb, body text, status int, comment text) LANGUAGE sql STABLE ROWS 200
SET search_path = pg_catalog, pg_temp AS $$
    SELECT v.method, v.path, v.function, v.arguments::jsonb, v.body, v.status,
           (SELECT split_part(obj_description(p.oid, 'pg_proc'), E'\n', 1) FROM pg_proc p WHERE p.proname = v.function AND p.pronamespace = 'api'::regnamespace LIMIT 1)
    FROM (VALUES
        -- recordings
        ('GET',    '/recordings',                          'list_recordings',           '{}', NULL::text, NULL::int),
        ('POST',   '/recordings',                          'add_recording',             '{}', NULL, 201),
        ('POST',   '/recordings/add-url',                  'add_recording',             '{}', NULL, 201),
        ('POST',   '/recordings/export',                   'export_recordings',         '{}', NULL, NULL),
        ('GET',    '/recordings/{id}',                     'get_recording',             '{}', NULL, NULL),
        ('PATCH',  '/recordings/{id}',                     'change_recording',          '{}', NULL, NULL),
        ('DELETE', '/recordings/{id}',                     'delete_recording',          '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/restore',             'restore_recording',         '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/run',                 'run_recording',             '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/retry',               'retry_recording',           '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/reset',               'reset_recording',           '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/pause',               'pause_recording',           '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/resume',              'resume_recording',          '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/skip',                'skip_recording',            '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/unskip',              'unskip_recording',          '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/accept',              'accept_recording',          '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/cancel',              'cancel_recording',          '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/priority',            'set_recording_priority',    '{}', NULL, NULL),
        ('GET',    '/recordings/{id}/stages',              'recording_stages',          '{}', NULL, NULL),
        ('GET',    '/recordings/{id}/history',             'recording_history',         '{}', NULL, NULL),
        ('GET',    '/recordings/{id}/files',               'recording_files',           '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/download',            'download_recording',        '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/trim',                'trim_recording',            '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/transcribe',          'transcribe_recording',      '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/topics',              'extract_topics',            '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/subtitles',           'generate_subtitles',        '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/upload',              'upload_recording',          '{}', NULL, NULL),
        ('POST',   '/recordings/{id}/upload/{platform}',   'upload_recording',          '{}', NULL, NULL),
        ('GET',    '/recordings/{id}/config',              'get_recording_config',      '{}', NULL, NULL),
        ('PATCH',  '/recordings/{id}/config',              'change_recording_config',   '{}', NULL, NULL),
        ('DELETE', '/recordings/{id}/config',              'clear_recording_config',    '{}', NULL, 204),
        ('POST',   '/recordings/{id}/template/{template_id}', 'bind_recording_template', '{}', NULL, NULL),
        ('DELETE', '/recordings/{id}/template',            'unbind_recording_template', '{}', NULL, NULL),
        ('POST',   '/recordings/bulk',                     'operate_recordings',        '{}', NULL, NULL),
        ('POST',   '/recordings/bulk/run',                 'operate_recordings',        '{"operation": "run"}', NULL, NULL),
        ('POST',   '/recordings/bulk/retry',               'operate_recordings',        '{"operation": "retry"}', NULL, NULL),
        ('POST',   '/recordings/bulk/pause',               'operate_recordings',        '{"operation": "pause"}', NULL, NULL),
        ('POST',   '/recordings/bulk/resume',              'operate_recordings',        '{"operation": "resume"}', NULL, NULL),
        ('POST',   '/recordings/bulk/accept',              'operate_recordings',        '{"operation": "accept"}', NULL, NULL),
        ('POST',   '/recordings/bulk/cancel',              'operate_recordings',        '{"operation": "cancel"}', NULL, NULL),
        ('POST',   '/recordings/bulk/skip',                'operate_recordings',        '{"operation": "skip"}', NULL, NULL),
        ('POST',   '/recordings/bulk/unskip',              'operate_recordings',        '{"operation": "unskip"}', NULL, NULL),
        ('POST',   '/recordings/bulk/reset',               'operate_recordings',        '{"operation": "reset"}', NULL, NULL),
        ('POST',   '/recordings/bulk/delete',              'operate_recordings',        '{"operation": "delete"}', NULL, NULL),
        ('POST',   '/recordings/bulk/restore',             'operate_recordings',        '{"operation": "restore"}', NULL, NULL),
        ('POST',   '/recordings/bulk/download',            'operate_recordings',        '{"operation": "download"}', NULL, NULL),
        ('POST',   '/recordings/bulk/trim',                'operate_recordings',        '{"operation": "process"}', NULL, NULL),
        ('POST',   '/recordings/bulk/transcribe',          'operate_recordings',        '{"operation": "transcribe"}', NULL, NULL),
        ('POST',   '/recordings/bulk/topics',              'operate_recordings',        '{"operation": "topics"}', NULL, NULL),
        ('POST',   '/recordings/bulk/subtitles',           'operate_recordings',        '{"operation": "subtitles"}', NULL, NULL),
        ('POST',   '/recordings/bulk/upload',              'operate_recordings',        '{"operation": "upload"}', NULL, NULL),
        -- tasks
        ('GET',    '/tasks',                               'list_tasks',                '{}', NULL, NULL),
        ('GET',    '/tasks/{task_id}',                     'get_task',                  '{}', NULL, NULL),
        ('DELETE', '/tasks/{task_id}',                     'cancel_task',               '{}', NULL, NULL),
        ('POST',   '/tasks/{task_id}/cancel',              'cancel_task',               '{}', NULL, NULL),
        -- what there is
        ('GET',    '/routes',                              'routes',                    '{}', NULL, NULL),
        ('GET',    '/references/errors',                   'error_codes',               '{}', NULL, NULL)
    ) AS v (method, path, function, arguments, body, status)
$$;
COMMENT ON FUNCTION leap.routes() IS
'The paths of the REST API, each below /api/v1 too: method, path (a name in braces is an argument), the function of schema api that it calls, arguments it calls it with besides, the argument that takes the whole body (null: members of the body are arguments), the status of success (null: 200, or 204 of a function that answers nothing), and what it does.';
REVOKE ALL ON FUNCTION leap.routes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION leap.routes() TO leap_gateway, leap_user, leap_operator;

CREATE OR REPLACE FUNCTION api.routes()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_agg(jsonb_build_object('method', r.method, 'path', '/api/v1' || r.path, 'function', r.function, 'arguments', r.arguments, 'status', coalesce(r.status, 200), 'comment', r.comment))
    FROM leap.routes() r
$$;
COMMENT ON FUNCTION api.routes IS 'The paths below /api/v1 and the functions they call';

REVOKE ALL ON FUNCTION api.routes FROM PUBLIC;
GRANT EXECUTE ON FUNCTION api.routes TO leap_user, leap_admin;
