-- What a failure leads to is decided by rows that operators change by SQL.
SELECT test.connect();
SELECT class, counts, notifies, breaker FROM leap.error_classes ORDER BY class;
SELECT kind, class, max_failures, base_delay, max_delay FROM leap.retry_policies ORDER BY kind, class;

-- a class without a row for the kind ends the task; with one it is tried again, so often and so late as it says
SELECT test.start('e1');
SELECT * FROM test.claim();
SET ROLE leap_operator;
INSERT INTO leap.retry_policies VALUES ('download', 'credential', 2, '1 h', '1 h');
RESET ROLE;
SELECT test.fail('download', 'e1', 'credential');
SELECT t.failures, s.run_at BETWEEN clock_timestamp() + '29 min' AND clock_timestamp() + '61 min' AS in_an_hour_or_half
FROM leap.tasks t JOIN leap.task_scheduled s ON s.task = t.id WHERE t.recording_id = test.id('e1');
SELECT leap.retry_recording(test.id('e1'))->>'message';
SELECT * FROM test.claim();
SELECT test.fail('download', 'e1', 'credential');
SET ROLE leap_operator;
DELETE FROM leap.retry_policies WHERE (kind, class) = ('download', 'transient');
RESET ROLE;
SELECT test.start('e2');
SELECT * FROM test.claim();
SELECT test.fail('download', 'e2', 'transient');
SELECT * FROM test.recordings WHERE name LIKE 'e_';

-- a class that does not count is tried again whatever the number says; one that counts without a number as well
SET ROLE leap_operator;
INSERT INTO leap.retry_policies VALUES ('download', 'transient', 1, '10 s', '10 min');
UPDATE leap.error_classes SET counts = false WHERE class = 'transient';
RESET ROLE;
SELECT test.start('e3');
SELECT * FROM test.claim();
SELECT test.fail('download', 'e3', 'transient');
SELECT state, failures FROM leap.tasks WHERE recording_id = test.id('e3') AND kind = 'download';
UPDATE leap.error_classes SET counts = true WHERE class = 'transient';
UPDATE leap.retry_policies SET max_failures = NULL WHERE (kind, class) = ('download', 'transient');
UPDATE leap.tasks SET failures = 999 WHERE recording_id = test.id('e3') AND kind = 'download';
SELECT leap.retry_recording(test.id('e3'))->>'message';
SELECT * FROM test.claim();
SELECT test.fail('download', 'e3', 'transient');
SELECT t.state, t.failures, s.run_at > clock_timestamp() + '4 min' AS late FROM leap.tasks t JOIN leap.task_scheduled s ON s.task = t.id
WHERE t.recording_id = test.id('e3');

-- a class nobody knows ends the task
SELECT leap.retry_recording(test.id('e3'))->>'message';
SELECT * FROM test.claim();
SELECT test.fail('download', 'e3', 'weather');

-- the tables refuse nonsense
SET ROLE leap_operator;
INSERT INTO leap.retry_policies VALUES ('download', 'weather', 1, '1 s', '2 s');
BEGIN;
INSERT INTO leap.retry_policies VALUES ('uplod', 'transient', 1, '1 s', '2 s');
COMMIT;
UPDATE leap.retry_policies SET base_delay = '1 h' WHERE kind = 'trim';
UPDATE leap.retry_policies SET base_delay = '-1 h' WHERE kind = 'trim';
UPDATE leap.retry_policies SET max_failures = 0 WHERE kind = 'trim';
UPDATE leap.error_classes SET breaker = 'maybe' WHERE class = 'input';
UPDATE leap.error_classes SET class = 'x' WHERE class = 'input';
UPDATE leap.task_kinds SET deadline = '0' WHERE kind = 'trim';
UPDATE leap.task_kinds SET queue = 'upload' WHERE kind = 'trim';
UPDATE leap.task_kinds SET deadline = '5 h' WHERE kind = 'trim';
RESET ROLE;

-- who changed what is in the log
SELECT action, resource_type, resource_id, before->>'max_failures' AS before, after->>'max_failures' AS after FROM leap.audit_logs WHERE resource_type IN ('retry_policies', 'error_classes', 'task_kinds') ORDER BY at;

-- the owner is told of what nobody tries again: once for all that fail alike until the message is read
SELECT n.event, n.count, n.payload FROM leap.notifications n JOIN leap.users u ON u.id = n.user_id
WHERE u.email = 'test@example.org' AND payload->>'task_kind' = 'download' ORDER BY n.id;
SELECT test.start('e' || i) FROM generate_series(4, 6) i;
SELECT count(*) FROM test.claim();
SELECT test.fail('download', 'e' || i, 'permanent', 'not for you') FROM generate_series(4, 5) i;
UPDATE leap.notifications SET read_at = now() WHERE payload->>'message' = 'not for you';
SELECT test.fail('download', 'e6', 'permanent', 'not for you');
SELECT payload->>'name' AS name, count, read_at IS NULL AS unread FROM leap.notifications WHERE payload->>'message' = 'not for you' ORDER BY id;
UPDATE leap.error_classes SET notifies = false WHERE class = 'permanent';
SELECT test.start('e7');
SELECT count(*) FROM test.claim();
SELECT test.fail('download', 'e7', 'permanent', 'in silence');
SELECT count(*) FROM leap.notifications WHERE payload->>'message' = 'in silence';
UPDATE leap.error_classes SET notifies = true WHERE class = 'permanent';

-- as it was, for the tests that follow
DELETE FROM leap.retry_policies WHERE (kind, class) = ('download', 'credential');
UPDATE leap.retry_policies SET max_failures = 5 WHERE (kind, class) = ('download', 'transient');
UPDATE leap.task_kinds SET deadline = '12 h' WHERE kind = 'trim';
SELECT count(leap.cancel_recording(id)) FROM leap.recordings r WHERE display_name LIKE 'e_' AND EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active');
DELETE FROM leap.circuits;
