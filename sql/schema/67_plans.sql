-- Plans, subscriptions and overrides: how operators decide what users may use.
--
-- Whatever changes limits tells at once who has reached them now, and lets recordings go on that waited for room.
-- A limit below what is used refuses only what is new. Every change is in leap.audit_logs.

CREATE OR REPLACE FUNCTION leap.quota_status("user" text = NULL)
RETURNS TABLE (quota text, unit text, "limit" bigint, source text, used bigint, reserved bigint, remaining bigint,
               percent int, resets_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT s.* FROM leap.quota_status_of((leap.find_user("user")).id) s
$$;
COMMENT ON FUNCTION leap.quota_status(text) IS
'Every quota of a user (e-mail, id, or null for the only one): the limit in force (null = unlimited), who set it (default, plan, override), what is used, what running tasks have reserved, what remains, percent used, and when it counts anew (null: it does not). used is null where nothing is counted (least hours between runs). Errors LP020, LP030.';

-- A limit as people write it: a number (bytes also as "50 GB"), "unlimited", or null (inherit), as limits objects hold it.
CREATE OR REPLACE FUNCTION leap.read_limit(quota text, "limit" text)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    unit text := (SELECT q.unit FROM leap.quotas() q WHERE q.quota = read_limit.quota);
BEGIN
    IF unit IS NULL THEN
        PERFORM leap.refuse('LP030', format('there is no quota "%s"', quota),
            format('Quotas are: %s.', (SELECT string_agg(q.quota, ', ') FROM leap.quotas() q)));
    ELSIF "limit" IS NULL THEN
        RETURN 'null';
    ELSIF "limit" = 'unlimited' THEN
        RETURN '"unlimited"';
    ELSIF "limit" ~ '^\d{1,18}$' THEN
        RETURN to_jsonb("limit"::bigint);
    ELSIF unit = 'bytes' AND "limit" ~* '^\d{1,9}(\.\d{1,3})? ?(kB|MB|GB|TB)$' THEN
        RETURN to_jsonb(pg_size_bytes("limit"));
    ELSIF unit = 'seconds' AND "limit" ~* '^\d{1,9} ?(s|min|h)$' THEN
        RETURN to_jsonb(extract(epoch FROM "limit"::interval)::bigint);
    END IF;
    PERFORM leap.refuse('LP030', format('"%s" is no limit for %s', "limit", quota),
        format('A limit is a whole number of %s%s, unlimited, or null (inherit). 0 lets nothing in.', unit,
               CASE unit WHEN 'bytes' THEN ' or for example 50 GB' WHEN 'seconds' THEN ' or for example 20 h' ELSE '' END));
END
$$;
COMMENT ON FUNCTION leap.read_limit(text, text) IS
'A limit as limits objects hold it, from the words of a person. Error LP030 for an unknown quota or a value that is no limit.';

CREATE OR REPLACE FUNCTION leap.read_limits(limits jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF jsonb_typeof(limits) IS DISTINCT FROM 'object' THEN
        PERFORM leap.refuse('LP030', format('%s is no set of limits', coalesce(limits::text, 'null')),
                            'It is an object, such as {"recordings_per_month": 20, "storage_bytes": "50 GB"}.');
    END IF;
    RETURN (SELECT coalesce(jsonb_object_agg(l.key, leap.read_limit(l.key, l.value)), '{}') FROM jsonb_each_text(limits) l);
END
$$;
COMMENT ON FUNCTION leap.read_limits(jsonb) IS 'leap.read_limit() for every key of an object. Error LP030.';

-- After limits changed: who has reached them now, and who may go on.
CREATE OR REPLACE FUNCTION leap.limits_changed(of_users uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- what is being counted by the old limit is waited for; what comes later sees the new one
    PERFORM FROM leap.quota_usage u WHERE u.user_id = ANY (of_users) ORDER BY u.user_id, u.quota, u.period FOR UPDATE;
    PERFORM leap.raise_quota_alerts(u, s.quota, s.used, s."limit")
    FROM unnest(of_users) u CROSS JOIN LATERAL leap.quota_status_of(u) s
    WHERE s.percent >= 80 AND s.quota <> 'concurrent_tasks';
    PERFORM leap.release_quota_holds(u) FROM unnest(of_users) u
    WHERE EXISTS (SELECT FROM leap.recordings r WHERE r.hold = 'quota' AND r.user_id = u);
END
$$;
COMMENT ON FUNCTION leap.limits_changed(uuid[]) IS
'To be called when the limits of these users changed: raises the alerts that are due and releases holds of quotas.';

CREATE OR REPLACE FUNCTION leap.find_plan(plan text)
RETURNS leap.subscription_plans LANGUAGE plpgsql STABLE AS $$
DECLARE
    p leap.subscription_plans;
BEGIN
    SELECT * INTO p FROM leap.subscription_plans x WHERE x.name = plan;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no plan "%s"', plan),
            coalesce('Plans are: ' || (SELECT string_agg(x.name, ', ' ORDER BY x.name) FROM leap.subscription_plans x) || '.',
                     'There is none yet; set_plan makes one.'));
    END IF;
    RETURN p;
END
$$;
COMMENT ON FUNCTION leap.find_plan(text) IS 'The plan of this name. Error LP020.';

CREATE OR REPLACE FUNCTION leap.set_plan(plan text, limits jsonb = '{}', display_name text = NULL, description text = NULL,
                                         is_active boolean = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    given jsonb := leap.read_limits(limits);
    p leap.subscription_plans;
    before jsonb := (SELECT to_jsonb(x) FROM leap.subscription_plans x WHERE x.name = plan);
BEGIN
    IF plan !~ '^[a-z0-9_-]{1,50}$' THEN
        PERFORM leap.refuse('LP030', format('"%s" is no name of a plan', plan), 'It has up to 50 of the characters a-z, 0-9, _ and -.');
    END IF;
    INSERT INTO leap.subscription_plans AS x (name, display_name, description, limits, is_active)
    VALUES (plan, coalesce(set_plan.display_name, plan), set_plan.description, jsonb_strip_nulls(given), coalesce(set_plan.is_active, true))
    ON CONFLICT (name) DO UPDATE
    SET display_name = coalesce(set_plan.display_name, x.display_name), description = coalesce(set_plan.description, x.description),
        limits = jsonb_strip_nulls(x.limits || given), is_active = coalesce(set_plan.is_active, x.is_active)
    RETURNING * INTO p;
    PERFORM leap.audit('set_plan', 'plan', p.name, before, to_jsonb(p));
    PERFORM leap.limits_changed(ARRAY(SELECT s.user_id FROM leap.user_subscriptions s WHERE s.plan_id = p.id ORDER BY s.user_id));
    RETURN jsonb_build_object('plan', p.name, 'limits', p.limits, 'is_active', p.is_active,
        'subscribers', (SELECT count(*) FROM leap.user_subscriptions s WHERE s.plan_id = p.id));
END
$$;
COMMENT ON FUNCTION leap.set_plan(text, jsonb, text, text, boolean) IS
'Makes a plan or changes it; what is left out stays. limits: {"quota": number | "50 GB" | "unlimited" | null}, null takes the key out (inherit the default). An inactive plan takes no new subscribers. Holds for its subscribers at once. Returns {plan, limits, is_active, subscribers}. Error LP030.';

CREATE OR REPLACE FUNCTION leap.delete_plan(plan text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    p leap.subscription_plans := leap.find_plan(plan);
BEGIN
    PERFORM FROM leap.subscription_plans x WHERE x.id = p.id FOR UPDATE;       -- who subscribes now comes first or finds none
    IF EXISTS (SELECT FROM leap.user_subscriptions s WHERE s.plan_id = p.id) THEN
        PERFORM leap.refuse('LP009', format('somebody has the plan %s', plan), 'Give its subscribers another plan first, or close it: leap.set_plan(plan, is_active => false).');
    END IF;
    DELETE FROM leap.subscription_plans x WHERE x.id = p.id;
    PERFORM leap.audit('delete_plan', 'plan', p.name, to_jsonb(p));
END
$$;
COMMENT ON FUNCTION leap.delete_plan(text) IS 'Deletes a plan that nobody has. Errors LP009 while somebody does, LP020.';

CREATE OR REPLACE FUNCTION leap.subscribe("user" text, plan text, expires_at timestamptz = NULL, starts_at timestamptz = NULL, notes text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
    p leap.subscription_plans := leap.find_plan(plan);
    s leap.user_subscriptions;
    before jsonb;
BEGIN
    SELECT * INTO s FROM leap.user_subscriptions x WHERE x.user_id = u.id FOR UPDATE;
    before := CASE WHEN FOUND THEN to_jsonb(s) END;
    IF NOT p.is_active AND s.plan_id IS DISTINCT FROM p.id THEN
        PERFORM leap.refuse('LP030', format('the plan %s takes no new subscribers', plan), 'leap.set_plan(plan, is_active => true) opens it.');
    ELSIF subscribe.expires_at <= coalesce(subscribe.starts_at, now()) THEN
        PERFORM leap.refuse('LP030', format('the subscription would end at %s, before it begins', subscribe.expires_at), 'It ends later than it begins; null is without end.');
    ELSIF subscribe.starts_at > now() AND s.plan_id IS NOT NULL AND s.starts_at <= now() AND (s.expires_at IS NULL OR s.expires_at > now()) THEN
        PERFORM leap.refuse('LP030', format('%s has a plan now, and one that begins at %s would end it', u.email, subscribe.starts_at),
                            'A user has one subscription: change it when the time has come, or unsubscribe first.');
    END IF;
    INSERT INTO leap.user_subscriptions AS x (user_id, plan_id, starts_at, expires_at, notes)
    VALUES (u.id, p.id, coalesce(subscribe.starts_at, now()), subscribe.expires_at, subscribe.notes)
    ON CONFLICT (user_id) DO UPDATE SET plan_id = excluded.plan_id, starts_at = excluded.starts_at, expires_at = excluded.expires_at,
        notes = coalesce(excluded.notes, x.notes)
    RETURNING * INTO s;
    PERFORM leap.audit('subscribe', 'user', u.id::text, before, to_jsonb(s), subscribe.notes);
    PERFORM leap.limits_changed(ARRAY[u.id]);
    RETURN jsonb_build_object('user', u.email, 'plan', p.name, 'starts_at', s.starts_at, 'expires_at', s.expires_at, 'overrides', s.custom_limits);
END
$$;
COMMENT ON FUNCTION leap.subscribe(text, text, timestamptz, timestamptz, text) IS
'Gives a user a plan, in place of the one he has; overrides stay and hold as long as the subscription. Before it starts and after it expires (null: never) the defaults hold. Returns {user, plan, starts_at, expires_at, overrides}. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.unsubscribe("user" text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
    before jsonb := (SELECT to_jsonb(x) FROM leap.user_subscriptions x WHERE x.user_id = u.id);
    s leap.user_subscriptions;
BEGIN
    UPDATE leap.user_subscriptions x SET plan_id = NULL, starts_at = now(), expires_at = NULL
    WHERE x.user_id = u.id RETURNING * INTO s;
    PERFORM leap.audit('unsubscribe', 'user', u.id::text, before, to_jsonb(s)) WHERE before IS NOT NULL;
    PERFORM leap.limits_changed(ARRAY[u.id]);
    RETURN jsonb_build_object('user', u.email, 'plan', NULL, 'overrides', coalesce(s.custom_limits, '{}'));
END
$$;
COMMENT ON FUNCTION leap.unsubscribe(text) IS
'Takes the plan from a user; overrides stay, without end. Returns {user, plan, overrides}. Error LP020.';

CREATE OR REPLACE FUNCTION leap.set_quota("user" text, quota text, "limit" text, why text = NULL)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
    given jsonb := jsonb_build_object(quota, leap.read_limit(quota, "limit"));
    before jsonb := (SELECT jsonb_build_object(set_quota.quota, x.custom_limits -> set_quota.quota)
                     FROM leap.user_subscriptions x WHERE x.user_id = u.id);
BEGIN
    INSERT INTO leap.user_subscriptions AS x (user_id, custom_limits) VALUES (u.id, jsonb_strip_nulls(given))
    ON CONFLICT (user_id) DO UPDATE SET custom_limits = jsonb_strip_nulls(x.custom_limits || given);
    PERFORM leap.audit('set_quota', 'user', u.id::text, before, given, why);
    PERFORM leap.limits_changed(ARRAY[u.id]);
    RETURN (SELECT to_jsonb(s) FROM leap.quota_status_of(u.id) s WHERE s.quota = set_quota.quota);
END
$$;
COMMENT ON FUNCTION leap.set_quota(text, text, text, text) IS
'Overrides a limit for one user: a number (0 lets nothing in; bytes also as 50 GB, seconds as 20 h), unlimited, or null to inherit again. Holds at once, and as long as the user''s subscription; written to leap.audit_logs. Returns the quota as leap.quota_status() shows it. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.set_quota("user" text, quota text, "limit" bigint, why text = NULL)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.set_quota("user", quota, "limit"::text, why)
$$;
COMMENT ON FUNCTION leap.set_quota(text, text, bigint, text) IS 'The same with a number.';
