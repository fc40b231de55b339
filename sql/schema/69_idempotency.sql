-- Requests that may be sent again: the field Idempotency-Key of a POST by HTTP.
--
-- A server looks first whether the request was answered already (leap.idempotent_answer()). If not, its transaction
-- begins with leap.begin_idempotent(), whose row makes a twin that is sent at once wait until this one has ended, and
-- ends with leap.end_idempotent(), which keeps the answer. So request, key and answer are committed together, or none of
-- them: what failed may be tried again with the same key, and what was killed on the way was never there.
-- Secrets that are shown once stay so: an answer that has one is not kept, only that there was one.
-- leap.run_recording() has a key of its own for psql and scripts, with the same rule. Lock order: before all others.

CREATE TABLE IF NOT EXISTS leap.idempotent_requests (
    user_id      uuid NOT NULL,
    key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_hash text NOT NULL,
    status       int,
    fields       text,
    body         text,
    kept         boolean NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT leap.clock(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX IF NOT EXISTS idempotent_requests_by_age ON leap.idempotent_requests (created_at);
COMMENT ON TABLE leap.idempotent_requests IS
'Answers to requests with an Idempotency-Key, for 24 hours. kept is false for an answer that held a secret or was too large: then it is known that there was one, and no more.';

CREATE OR REPLACE FUNCTION leap.idempotent_answer(key text, request_hash text)
RETURNS TABLE (status int, fields text, body text, kept boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    earlier leap.idempotent_requests;
BEGIN
    SELECT * INTO earlier FROM leap.idempotent_requests r
    WHERE r.user_id = leap.current_user_id() AND r.key = idempotent_answer.key AND r.created_at > leap.clock() - interval '24 h';
    IF earlier.request_hash <> idempotent_answer.request_hash THEN
        PERFORM leap.refuse('LP006', format('idempotency key "%s" was used for another request', idempotent_answer.key), 'Use a new key for a new request.');
    ELSIF earlier.key IS NOT NULL THEN
        RETURN QUERY SELECT earlier.status, earlier.fields, earlier.body, earlier.kept;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.idempotent_answer(text, text) IS
'How a request of the caller with this key and digest was answered in the last 24 hours; no row if it was not. For servers. Error LP006 for a key that was used for another request.';

-- The twin that committed meanwhile has an answer by now: 40001 says "begin again", and the server does.
CREATE OR REPLACE FUNCTION leap.begin_idempotent(key text, request_hash text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
BEGIN
    DELETE FROM leap.idempotent_requests r
    WHERE r.user_id = leap.current_user_id() AND r.key = begin_idempotent.key AND r.created_at <= leap.clock() - interval '24 h';
    INSERT INTO leap.idempotent_requests (user_id, key, request_hash)
    VALUES (leap.current_user_id(), begin_idempotent.key, begin_idempotent.request_hash) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE serialization_failure USING MESSAGE = 'a request with the same idempotency key was answered just now',
            HINT = 'Send it again: its answer is there.';
    END IF;
END
$$;
COMMENT ON FUNCTION leap.begin_idempotent(text, text) IS
'Claims a key for the request that this transaction carries out; waits for a transaction that has claimed it already. For servers. Error 40001 if that one has succeeded.';

CREATE OR REPLACE FUNCTION leap.holds_secret(body text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(body ~ '"(access_token|refresh_token|token|ticket|secret|key|invitation|password)"\s*:|"(whsec|lpk)_', false)
$$;
COMMENT ON FUNCTION leap.holds_secret(text) IS 'Whether an answer shows a secret: a token, a key, an invitation, or the secret of a webhook.';

CREATE OR REPLACE FUNCTION leap.end_idempotent(key text, status int, fields text, body text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
#variable_conflict use_column
DECLARE
    keep boolean := body IS NOT NULL AND length(body) <= 1048576 AND NOT leap.holds_secret(body);
BEGIN
    IF end_idempotent.status BETWEEN 200 AND 299 THEN
        UPDATE leap.idempotent_requests r
        SET status = end_idempotent.status, kept = keep, fields = CASE WHEN keep THEN end_idempotent.fields END, body = CASE WHEN keep THEN end_idempotent.body END
        WHERE r.user_id = leap.current_user_id() AND r.key = end_idempotent.key;
    ELSE
        DELETE FROM leap.idempotent_requests r WHERE r.user_id = leap.current_user_id() AND r.key = end_idempotent.key;
    END IF;
END
$$;
COMMENT ON FUNCTION leap.end_idempotent(text, int, text, text) IS
'Keeps the answer of this transaction''s request under its key, unless it has no success to tell (status 200..299), shows a secret, is larger than 1 MiB, or is no text (null). For servers.';
