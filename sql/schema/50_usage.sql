-- What providers were asked for, by whom and what it costs: leap.usage_events.
--
-- A worker says of a task all that it asked of each provider so far, {"<provider>": {requests, audio_seconds, input_tokens,
-- output_tokens}}, its earlier attempts included: in a checkpoint, before it waits for the answer, and with the result. What is
-- more than the rows of this task and provider add up to is written as a row, so that an attempt that was killed counts, and nothing
-- counts twice. Sound that is less than before was refused, or nobody was there to take it: a row below 0 takes it off. What was heard before and is used again was not asked for. The caller has locked the task, so that two reports
-- of the same one come one after the other. Lock order: recording -> task -> usage.

CREATE OR REPLACE FUNCTION leap.usage_number(usage jsonb, key text)
RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE jsonb_typeof(usage->key) WHEN 'number' THEN least(greatest((usage->key)::numeric, 0), 1e12) ELSE 0 END
$$;
COMMENT ON FUNCTION leap.usage_number(jsonb, text) IS 'A number of what a provider was asked for; what is none is 0.';

-- a transcript once was counted when it was stored
DROP FUNCTION IF EXISTS leap.settle_transcription() CASCADE;
CREATE OR REPLACE FUNCTION leap.record_usage(tasks bigint[], usages jsonb[])
RETURNS void LANGUAGE sql AS $$
    WITH said AS (
        SELECT k.id, k.user_id, k.recording_id, k.kind, e.key AS provider, leap.usage_number(e.value, 'requests')::bigint AS requests,
               -- what says nothing of sound takes none off
               CASE jsonb_typeof(e.value->'audio_seconds') WHEN 'number' THEN leap.usage_number(e.value, 'audio_seconds') END AS audio_seconds,
               leap.usage_number(e.value, 'input_tokens')::bigint AS input_tokens, leap.usage_number(e.value, 'output_tokens')::bigint AS output_tokens
        FROM unnest(tasks, usages) AS u(task, usage) JOIN leap.tasks k ON k.id = u.task
        CROSS JOIN LATERAL jsonb_each(leap.object_or_empty(u.usage)) e
        WHERE k.kind IN ('transcribe', 'topics') AND k.recording_id IS NOT NULL AND length(e.key) BETWEEN 1 AND 50),
    change AS (
        SELECT s.id, s.user_id, s.recording_id, s.kind, s.provider, greatest(s.requests - b.requests, 0) AS requests,
               coalesce(s.audio_seconds - b.audio_seconds, 0) AS audio_seconds, greatest(s.input_tokens - b.input_tokens, 0) AS input_tokens,
               greatest(s.output_tokens - b.output_tokens, 0) AS output_tokens,
               -- whole seconds, rounded up once for all rows of the task and provider
               CASE s.kind WHEN 'transcribe' THEN coalesce(ceil(s.audio_seconds)::bigint - b.seconds, 0) ELSE 0 END AS seconds
        FROM said s CROSS JOIN LATERAL (
            SELECT coalesce(sum(x.requests), 0) AS requests, coalesce(sum(x.audio_seconds), 0) AS audio_seconds, coalesce(sum(x.seconds), 0)::bigint AS seconds,
                   coalesce(sum(x.input_tokens), 0) AS input_tokens, coalesce(sum(x.output_tokens), 0) AS output_tokens
            FROM leap.usage_events x WHERE x.task_id = s.id AND x.provider = s.provider) b),
    ranked AS (
        SELECT c.*, row_number() OVER (PARTITION BY c.id, c.seconds <> 0 ORDER BY c.provider) AS no, sum(c.seconds) OVER (PARTITION BY c.id) AS task_seconds
        FROM change c)
    INSERT INTO leap.usage_events (user_id, event, recording_id, task_id, provider, requests, audio_seconds, input_tokens, output_tokens, seconds, transcriptions, cost)
    SELECT m.user_id, CASE m.kind WHEN 'transcribe' THEN 'transcription' ELSE m.kind END, m.recording_id, m.id, m.provider, m.requests, m.audio_seconds,
           m.input_tokens, m.output_tokens, m.seconds,
           -- a task that sound was sent for is a transcription, however much
           CASE WHEN m.seconds <> 0 AND m.no = 1 THEN
               (SELECT CASE WHEN coalesce(sum(x.seconds), 0) + m.task_seconds > 0 THEN 1 ELSE 0 END - coalesce(sum(x.transcriptions), 0)
                FROM leap.usage_events x WHERE x.task_id = m.id) ELSE 0 END,
           CASE WHEN coalesce(p.price_per_hour, p.price_per_million_input, p.price_per_million_output) IS NOT NULL THEN
               round(m.audio_seconds * coalesce(p.price_per_hour, 0) / 3600 + m.input_tokens * coalesce(p.price_per_million_input, 0) / 1000000
                     + m.output_tokens * coalesce(p.price_per_million_output, 0) / 1000000, 9) END
    FROM ranked m LEFT JOIN leap.providers p ON p.family = leap.provider_family(m.kind) AND p.name = m.provider
    WHERE m.requests > 0 OR m.audio_seconds <> 0 OR m.input_tokens > 0 OR m.output_tokens > 0
    ORDER BY m.user_id, m.id, m.provider
$$;
COMMENT ON FUNCTION leap.record_usage(bigint[], jsonb[]) IS
'Writes what these tasks, whose locks the caller holds, asked of each provider since they last said so, and takes off the sound that they no longer name; usages: cumulative for each task, null for nothing. Costs are by the prices the provider has now.';

CREATE OR REPLACE FUNCTION leap.usage_by_provider(of_user uuid, since timestamptz, before timestamptz)
RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('currency', leap.setting('leap.currency'), 'providers', coalesce(jsonb_agg(jsonb_build_object(
               'month', x.month, 'event', x.event, 'provider', x.provider, 'requests', x.requests, 'seconds', round(x.audio_seconds, 1),
               'input_tokens', x.input_tokens, 'output_tokens', x.output_tokens, 'cost', round(x.cost, 4)) ORDER BY x.month DESC, x.event DESC, x.provider), '[]'))
    FROM (SELECT to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, e.event, e.provider, sum(e.requests) AS requests, sum(e.audio_seconds) AS audio_seconds,
                 sum(e.input_tokens) AS input_tokens, sum(e.output_tokens) AS output_tokens, sum(e.cost) AS cost
          FROM leap.usage_events e
          WHERE (of_user IS NULL OR e.user_id = of_user) AND e.at >= since AND e.at < before GROUP BY 1, 2, 3) x
$$;
COMMENT ON FUNCTION leap.usage_by_provider(uuid, timestamptz, timestamptz) IS
'What a user (null: everybody) asked providers for between two moments: {currency, providers [{month (UTC), event (transcription, topics), provider (null: before it was noted), requests, seconds (of sound), input_tokens, output_tokens, cost (null: no price is known)}]}, the newest month first.';
