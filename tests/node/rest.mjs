// tests/node/rest.mjs
//     Asks a server as the client library of PostgREST does (@supabase/postgrest-js), and validates its OpenAPI document
//     with @apidevtools/swagger-parser. Every answer is {checks: [{name, ok, got}]}.
//     {document: true, origin, token}        the document is valid, and says what is there
//     {walk: true, origin, token, last}      every relation and function of it; last: a pattern of names that come last
//     {tour: true, origin, token, other}     what people do with recordings, templates and the like
import { createInterface } from 'node:readline';
import SwaggerParser from '@apidevtools/swagger-parser';
import { PostgrestClient } from '@supabase/postgrest-js';

const NOBODY = '00000000-0000-7000-8000-000000000000';

class Checks {
    list = [];

    ok(name, ok, got) {
        this.list.push({ name, ok: Boolean(ok), got: ok ? '' : JSON.stringify(got) });
    }

    // An answer without an error.
    good(name, answer) {
        this.ok(name, !answer.error, answer);
    }

    // An error as the protocol says: of this status and code, with all four members.
    bad(name, answer, status, code) {
        const members = Object.keys(answer.error ?? {}).filter((key) => key !== 'name' && key !== 'stack').sort();

        this.ok(name, answer.status === status && answer.error?.code === code && members.join() === 'code,details,hint,message', answer);
    }
}

function client({ origin, token }) {
    return new PostgrestClient(origin, { headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

async function root({ origin, token }) {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};

    return await (await fetch(`${origin}/`, { headers })).json();
}

async function describe(asked, checks) {
    const document = await root(asked);
    const paths = Object.keys(document.paths ?? {});

    try {
        await SwaggerParser.validate(structuredClone(document));
        checks.ok('the document is valid', true);
    } catch (error) {
        checks.ok('the document is valid', false, error.message);
    }
    for (const path of paths.filter((name) => name !== '/'))
        for (const [method, does] of Object.entries(document.paths[path]))
            if (method !== 'parameters')
                checks.ok(`${method} ${path} says what it is`, does.summary || does.description, does);
    return paths;
}

// Something of the type that a parameter has.
function sample({ type, format, items }, name) {
    if (name === 'dry_run')
        return true;
    if (type === 'array')
        return format === 'uuid[]' ? [NOBODY] : [];
    if (type === 'boolean')
        return false;
    if (type === 'integer' || type === 'number')
        return 1;
    if (format === 'uuid')
        return NOBODY;
    if (format === 'jsonb' || format === 'json' || type === 'object')
        return {};
    if (/^timestamp|^date/.test(format ?? ''))
        return '2026-11-21';
    if (/\[\]$/.test(format ?? ''))
        return [];
    return items ? [] : 'x';
}

// What a function needs, from the body it takes.
function argumentsOf(item) {
    const body = (item.post?.parameters ?? []).find((parameter) => parameter.in === 'body');
    const { properties = {}, required = [] } = body?.schema ?? {};

    return Object.fromEntries(Object.entries(properties).filter(([name]) => required.includes(name) || name === 'dry_run')
        .map(([name, schema]) => [name, sample(schema, name)]));
}

// An answer or a refusal that says why, but nothing that is the server's fault or unknown to it.
function answered(checks, name, answer) {
    const code = answer.error?.code ?? '';

    checks.ok(name, answer.status < 500 && !/^PGRST[12]/.test(code) && (answer.status !== 401 || /^LP|^PT401/.test(code)), answer);
}

async function walkRelation(api, name, item, definition, checks) {
    const key = 'id' in (definition?.properties ?? {});

    checks.good(`${name}: rows`, await api.from(name).select('*').limit(2));
    checks.good(`${name}: how many`, await api.from(name).select('*', { count: 'exact', head: true }));
    for (const column of Object.keys(definition?.properties ?? {}).slice(0, 3))
        checks.good(`${name}: ${column}`, await api.from(name).select(column).not(column, 'is', null).limit(1));
    if (item.post)
        answered(checks, `${name}: an empty row`, await api.from(name).insert({}).select());
    if (item.patch && key)
        answered(checks, `${name}: a change of nothing`, await api.from(name).update({ id: NOBODY }).eq('id', NOBODY).select());
    if (item.delete && key)
        answered(checks, `${name}: a deletion of nothing`, await api.from(name).delete().eq('id', NOBODY).select());
}

async function walk(asked, checks) {
    const document = await root(asked);
    const api = client(asked);
    const last = new RegExp(asked.last ?? '^$');
    const paths = Object.keys(document.paths).sort((a, b) => last.test(a) - last.test(b) || a.startsWith('/rpc/') - b.startsWith('/rpc/') || a.localeCompare(b));

    // functions behind relations, and those that end the caller's session behind all
    for (const path of paths) {
        const item = document.paths[path];
        const name = path.replace(/^\/(rpc\/)?/, '');

        if (path === '/')
            continue;
        if (!path.startsWith('/rpc/')) {
            await walkRelation(api, name, item, document.definitions[name], checks);
            continue;
        }
        const given = argumentsOf(item);

        if (item.get)
            answered(checks, `${name} by GET`, await api.rpc(name, given, { get: true }));
        answered(checks, `${name} by POST`, await api.rpc(name, given));
    }
}

async function readRecordings(api, checks, ids) {
    const all = await api.from('recordings').select('id, display_name', { count: 'exact' }).order('display_name').range(0, 1);

    checks.ok('a page of recordings, counted', all.status === 206 && all.data.length === 2 && all.count === ids.length, all);
    const page = await api.from('recordings').select('*, processing_stages(*), output_targets(*)').order('created_at', { ascending: false });

    checks.ok('with their stages and targets', page.data?.length === ids.length &&
        page.data.every((row) => row.processing_stages.length === 4 && Array.isArray(row.output_targets)), page);
    const one = await api.from('recordings').select('id, stages:processing_stages(stage_name, status)').eq('id', ids[0])
        .order('place', { referencedTable: 'stages' }).limit(2, { referencedTable: 'stages' }).single();

    checks.ok('a single one with its first stages', one.data?.stages?.map((stage) => stage.stage_name).join() === 'download,process', one);
    const back = await api.from('processing_stages').select('stage_name, recordings(id)').eq('recording_id', ids[0]).limit(1).single();

    checks.ok('a stage with its recording', back.data?.recordings?.id === ids[0], back);
    const inner = await api.from('recordings').select('id, output_targets!inner(id)').eq('output_targets.status', 'UPLOADED');

    checks.ok('only those with an uploaded target', inner.data?.length === 0, inner);
    const some = await api.from('recordings').select('id').or(`id.eq.${ids[0]},and(status.eq.FAILED,display_name.ilike.*x*)`);

    checks.ok('by a tree of conditions', some.data?.length === 1 && some.data[0].id === ids[0], some);
    checks.ok('by a list', (await api.from('recordings').select('id').in('id', ids)).data?.length === ids.length);
    checks.ok('by JSON', (await api.from('recordings').select('kind:source->>type').eq('source->>type', 'url')).data?.every((row) => row.kind === 'url'));
    checks.ok('as CSV', /^id,display_name\n/.test((await api.from('recordings').select('id, display_name').limit(1).csv()).data));
    checks.ok('none at all', (await api.from('recordings').select('id').eq('id', NOBODY).maybeSingle()).data === null);
}

async function refuseReads(api, anybody, checks) {
    checks.bad('none is not one', await api.from('recordings').select('id').eq('id', NOBODY).single(), 406, 'PGRST116');
    checks.bad('no such relation', await api.from('recording').select(), 404, 'PGRST205');
    checks.bad('no such column', await api.from('recordings').select('colour'), 400, '42703');
    checks.bad('no such relationship', await api.from('recordings').select('id, sessions(*)'), 400, 'PGRST200');
    checks.bad('no such function', await api.rpc('run_recordings', {}), 404, 'PGRST202');
    checks.bad('no number', await api.from('recordings').select('id').eq('duration', 'long'), 400, '22P02');
    checks.ok('nothing for nobody', (await anybody.from('recordings').select()).status === 401);
}

// Adds, changes and deletes; what another user has is not seen, not changed and not deleted.
async function write(api, other, checks, ids) {
    const added = await api.from('recordings').insert({ display_name: 'By a client', source: { type: 'url', url: 'https://example.org/a.mp4' } }).select('id, status').single();

    checks.ok('a recording is added', added.status === 201 && added.data?.status === 'INITIALIZED', added);
    const id = added.data?.id ?? NOBODY;
    const changed = await api.from('recordings').update({ display_name: 'Changed' }).eq('id', id).select('display_name').single();

    checks.ok('its name is changed', changed.data?.display_name === 'Changed', changed);
    const refused = await api.from('recordings').update({ status: 'UPLOADED' }).eq('id', id);

    checks.ok('its status is not', refused.error?.code === 'LP030' && refused.error.hint, refused);
    const theirs = await other.from('recordings').select('id').in('id', [...ids, id]);

    checks.ok('others do not see it', theirs.data?.length === 0, theirs);
    checks.ok('nor change it', (await other.from('recordings').update({ display_name: 'Mine' }).eq('id', id).select()).data?.length === 0);
    checks.ok('nor delete it', (await other.from('recordings').delete().eq('id', id).select()).data?.length === 0);
    const gone = await api.from('recordings').delete().eq('id', id).select('id');

    checks.ok('it is deleted', gone.data?.length === 1, gone);
    checks.ok('and is among the deleted ones', (await api.from('deleted_recordings').select('id').eq('id', id)).data?.length === 1);
}

async function call(api, checks, ids) {
    const dry = await api.rpc('run_recording', { id: ids[0], dry_run: true });

    checks.ok('a dry run of a recording', !dry.error && typeof dry.data === 'object', dry);
    const list = await api.rpc('list_recordings', { per_page: 2 }, { get: true });

    checks.ok('the list as people know it', list.data?.items?.length === 2 && list.data.per_page === 2, list);
    const missing = await api.rpc('run_recording', { id: NOBODY });

    checks.ok('what is not there is not found', missing.status === 404 && missing.error?.code === 'LP020', missing);
}

async function tour(asked, checks) {
    const api = client(asked);
    const other = client({ ...asked, token: asked.other });

    await readRecordings(api, checks, asked.ids);
    await refuseReads(api, client({ origin: asked.origin }), checks);
    await write(api, other, checks, asked.ids);
    await call(api, checks, asked.ids);
}

async function answer(asked) {
    const checks = new Checks();
    const paths = asked.document ? await describe(asked, checks) : [];

    if (asked.walk)
        await walk(asked, checks);
    if (asked.tour)
        await tour(asked, checks);
    return { checks: checks.list, paths };
}

for await (const line of createInterface({ input: process.stdin })) {
    let said;

    try {
        said = await answer(JSON.parse(line));
    } catch (error) {
        said = { checks: [{ name: 'the program goes on', ok: false, got: error.stack }], paths: [] };
    }
    process.stdout.write(JSON.stringify(said) + '\n');
}
