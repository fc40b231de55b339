-- Tokens of other issuers: whose account they are, and what they never make of it.
SELECT leap.add_user('ida@example.org', 'Ida', 'admin') IS NOT NULL AND leap.add_user('ira@example.org', 'Ira') IS NOT NULL AS added;
CREATE FUNCTION test.who(claims jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s as %s, says %s', u.email, c->>'role', (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(c) k))
    FROM leap.claims_of_identity(claims) c JOIN leap.users u ON u.id = (c->>'sub')::uuid
$$;
SELECT leap.set_issuer('https://id.example.org');
SELECT leap.link_identity('ida@example.org', 'https://id.example.org', 'ida-1');

-- the subject counts, and no role that a token gives itself: administrators are such by their own login only
SELECT claims, test.who(claims) FROM unnest(ARRAY[
    '{"iss": "https://id.example.org", "sub": "ida-1", "role": "leap_admin", "tv": 99, "sid": "x"}', '{"iss": "https://id.example.org", "sub": "ida-2"}',
    '{"iss": "https://other.example.org", "sub": "ida-1"}', '{"iss": "https://id.example.org"}', '{"sub": "ida-1"}', '{}',
    '{"iss": "https://id.example.org", "sub": "ira", "email": "ira@example.org", "email_verified": true}']::jsonb[]) claims;

-- by address only where the issuer is trusted with them, and both sides have verified it
SELECT leap.set_issuer('https://id.example.org', true);
SELECT test.who('{"iss": "https://id.example.org", "sub": "ira", "email": "Ira@example.org", "email_verified": true}') AS not_verified_here;
UPDATE leap.users SET is_verified = true WHERE email IN ('ida@example.org', 'ira@example.org');
SELECT claims->>'email_verified' AS verified, test.who(claims) FROM unnest(ARRAY[
    '{"iss": "https://id.example.org", "sub": "ira", "email": "Ira@example.org", "email_verified": true}', '{"iss": "https://id.example.org", "sub": "ira", "email": "Ira@example.org", "email_verified": "true"}',
    '{"iss": "https://id.example.org", "sub": "ira", "email": "Ira@example.org"}', '{"iss": "https://id.example.org", "sub": "ira", "email_verified": true}']::jsonb[]) claims;
SELECT test.who('{"iss": "https://id.example.org", "sub": "ida-1", "email": "ira@example.org", "email_verified": true}') AS what_is_linked_goes_before;

-- shut out is shut out, and forgotten is forgotten
SELECT leap.change_user('ida@example.org', '{"is_active": false}') ->> 'is_active' AS active;
SELECT test.who('{"iss": "https://id.example.org", "sub": "ida-1"}');
SELECT leap.change_user('ida@example.org', '{"is_active": true}') ->> 'is_active' AS active;
SELECT leap.unlink_identity('https://id.example.org', 'ida-1');
SELECT test.who('{"iss": "https://id.example.org", "sub": "ida-1"}');
SELECT leap.unlink_identity('https://id.example.org', 'ida-1');
SELECT leap.link_identity('ida@example.org', 'https://nowhere.example.org', 'ida-1');
SELECT leap.link_identity('ida@example.org', 'https://id.example.org', ' ');
SELECT leap.set_issuer('not one');
SELECT leap.delete_issuer('https://id.example.org');
SELECT leap.delete_issuer('https://id.example.org');
SELECT action, resource_type, details FROM leap.audit_logs WHERE action LIKE '%identity' OR resource_type = 'issuer' ORDER BY id;

-- only the gateway asks
SELECT r.rolname FROM pg_roles r WHERE r.rolname LIKE 'leap\_%' AND has_function_privilege(r.oid, 'leap.claims_of_identity(jsonb)', 'EXECUTE') ORDER BY 1;
DROP FUNCTION test.who(jsonb);
DELETE FROM leap.users WHERE email IN ('ida@example.org', 'ira@example.org');
