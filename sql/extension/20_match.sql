-- Matching names against the rules of templates.

CREATE FUNCTION leap.first_matches(templates jsonb, names text[], sources uuid[], seconds int = 3600,
                                   OUT n int, OUT template uuid, OUT rule text, OUT note text)
    RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_first_matches' LANGUAGE c STABLE STRICT ROWS 1000;
COMMENT ON FUNCTION leap.first_matches(jsonb, text[], uuid[], int) IS
'For each name, with the source at the same place (null: none): the first of these templates, an array of matching rules each with its id, that matches, and by which rule. Without one, note says if a pattern could not be tried: it is not valid, or the processor time for patterns was used up: seconds, at most leap.match_seconds; or which exclusion alone kept a template (with a name, if its rules have one) away. One row a name that is not null, n its place.';
REVOKE ALL ON FUNCTION leap.first_matches(jsonb, text[], uuid[], int) FROM PUBLIC;

CREATE FUNCTION leap.check_pattern(pattern text, what text) RETURNS void
    AS 'MODULE_PATHNAME', 'leap_check_pattern' LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION leap.check_pattern(text, text) IS
'Refuses (LP030) a regular expression that PostgreSQL cannot compile or whose cost has no good bound: longer than 500 characters, back-references, repetitions that written out come to more than 200 characters, more than two look-arounds, groups nested more than 20 deep. what names it in the message.';

CREATE FUNCTION leap.pattern_matches(pattern text, names text[], seconds int) RETURNS boolean[]
    AS 'MODULE_PATHNAME', 'leap_pattern_matches' LANGUAGE c STABLE STRICT;
COMMENT ON FUNCTION leap.pattern_matches(text, text[], int) IS
'For each name, at its place, whether it matches the regular expression. Null: not known, for the name is null, the pattern is none that leap.check_pattern() takes, or so many seconds of processor time (at most leap.match_seconds) were used up.';
REVOKE ALL ON FUNCTION leap.pattern_matches(text, text[], int) FROM PUBLIC;
