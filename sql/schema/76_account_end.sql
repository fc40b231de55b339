-- The end of an account, by its owner or by an operator.
--
-- The row of the user stays, without anything that names a person: the log and the history tell of its id. What a
-- person configured goes at once; recordings are deleted as any are and purged after leap.deleted_days. Nobody logs in
-- to the account again, and its address is free for a new one.
-- Lock order: users -> jobs -> uploads -> recordings (leap.operate) -> templates, sources, credentials, webhooks -> sessions.

CREATE OR REPLACE FUNCTION leap.end_account(of_user uuid)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    u leap.users;
    thing uuid;
    deleted int;
BEGIN
    -- administrators one after the other: one always remains
    PERFORM FROM leap.users x WHERE x.role = 'admin' AND x.is_active AND EXISTS (SELECT FROM leap.users y WHERE y.id = of_user AND y.role = 'admin')
    ORDER BY x.id FOR NO KEY UPDATE;
    SELECT * INTO u FROM leap.users x WHERE x.id = of_user;
    IF u.role = 'admin' AND NOT EXISTS (SELECT FROM leap.users x WHERE x.role = 'admin' AND x.is_active AND x.id <> u.id) THEN
        PERFORM leap.refuse('LP003', 'the last administrator cannot be deleted', 'Make somebody else an administrator first.');
    END IF;
    -- nobody gets in, and what runs by itself begins nothing more
    UPDATE leap.users x SET is_active = false, token_version = x.token_version + 1 WHERE x.id = u.id;
    FOR thing IN SELECT j.id FROM leap.automation_jobs j WHERE j.user_id = u.id ORDER BY j.id LOOP
        PERFORM leap.delete_job(thing);
    END LOOP;
    -- who is sending a lecture is told that there is no such upload
    FOR thing IN SELECT p.id FROM leap.uploads p WHERE p.user_id = u.id AND p.state = 'receiving' ORDER BY p.id LOOP
        PERFORM leap.drop_upload(thing);
    END LOOP;
    SELECT count(*) FILTER (WHERE o.done) INTO deleted
    FROM leap.operate('delete', ARRAY(SELECT r.id FROM leap.recordings r WHERE r.user_id = u.id AND r.delete_state = 'active')) o;
    UPDATE leap.recordings r SET template_id = NULL, template_by = NULL WHERE r.user_id = u.id AND r.template_id IS NOT NULL;
    DELETE FROM leap.recording_templates t WHERE t.user_id = u.id;
    DELETE FROM leap.output_presets p WHERE p.user_id = u.id;
    FOR thing IN SELECT s.id FROM leap.input_sources s WHERE s.user_id = u.id ORDER BY s.id LOOP
        PERFORM leap.delete_source(thing);
    END LOOP;
    FOR thing IN SELECT c.id FROM leap.credentials c WHERE c.user_id = u.id ORDER BY c.id LOOP
        PERFORM leap.delete_credential(thing, true);
    END LOOP;
    DELETE FROM leap.credential_checks x WHERE x.user_id = u.id;
    DELETE FROM leap.oauth_states o WHERE o.user_id = u.id;
    DELETE FROM leap.purged_sources g WHERE g.user_id = u.id;
    FOR thing IN SELECT w.id FROM leap.webhooks w WHERE w.user_id = u.id ORDER BY w.id LOOP
        PERFORM leap.delete_webhook(thing);
    END LOOP;
    PERFORM leap.cancel_deliveries(ARRAY(SELECT d.id FROM leap.deliveries d WHERE d.user_id = u.id AND d.finished_at IS NULL), 'cancelled', 'the account was deleted');
    DELETE FROM leap.deliveries d WHERE d.user_id = u.id AND d.finished_at IS NOT NULL;
    DELETE FROM leap.notifications n WHERE n.user_id = u.id;
    DELETE FROM leap.notification_preferences p WHERE p.user_id = u.id;
    PERFORM leap.end_sessions(u.id, NULL, 'account');
    UPDATE leap.sessions s SET device = NULL, user_agent = NULL, address = NULL WHERE s.user_id = u.id;
    DELETE FROM leap.api_keys k WHERE k.user_id = u.id;
    DELETE FROM leap.shares s WHERE s.user_id = u.id;
    DELETE FROM leap.event_tickets t WHERE t.user_id = u.id;
    DELETE FROM leap.idempotent_requests i WHERE i.user_id = u.id;
    DELETE FROM leap.account_tokens t WHERE t.user_id = u.id;
    DELETE FROM leap.account_requests a WHERE lower(a.email) = lower(u.email);
    DELETE FROM leap.login_failures f WHERE f.kind = 'account' AND f.key = leap.account_key(u.email);
    DELETE FROM leap.passwords p WHERE p.user_id = u.id;
    DELETE FROM leap.user_subscriptions s WHERE s.user_id = u.id;
    UPDATE leap.invitations i SET email = NULL WHERE lower(i.email) = lower(u.email) AND i.used_at IS NOT NULL;
    UPDATE leap.users x SET email = format('deleted-%s@invalid', x.id), full_name = NULL, is_verified = false, role = 'user', timezone = 'UTC', language = 'en',
           config = '{}', retention = '{}', updated_at = leap.clock()
    WHERE x.id = u.id;
    PERFORM leap.note_account('delete account', u.id, jsonb_build_object('recordings', deleted));
    RETURN jsonb_build_object('deleted', true, 'recordings', deleted);
END
$$;
COMMENT ON FUNCTION leap.end_account(uuid) IS
'Ends the account of a user: runs are cancelled and recordings deleted; jobs, templates, presets, sources, credentials, webhooks, messages, sessions, keys, the password and the plan go; nothing in its row names a person any more. Returns {deleted, recordings: how many}. Error LP003 for the last administrator.';

CREATE OR REPLACE FUNCTION leap.delete_account(password text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.account_owner();
BEGIN
    RETURN coalesce(leap.ask_password(u, password, 'delete account'), leap.end_account(u.id));
END
$$;
COMMENT ON FUNCTION leap.delete_account(text) IS
'Ends the caller''s account for good (leap.end_account). Returned, not raised: 403 (LP043) for a wrong password, which counts as a failed login, and 429 (LP044). Errors LP003 for the last administrator, LP042, LP043.';

CREATE OR REPLACE FUNCTION leap.delete_user("user" text)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.end_account((leap.find_user("user")).id) WHERE "user" IS NOT NULL
$$;
COMMENT ON FUNCTION leap.delete_user(text) IS 'For operators: ends the account of a user (e-mail or id) for good, as leap.end_account(). Errors LP003 for the last administrator, LP020.';
