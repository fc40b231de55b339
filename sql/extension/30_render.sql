-- Text templates: rendered, checked, and texts cut to the limits of platforms.

CREATE FUNCTION leap.render(template text, variables jsonb) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_render' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.render(text, jsonb) IS
'The template with the values of an object put in: {{ variable | filter }}, {% if variable %} ... {% endif %}, {# comment #} (docs/metadata.md). A variable that is not there is empty. Nothing is escaped unless the filter escape says so. Error LP031, with line and column, for bad syntax and for a result that is too long or too much work.';

CREATE FUNCTION leap.try_render(template text, variables jsonb, OUT rendered text, OUT problem text)
    AS 'MODULE_PATHNAME', 'leap_try_render' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.try_render(text, jsonb) IS
'As leap.render(), but raises nothing: rendered is null and problem says why, with line and column.';

CREATE FUNCTION leap.check_template(template text, needs_variable boolean, known text[], what text) RETURNS void
    AS 'MODULE_PATHNAME', 'leap_check_template' LANGUAGE c IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION leap.check_template(text, boolean, text[], text) IS
'Refuses (LP031, naming what, line and column) a template that cannot be read, that names a variable beside the known ones (null: any name), or that has none although it needs one. A null template passes.';

CREATE FUNCTION leap.template_names(template text) RETURNS text[]
    AS 'MODULE_PATHNAME', 'leap_template_names' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.template_names(text) IS
'The variables a template names, each once, in the order they come; of recording.name the first part. Null if it cannot be read.';

CREATE FUNCTION leap.render_filters(OUT filter text, OUT arguments text, OUT purpose text) RETURNS SETOF record
    AS 'MODULE_PATHNAME', 'leap_render_filters' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 14;
COMMENT ON FUNCTION leap.render_filters() IS
'The filters of text templates: name, arguments with what they are if they are not given, and what each does.';

CREATE FUNCTION leap.text_size(t text, unit text) RETURNS int
    AS 'MODULE_PATHNAME', 'leap_text_size' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.text_size(text, text) IS
'How long a text is in chars, bytes (of UTF-8) or utf16 (16-bit units, what JavaScript counts). Unknown unit: error 22023.';

CREATE FUNCTION leap.fit_text(t text, most int, unit text = 'chars', ending text = '…') RETURNS text
    AS 'MODULE_PATHNAME', 'leap_fit_text' LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION leap.fit_text(text, int, text, text) IS
'The text, or its beginning with the ending, so that it is not longer than most units (leap.text_size()): cut between words if that costs no more than half, never within a character or what is seen as one. An ending longer than most is left out. Unknown unit: error 22023.';

CREATE FUNCTION leap.zone_or_utc(zone text) RETURNS text
    AS 'MODULE_PATHNAME', 'leap_zone_or_utc' LANGUAGE c STABLE PARALLEL SAFE;
COMMENT ON FUNCTION leap.zone_or_utc(text) IS
'The name of a time zone if the server knows it, else UTC: AT TIME ZONE takes it without an error.';
