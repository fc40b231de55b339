// tests/e2e/live.mjs
//     Pages that stay open while servers come and go: see tests/tap/t/805_page_live.pl.
import assert from 'node:assert/strict';
import { axe, elsewhere, expect, open, shots, sql, test as pageTest, until, users } from './lib/page.mjs';
import { Server, database } from './lib/serve.mjs';

const server = await Server.start();

/* What one test has left dead is no trouble of the next. */
const test = (name, run) => pageTest(name, async (t) => {
    await server.alive();
    await run(t);
});
const source = '{"type": "url", "url": "https://e.org/a.mp4"}';
const add = (name) => sql(`SELECT leap.add_recording('teacher@example.org', '${source}', '${name}')`);
const away = (page) => page.locator('.server-away').getByText('The server is away').waitFor();
const live = (page) => page.locator('.connection.live').waitFor();
const broken = [/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_SOCKET_NOT_CONNECTED|ERR_NETWORK/, / 50[234]$/];

/* Marks the document: a page that is loaded again has lost the mark. */
async function keep(...pages) {
    for (const page of pages) {
        expect(page, ...broken);
        await page.evaluate(() => { globalThis.kept = true; });
    }
}

const kept = async (...pages) => assert.deepEqual(await Promise.all(pages.map((page) => page.evaluate(() => globalThis.kept))), pages.map(() => true), 'no page was loaded again');

/* When this page asked for what, from now on. */
function asked(page) {
    const all = [];
    page.on('request', (request) => all.push({ path: new URL(request.url()).pathname, at: Date.now() }));
    return all;
}

const row = (page, name) => page.locator('.list tbody tr').filter({ has: page.getByRole('link', { name, exact: true }) });

test('a server that dies is missed visibly, looked for less and less often, and nothing of the time between is lost', async () => {
    const id = add('Before');
    const teacher = { user: users.teacher, base: server.url };
    const list = await open('/app/recordings', teacher);
    const one = await open(`/app/recordings/${id}`, teacher);
    const monitor = await open('/app/monitor', { user: users.admin, base: server.url });
    await Promise.all([list, one, monitor].map(live));
    await keep(list, one, monitor);
    await row(list, 'Before').waitFor();

    const tries = asked(list);
    await server.kill();
    await Promise.all([list, one, monitor].map(away));
    await axe(list);
    await shots(list, 'server-away');
    assert.ok(await until(() => tries.length >= 4), 'it is looked for');
    const pauses = tries.slice(1).map(({ at }, i) => at - tries[i].at);
    assert.ok(pauses.at(-1) > pauses[0], `less and less often: ${pauses}`);
    assert.deepEqual([...new Set(tries.map(({ path }) => path))], ['/api/v1/events/ticket'], 'and nothing else is asked');

    // what happens while nobody can tell
    sql(`SELECT leap.skip_recording('${id}'); SELECT leap.pause_queue('notify', 'while it was away')`);
    add('Meanwhile');
    await server.again();
    await row(list, 'Before').getByText('Skipped').waitFor();
    await list.getByRole('button', { name: '1 new – show' }).waitFor();
    await one.locator('.lecture-meta').getByText('Skipped').waitFor();
    await monitor.getByText('while it was away').waitFor();
    await Promise.all([list, one, monitor].map(live));
    assert.equal(await list.locator('.server-away p').count(), 0);
    await kept(list, one, monitor);
    sql("SELECT leap.resume_queue('notify')");
});

test('what could not be read while the server was away is read when it is back', async () => {
    const id = add('Half told');
    const page = await open(`/app/recordings/${id}`, { user: users.teacher, base: server.url });
    await live(page);
    await keep(page);
    // the event arrives, the question it leads to does not
    let refused = 0;
    await page.route('**/overview', (route) => { refused++; return route.abort('connectionrefused'); });
    sql(`SELECT leap.skip_recording('${id}')`);
    assert.ok(await until(() => refused > 0), 'it was asked');
    await page.unroute('**/overview');
    await page.locator('.lecture-meta').getByText('Skipped').waitFor();
    await kept(page);
});

test('a token that expired while the server was away is renewed', async () => {
    const clock = (late) => sql(`CREATE OR REPLACE FUNCTION leap.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT now() - interval ''${late} s'''`);
    // good for five seconds more, though the page was told of many minutes
    const late = sql("SELECT leap.setting('leap.access_token_lifetime')::int - 5");
    const id = add('Long ago');
    clock(late);
    const page = await open('/app/recordings', { user: users.teacher, base: server.url });
    const end = Date.now() + 6000;
    clock(0);
    await row(page, 'Long ago').waitFor();
    await keep(page);
    expect(page, / 401$/);
    await server.kill();
    await away(page);
    sql(`SELECT leap.skip_recording('${id}')`);
    assert.ok(await until(() => Date.now() > end), 'it has expired');
    await server.again();
    await live(page);
    await row(page, 'Long ago').getByText('Skipped').waitFor();
    await kept(page);
});

test('a stream whose token expires goes on with another, and the page says nothing of it', async () => {
    const page = await open('/app/recordings', { user: users.teacher, base: server.url });
    await live(page);
    await keep(page);
    await page.evaluate(() => {
        globalThis.states = [];
        new MutationObserver(() => globalThis.states.push(document.querySelector('.connection').className)).observe(document.querySelector('.connection'), { attributes: true });
    });
    const again = page.waitForRequest(/\/events\?ticket=/);
    // its access token is worth nothing from now on, the session is
    sql("UPDATE leap.users SET token_version = token_version + 1 WHERE email = 'teacher@example.org'");
    expect(page, / 401$/);
    await again;
    const id = add('After the token');
    await page.getByRole('button', { name: '1 new – show' }).click();
    sql(`SELECT leap.skip_recording('${id}')`);
    await row(page, 'After the token').getByText('Skipped').waitFor();
    assert.deepEqual(await page.evaluate(() => globalThis.states.filter((name) => name.includes('away'))), []);
    await kept(page);
});

for (const [how, what] of [['fast', 'is restarted'], ['immediate', 'crashes']])
    test(`a database that ${what} is missed visibly, and what happened then is shown`, async () => {
        const id = add(`While it ${what}`);
        const list = await open('/app/recordings', { user: users.teacher, base: server.url });
        const monitor = await open('/app/monitor', { user: users.admin, base: server.url });
        await Promise.all([list, monitor].map(live));
        await row(list, `While it ${what}`).waitFor();
        await keep(list, monitor);
        database('stop', '-m', how);
        await Promise.all([list, monitor].map(away));
        database('start');
        sql(`SELECT leap.skip_recording('${id}'); SELECT leap.pause_queue('notify', 'as soon as it ${what}')`);
        await row(list, `While it ${what}`).getByText('Skipped').waitFor();
        await monitor.getByText(`as soon as it ${what}`).waitFor();
        await Promise.all([list, monitor].map(live));
        await kept(list, monitor);
        sql("SELECT leap.resume_queue('notify')");
    });

test('a page that is opened while the server cannot answer opens when it can', async () => {
    const page = await open('/app/recordings', { user: users.admin, base: server.url });
    await live(page);
    await keep(page);
    let left = 2;
    await page.route('**/admin/system', (route) => left-- > 0 ? route.fulfill({ status: 503, contentType: 'application/json', body: '{"message":"the database is away"}' }) : route.continue());
    await page.getByRole('link', { name: 'Monitor' }).click();
    await page.getByRole('heading', { name: 'The server cannot be reached' }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Workers' }).waitFor();
    await kept(page);
});

/* The pages that asked for a stream, from now on. */
const streamsOf = (pages) => pages.map((page) => {
    const seen = { page, count: 0 };
    page.on('request', (request) => { seen.count += new URL(request.url()).pathname === '/events' ? 1 : 0; });
    return seen;
});

test('eight tabs share one stream, and another goes on when the one that had it is closed', async () => {
    sql('DELETE FROM leap.notifications');
    const id = add('Seen by all');
    const first = await open('/app/recordings?search=seen', { user: users.teacher, base: server.url });
    await live(first);
    const context = first.context();
    const others = [];
    while (others.length < 7)
        others.push(await open('/app/recordings?search=seen', { context }));
    const pages = [first, ...others];
    const names = (text) => Promise.all(pages.map((page) => row(page, 'Seen by all').getByText(text).first().waitFor()));
    await Promise.all(pages.map(live));
    const streams = streamsOf(pages);
    sql(`SELECT leap.skip_recording('${id}')`);
    await names('Skipped');
    await Promise.all(pages.map((page) => page.getByRole('button', { name: 'Notifications, none unread' }).waitFor()));
    assert.deepEqual(streams.map(({ count }) => count), pages.map(() => 0), 'nobody needed another stream');

    // one goes on where the other was: what happens in between is told to all
    await keep(...others);
    const unskip = () => sql(`SELECT leap.unskip_recording('${id}')`);
    await Promise.all([first.close(), unskip()]);
    pages.shift();
    await names('Ready to run');
    assert.ok(await until(() => streams.filter(({ count }) => count === 1).length === 1), 'one of them has the stream now');
    sql(`SELECT leap.skip_recording('${id}')`);
    await names('Skipped');
    await kept(...others);

    // the one that leads asks for what another wants; who comes late is told how things are
    sql("SELECT leap.raise_event(id, 'upload_failed', '{}', jsonb_build_object('name', 'x', 'message', 'm', 'hint', 'h', 'platform', 'library'), NULL) FROM leap.users WHERE email = 'teacher@example.org'");
    await Promise.all(pages.map((page) => page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor()));
    const late = await open('/app/recordings', { context });
    await late.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
    await live(late);

    // all are told of a server that is away, and one looks for it
    await keep(late);
    await server.kill();
    await Promise.all([...pages, late].map(away));
    await server.again();
    await Promise.all([...pages, late].map(live));
    await kept(...others, late);
});

test('a tab that wants to know of the whole installation is told by the one that has the stream', async () => {
    const list = await open('/app/recordings', { user: users.admin, base: server.url });
    await live(list);
    const monitor = await open('/app/monitor', { context: list.context() });
    await live(monitor);
    sql("SELECT leap.pause_queue('notify', 'told by another tab')");
    await monitor.getByText('told by another tab').waitFor();
    const second = await open('/app/monitor', { context: list.context() });
    await second.getByText('told by another tab').waitFor();
    await list.close();
    sql("SELECT leap.resume_queue('notify')");
    await monitor.getByText('told by another tab').waitFor({ state: 'detached' });
    await second.getByText('told by another tab').waitFor({ state: 'detached' });
    await monitor.close();
    await second.getByRole('button', { name: 'Account' }).click();
    await second.getByRole('menuitem', { name: 'Sign out' }).click();
    await second.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('an administrator sees the recording and the tasks of somebody else move, over a server that dies', async () => {
    const id = add('Of a teacher');
    const page = await open('/app/recordings', { user: users.admin, base: server.url });
    await live(page);
    // a second tab of his, which follows the first
    const one = await open(`/app/recordings/${id}`, { context: page.context() });
    await one.locator('.lecture-meta').getByText('Ready to run').waitFor();
    sql(`SELECT leap.skip_recording('${id}')`);
    await one.locator('.lecture-meta').getByText('Skipped').waitFor();
    sql(`SELECT leap.unskip_recording('${id}'); SELECT leap.pause_queue('upload', 'a test'); SELECT leap.run_recording('${id}')`);
    const cancel = one.locator('.lecture-actions').getByRole('button', { name: 'Cancel the run' });
    await cancel.waitFor();

    const task = sql(`SELECT t.id FROM leap.tasks t WHERE t.recording_id = '${id}' AND t.kind = 'download'`);
    const tasks = await open('/app/monitor/tasks?kind=download', { context: page.context() });
    const detail = await open(`/app/monitor/tasks/${task}`, { context: page.context() });
    const line = tasks.locator('tbody tr').filter({ has: tasks.getByRole('link', { name: 'Of a teacher', exact: true }) });
    await line.getByText('Waiting').waitFor();
    await keep(page, one, tasks, detail);
    await server.kill();
    await Promise.all([page, one, tasks, detail].map(away));
    sql(`SELECT leap.cancel_recording('${id}')`);
    await server.again();
    await line.getByText('Cancelled').waitFor();
    await detail.getByText('Cancelled').first().waitFor();
    await cancel.waitFor({ state: 'detached' });
    await kept(page, one, tasks, detail);

    // the tab that leads goes
    await page.close();
    sql(`SELECT leap.skip_recording('${id}')`);
    await one.locator('.lecture-meta').getByText('Skipped').waitFor();
    sql("SELECT leap.resume_queue('upload')");
});

test('over plain HTTP from another machine each tab has its own stream, and all of it works', async () => {
    const id = add('From elsewhere');
    const first = await open('/app/login', { base: elsewhere });
    assert.equal(await first.evaluate(() => isSecureContext), false);
    await first.getByLabel('E-mail address').fill(users.teacher.email);
    await first.getByLabel('Password').fill(users.teacher.password);
    await first.getByRole('button', { name: 'Sign in' }).click();
    await live(first);
    const second = await open('/app/recordings?search=elsewhere', { context: first.context() });
    await live(second);
    await first.goto(`/app/recordings/${id}`);
    await first.getByRole('button', { name: 'Run', exact: true }).first().click();
    await first.getByRole('dialog').locator('footer .primary').click();
    await row(second, 'From elsewhere').getByText('In the queue').waitFor();
    assert.equal(sql(`SELECT count(*) FROM leap.runs WHERE recording_id = '${id}' AND state = 'active'`), '1');
});
