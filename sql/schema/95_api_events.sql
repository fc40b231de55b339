-- Schema api: a ticket for a stream of events. The stream itself is GET /events of leap serve (84_events.sql).

CREATE OR REPLACE FUNCTION api.event_ticket()
RETURNS jsonb LANGUAGE sql AS 'SELECT leap.event_ticket()';
COMMENT ON FUNCTION api.event_ticket() IS
'Asks for a ticket that opens a stream of events

{ticket, url, expires_in, id, unread}: GET url within expires_in seconds streams what happens to the caller''s recordings, tasks and messages; with last_event_id = id all that happens from now on, whenever it is opened. unread: how many messages are. A ticket is good once and for nothing else; it is for browsers, whose EventSource sends no header Authorization.';
GRANT EXECUTE ON FUNCTION api.event_ticket() TO leap_user, leap_admin;
