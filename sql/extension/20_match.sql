-- Matching names against the rules of templates.

CREATE FUNCTION leap.first_matches(templates jsonb, names text[], sources uuid[],
                                   OUT n int, OUT template uuid, OUT rule text, OUT note text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_first_matches' LANGUAGE c STABLE STRICT ROWS 1000;
COMMENT ON FUNCTION leap.first_matches(jsonb, text[], uuid[]) IS
'For each name, with the source at the same place (null: none): the first of these templates, an array of matching rules each with its id, that matches, and by which rule. Without one, note says if a pattern could not be tried: it is not valid, or leap.match_seconds was used up. One row a name that is not null, n its place.';
REVOKE ALL ON FUNCTION leap.first_matches(jsonb, text[], uuid[]) FROM PUBLIC;

CREATE FUNCTION leap.check_pattern(pattern text, what text) RETURNS void
    AS 'MODULE_PATHNAME', 'leap_check_pattern' LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION leap.check_pattern(text, text) IS
'Refuses (LP030) a regular expression that PostgreSQL cannot compile or whose cost has no good bound: longer than 500 characters, back-references, repetitions that written out come to more than 200 characters, more than two look-arounds, groups nested more than 20 deep. what names it in the message.';
