-- People whom others vouch for: identities of foreign issuers, and the accounts they are.
--
-- The gateway verifies a token of another issuer (key, iss, aud, exp) and asks here whose account that is. What a token says
-- of roles is not heard: the account's own row decides, and an administrator is one only by LEAP's own login. An identity is
-- linked to an account by an operator, or, where the issuer is trusted with addresses, found by an address that both sides
-- have verified: who registered with somebody else's address gets nobody's tokens.
-- Lock order: users -> identities.

CREATE TABLE IF NOT EXISTS leap.issuers (
    issuer     text PRIMARY KEY CHECK (issuer ~ '^\S+$' AND length(issuer) <= 500),
    by_email   boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT leap.clock()
);
COMMENT ON TABLE leap.issuers IS 'Whose tokens are good for accounts here. by_email: its verified addresses are believed. Its keys are in the file of leap serve --jwks-file.';

CREATE TABLE IF NOT EXISTS leap.identities (
    issuer     text NOT NULL REFERENCES leap.issuers ON DELETE CASCADE,
    subject    text NOT NULL CHECK (subject ~ '\S' AND length(subject) <= 500),
    user_id    uuid NOT NULL REFERENCES leap.users ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT leap.clock(),
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX IF NOT EXISTS identities_by_user ON leap.identities (user_id);
COMMENT ON TABLE leap.identities IS 'Which account a subject of an issuer is.';

CREATE OR REPLACE FUNCTION leap.claims_of_identity(claims jsonb)
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT leap.user_claims(u) || jsonb_build_object('role', 'leap_user', 'iss', i.issuer)
    FROM leap.issuers i
    LEFT JOIN leap.identities d ON d.issuer = i.issuer AND d.subject = claims->>'sub'
    JOIN leap.users u ON u.id = d.user_id
        OR (d.user_id IS NULL AND i.by_email AND claims->'email_verified' = 'true' AND u.is_verified AND lower(u.email) = lower(btrim(claims->>'email')))
    WHERE i.issuer = claims->>'iss' AND u.is_active
$$;
COMMENT ON FUNCTION leap.claims_of_identity(jsonb) IS
'The claims of the account that an identity is: sub, role (always leap_user), tv, iss; null for one that is none. For the gateway, which has verified the token.';

CREATE OR REPLACE FUNCTION leap.set_issuer(issuer text, by_email boolean = false)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    IF set_issuer.issuer IS NULL OR set_issuer.issuer !~ '^\S+$' OR length(set_issuer.issuer) > 500 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no issuer', left(set_issuer.issuer, 100)), 'It is what its tokens say as iss, mostly a URL.');
    END IF;
    INSERT INTO leap.issuers AS i (issuer, by_email) VALUES (set_issuer.issuer, coalesce(set_issuer.by_email, false))
    ON CONFLICT ON CONSTRAINT issuers_pkey DO UPDATE SET by_email = excluded.by_email;
    PERFORM leap.audit('set', 'issuer', set_issuer.issuer, NULL, jsonb_build_object('by_email', coalesce(set_issuer.by_email, false)));
END
$$;
COMMENT ON FUNCTION leap.set_issuer(text, boolean) IS
'For operators: lets tokens of an issuer stand for accounts; by_email: also for the account with the verified address a token has. Error LP030.';

CREATE OR REPLACE FUNCTION leap.delete_issuer(issuer text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
BEGIN
    DELETE FROM leap.issuers i WHERE i.issuer = delete_issuer.issuer;
    IF NOT FOUND THEN
        PERFORM leap.refuse('LP020', format('there is no issuer %s', delete_issuer.issuer), 'SELECT issuer FROM leap.issuers shows them.');
    END IF;
    PERFORM leap.audit('delete', 'issuer', delete_issuer.issuer);
END
$$;
COMMENT ON FUNCTION leap.delete_issuer(text) IS 'For operators: an issuer''s tokens are good no more, and its identities are forgotten. Error LP020.';

CREATE OR REPLACE FUNCTION leap.link_identity("user" text, issuer text, subject text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    u leap.users := leap.find_user("user");
BEGIN
    IF NOT EXISTS (SELECT FROM leap.issuers i WHERE i.issuer = link_identity.issuer) THEN
        PERFORM leap.refuse('LP020', format('there is no issuer %s', link_identity.issuer), 'leap.set_issuer() makes one known.');
    ELSIF link_identity.subject IS NULL OR link_identity.subject !~ '\S' OR length(link_identity.subject) > 500 THEN
        PERFORM leap.refuse('LP030', format('"%s" is no subject', left(link_identity.subject, 100)), 'It is what the issuer''s tokens say as sub.');
    END IF;
    INSERT INTO leap.identities AS d (issuer, subject, user_id) VALUES (link_identity.issuer, link_identity.subject, u.id)
    ON CONFLICT ON CONSTRAINT identities_pkey DO UPDATE SET user_id = excluded.user_id;
    PERFORM leap.note_account('link identity', u.id, jsonb_build_object('issuer', link_identity.issuer, 'subject', link_identity.subject));
END
$$;
COMMENT ON FUNCTION leap.link_identity(text, text, text) IS 'For operators: a subject of an issuer is this user from now on. Errors LP020, LP030.';

CREATE OR REPLACE FUNCTION leap.unlink_identity(issuer text, subject text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    d leap.identities;
BEGIN
    DELETE FROM leap.identities x WHERE x.issuer = unlink_identity.issuer AND x.subject = unlink_identity.subject RETURNING x.* INTO d;
    IF d.user_id IS NULL THEN
        PERFORM leap.refuse('LP020', format('there is no identity %s of %s', unlink_identity.subject, unlink_identity.issuer), 'SELECT * FROM leap.identities shows them.');
    END IF;
    PERFORM leap.note_account('unlink identity', d.user_id, jsonb_build_object('issuer', d.issuer, 'subject', d.subject));
END
$$;
COMMENT ON FUNCTION leap.unlink_identity(text, text) IS 'For operators: forgets whose account a subject of an issuer is. Error LP020.';
