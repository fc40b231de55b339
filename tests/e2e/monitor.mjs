// tests/e2e/monitor.mjs
//     The monitor and the administration: see tests/tap/t/825_page_monitor.pl.
import assert from 'node:assert/strict';
import { api, axe, expect, open, shots, sql, test, until, url, users } from './lib/page.mjs';

const later = process.env.LEAP_E2E_LATER;
const admin = { user: users.admin, height: 900 };
const idOf = (email) => sql(`SELECT id FROM leap.users WHERE email = '${email}'`);
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const audited = (action) => sql(`SELECT why || ' ' || coalesce(u.email, '') FROM leap.audit_logs a LEFT JOIN leap.users u ON u.id = a.user_id WHERE action = '${action}' ORDER BY a.id DESC LIMIT 1`);

/* Presses, gives a reason, and confirms. */
async function because(page, button, reason) {
    await button.click();
    const box = page.getByRole('dialog');
    await box.getByLabel('Reason').fill(reason);
    await box.locator('footer button').last().click();
    await box.waitFor({ state: 'detached' });
}

test('queues and workers are shown as they are, and change without a reload', async () => {
    const page = await open('/app/monitor', admin);
    await heading(page, 'Monitor');
    await page.locator('.worker').getByText('Alive').waitFor();
    await page.locator('.connection.live').waitFor();
    await axe(page);
    await shots(page, 'monitor');
    // by another hand: told by the stream, not asked for
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    sql("SELECT leap.pause_queue('notify', 'by hand')");
    await page.getByText('by hand').waitFor();
    sql("SELECT leap.resume_queue('notify')");
    await page.getByText('by hand').waitFor({ state: 'detached' });
    assert.deepEqual(asked.filter((path) => path.includes('/admin/')), [], 'nobody asks again and again');
});

test('a queue is paused and resumed with a reason that is kept', async () => {
    const page = await open('/app/monitor', admin);
    const row = page.getByRole('row', { name: /^Transfer/ });
    await because(page, row.getByRole('button', { name: 'Pause' }), 'the disk is full');
    await row.getByText('the disk is full').waitFor();
    await shots(page, 'monitor-paused');
    assert.equal(audited('pause'), 'the disk is full admin@example.org');
    await because(page, row.getByRole('button', { name: 'Resume' }), 'there is room');
    await row.getByText('the disk is full').waitFor({ state: 'detached' });
    assert.equal(audited('resume'), 'there is room admin@example.org');
});

test('what waits is named with its reason, and is let go from there', async () => {
    const page = await open('/app/monitor/waiting', admin);
    const row = page.getByRole('row', { name: /Later lecture/ });
    await row.getByText('starts at').waitFor();
    assert.deepEqual(await row.getByRole('button').allTextContents(), ['Start now', 'Cancel'], 'what has not failed is not tried again');
    await axe(page);
    await shots(page, 'monitor-waiting');
    sql("SELECT leap.pause_queue('upload', 'it is not to be fetched')");
    await because(page, row.getByRole('button', { name: 'Start now' }), 'the lecturer asks');
    await row.getByText('the queue upload is paused').waitFor();
    assert.equal(audited('start'), 'the lecturer asks admin@example.org');
    assert.equal(sql(`SELECT t.state FROM leap.tasks t WHERE t.recording_id = '${later}' AND t.kind = 'download'`), 'ready');
    await because(page, row.getByRole('button', { name: 'Cancel' }), 'not today');
    await row.waitFor({ state: 'detached' });
    assert.equal(audited('cancel'), 'not today admin@example.org');
    assert.equal(sql(`SELECT state FROM leap.runs WHERE recording_id = '${later}'`), 'cancelled');
});

test('what is held, paused or waits for another try is let go, and a task is cancelled', async () => {
    const add = (name) => sql(`SELECT leap.add_recording('teacher@example.org', '{"type": "url", "url": "https://example.org/a.mp4"}', '${name}')`);
    const state = (id) => sql(`SELECT concat_ws(' ', r.hold, t.state) FROM leap.recordings r JOIN leap.tasks t ON t.recording_id = r.id AND t.kind = 'download' WHERE r.id = '${id}'`);
    const [paused, doubtful, failed, alone] = ['Paused one', 'Doubtful one', 'Failed one', 'Task alone'].map(add);
    for (const id of [paused, doubtful, failed, alone])
        sql(`SELECT leap.run_recording('${id}')`);
    sql(`SELECT leap.pause_recording('${paused}');
        BEGIN; SELECT leap.hold(ARRAY['${doubtful}'::uuid], 'blank', 'nobody speaks', 'leap'); COMMIT;
        BEGIN; SET LOCAL session_replication_role = replica;
        DELETE FROM leap.task_ready WHERE recording_id = '${failed}';
        UPDATE leap.tasks SET state = 'scheduled', failures = 1, error = '{"message": "no route"}' WHERE recording_id = '${failed}' AND kind = 'download';
        INSERT INTO leap.task_scheduled (run_at, task, recording_id) SELECT now() + interval '1 hour', id, recording_id FROM leap.tasks WHERE recording_id = '${failed}' AND kind = 'download';
        UPDATE leap.recordings SET failed = true, failed_at_stage = 'download', next_attempt_at = now() + interval '1 hour', error = '{"message": "no route"}' WHERE id = '${failed}'; COMMIT`);
    const page = await open('/app/monitor/waiting', admin);
    const row = (name) => page.getByRole('row', { name: new RegExp(`^${name}`) });
    const act = (name, button, reason) => because(page, row(name).getByRole('button', { name: button }), reason);
    await act('Paused one', 'Resume', 'it may go on');
    assert.ok(await until(() => state(paused) === 'ready'), state(paused));
    assert.equal(audited('resume'), 'it may go on admin@example.org');
    await act('Doubtful one', 'Accept', 'it is a silent film');
    assert.ok(await until(() => state(doubtful) === 'ready'), state(doubtful));
    assert.equal(audited('accept'), 'it is a silent film admin@example.org');
    await act('Failed one', 'Retry now', 'the line is back');
    assert.ok(await until(() => state(failed) === 'ready'), state(failed));
    assert.equal(audited('retry'), 'the line is back admin@example.org');
    await page.goto(`/app/monitor/tasks/${sql(`SELECT id FROM leap.tasks WHERE recording_id = '${alone}' AND kind = 'download'`)}`);
    await heading(page, 'Download');
    await page.locator('.head').getByText('Waiting').waitFor();
    await because(page, page.getByRole('button', { name: 'Cancel' }), 'not this one');
    await page.locator('.head').getByText('Cancelled').waitFor();
    assert.equal(state(alone), 'cancelled');
    sql(`SELECT leap.cancel_recording(id) FROM leap.recordings r WHERE EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active'); SELECT leap.resume_queue('upload')`);
});

test('a task that runs is called running, in the list, its filter and its page', async () => {
    const id = sql("SELECT leap.add_recording('teacher@example.org', '{\"type\": \"url\", \"url\": \"https://example.org/b.mp4\"}', 'Running one')");
    sql(`SELECT leap.pause_queue('upload', 'taken by hand'); SELECT leap.run_recording('${id}')`);
    // the session that takes it ends at once: nobody is to take the task from it
    sql('ALTER SYSTEM SET leap.rescue_grace = 60000; SELECT pg_reload_conf()');
    // in one transaction: the worker that is there could be faster
    sql(`CREATE SCHEMA e2e; CREATE TABLE e2e.me AS SELECT leap.register_worker('e2e', 1, '{upload}', 1000, '{}') AS w;
        BEGIN; SELECT leap.resume_queue('upload'); SELECT count(*) FROM e2e.me, leap.claim((w->>'worker')::uuid, w->>'secret', 1); COMMIT`);
    const page = await open('/app/monitor/tasks?status=PROCESSING', admin);
    const row = page.getByRole('row', { name: /Running one/ });
    await row.getByText('Running', { exact: true }).waitFor();
    assert.deepEqual(await page.getByLabel('State').locator('option').allTextContents().then((words) => words.slice(-5)), ['Waiting', 'Running', 'Done', 'Failed', 'Cancelled']);
    await row.getByRole('link').first().click();
    await page.locator('.head').getByText('Running', { exact: true }).waitFor();
    sql(`ALTER SYSTEM RESET leap.rescue_grace; SELECT pg_reload_conf(); SELECT leap.cancel_recording('${id}')`);
});

test('history is drawn, and failures lead to their recordings', async () => {
    const page = await open('/app/monitor/history?period=hour', admin);
    await heading(page, 'History');
    await page.locator('.chart canvas').nth(2).waitFor();
    // one value has no line, but it is seen
    const painted = (name) => page.locator(`#plot-${name} canvas`).evaluate((canvas, token) => {
        const probe = document.createElement('canvas').getContext('2d');
        probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
        probe.fillRect(0, 0, 1, 1);
        const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4)
            n += Number(data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255);
        return n;
    }, '--plot-1');
    assert.ok(await until(async () => await painted('waits') > 8), 'how long the only task waited is drawn');
    const failure = page.locator('details.failure').first();
    await failure.locator('summary').click();
    await failure.locator('.examples a').first().waitFor();
    assert.equal(await failure.locator('img').count(), 0, 'a name stays text');
    await axe(page);
    await shots(page, 'monitor-history');
    await page.getByRole('link', { name: 'Week' }).click();
    await page.waitForURL(/period=week/);
    await page.locator('.chart canvas').first().waitFor();
});

test('tasks are found by filters, and one is told in detail', async () => {
    const page = await open('/app/monitor/tasks', admin);
    await page.getByLabel('State').selectOption('FAILURE');
    await page.waitForURL(/status=FAILURE/);
    await until(async () => await page.locator('tbody tr').count() === 1);
    await axe(page);
    await shots(page, 'monitor-tasks');
    await page.locator('tbody a').first().click();
    await heading(page, 'Download');
    await page.getByRole('table', { name: 'Attempts' }).getByText('Failed', { exact: true }).first().waitFor();
    await axe(page);
    await shots(page, 'monitor-task');
});

test('limits, a breaker that is closed by hand, and what is due', async () => {
    sql(`INSERT INTO leap.circuits (platform, credential, state, opened_at, opened_times, retry_at, error) VALUES ('youtube', '', 'open', now(), 1, now() + interval '10 minutes', '{"code": "x", "message": "it is <b>down</b>"}');
        INSERT INTO leap.circuits (platform, credential, state, failed_tasks) VALUES ('vk', '', 'closed', '{1}')`);
    const page = await open('/app/monitor/limits', admin);
    const row = page.getByRole('row', { name: /YouTube/ }).filter({ hasText: 'Left alone' });
    await row.getByText('it is <b>down</b>').waitFor();
    assert.equal(await page.getByRole('table', { name: 'Platforms in trouble' }).locator('tbody tr').count(), 1, 'one that failed once is not in trouble');
    await axe(page);
    await shots(page, 'monitor-limits');
    await because(page, row.getByRole('button', { name: 'Close now' }), 'they mended it');
    await page.getByText('No platform is in trouble').waitFor();
    assert.equal(audited('close_breaker'), 'they mended it admin@example.org');
    await page.getByRole('link', { name: 'Schedule' }).click();
    await heading(page, 'Schedule');
    await axe(page);
    await shots(page, 'monitor-schedule');
});

test('others see their own, in words, and nothing of the rest', async () => {
    sql("SELECT leap.pause_queue('upload', 'test')");
    const id = sql(`SELECT leap.add_recording('teacher@example.org', '{"type": "url", "url": "https://example.org/mine.mp4"}', 'Mine'); `);
    sql(`SELECT leap.run_recording('${id}')`);
    const page = await open('/app/monitor', { user: users.teacher });
    await page.getByText('1 task is ready, but the queue is paused').waitFor();
    await axe(page);
    await shots(page, 'monitor-mine');
    sql(`SELECT leap.cancel_recording('${id}'); SELECT leap.resume_queue('upload')`);
    await page.getByText('Nothing of yours is being worked on').waitFor();
    await page.getByRole('link', { name: 'Tasks' }).click();
    await page.getByRole('table', { name: 'Tasks' }).waitFor();
    for (const path of ['/app/monitor/limits', '/app/admin', '/app/admin/users']) {
        await page.goto(path);
        await heading(page, 'Page not found');
    }
    const { access_token: token } = await (await fetch(`${url}/api/v1/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(users.teacher) })).json();
    for (const path of ['/api/v1/admin/system', '/api/v1/admin/tasks', '/api/v1/admin/outside', '/api/v1/events?topic=system', '/api/v1/events?topic=everyone', '/api/v1/events?topic=system,everyone'])
        assert.equal((await fetch(url + path, { headers: { Authorization: `Bearer ${token}` } })).status, 403, path);
    assert.equal((await fetch(`${url}/api/v1/events?topic=everyone,weather`, { headers: { Authorization: `Bearer ${token}` } })).status, 400, 'there is no other topic');
});

test('users are added, found, changed and limited', async () => {
    const page = await open('/app/admin/users', admin);
    expect(page, /POST .*\/admin\/users 409/, /POST .*\/quota 422/);
    await heading(page, 'Users');
    await page.getByRole('button', { name: 'Add a user' }).click();
    const box = page.getByRole('dialog');
    await axe(page);
    await box.getByLabel('E-mail address').fill('teacher@example.org');
    await box.getByRole('button', { name: 'Add a user' }).click();
    await box.locator('.problem, .field-error').first().waitFor();
    await box.getByLabel('E-mail address').fill('new@example.org');
    await box.getByRole('button', { name: 'Add a user' }).click();
    await heading(page, 'new@example.org');
    await page.getByLabel('Name').fill('<b>New</b> \u{1f393}');
    await page.getByLabel('May publish').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    assert.equal(sql("SELECT full_name || ' ' || can_upload FROM leap.users WHERE email = 'new@example.org'"), '<b>New</b> \u{1f393} false');
    const storage = page.getByRole('row', { name: /^Storage/ });
    await storage.getByRole('button', { name: 'Change' }).click();
    await box.getByLabel('Limit').fill('much');
    await box.getByRole('button', { name: 'Save' }).click();
    await box.locator('.problem, .field-error').first().waitFor();
    await box.getByLabel('Limit').fill('50 GB');
    await box.getByRole('button', { name: 'Save' }).click();
    await storage.getByText('50 GiB').waitFor();
    await axe(page);
    await shots(page, 'admin-user');
    await page.getByRole('link', { name: 'Users', exact: true }).first().click();
    await page.getByLabel('Search').fill('new@');
    await page.waitForURL(/search=new/);
    assert.ok(await until(async () => await page.locator('tbody tr').count() === 1));
    await shots(page, 'admin-users');
    await axe(page);
});

test('a plan is made, given and cannot be taken from its users', async () => {
    const page = await open('/app/admin/plans', admin);
    await page.getByRole('button', { name: 'Add a plan' }).click();
    const box = page.getByRole('dialog');
    await box.getByLabel('Name', { exact: false }).first().fill('small');
    await box.getByLabel('Storage').fill('5 GB');
    await box.getByRole('button', { name: 'Save' }).click();
    await page.locator('.worker', { hasText: 'small' }).getByText('5 GiB').waitFor();
    await axe(page);
    await shots(page, 'admin-plans');
    await page.goto(`/app/admin/users/${idOf('teacher@example.org')}`);
    await page.getByRole('button', { name: 'Give a plan' }).click();
    await box.getByRole('combobox').selectOption('small');
    await box.getByRole('button', { name: 'Save' }).click();
    await page.locator('section', { hasText: 'Change the plan' }).getByText('small').first().waitFor();
    assert.equal(sql("SELECT p.name FROM leap.user_subscriptions s JOIN leap.subscription_plans p ON p.id = s.plan_id"), 'small');
});

test('somebody is invited, registers by the link, and the log tells all of it', async () => {
    const page = await open('/app/admin/invitations', admin);
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
    const link = await page.getByLabel('The link').inputValue();
    assert.match(link, /\/register#[^&]{20,}$/);
    await axe(page);
    await page.keyboard.press('Escape');
    await page.getByText('whoever has the link').waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    await page.getByRole('dialog').getByLabel('E-mail address').fill('ina+invited@example.org');
    await page.getByRole('dialog').getByRole('button', { name: 'Make the link' }).click();
    const named = await page.getByLabel('The link').inputValue();
    await page.keyboard.press('Escape');
    const ina = await open(named.replace(url, ''));
    assert.equal(await ina.getByLabel('E-mail address').inputValue(), 'ina+invited@example.org');
    await ina.getByText('You are invited under this address').waitFor();
    await ina.getByLabel('Password').fill('Correct horse 5');
    await ina.getByRole('button', { name: 'Create the account' }).click();
    await until(() => sql("SELECT count(*) FROM leap.users WHERE email = 'ina+invited@example.org'") === '1');
    await shots(page, 'admin-invitations');
    const guest = await open(link.replace(url, ''));
    await heading(guest, 'Create an account');
    await page.goto('/app/admin/audit');
    await heading(page, 'Audit log');
    await page.getByLabel('Action').fill('pause');
    await page.waitForURL(/action=pause/);
    await page.getByText('the disk is full').waitFor();
    await axe(page);
    await shots(page, 'admin-audit');
    // what it was done to, also when it is gone
    const held = sql("SELECT resource_id FROM leap.audit_logs WHERE action = 'accept' ORDER BY id DESC LIMIT 1");
    const called = sql(`SELECT display_name FROM leap.recordings WHERE id = '${held}'`);
    sql(`DELETE FROM leap.recordings WHERE id = '${held}'`);
    await page.goto('/app/admin/audit?action=accept');
    await page.locator('.log summary bdi').getByText(called, { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Nothing was changed').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: 'CSV' }).click()]);
    assert.equal(file.suggestedFilename(), 'audit.csv');
});

test('numbers, whom LEAP talks to, and the doctor', async () => {
    const page = await open('/app/admin', admin);
    await heading(page, 'Administration');
    await axe(page);
    await shots(page, 'admin-overview');
    await page.getByRole('link', { name: 'Outside' }).click();
    await page.getByText('pocketsphinx').first().waitFor();
    await page.getByText('There is no key of workers yet').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Register' }).first().isDisabled(), true, 'a secret could not be sealed');
    await axe(page);
    await shots(page, 'admin-outside');
    await page.getByRole('link', { name: 'Doctor' }).click();
    await page.locator('.check-row').first().waitFor();
    await axe(page);
    await shots(page, 'admin-doctor');
    assert.equal((await api(users.admin, 'GET', '/admin/system')).queues.length, 4);
});

test('LEAP is registered at a platform, and the secret of the app never comes back', async () => {
    sql("SELECT leap.add_worker_key(encode(sha256('workers'), 'base64'))");
    const page = await open('/app/admin/outside', admin);
    const row = page.getByRole('row').filter({ hasText: 'Zoom' });
    await row.getByRole('button', { name: 'Register' }).click();
    const dialog = page.getByRole('dialog', { name: 'App at Zoom' });
    assert.equal(await dialog.getByLabel('Redirect address').inputValue(), `${url}/oauth/zoom/callback`);
    await axe(page);
    await shots(page, 'admin-app');
    await dialog.getByLabel('Client ID').fill('leap at zoom');
    await dialog.getByLabel('Client secret').fill('zoom-hush');
    expect(page, /PUT \/api\/v1\/admin\/apps\/zoom 422/);
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.locator('.field-error', { hasText: 'text without blanks' }).waitFor();
    await dialog.getByLabel('Client ID').fill('leap-at-zoom');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await row.getByText('leap-at-zoom').waitFor();
    assert.equal((await page.content()).includes('zoom-hush'), false);
    assert.deepEqual((await api(users.teacher, 'GET', '/oauth')).platforms, ['zoom']);
    await row.getByRole('button', { name: 'Edit' }).click();
    assert.equal(await dialog.getByLabel('Client secret').inputValue(), '');
    await page.keyboard.press('Escape');
    await row.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.getByText('not registered').waitFor();
    assert.deepEqual((await api(users.teacher, 'GET', '/oauth')).platforms, []);
});

test('all of it is there in Russian', async () => {
    const page = await open('/app/monitor', { ...admin, language: 'ru' });
    await heading(page, 'Мониторинг');
    for (const [name, title] of [['История', 'История'], ['Задачи', 'Задачи'], ['Лимиты', 'Лимиты'], ['Расписание', 'Расписание']]) {
        await page.getByRole('navigation', { name: 'Мониторинг' }).getByRole('link', { name }).click();
        await heading(page, title);
    }
    await page.goto(`/app/admin/users/${idOf('teacher@example.org')}`);
    await heading(page, 'teacher@example.org');
    await shots(page, 'admin-user-ru');
});

test('whatever the server names by a code has words in both languages', async () => {
    const lines = (query) => sql(query).split('\n').filter(Boolean);
    // what functions write into the audit log, and what a call that is refused is called there
    const written = (pattern, n) => `SELECT DISTINCT m[${n}] FROM pg_proc p, regexp_matches(p.prosrc, '${pattern}', 'g') m WHERE p.pronamespace = 'leap'::regnamespace`;
    const meant = (column) => `SELECT DISTINCT w.${column} FROM pg_proc p, leap.function_words(p.proname::text) w WHERE p.pronamespace = 'api'::regnamespace AND p.provolatile = 'v'`;
    const codes = {
        action: [...lines(written("leap\\.(?:audit|note_account)\\(''([^'']+)''", 1)), ...lines(meant('action')), ...lines("SELECT unnest(leap.operation_names())")],
        thing: [...lines(written("leap\\.audit\\([^,]+, ''([^'']+)''", 1)), ...lines(meant('resource_type'))],
        credential: lines('SELECT DISTINCT key FROM leap.credential_fields()').flatMap((key) => [key, `${key}.text`]),
        event: lines('SELECT event FROM leap.notification_events()').flatMap((event) => [event, `${event}.text`]),
    };
    for (const language of ['en', 'ru']) {
        const room = async (name) => (await import(`../../worker/page/text/${language}/${name}.js`)).default;
        const texts = { ...await room('server'), ...await room('notifications') };
        for (const [kind, names] of Object.entries(codes)) {
            assert.ok(names.length > 10, `${kind} are found`);
            assert.deepEqual(names.filter((name) => !(`${kind}.${name.replaceAll(' ', '_')}` in texts)), [], `${kind} in ${language}`);
        }
    }
});
