-- What operators tune by plain SQL is written into the log of what people did.

CREATE OR REPLACE FUNCTION leap.audit_tuning()
RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, leap, pg_temp AS $$
DECLARE
    row_key jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
BEGIN
    PERFORM leap.audit(lower(TG_OP), TG_TABLE_NAME, concat_ws(' ', row_key->>'platform', row_key->>'kind', row_key->>'class', row_key->>'name', row_key->>'language'),
                       CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END, CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END);
    RETURN NULL;
END
$$;

DO $$
DECLARE
    tuned text;
BEGIN
    FOREACH tuned IN ARRAY '{rate_limits,retry_policies,error_classes,task_kinds}'::text[] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_tuning AFTER INSERT OR DELETE ON leap.%I FOR EACH ROW EXECUTE FUNCTION leap.audit_tuning()', tuned);
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_tuning_update AFTER UPDATE ON leap.%I FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
                        EXECUTE FUNCTION leap.audit_tuning()', tuned);
    END LOOP;
END
$$;
