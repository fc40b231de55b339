-- Accounts for those who run LEAP: the list of users, one user with all that is known of him, a new one.

-- A page goes on after the number of the last user (lane), which never changes.
CREATE OR REPLACE FUNCTION leap.user_list(filters jsonb = '{}', "limit" int = 50, "cursor" text = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp SET jit = off AS $$
DECLARE
    bad text := (SELECT min(f.key) FROM jsonb_each(CASE jsonb_typeof(filters) WHEN 'object' THEN filters END) f
                 WHERE f.key IN ('is_active', 'is_verified', 'exceeded_only') AND jsonb_typeof(f.value) NOT IN ('boolean', 'null'));
    words text := lower(btrim(left(filters->>'search', 200)));
    answer jsonb;
BEGIN
    PERFORM leap.check_keys(filters, '{search,role,is_active,is_verified,plan,exceeded_only}', 'the filter');
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('filter %s cannot be %s', bad, left((filters->bad)::text, 50)), 'It is true or false.');
    ELSIF filters->>'role' NOT IN ('user', 'admin') THEN
        PERFORM leap.refuse('LP030', format('there is no role "%s"', left(filters->>'role', 50)), 'Roles are user and admin.');
    ELSIF coalesce("limit", 50) NOT BETWEEN 1 AND 1000 THEN
        PERFORM leap.refuse('LP030', format('a page cannot have %s users', "limit"), 'It has 1 to 1000.');
    ELSIF "cursor" !~ '^\d{1,9}$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no place in this list', left("cursor", 40)), 'Pass the cursor that came with the page before.');
    ELSIF filters->>'plan' <> 'none' THEN
        PERFORM leap.find_plan(filters->>'plan');
    END IF;
    WITH chosen AS MATERIALIZED (
        SELECT u, u.lane, coalesce(p.name, 'none') AS plan
        FROM leap.users u
        LEFT JOIN leap.user_subscriptions s ON s.user_id = u.id AND s.starts_at <= leap.clock() AND (s.expires_at IS NULL OR s.expires_at > leap.clock())
        LEFT JOIN leap.subscription_plans p ON p.id = s.plan_id
        WHERE u.lane > coalesce("cursor"::int, -1)
          AND (filters->>'role' IS NULL OR u.role = filters->>'role')
          AND (filters->>'is_active' IS NULL OR u.is_active = (filters->>'is_active')::boolean)
          AND (filters->>'is_verified' IS NULL OR u.is_verified = (filters->>'is_verified')::boolean)
          AND (filters->>'plan' IS NULL OR coalesce(p.name, 'none') = filters->>'plan')
          AND (words IS NULL OR strpos(lower(u.email), words) > 0 OR strpos(lower(u.full_name), words) > 0)
          AND (coalesce(filters->>'exceeded_only', 'false') = 'false' OR EXISTS (SELECT FROM leap.limits_in_use l WHERE l.user_id = u.id AND l.reached OFFSET 0))
        ORDER BY u.lane LIMIT coalesce("limit", 50))
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(leap.user_json(c.u) || jsonb_build_object('plan', c.plan,
               'recordings', (SELECT count(*) FROM leap.recordings r WHERE r.user_id = (c.u).id AND r.delete_state = 'active'),
               'exceeded', (SELECT coalesce(jsonb_agg(l.quota ORDER BY l.quota), '[]') FROM leap.limits_in_use l WHERE l.user_id = (c.u).id AND l.reached)) ORDER BY c.lane), '[]'),
           'cursor', CASE WHEN count(*) = coalesce("limit", 50) THEN max(c.lane)::text END)
    INTO answer FROM chosen c;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION leap.user_list(jsonb, int, text) IS
'For operators: a page of users in the order they were added: {items [the account, plan (none: without), recordings, exceeded [quotas it has reached]], cursor}. filters: search (part of address or name), role, is_active, is_verified, plan, exceeded_only. cursor goes on after the last one; null is the end. Errors LP020 (plan), LP030.';

CREATE OR REPLACE FUNCTION leap.get_user("user" text)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users;
BEGIN
    IF "user" IS NULL THEN
        PERFORM leap.refuse('LP020', 'no user was named', 'Name one by e-mail address or id.');
    END IF;
    u := leap.find_user("user");
    RETURN leap.user_json(u) || jsonb_build_object('config', u.config,
        'subscription', (SELECT jsonb_build_object('plan', p.name, 'custom_limits', s.custom_limits, 'starts_at', s.starts_at, 'expires_at', s.expires_at, 'notes', s.notes)
                         FROM leap.user_subscriptions s LEFT JOIN leap.subscription_plans p ON p.id = s.plan_id WHERE s.user_id = u.id),
        'quotas', (SELECT jsonb_agg(to_jsonb(q)) FROM leap.quota_status_of(u.id) q),
        'recordings', (SELECT count(*) FROM leap.recordings r WHERE r.user_id = u.id AND r.delete_state = 'active'),
        'sessions', (SELECT count(*) FROM leap.sessions s WHERE s.user_id = u.id AND s.ended_at IS NULL AND s.expires_at > leap.clock()),
        'api_keys', (SELECT count(*) FROM leap.api_keys k WHERE k.user_id = u.id AND k.revoked_at IS NULL));
END
$$;
COMMENT ON FUNCTION leap.get_user(text) IS
'For operators: a user (e-mail or id) with his settings, subscription {plan, custom_limits, starts_at, expires_at, notes}, quotas as leap.quota_status() shows them, and how many recordings, open sessions and keys he has. Error LP020.';

CREATE OR REPLACE FUNCTION leap.create_user(spec jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    bad text := (SELECT min(s.key) FROM jsonb_each(CASE jsonb_typeof(spec) WHEN 'object' THEN spec END) s WHERE jsonb_typeof(s.value) NOT IN ('string', 'null'));
    made uuid;
BEGIN
    PERFORM leap.check_keys(spec, '{email,full_name,role,password,timezone,language,plan}', 'a user');
    IF bad IS NOT NULL THEN
        PERFORM leap.refuse('LP030', format('%s cannot be %s', bad, left((spec->bad)::text, 50)), 'It is a text.');
    ELSIF spec->>'email' IS NULL THEN
        PERFORM leap.refuse('LP030', 'a user without an e-mail address', 'Say {"email": "name@example.org"}.');
    ELSIF spec->>'password' IS NOT NULL THEN
        PERFORM leap.check_password(spec->>'password');
    END IF;
    made := leap.add_user(btrim(spec->>'email'), nullif(leap.one_line(spec->>'full_name', 255), ''), coalesce(spec->>'role', 'user'));
    UPDATE leap.users u SET timezone = coalesce(spec->>'timezone', u.timezone), language = coalesce(spec->>'language', u.language) WHERE u.id = made;
    PERFORM leap.store_password(made, spec->>'password') WHERE spec->>'password' IS NOT NULL;
    PERFORM leap.subscribe(made::text, spec->>'plan') WHERE spec->>'plan' IS NOT NULL;
    RETURN leap.get_user(made::text);
END
$$;
COMMENT ON FUNCTION leap.create_user(jsonb) IS
'For operators: adds a user {email, full_name, role = user, password, timezone = UTC, language = en, plan} and returns leap.get_user(). Without a password he resets it by mail. Errors LP020 (plan), LP030, 23505 for an address that is taken.';
