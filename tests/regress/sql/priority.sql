-- Priorities and start times: what of a user's waiting tasks comes first, and what waits for its time.
SELECT test.connect();
SELECT leap.add_user('urgent@example.org') IS NOT NULL AS added;
SELECT count(leap.add_recording('urgent@example.org', '{"type": "url", "url": "https://e.org/a.mp4"}', 'u' || i)) FROM generate_series(1, 6) i;
CREATE FUNCTION pg_temp.next() RETURNS text LANGUAGE sql AS $$ SELECT name FROM test.claim(1) $$;

-- lower numbers first; the same number in the order they came
SELECT leap.run_recording(test.id('u1'), priority => 5)->>'message';
SELECT leap.run_recording(test.id('u2'))->>'message';
SELECT leap.run_recording(test.id('u3'), priority => -10)->>'message';
SELECT leap.run_recording(test.id('u4'))->>'message';
SELECT priority, start_at FROM leap.runs WHERE recording_id = test.id('u3');
SELECT DISTINCT prio FROM leap.tasks WHERE recording_id = test.id('u3');
SELECT pg_temp.next();
SELECT pg_temp.next();

-- changed while it waits; what runs goes on
SELECT leap.set_priority(test.id('u1'), -1)->>'message';
SELECT pg_temp.next();
SELECT count(*) FROM leap.task_lease l JOIN leap.tasks t ON t.id = l.task WHERE t.recording_id IN (test.id('u1'), test.id('u2'), test.id('u3'));
-- later steps keep the place of their run
SELECT test.complete('download', 'u3'), test.complete('download', 'u2');
SELECT r.display_name, c.prio FROM leap.task_ready c JOIN leap.recordings r ON r.id = c.recording_id WHERE r.display_name LIKE 'u_' ORDER BY 1;

-- many at once
SELECT r.display_name, o.done, o.reason FROM leap.operate('prioritize', ARRAY[test.id('u4'), test.id('u5')], priority => 3) o JOIN leap.recordings r ON r.id = o.recording ORDER BY 1;
SELECT display_name, u.priority FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.display_name IN ('u4', 'u5');
SELECT count(*) FROM leap.operate('cancel', ARRAY[test.id('u1'), test.id('u2'), test.id('u3'), test.id('u4')]);

-- a start time: the first task waits for it, nobody can claim it
SELECT leap.run_recording(test.id('u5'), start_at => clock_timestamp() + interval '1 hour')->>'message' ~ '^the run of "u5" starts at .* UTC$' AS says_when;
SELECT kind, state FROM leap.tasks WHERE recording_id = test.id('u5') ORDER BY id LIMIT 2;
SELECT s.run_at = u.start_at AS at_its_time FROM leap.task_scheduled s JOIN leap.runs u ON u.recording_id = s.recording_id WHERE s.recording_id = test.id('u5');
SELECT pg_temp.next();
SELECT reason ~ '^starts at .* UTC$' AS reason, remedy FROM leap.stuck WHERE recording = test.id('u5');
-- a pause does not lose the time
SELECT leap.pause_recording(test.id('u5'))->>'message';
SELECT leap.resume_recording(test.id('u5'))->>'message';
SELECT state FROM leap.tasks WHERE recording_id = test.id('u5') AND kind = 'download';
SELECT leap.promote_due();
-- its time comes
UPDATE leap.runs SET start_at = clock_timestamp() WHERE recording_id = test.id('u5');
UPDATE leap.task_scheduled SET run_at = clock_timestamp() WHERE recording_id = test.id('u5');
SELECT leap.promote_due();
SELECT pg_temp.next();
SELECT leap.cancel_recording(test.id('u5'))->>'message';
-- a time that is past is refused; a waiting run can be cancelled
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('u5'), start_at => '2020-01-01 08:00+01')$$) \gx
SELECT * FROM test.error($$SELECT leap.operate('run', ARRAY[test.id('u5')], start_at => '2020-01-01 08:00+01')$$) \gx
SELECT leap.run_recording(test.id('u5'), start_at => clock_timestamp())->>'run' IS NOT NULL AS started;
SELECT pg_temp.next();
SELECT r.display_name, o.done FROM leap.operate('run', ARRAY[test.id('u1'), test.id('u6')], priority => 2, start_at => clock_timestamp() + interval '1 day') o
JOIN leap.recordings r ON r.id = o.recording ORDER BY 1;
SELECT pg_temp.next();
SELECT count(*) FROM leap.operate('cancel', ARRAY[test.id('u1'), test.id('u5'), test.id('u6')]) WHERE done;
SELECT count(*) FROM leap.task_scheduled s JOIN leap.recordings r ON r.id = s.recording_id WHERE r.display_name ~ '^u\d$';

-- the same key with another priority is another request
SELECT leap.run_recording(test.id('u6'), 'urgent-1', priority => 2)->>'run' IS NOT NULL AS started;
SELECT leap.run_recording(test.id('u6'), 'urgent-1', priority => 2)->>'message';
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('u6'), 'urgent-1', priority => 3)$$) \gx

-- refusals
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('u1'), priority => 11)$$) \gx
SELECT * FROM test.error($$SELECT leap.run_recording(test.id('u1'), start_at => 'infinity')$$) \gx
SELECT * FROM test.error($$SELECT leap.set_priority(test.id('u1'), 1)$$) \gx
SELECT * FROM test.error($$SELECT leap.set_priority(test.id('u1'), NULL)$$) \gx
SELECT * FROM test.error($$SELECT leap.operate('cancel', '{}', priority => 1)$$) \gx
SELECT * FROM test.error($$SELECT leap.operate('retry', '{}', start_at => now())$$) \gx
SELECT leap.cancel_recording(test.id('u6'))->>'message';

-- What people type as a start time is read in the time zone of the recording's owner.
UPDATE leap.users SET timezone = 'Asia/Tokyo' WHERE id = (SELECT user_id FROM leap.recordings WHERE id = test.id('u1'));
SELECT leap.start_time('in 5 minutes', test.id('u1')) - now() AS wait, leap.start_time(' NOW ', test.id('u1')) = now() AS at_once,
       leap.start_time(NULL, test.id('u1')) IS NULL AS unsaid;
SELECT said, t - clock_timestamp() BETWEEN interval '0' AND interval '1 day' AS is_next, to_char(t AT TIME ZONE 'Asia/Tokyo', 'HH24:MI:SS') AS there
FROM unnest('{0:00,03:30,22:00,23:59:59}'::text[]) said, leap.start_time(said, test.id('u1')) t;
SELECT leap.start_time('tomorrow 03:00', test.id('u1')) = (date_trunc('day', now() AT TIME ZONE 'Asia/Tokyo') + interval '27 hours') AT TIME ZONE 'Asia/Tokyo' AS there,
       leap.start_time('2126-12-01 03:00', test.id('u1')) = '2126-11-30 18:00+00' AS no_offset, leap.start_time('2126-12-01 03:00+01', test.id('u1')) = '2126-12-01 02:00+00' AS offset_holds;
SELECT said, e.* FROM unnest('{later,25:00,2126-02-30,in a while,in 200000000000 years,""}'::text[]) said,
       test.error(format('SELECT leap.start_time(%L, test.id(''u1''))', said)) e;
SELECT said, e.code, e.hint FROM unnest('{yesterday,in -1 hour}'::text[]) said, test.error(format('SELECT leap.start_time(%L, test.id(''u1''))', said)) e;
UPDATE leap.users SET timezone = 'UTC' WHERE timezone = 'Asia/Tokyo';
SHOW timezone;
