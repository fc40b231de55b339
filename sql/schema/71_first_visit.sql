-- The first visit: an installation that nobody administers yet, a lecture to try, and what is left to set up.
--
-- The link to the first administrator's account is an invitation as any other: kept as a hash, good once, for a day, and the
-- next one ends it. As soon as somebody can administer there is none. The sample is a file that the operator names
-- (leap.sample_lecture), so that who is new needs none of his own; others' files cannot be reached by it. Takes no locks
-- beyond those of add_invitation, create_recording and run_recording.

CREATE OR REPLACE FUNCTION leap.lacks_administrator()
RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM leap.users u WHERE u.role = 'admin' AND u.is_active
                       AND (EXISTS (SELECT FROM leap.passwords p WHERE p.user_id = u.id) OR EXISTS (SELECT FROM leap.identities i WHERE i.user_id = u.id)))
$$;
COMMENT ON FUNCTION leap.lacks_administrator() IS 'Whether no administrator can log in, by a password or an identity.';

CREATE OR REPLACE FUNCTION leap.first_invitation()
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF NOT leap.lacks_administrator() THEN
        RETURN NULL;
    END IF;
    DELETE FROM leap.invitations i WHERE i.email IS NULL AND i.role = 'admin' AND i.used_at IS NULL;
    RETURN leap.add_invitation(NULL, 'admin', 1);
END
$$;
COMMENT ON FUNCTION leap.first_invitation() IS
'For operators: an invitation, as leap.add_invitation() returns it, by which whoever has it becomes the first administrator, good once and for a day; those for administrators without an address that were made before end. Null as soon as an administrator can log in.';

CREATE OR REPLACE FUNCTION leap.sample_source()
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT s.source FROM (SELECT jsonb_build_object('type', 'file', 'path', nullif(leap.setting('leap.sample_lecture'), '')) AS source) s
    WHERE leap.source_fault(s.source) IS NULL
$$;
COMMENT ON FUNCTION leap.sample_source() IS 'The source of a recording of the sample lecture (leap.sample_lecture); null where there is none, or it is not below an import root.';

CREATE OR REPLACE FUNCTION leap.add_sample(name text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    owner uuid := (leap.acting_user()).id;
    sample jsonb := leap.sample_source();
    r leap.recordings;
    answer jsonb;
BEGIN
    IF sample IS NULL THEN
        PERFORM leap.refuse('LP020', 'there is no sample lecture here', 'The setting leap.sample_lecture names a file below an import root.');
    END IF;
    SELECT x.* INTO r FROM leap.recordings x WHERE x.user_id = owner AND x.source->>'path' = sample->>'path' AND x.deleted_at IS NULL ORDER BY x.id DESC LIMIT 1;
    IF r.id IS NOT NULL THEN
        RETURN jsonb_build_object('success', true, 'recording_id', r.id, 'display_name', r.display_name, 'status', r.status, 'message', 'the sample lecture is there already');
    END IF;
    answer := leap.run_recording(leap.create_recording(owner, sample, left(name, 500), sample->>'path', '{}'));
    RETURN leap.operation_reply(answer) || (SELECT jsonb_build_object('display_name', x.display_name) FROM leap.recordings x WHERE x.id = (answer->>'recording')::uuid);
END
$$;
COMMENT ON FUNCTION leap.add_sample(text) IS
'Adds the sample lecture to the caller''s recordings, under this name, and starts its run; when he has it, that one is returned. {success, recording_id, display_name, status, message, run_id}. Errors: LP010 quota, LP020 without a sample or a caller.';

CREATE OR REPLACE FUNCTION leap.first_steps()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT jsonb_build_object('sample', leap.sample_source() IS NOT NULL,
        'recordings', EXISTS (SELECT FROM leap.recordings r WHERE r.user_id = m.id AND r.deleted_at IS NULL),
        'credential', EXISTS (SELECT FROM leap.credentials c WHERE c.user_id = m.id),
        'source', EXISTS (SELECT FROM leap.input_sources s WHERE s.user_id = m.id),
        'template', EXISTS (SELECT FROM leap.recording_templates t WHERE t.user_id = m.id))
    FROM (SELECT leap.current_user_id() AS id) m
$$;
COMMENT ON FUNCTION leap.first_steps() IS 'What the caller has to begin with: whether there is a sample lecture (sample), and whether he has recordings, a credential, a source, a template.';
