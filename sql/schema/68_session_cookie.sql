-- The refresh token as a cookie, for the web page: no script can read it.
--
-- Who asks with cookie = true gets the refresh token as the cookie leap_refresh instead of in the body. The cookie goes to the
-- paths of /auth only, never with a request that another site began (SameSite=Strict), and says nothing about who asks:
-- requests are still made with the access token in Authorization, so there is nothing to forge from another page.
-- Tabs of one browser share the cookie. The page lets one of them refresh at a time; where that fails, or an answer is
-- lost on its way, the token of a moment ago comes once more, and that is no theft: leap.refresh() has a leeway for cookies.

CREATE OR REPLACE FUNCTION leap.request_field(name text)
RETURNS text LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('request.headers', true), '')::jsonb ->> name $$;
COMMENT ON FUNCTION leap.request_field(text) IS 'A field of the HTTP request, its name in lower case; null outside a request and for a field it has not.';

-- Behind TLS as the browser sees it: a cookie that is Secure is not kept by a page without.
CREATE OR REPLACE FUNCTION leap.set_session_cookie(value text, seconds bigint)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT set_config('response.headers', jsonb_build_array(jsonb_build_object('Set-Cookie', concat_ws('; ',
        'leap_refresh=' || value, 'Path=/api/v1/auth', 'Max-Age=' || seconds, 'HttpOnly', 'SameSite=Strict',
        CASE WHEN leap.request_field('origin') LIKE 'https://%' OR leap.request_field('x-forwarded-proto') = 'https' THEN 'Secure' END)))::text, true)
$$;
COMMENT ON FUNCTION leap.set_session_cookie(text, bigint) IS 'Lets the answer set the cookie leap_refresh for so many seconds (null: until the browser is closed; 0: it is taken away).';

CREATE OR REPLACE FUNCTION leap.tokens_by_cookie(tokens jsonb)
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF NOT tokens ? 'refresh_token' THEN
        RETURN tokens;
    END IF;
    PERFORM leap.set_session_cookie(tokens->>'refresh_token', CASE WHEN s.remember THEN (tokens->>'refresh_expires_in')::bigint END)
    FROM leap.sessions s WHERE s.id = (tokens->>'session')::uuid;
    RETURN tokens - 'refresh_token';
END
$$;
COMMENT ON FUNCTION leap.tokens_by_cookie(jsonb) IS 'An answer of leap.session_tokens() without the refresh token, which goes into the cookie leap_refresh; any other answer as it is.';

CREATE OR REPLACE FUNCTION leap.refresh_by_cookie()
RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    token text := nullif(current_setting('request.cookies', true), '')::jsonb ->> 'leap_refresh';
    answer jsonb;
BEGIN
    -- a browser says so itself; whoever is no browser has no cookies of others
    IF coalesce(leap.request_field('sec-fetch-site'), 'same-origin') NOT IN ('same-origin', 'none') THEN
        RETURN leap.answer(403, 'LP043', 'a session is taken up by its own page only', 'Programs send the refresh token in the body.');
    END IF;
    answer := leap.tokens_by_cookie(leap.refresh(token, interval '10 s'));
    IF token IS NOT NULL AND NOT answer ? 'access_token' THEN
        PERFORM leap.set_session_cookie('', 0);
    END IF;
    RETURN answer;
END
$$;
COMMENT ON FUNCTION leap.refresh_by_cookie() IS
'The next pair of tokens for the refresh token in the cookie leap_refresh, which the answer sets anew. One that was used up less than 10 seconds ago is still good: tabs of one browser share it. Refusals are returned: 401 (LP042) and the cookie is taken away, 403 (LP043) for a request of another site.';

CREATE OR REPLACE FUNCTION leap.drop_session_cookie()
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF nullif(current_setting('request.cookies', true), '')::jsonb ? 'leap_refresh' THEN
        PERFORM leap.set_session_cookie('', 0);
    END IF;
END
$$;
COMMENT ON FUNCTION leap.drop_session_cookie() IS 'Takes the cookie leap_refresh away from a browser that sent it.';
