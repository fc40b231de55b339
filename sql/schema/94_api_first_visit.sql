-- Schema api: the first visit.

CREATE OR REPLACE FUNCTION api.add_sample(name text = NULL)
RETURNS jsonb LANGUAGE sql AS $$ SELECT leap.add_sample(name) $$;
COMMENT ON FUNCTION api.add_sample(text) IS
'Adds the sample lecture and starts its run

Where the operator has one. {success, recording_id, display_name, status, message, run_id}; who has it already is answered that one. Errors LP010 quota, LP020.';

CREATE OR REPLACE FUNCTION api.first_steps()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT leap.first_steps() $$;
COMMENT ON FUNCTION api.first_steps() IS
'What the caller has to begin with

{sample: whether there is a sample lecture; recordings, credential, source, template: whether he has any}.';

CREATE OR REPLACE FUNCTION api.installation()
RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_build_object('administered', NOT leap.lacks_administrator()) $$;
COMMENT ON FUNCTION api.installation() IS
'What whoever signs in is told before

{administered: whether an administrator can log in; leap user first makes the link to the first account}.';
GRANT EXECUTE ON FUNCTION api.installation() TO leap_anon, leap_user, leap_admin;
GRANT EXECUTE ON FUNCTION api.add_sample(text), api.first_steps() TO leap_user, leap_admin;
