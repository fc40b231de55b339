-- Seals: what makes a change of the audit log show, also one by somebody whom no trigger stops.
--
-- A seal covers the entries after the last one's up to another id: per month their number and the SHA-256 of their hashes, in
-- the order of ids. Its head hashes all of that with the head before it. Who changes, removes or slips in an entry
-- below a seal would have to make all later heads anew, and a head that was exported (notification leap_audit, server
-- log, leap.audit_head()) tells on him. Months that are over leap.audit_months go; their seals stay, and the chain with them.
--
-- An entry that commits late must not be missed. Whoever writes one locks the table before he gets an id, until his
-- transaction ends; so when those have ended who held that lock after an id was read, all ids up to it are settled.
-- A snapshot's horizon would tell the same, but numbers of transactions do not survive a dump, and ids do.
-- Lock order: the row of leap.audit_sealing, then nothing.

CREATE TABLE IF NOT EXISTS leap.audit_seals (
    no            bigint PRIMARY KEY,
    from_id       bigint NOT NULL,
    to_id         bigint NOT NULL CHECK (to_id > from_id),
    entries       bigint NOT NULL CHECK (entries > 0),
    months        jsonb NOT NULL,
    previous_head text NOT NULL,
    head          text NOT NULL UNIQUE,
    sealed_at     timestamptz NOT NULL
);
COMMENT ON TABLE leap.audit_seals IS
'The chain of seals over leap.audit_logs: entries with from_id < id <= to_id; months: {"2026-11": {"entries", "root"}}; head: the hash of it all with previous_head. Append-only.';

CREATE TABLE IF NOT EXISTS leap.audit_sealing (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    up_to    bigint,
    writers  text[],
    told     bigint NOT NULL DEFAULT 0,
    kept_since timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO leap.audit_sealing DEFAULT VALUES ON CONFLICT DO NOTHING;
COMMENT ON TABLE leap.audit_sealing IS
'Where sealing is: the id to seal up to when the transactions in writers have ended, the last seal that the server log has, and the time before which entries may have gone by their age.';

CREATE OR REPLACE FUNCTION leap.refuse_seal_change()
RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM leap.refuse('LP007', format('%s of leap.audit_seals is refused: the chain is only added to', TG_OP), 'Seals stay, also when what they seal is over leap.audit_months.');
END
$$;
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON leap.audit_seals FOR EACH STATEMENT EXECUTE FUNCTION leap.refuse_seal_change();

-- The list of columns is the format: what is added to the table later is not in it, but for the name, which is where there is one:
-- entries of before there were names keep their hashes.
CREATE OR REPLACE FUNCTION leap.audit_entry_hash(a leap.audit_logs)
RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to((jsonb_build_array(a.id::text, (extract(epoch FROM a.at) * 1000000)::bigint::text, a.who, a.user_id, a.action, a.resource_type,
        a.resource_id, a.result, a.before, a.after, a.why, a.details,
        encode(CASE WHEN a.client_salt IS NULL THEN a.client_digest ELSE leap.client_digest(a.client_salt, a.ip_address, a.user_agent) END, 'hex'))
        || CASE WHEN a.resource_name IS NULL THEN '[]' ELSE jsonb_build_array(a.resource_name) END)::text, 'UTF8'))
$$;
COMMENT ON FUNCTION leap.audit_entry_hash(leap.audit_logs) IS
'SHA-256 of an entry. Address and user agent are in it by the digest that stays when they are erased.';

CREATE OR REPLACE FUNCTION leap.audit_months(from_id bigint, to_id bigint)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_object_agg(m.month, jsonb_build_object('entries', m.n, 'root', m.root))
    FROM (SELECT to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS n,
                 encode(sha256(string_agg(leap.audit_entry_hash(a), ''::bytea ORDER BY a.id)), 'hex') AS root
          FROM leap.audit_logs a WHERE a.id > from_id AND a.id <= to_id GROUP BY 1) m
$$;
COMMENT ON FUNCTION leap.audit_months(bigint, bigint) IS
'The entries with from_id < id <= to_id by month: {"2026-11": {"entries", "root"}}; null without any.';

CREATE OR REPLACE FUNCTION leap.audit_seal_head(s leap.audit_seals)
RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(s.previous_head, s.no::text, s.from_id::text, s.to_id::text, s.entries::text, s.months,
                                                      (extract(epoch FROM s.sealed_at) * 1000000)::bigint::text)::text, 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION leap.audit_seal_head(leap.audit_seals) IS 'The head that a seal must have.';

-- Partitions count too: who writes to one by its own name locks only that.
CREATE OR REPLACE FUNCTION leap.audit_writers()
RETURNS text[] LANGUAGE sql VOLATILE AS $$
    SELECT coalesce(array_agg(DISTINCT l.virtualtransaction), '{}') FROM pg_locks l
    WHERE l.locktype = 'relation' AND l.mode = 'RowExclusiveLock' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.relation IN (SELECT t.relid FROM pg_partition_tree('leap.audit_logs') t)
$$;
COMMENT ON FUNCTION leap.audit_writers() IS 'The transactions, but this one, that may have written to the audit log and have not ended.';

CREATE OR REPLACE FUNCTION leap.add_audit_seal(from_id bigint, to_id bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last leap.audit_seals;
    s leap.audit_seals;
BEGIN
    SELECT * INTO last FROM leap.audit_seals x ORDER BY x.no DESC LIMIT 1;
    s.months := leap.audit_months(from_id, to_id);
    IF s.months IS NULL THEN
        RETURN 0;
    END IF;
    s.no := coalesce(last.no, 0) + 1;
    s.from_id := from_id;
    s.to_id := to_id;
    s.entries := (SELECT sum((m.value->>'entries')::bigint) FROM jsonb_each(s.months) m);
    s.previous_head := coalesce(last.head, '');
    s.sealed_at := clock_timestamp();
    s.head := leap.audit_seal_head(s);
    INSERT INTO leap.audit_seals SELECT s.*;
    PERFORM pg_notify('leap_audit', jsonb_build_object('seal', s.no::text, 'head', s.head)::text);
    RETURN s.entries;
END
$$;
COMMENT ON FUNCTION leap.add_audit_seal(bigint, bigint) IS
'Seals the entries after one id, that of the last seal, up to another, and tells the head to who listens to leap_audit; returns how many entries that were, 0 without a seal.';

CREATE OR REPLACE FUNCTION leap.seal_audit()
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    state leap.audit_sealing;
    last leap.audit_seals;
    reached bigint;
    n bigint := 0;
BEGIN
    -- under an older snapshot settled entries would be invisible
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM leap.refuse('LP003', format('sealing is not possible in a transaction that is %s', current_setting('transaction_isolation')), 'Call leap.seal_audit() in one that is read committed.');
    END IF;
    PERFORM set_config('synchronous_commit', 'on', true);
    SELECT * INTO state FROM leap.audit_sealing FOR UPDATE;
    SELECT * INTO last FROM leap.audit_seals x ORDER BY x.no DESC LIMIT 1;
    -- only what is committed may be in the server's log, so it gets there one call later
    IF last.no > state.told THEN
        RAISE LOG 'leap: audit log is sealed up to entry %: seal %, head %', last.to_id, last.no, last.head;
    END IF;
    IF state.up_to IS NULL THEN
        SELECT CASE WHEN i.is_called THEN i.last_value ELSE 0 END INTO state.up_to FROM leap.audit_log_ids i;
        state.writers := leap.audit_writers();
    END IF;
    IF state.writers && leap.audit_writers() THEN
        state.writers := (SELECT array_agg(w) FROM unnest(state.writers) w WHERE w = ANY (leap.audit_writers()));
    ELSE
        reached := coalesce(last.to_id, 0);
        FOR i IN 1 .. 20 LOOP
            EXIT WHEN reached >= state.up_to;
            n := n + leap.add_audit_seal(coalesce((SELECT max(x.to_id) FROM leap.audit_seals x), 0), least(reached + 10000, state.up_to));
            reached := least(reached + 10000, state.up_to);
        END LOOP;
        IF reached >= state.up_to THEN
            state.up_to := NULL;
        END IF;
    END IF;
    UPDATE leap.audit_sealing x SET up_to = state.up_to, writers = state.writers, told = coalesce(last.no, 0),
        kept_since = greatest(x.kept_since, now() - make_interval(months => leap.setting('leap.audit_months')::int));
    RETURN n;
END
$$;
COMMENT ON FUNCTION leap.seal_audit() IS
'Seals the entries of the audit log that are settled, 200,000 at most; returns how many. A chore of every minute. What was written while a transaction that also writes to the log goes on waits for its end.';

CREATE OR REPLACE FUNCTION leap.audit_head()
RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
    SELECT coalesce((SELECT jsonb_build_object('seal', s.no::text, 'head', s.head, 'up_to', s.to_id::text, 'sealed_at', s.sealed_at)
                     FROM leap.audit_seals s ORDER BY s.no DESC LIMIT 1), '{"seal": null, "head": null, "up_to": null, "sealed_at": null}')
$$;
COMMENT ON FUNCTION leap.audit_head() IS
'The newest seal of the audit log: {seal, head, up_to (id of the last entry it covers), sealed_at}. Keep the head where nobody of this database can write: leap.audit_verify() proves later that what it covers was not changed.';

-- Words for what is wrong with a seal; null: nothing.
CREATE OR REPLACE FUNCTION leap.audit_seal_fault(s leap.audit_seals, before leap.audit_seals, kept_since timestamptz)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    month record;
BEGIN
    IF s.no <> coalesce(before.no, 0) + 1 OR s.from_id <> coalesce(before.to_id, 0) THEN
        RETURN 'a seal before it is missing';
    ELSIF s.previous_head <> coalesce(before.head, '') OR s.head <> leap.audit_seal_head(s) THEN
        RETURN 'the seal itself was changed';
    END IF;
    FOR month IN SELECT coalesce(k.key, f.key) AS name, k.value AS sealed, f.value AS found
                 FROM jsonb_each(s.months) k FULL JOIN jsonb_each(coalesce(leap.audit_months(s.from_id, s.to_id), '{}')) f USING (key)
                 WHERE to_date(coalesce(k.key, f.key), 'YYYY-MM') >= kept_since AT TIME ZONE 'UTC' ORDER BY 1 LOOP
        IF coalesce(month.found->>'entries', '0') <> coalesce(month.sealed->>'entries', '0') THEN
            RETURN format('%s has %s entries, sealed were %s', month.name, coalesce(month.found->>'entries', '0'), coalesce(month.sealed->>'entries', '0'));
        ELSIF month.found <> month.sealed THEN
            RETURN format('an entry of %s was changed', month.name);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION leap.audit_seal_fault(leap.audit_seals, leap.audit_seals, timestamptz) IS
'What is wrong with a seal that follows another one (null: it is the first), or null. Months that were over before a time are taken as they were sealed.';

CREATE OR REPLACE FUNCTION leap.audit_verify(head text = NULL)
RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    since timestamptz := (SELECT least(greatest(x.kept_since, now() - make_interval(months => leap.setting('leap.audit_months')::int)), now() - interval '1 month')
                          FROM leap.audit_sealing x);
    before leap.audit_seals;
    s leap.audit_seals;
    found_head boolean := audit_verify.head IS NULL;
    broken jsonb;
    fault text;
    n bigint := 0;
BEGIN
    FOR s IN SELECT * FROM leap.audit_seals x ORDER BY x.no LOOP
        fault := leap.audit_seal_fault(s, before, since);
        IF fault IS NOT NULL THEN
            broken := jsonb_build_object('seal', s.no::text, 'after', s.from_id::text, 'up_to', s.to_id::text, 'reason', fault);
            EXIT;
        END IF;
        found_head := found_head OR s.head = audit_verify.head;
        n := n + s.entries;
        before := s;
    END LOOP;
    IF broken IS NULL AND NOT found_head THEN
        broken := jsonb_build_object('seal', NULL, 'after', NULL, 'up_to', NULL, 'reason', 'no seal has this head: the chain was made anew, or ends before it');
    END IF;
    RETURN jsonb_build_object('ok', broken IS NULL, 'broken', broken, 'seals', coalesce(before.no, 0), 'entries', n, 'head', before.head,
        'unsealed', (SELECT count(*) FROM leap.audit_logs a WHERE a.id > coalesce((SELECT max(x.to_id) FROM leap.audit_seals x), 0)),
        'aged_out_before', CASE WHEN isfinite(since) THEN since END);
END
$$;
COMMENT ON FUNCTION leap.audit_verify(text) IS
'For operators: computes all seals of the audit log again. {ok, broken: null or the first seal that does not hold {seal, after, up_to, reason}, seals and entries that hold, head of the last of them, unsealed: entries no seal covers yet, aged_out_before: entries of months before this time may be gone and are not looked at}. head: one that was exported earlier must be in the chain.';
