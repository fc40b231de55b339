-- Mails that prove an address: verification of an account, and a new password for who forgot his.
--
-- Who asks for such a mail learns nothing: the request is a row whether or not there is an account, and leap.tick()
-- looks a moment later. The token of the link is stored nowhere. It is made, from the id of its row and a signing key,
-- when a worker takes the mail, so neither the delivery log nor a backup holds a link that works; tried again, the
-- delivery says the same. The link has the token behind "#", where no server and no proxy logs it.
-- Lock order: account_requests (skipped if locked) -> users -> account_tokens -> deliveries.

CREATE UNIQUE INDEX IF NOT EXISTS account_requests_once ON leap.account_requests (email, purpose);

CREATE OR REPLACE FUNCTION leap.ask_for_mail(email text, purpose text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    address text := lower(btrim(ask_for_mail.email));
BEGIN
    IF address IS NULL OR address !~ '^[^@\s]+@[^@\s]+$' OR length(address) > 254 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no e-mail address', left(ask_for_mail.email, 300)), 'It looks like name@example.org.');
    END IF;
    INSERT INTO leap.account_requests (email, purpose) VALUES (address, ask_for_mail.purpose) ON CONFLICT DO NOTHING;
    RETURN '{"accepted": true}';
END
$$;
COMMENT ON FUNCTION leap.ask_for_mail(text, text) IS 'Notes that somebody wants a mail (verify, reset) to an address. Error LP030 for what is none.';

CREATE OR REPLACE FUNCTION leap.forgot_password(email text)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$ SELECT leap.ask_for_mail(email, 'reset') $$;
COMMENT ON FUNCTION leap.forgot_password(text) IS
'Mails a link that resets the password within a minute or so, if there is such an account; the answer is always {"accepted": true}. Error LP030 for what is no address.';

CREATE OR REPLACE FUNCTION leap.resend_verification(email text)
RETURNS jsonb LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$ SELECT leap.ask_for_mail(email, 'verify') $$;
COMMENT ON FUNCTION leap.resend_verification(text) IS
'Mails another link that verifies the address, if there is such an account and it is not verified; the answer is always {"accepted": true}. Error LP030 for what is no address.';

CREATE OR REPLACE FUNCTION leap.mail_token(id uuid, purpose text, kid text)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT leap.base64url(leap.hmac_sha256(convert_to(purpose || ' ' || id, 'UTF8'), k.secret)) FROM leap.signing_keys k WHERE k.kid = mail_token.kid AND k.purpose = 'mail'
$$;
COMMENT ON FUNCTION leap.mail_token(uuid, text, text) IS 'The token of a row of leap.account_tokens, which only who reads signing keys can make; null without the key.';

CREATE OR REPLACE FUNCTION leap.send_account_mail(u leap.users, purpose text)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    k text := (SELECT x.kid FROM leap.signing_keys x WHERE x.purpose = 'mail' AND x.retired_at IS NULL);
    token uuid := leap.uuid7();
    delivery uuid := leap.uuid7();
    off boolean := leap.setting('leap.mail') = 'off';
BEGIN
    IF NOT u.is_active OR (purpose = 'verify' AND u.is_verified)
       OR EXISTS (SELECT FROM leap.account_tokens t WHERE t.user_id = u.id AND t.purpose = send_account_mail.purpose AND t.email = u.email AND t.created_at > leap.clock() - interval '1 minute') THEN
        RETURN false;
    END IF;
    INSERT INTO leap.account_tokens (id, user_id, purpose, email, kid, hash, expires_at)
    VALUES (token, u.id, purpose, u.email, k, leap.token_hash(leap.mail_token(token, purpose, k)), leap.clock() + CASE purpose
            WHEN 'reset' THEN leap.setting('leap.reset_lifetime')::int * interval '1 minute' ELSE leap.setting('leap.verification_hours')::int * interval '1 h' END);
    INSERT INTO leap.deliveries (id, user_id, channel, state, reason, message, run_at, sent_at, finished_at, task_id)
    VALUES (delivery, u.id, 'email', CASE WHEN off THEN 'suppressed' ELSE 'pending' END, CASE WHEN off THEN 'mails are switched off here (leap.mail)' END,
            jsonb_build_object('account_token', token, 'language', u.language), CASE WHEN NOT off THEN leap.clock() END, CASE WHEN NOT off THEN leap.clock() END,
            CASE WHEN off THEN leap.clock() END, CASE WHEN NOT off THEN leap.add_errand('notify', u.id, delivery) END);
    RETURN NOT off;
END
$$;
COMMENT ON FUNCTION leap.send_account_mail(leap.users, text) IS
'Plans a mail with a link (verify, reset) to a user at once, beside his other mails and at most one a minute to an address; returns whether one will be sent.';

CREATE OR REPLACE FUNCTION leap.answer_account_requests()
RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    WITH asked AS (
        DELETE FROM leap.account_requests a
        WHERE a.id IN (SELECT r.id FROM leap.account_requests r ORDER BY r.id LIMIT 5000 FOR UPDATE SKIP LOCKED) RETURNING a.email, a.purpose)
    SELECT count(*) FILTER (WHERE leap.send_account_mail(u, s.purpose))::int FROM asked s JOIN leap.users u ON lower(u.email) = s.email
$$;
COMMENT ON FUNCTION leap.answer_account_requests() IS 'Sends the mails that were asked for to those who have an account; a chore of every minute. Returns how many.';

-- What a link is called in mails depends on what it does; one that was used or has expired is not sent any more.
CREATE OR REPLACE FUNCTION leap.compose_account_mail(token uuid, u leap.users)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    t leap.account_tokens;
    words record;
    v jsonb;
    body text;
BEGIN
    SELECT * INTO t FROM leap.account_tokens x WHERE x.id = token AND x.used_at IS NULL AND x.expires_at > leap.clock() AND x.email = u.email;
    IF t.id IS NULL OR leap.mail_token(t.id, t.purpose, t.kid) IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO words FROM leap.mail_text(CASE t.purpose WHEN 'reset' THEN 'password_reset' ELSE 'address_verification' END, u.language);
    v := jsonb_strip_nulls(jsonb_build_object('to', u.email, 'user_name', nullif(leap.one_line(coalesce(u.full_name, ''), 200), ''), 'until', leap.local_time(t.expires_at, u),
        'url', rtrim(leap.setting('leap.public_url'), '/') || CASE t.purpose WHEN 'reset' THEN '/reset-password#' ELSE '/verify-email#' END || leap.mail_token(t.id, t.purpose, t.kid)));
    body := btrim((leap.try_render(words.body, v)).rendered, E' \n');
    RETURN jsonb_strip_nulls(jsonb_build_object('language', u.language, 'subject', leap.one_line((leap.try_render(words.subject, v)).rendered, 200), 'text', body || E'\n',
                                                'html', (leap.try_render(words.html, v)).rendered));
END
$$;
COMMENT ON FUNCTION leap.compose_account_mail(uuid, leap.users) IS 'The mail with this link to its user: {language, subject, text, html}; null if the link is good no more.';

CREATE OR REPLACE FUNCTION leap.take_account_token(token text, purpose text)
RETURNS leap.users LANGUAGE plpgsql AS $$
DECLARE
    u leap.users;
    t leap.account_tokens;
BEGIN
    SELECT x.* INTO u FROM leap.users x JOIN leap.account_tokens y ON y.user_id = x.id
    WHERE y.hash = leap.token_hash(left(token, 200)) AND y.purpose = take_account_token.purpose AND x.is_active FOR NO KEY UPDATE OF x;
    UPDATE leap.account_tokens x SET used_at = leap.clock()
    WHERE x.hash = leap.token_hash(left(token, 200)) AND x.user_id = u.id AND x.email = u.email AND x.used_at IS NULL AND x.expires_at > leap.clock() RETURNING x.* INTO t;
    IF t.id IS NULL THEN
        RETURN NULL;
    END IF;
    -- who has the mail of an address has shown that it is his; older links are worthless now
    UPDATE leap.account_tokens x SET used_at = leap.clock() WHERE x.user_id = u.id AND x.purpose = t.purpose AND x.used_at IS NULL;
    UPDATE leap.users x SET is_verified = true WHERE x.id = u.id RETURNING * INTO u;
    RETURN u;
END
$$;
COMMENT ON FUNCTION leap.take_account_token(text, text) IS 'Uses up the token of a link: its user, or null if it is not good, or no longer.';

CREATE OR REPLACE FUNCTION leap.bad_link()
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    place bytea := leap.address_key(leap.client_address());
BEGIN
    PERFORM leap.count_failure(NULL, place);
    RETURN leap.answer(403, 'LP043', 'this link is not good, or no longer', 'Links are good once and for a while: ask for another one.');
END
$$;
COMMENT ON FUNCTION leap.bad_link() IS 'The answer to a token that is none; counts as a failure of the address.';

CREATE OR REPLACE FUNCTION leap.reset_password(token text, new_password text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    wait int := leap.login_blocked(NULL, leap.address_key(leap.client_address()), true);
    u leap.users;
BEGIN
    PERFORM leap.check_password(new_password);
    IF wait IS NOT NULL THEN
        RETURN leap.too_many_attempts(wait);
    END IF;
    u := leap.take_account_token(token, 'reset');
    IF u.id IS NULL THEN
        RETURN leap.bad_link();
    END IF;
    PERFORM leap.store_password(u.id, new_password);
    UPDATE leap.users x SET token_version = x.token_version + 1 WHERE x.id = u.id;
    PERFORM leap.note_account('reset password', u.id, jsonb_build_object('sessions_ended', leap.end_sessions(u.id, NULL, 'password')));
    DELETE FROM leap.login_failures f WHERE f.kind = 'account' AND f.key = leap.account_key(u.email);
    PERFORM leap.raise_event(u.id, 'security_alert', '{}', '{"name": "LEAP", "message": "the password was reset by a link in a mail"}');
    RETURN '{"changed": true}';
END
$$;
COMMENT ON FUNCTION leap.reset_password(text, text) IS
'Sets a new password by the token of a mail, ends all sessions and the blocks of the account. Error LP030 for what is no password. Returned, not raised: 403 (LP043) for a token that is not good, 429 (LP044).';

CREATE OR REPLACE FUNCTION leap.verify_email(token text)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    wait int := leap.login_blocked(NULL, leap.address_key(leap.client_address()), true);
    u leap.users;
BEGIN
    IF wait IS NOT NULL THEN
        RETURN leap.too_many_attempts(wait);
    END IF;
    u := leap.take_account_token(token, 'verify');
    IF u.id IS NULL THEN
        RETURN leap.bad_link();
    END IF;
    PERFORM leap.note_account('verify email', u.id);
    RETURN jsonb_build_object('verified', u.email);
END
$$;
COMMENT ON FUNCTION leap.verify_email(text) IS
'Notes that the address of an account is its owner''s, by the token of a mail. Returned, not raised: 403 (LP043) for a token that is not good, 429 (LP044).';
