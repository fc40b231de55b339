-- Text templates in SQL: values of jsonb, letters of all languages, what is refused at save.
\pset format unaligned
\pset tuples_only on

SELECT leap.render(t, '{"name": "ёлки-палки_II курс", "n": 12.50, "yes": true, "no": false, "nil": null, "list": ["a", 2, {"x": 1}, "ß"],
    "deep": {"of": {"all": "found"}}, "hostile": "<script>\"{{ name }}\"</script>"}')
FROM (VALUES
    ('{{ name | upper }} {{ name | title }} {{ "ЁЖ И ÉCOLE" | lower | capitalize }}'),
    ('{{ n }} {{ yes }} {{ no }} [{{ nil }}] {{ list }} {{ list | length }} {{ deep.of.all }} [{{ deep.of.none.at.all }}]'),
    ('{% if no or nil %}a{% elif n > 12 %}b{% endif %}'),
    -- a value is text, never a template
    ('{{ hostile }} {{ hostile | escape }}'),
    ('{{ name | part(1) | truncate(6, end="…") }}')) v (t);

-- letters do not depend on the locale of the database
SELECT leap.render('{{ a | upper }}{{ a | lower }}', '{"a": "ŁódźЁ"}');
-- no object: no variables
SELECT '[' || leap.render('{{ a }}', '[1]') || leap.render('', '{}') || ']', leap.render(NULL, '{}') IS NULL;

-- the same without an error
SELECT * FROM leap.try_render('{{ a', '{}');
SELECT * FROM leap.try_render('{{ a }}', '{"a": "fine"}');

-- what is refused
SELECT leap.render(E'one\n  {{ title | uper }}', '{}');
SELECT leap.render('{{ a | replace("a", a) | replace("a", a) | replace("a", a) | replace("a", a) }}', jsonb_build_object('a', repeat('a', 200)));
SELECT leap.render(repeat('x', 20001), '{}');
\set VERBOSITY sqlstate
SELECT leap.render('{{', '{}');
\set VERBOSITY default
SELECT leap.check_text_template('{{ display_name | part(0) }}: {{ topic }}', true);
SELECT leap.check_text_template(NULL, true);
SELECT leap.check_text_template('{{ displayname }}');
SELECT leap.check_text_template('Lecture of today', true, what => 'title_template');
SELECT leap.check_text_template('{{ anything }} {{ goes.here }}', known => NULL);
SELECT leap.check_text_template('{{ lecture }}', known => '{user,lectures}', what => 'the subject of lecture_ready');
SELECT leap.template_names('{{ b }}{% if a.x and b %}{{ c | default(a) }}{% endif %}'), leap.template_names('{{') IS NULL;

-- cut to the units of a platform
SELECT leap.fit_text('Алгебра логики для всех', 15), leap.fit_text('Алгебра логики для всех', 30, 'bytes'),
       leap.fit_text('fits', 4), leap.fit_text('fits not', 1, ending => '...'), '[' || leap.fit_text('x', 0) || ']';
SELECT leap.text_size('Ё😀', u) FROM unnest('{chars,bytes,utf16}'::text[]) u;
SELECT leap.text_size('x', 'lines');
-- whatever the limit, the result keeps it and is a beginning
SELECT count(*), bool_and(leap.text_size(f, u) <= most), bool_and(f = t OR starts_with(t, rtrim(f, '…')))
FROM (VALUES ('Лекция 12: «Ряды Фурье» 👩‍🏫🇷🇺 — e' || U&'\0301' || ' and more, to be continued')) v (t),
     unnest('{chars,bytes,utf16}'::text[]) u, generate_series(0, 130) most, LATERAL leap.fit_text(t, most, u) f;

SELECT leap.zone_or_utc(z) FROM unnest('{Europe/Berlin,Nowhere/City,"",../../etc/passwd,NULL}'::text[]) z;

-- the documented lists
SELECT * FROM leap.render_filters();
SELECT platform, target_type, publishes, title_max, title_unit, description_max, description_unit, tags_max, angles FROM leap.platforms ORDER BY 1;
-- every target there can be is one of a platform that publishes
SELECT count(*) FROM leap.platforms p WHERE p.publishes AND NOT EXISTS (
    SELECT FROM pg_constraint c WHERE c.conrelid = 'leap.output_targets'::regclass AND pg_get_constraintdef(c.oid) LIKE '%''' || p.target_type || '''%');
