// tests/e2e/list.mjs
//     The list of recordings: see tests/tap/t/810_page_list.pl.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { api, axe, expect, open, shots, sql, test, until, users } from './lib/page.mjs';

const url = '{"type": "url", "url": "https://e.org/a.mp4"}';
const hostile = ['<img src=x onerror=alert(1)> & "quotes"', 'Verylongword'.repeat(30), 'محاضرة في الجبر ‮ abc', '🎓 Лекция 5: Пределы 🧮'];

const quote = (text) => `'${text.replaceAll("'", "''")}'`;
const add = (...names) => names.map((name) => sql(`SELECT leap.add_recording('teacher@example.org', '${url}', ${quote(name)})`));
const row = (page, name) => page.locator('.list tbody tr').filter({ has: page.getByRole('link', { name, exact: true }) });
const names = (page) => page.locator('.list tbody .title > a').allTextContents();
const shown = (page, expected) => until(async () => JSON.stringify(await names(page)) === JSON.stringify(expected))
    .then(async () => assert.deepEqual(await names(page), expected));
const list = (options, path = '/app/recordings') => open(path, { user: users.teacher, ...options })
    .then(async (page) => { await page.waitForSelector('.list:not([aria-busy=true]) tbody tr, .empty, section.first'); return page; });

/* A worker that takes tasks and reports as the test says. */
sql(`CREATE SCHEMA e2e; CREATE TABLE e2e.me AS SELECT leap.register_worker('e2e', 1, '{upload,processing,automation}', 1000, '{}') AS w;
    SELECT leap.set_quota('teacher@example.org', 'concurrent_tasks', 'unlimited'), leap.set_quota('teacher@example.org', 'recordings_per_month', 'unlimited'), leap.set_quota('teacher@example.org', 'processing_per_month', 'unlimited')`);
const claim = (wanted) => sql(`SELECT count(*) FROM e2e.me, leap.claim((w->>'worker')::uuid, w->>'secret', ${wanted})`);
const run = (id) => sql(`SELECT leap.run_recording('${id}')`);
const progress = (id, percent) => sql(`UPDATE leap.tasks SET progress = ${percent} WHERE recording_id = '${id}' AND state = 'running'`);

test('a new team is told what to do', async () => {
    const page = await list();
    await page.locator('section.first').waitFor();
    await axe(page);
    await shots(page, 'list-empty');
});

test('a row says what the matter is and what to do, whatever the lecture is called', async () => {
    add(...hostile);
    const [failed, held, done] = add('It failed', 'It is held', 'It is published');
    sql(`SET session_replication_role = replica;
        UPDATE leap.recordings SET status = 'FAILED', failed = true, failed_at = now(), failed_at_stage = 'transcribe', duration = 4000,
            error = '{"class": "credential", "message": "the provider refused the key <b>", "hint": "Set another key."}' WHERE id = '${failed}';
        UPDATE leap.recordings SET status = 'TRANSCRIBED', hold = 'quality', hold_message = '34 % of the words are in silence', held_at = now() WHERE id = '${held}';
        UPDATE leap.recordings SET status = 'UPLOADED' WHERE id = '${done}';
        UPDATE leap.output_targets SET status = 'UPLOADED', url = 'https://lessons.example.org/1' WHERE recording_id = '${done}';
        INSERT INTO leap.output_targets (recording_id, user_id, target_type, status, url) SELECT id, user_id, 'VK', 'UPLOADED', 'javascript:alert(1)' FROM leap.recordings WHERE id = '${done}'`);
    const page = await list();
    assert.deepEqual((await names(page)).sort(), [...hostile, 'It failed', 'It is held', 'It is published'].sort());
    assert.match(await row(page, 'It failed').innerText(), /Failed[\s\S]*Transcription: The provider refused the key <b>\. Set another key\./);
    assert.match(await row(page, 'It is held').innerText(), /Held: quality[\s\S]*34 % of the words are in silence\. Look at the transcript/);
    assert.deepEqual(await row(page, 'It is published').locator('.targets a').evaluateAll((links) => links.map((one) => [one.textContent.trim(), one.href, one.rel])),
        [['LibraryPublished', 'https://lessons.example.org/1', 'noopener noreferrer']], 'what leads to no web page is no link');
    await axe(page);
    await shots(page, 'list');
    const russian = await list({ language: 'ru', theme: 'dark', width: 390 });
    await russian.getByRole('heading', { name: 'Записи' }).waitFor();
    assert.match(await row(russian, 'It is held').innerText(), /Расшифровка сомнительна: прочитайте/, 'a hold is said by its code, in the language of the page');
    await axe(russian);
});

test('what is tried again, scheduled, held or without speech is called that, and is not counted as failed', async () => {
    const [again, later, dead, blank] = ['Once more', 'Tonight', 'Quarantined', 'Empty room'].map((name) => add(name)[0]);
    sql(`SELECT leap.run_recording('${again}'), leap.run_recording('${later}', start_at => now() + interval '3 hours');
        BEGIN; SET LOCAL session_replication_role = replica;
        DELETE FROM leap.task_ready WHERE recording_id = '${again}';
        UPDATE leap.tasks SET state = 'scheduled', failures = 1 WHERE recording_id = '${again}' AND kind = 'download';
        INSERT INTO leap.task_scheduled (run_at, task, recording_id) SELECT now() + interval '1 hour', id, recording_id FROM leap.tasks WHERE recording_id = '${again}' AND kind = 'download';
        UPDATE leap.recordings SET status = 'DOWNLOADING', failed = true, failed_at_stage = 'download', next_attempt_at = now() + interval '1 hour', error = '{"message": "no route"}' WHERE id = '${again}';
        UPDATE leap.recordings SET status = 'FAILED', failed = true, hold = 'quarantine', hold_message = 'it killed workers', held_at = now() WHERE id = '${dead}';
        UPDATE leap.recordings SET blank_record = true WHERE id = '${blank}'; COMMIT`);
    const page = await list();
    await row(page, 'Once more').locator('.state').getByText('Waits to try again').waitFor();
    assert.match(await row(page, 'Once more').locator('.state').innerText(), /Next try in \d+ minutes/);
    assert.match(await row(page, 'Tonight').locator('.state').innerText(), /Scheduled\s+Starts in 2 hours/);
    assert.equal(await row(page, 'Once more').locator('.title a').getAttribute('title'), 'Once more');
    await page.getByRole('button', { name: 'Failed 1' }).click();
    await shown(page, ['It failed']);
    await page.getByRole('button', { name: 'All', exact: true }).click();
    await page.getByText('1 recording without speech is hidden').waitFor();
    await page.getByRole('button', { name: 'show', exact: true }).click();
    await row(page, 'Empty room').waitFor();
    assert.equal(await page.getByText('is hidden').count(), 0);
    // nothing of a badge is beside its column, in Russian neither
    const russian = await list({ language: 'ru' });
    assert.deepEqual(await russian.locator('.list td.state').evaluateAll((cells) => cells.filter((cell) => cell.scrollWidth > cell.clientWidth).map((cell) => cell.textContent)), []);
    sql(`SELECT leap.cancel_recording('${again}'), leap.cancel_recording('${later}'); SELECT count(*) FROM leap.operate('delete', ARRAY(SELECT id FROM leap.recordings WHERE display_name IN ('Once more', 'Tonight', 'Quarantined', 'Empty room')))`);
});

test('filters, order and page are in the address, and survive reload and back', async () => {
    sql(`SELECT count(leap.add_recording('teacher@example.org', '${url}', 'Series ' || lpad(n::text, 2, '0'))) FROM generate_series(1, 60) n`);
    const series = (from, to) => Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => `Series ${String(from + Math.sign(to - from) * i).padStart(2, '0')}`);
    const page = await list();
    await page.keyboard.press('/');
    await page.keyboard.type('series');
    await page.waitForURL(/search=series/);
    await shown(page, series(60, 11));
    await page.getByRole('link', { name: 'Next' }).click();
    await shown(page, series(10, 1));
    const second = page.url();
    await page.reload();
    await shown(page, series(10, 1));
    // what is added meanwhile moves no page
    add('Series 61');
    await page.getByRole('link', { name: 'Previous' }).click();
    await shown(page, series(60, 11));
    await page.goBack();
    await shown(page, series(10, 1));
    assert.equal(page.url(), second);
    await page.getByRole('link', { name: 'Recording', exact: true }).click();
    await page.waitForURL(/sort=display_name/);
    await shown(page, series(1, 50));
    assert.equal(await page.locator('th.name').getAttribute('aria-sort'), 'ascending');
    await page.getByRole('button', { name: 'Status' }).click();
    await page.getByLabel('Failed').check();
    await page.waitForURL(/status=FAILED/);
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
    await page.getByRole('button', { name: 'No longer: “series”' }).click();
    await shown(page, ['It failed']);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL((to) => !to.search.includes('status'));
    // a place that is none leads to the beginning
    expect(page, /GET .*browse 422/);
    await page.goto('/app/recordings?search=series&after=nonsense');
    await shown(page, series(61, 12));
});

test('the list is there after few bytes', async (t) => {
    const page = await list({}, '/app/recordings?search=series');
    assert.equal(await page.locator('.list tbody tr').count(), 50);
    const got = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .map(({ name, transferSize }) => ({ name: new URL(name).pathname, bytes: transferSize })));
    const sum = (pattern) => got.filter(({ name }) => pattern.test(name)).reduce((total, { bytes }) => total + bytes, 0);
    t.diagnostic(`${sum(/./)} bytes in ${got.length} answers: the page ${sum(/^\/app/)}, the rows ${sum(/browse$/)}, posters ${sum(/^\/files/)}`);
    assert.ok(sum(/./) < 100_000 && sum(/browse$/) > 1000, JSON.stringify(got));
    assert.ok(got.length < 40, `${got.length} answers`);
});

test('what happens is seen at once, and nothing moves under the pointer', async () => {
    const [id] = add('Live one');
    const page = await list({}, '/app/recordings?search=live');
    await page.evaluate(() => { globalThis.kept = document.querySelector('.list tbody tr'); });
    run(id);
    await row(page, 'Live one').getByText('In the queue').waitFor();
    // the counts follow
    const active = page.locator('.quick .active .count');
    await until(async () => await active.textContent() === '1');
    assert.equal(await active.textContent(), '1');
    claim(1);
    await row(page, 'Live one').getByText('Downloading').first().waitFor();
    progress(id, 42);
    await row(page, 'Live one').getByText('42%').waitFor();
    assert.match(await row(page, 'Live one').locator('.strip').getAttribute('aria-label'), /^Download: 42%, Trimming: waiting/);
    assert.ok(await page.evaluate(() => globalThis.kept === document.querySelector('.list tbody tr')), 'the row is still the same element');
    // the question which of the new ones belong here fails once, and is asked again; one that nobody answers would also be followed by a
    // reset, which may show the row before it is asked for
    let lost = 0;
    expect(page, /browse 500/);
    await page.route(/recordings\/browse\?.*ids=/, (route) => lost++ === 0 ? route.fulfill({ status: 500, json: { message: 'out of order' } }) : route.continue());
    add('Live two');
    await page.getByRole('button', { name: '1 new – show' }).waitFor();
    assert.ok(lost > 1);
    await page.unrouteAll();
    assert.deepEqual(await names(page), ['Live one']);
    await page.getByRole('button', { name: '1 new – show' }).click();
    await shown(page, ['Live two', 'Live one']);
    assert.equal(await page.getByRole('button', { name: /new – show/ }).count(), 0);
});

test('the menu of a row says what cannot be done, and why; a refusal takes back what was shown', async () => {
    const page = await list({}, '/app/recordings?search=live');
    const menu = page.locator('.row-menu');
    const openMenu = async (name) => {
        await row(page, name).getByRole('button', { name: /Operations/ }).click();
        await menu.getByRole('menuitem').first().waitFor();
    };
    await openMenu('Live two');
    assert.match(await menu.getByRole('menuitem', { name: /^Pause/ }).innerText(), /No run of this recording is active\./);
    assert.equal(await menu.getByRole('menuitem', { name: /^Pause/ }).getAttribute('aria-disabled'), 'true');
    await axe(page);
    await page.keyboard.press('Escape');
    await openMenu('Live one');
    // somebody else was faster
    sql(`SELECT leap.pause_recording(id) FROM leap.recordings WHERE display_name = 'Live one'`);
    await menu.getByRole('menuitem', { name: /^Pause/ }).click();
    await page.locator('.toast.bad').getByText('the recording is held already: paused').waitFor();
    await openMenu('Live one');
    await menu.getByRole('menuitem', { name: /^Resume/ }).click();
    await page.locator('.toast.good').getByText('Resume: Live one').waitFor();
    await openMenu('Live two');
    await menu.getByRole('menuitem', { name: /^Delete/ }).click();
    await row(page, 'Live two').getByText('Deleted').waitFor();
    await page.locator('.toast').getByRole('button', { name: 'Restore' }).click();
    assert.ok(await until(() => sql(`SELECT delete_state FROM leap.recordings WHERE display_name = 'Live two'`) === 'active'), 'restored');
});

test('many at once: first what would happen, then what did', async () => {
    const page = await list({}, '/app/recordings?search=live');
    await page.getByLabel('Choose all of this page').click();
    await page.getByText('2 chosen').waitFor();
    await page.locator('.bulk').getByRole('button', { name: 'Run', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('recording: this will be done with it').waitFor();
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(sql(`SELECT count(*) FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.display_name = 'Live two' AND u.state = 'active'`), '0', 'it can be left');
    await page.locator('.bulk').getByRole('button', { name: 'Run', exact: true }).click();
    await dialog.getByText('recording: this will be done with it').waitFor();
    assert.match(await dialog.innerText(), /1 cannot:\s*1\s*A run of this recording is active/);
    assert.match(await dialog.locator('.steps').innerText(), /Download[\s\S]*Trimming[\s\S]*Transcription/);
    await axe(page);
    await shots(page, 'list-preview');
    // settings of these runs only, and not before tomorrow
    await dialog.getByText('At another time, or with other settings').click();
    await dialog.locator('.config > .config-folder > summary', { hasText: 'Transcription' }).click();
    await dialog.getByLabel('Topics', { exact: true }).selectOption({ label: 'no' });
    await dialog.locator('.steps .quiet', { hasText: 'Topics' }).waitFor();
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await dialog.getByLabel('Not before').fill(tomorrow);
    await axe(page);
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();
    await dialog.getByText('1 was refused:').waitFor();
    assert.equal(sql(`SELECT to_char(u.start_at, 'YYYY-MM-DD"T"HH24:MI') || ' ' || (u.config #>> '{transcription,enable_topics}') FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.display_name = 'Live two' AND u.state = 'active'`), `${tomorrow} false`);
    await dialog.locator('footer').getByRole('button', { name: 'Close' }).click();
    assert.equal(sql(`SELECT count(*) FROM leap.runs u JOIN leap.recordings r ON r.id = u.recording_id WHERE r.display_name = 'Live two' AND u.state = 'active'`), '1');
    // all that match, also on other pages
    await page.goto('/app/recordings?search=series&size=25');
    await page.waitForSelector('.list tbody tr');
    await page.getByLabel('Choose Series 61').click();
    await page.getByRole('button', { name: 'Choose all that match' }).click();
    await page.getByText('All 61 that match').waitFor();
    await page.locator('.bulk').getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Skip' }).click();
    await dialog.getByText('recordings: this will be done with them').waitFor();
    await dialog.getByRole('button', { name: 'Skip' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.equal(sql(`SELECT count(*) FROM leap.recordings WHERE status = 'SKIPPED' AND display_name LIKE 'Series %'`), '61');
    await row(page, 'Series 61').getByText('Skipped').waitFor();
});

test('a selection is exported as a file', async () => {
    const page = await list({}, '/app/recordings?search=live');
    await page.getByLabel('Choose Live one').click();
    await page.locator('.bulk').getByRole('button', { name: 'Export' }).click();
    await axe(page);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('dialog').getByRole('button', { name: 'Export' }).click()]);
    assert.equal(file.suggestedFilename(), 'recordings.csv');
    const chunks = [];
    for await (const chunk of await file.createReadStream())
        chunks.push(chunk);
    assert.match(Buffer.concat(chunks).toString(), /^\uFEFF"id","display_name"[^\n]*\r\n"[^"]*","Live one"[^\n]*\r\n$/);
});

test('a file is sent in pieces, and goes on where it was after the page was closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'list-'));
    const file = join(folder, 'Half way.mp4');
    writeFileSync(file, Buffer.alloc(20 * 1024 * 1024, 'leap'));
    const page = await list();
    page.on('dialog', (dialog) => dialog.accept());
    const choose = async () => {
        await page.getByRole('button', { name: 'Add recordings' }).first().click();
        await page.getByRole('dialog').getByLabel('Run as soon as it is there').uncheck();
        await page.getByRole('dialog').locator('input[type=file]').setInputFiles(file);
    };
    // the line breaks behind the first piece
    let pieces = 0;
    expect(page, /PATCH .*\/uploads\/tus\/.* net::ERR/);
    await page.route('**/uploads/tus/**', (route) => route.request().method() === 'PATCH' && ++pieces > 1 ? route.abort('connectionreset') : route.continue());
    await choose();
    assert.ok(await until(() => pieces > 1), 'the line breaks');
    await page.reload();
    await page.waitForSelector('.list tbody tr');
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByRole('button', { name: 'Add recordings' }).first().click();
    await page.getByRole('dialog').getByText('Not finished earlier').waitFor();
    await axe(page);
    await page.keyboard.press('Escape');
    const from = [];
    page.on('request', (request) => request.method() === 'PATCH' && from.push(request.headers()['upload-offset']));
    await choose();
    await page.getByRole('dialog').locator('.upload-list li.done').waitFor();
    assert.deepEqual(from, [String(16 * 1024 * 1024)], 'only what was missing is sent');
    await page.keyboard.press('Escape');
    await row(page, 'Half way').or(page.getByRole('button', { name: '1 new – show' })).first().waitFor();
    assert.equal(sql(`SELECT status FROM leap.recordings WHERE display_name = 'Half way'`), 'INITIALIZED');
    rmSync(folder, { recursive: true });
});

test('an upload is paused and goes on with what is missing; files are dropped onto the list', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'list-'));
    const file = join(folder, 'Paused.mp4');
    writeFileSync(file, Buffer.alloc(20 * 1024 * 1024, 'leap'));
    const page = await list();
    page.on('dialog', (dialog) => dialog.accept());
    // the second piece waits until it is taken back
    const from = [];
    let held = true;
    await page.route('**/uploads/tus/**', async (route) => {
        if (route.request().method() !== 'PATCH')
            return route.continue();
        from.push(route.request().headers()['upload-offset']);
        return held && from.length === 2 ? until(() => !held).then(() => route.abort().catch(() => {})) : route.continue();
    });
    await page.getByRole('button', { name: 'Add recordings' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Run as soon as it is there').uncheck();
    await dialog.locator('input[type=file]').setInputFiles(file);
    assert.ok(await until(() => from.length === 2), 'the first piece is there');
    await dialog.getByRole('button', { name: 'Pause Paused.mp4' }).click();
    await dialog.getByText(/^Paused ·/).waitFor();
    await axe(page);
    held = false;
    assert.equal(sql("SELECT count(*) FROM leap.recordings WHERE display_name = 'Paused'"), '0');
    await dialog.getByRole('button', { name: 'Go on with Paused.mp4' }).click();
    await dialog.locator('.upload-list li.done').waitFor();
    assert.deepEqual(from, ['0', String(16 * 1024 * 1024), String(16 * 1024 * 1024)], 'nothing is sent twice');
    assert.equal(sql("SELECT status FROM leap.recordings WHERE display_name = 'Paused'"), 'INITIALIZED');
    await page.keyboard.press('Escape');
    await page.unrouteAll({ behavior: 'ignoreErrors' });

    const files = await page.evaluateHandle(() => {
        const data = new DataTransfer();
        for (const name of ['First drop.mp4', 'Second drop.mp4'])
            data.items.add(new File(['leap'.repeat(100)], name, { type: 'video/mp4' }));
        return data;
    });
    for (const type of ['dragover', 'drop'])
        await page.dispatchEvent('h1', type, { dataTransfer: files });
    await page.getByRole('dialog').locator('.upload-list li.done', { hasText: 'First drop' }).waitFor();
    await page.getByRole('dialog').locator('.upload-list li.done', { hasText: 'Second drop' }).waitFor();
    assert.equal(sql("SELECT count(*) FROM leap.recordings WHERE display_name LIKE '% drop'"), '2');
    rmSync(folder, { recursive: true });
});

test('addresses are added, and what is refused is said', async () => {
    const page = await list();
    await page.getByRole('button', { name: 'Add recordings' }).first().click();
    const dialog = page.getByRole('dialog');
    await shots(page, 'list-add');
    await dialog.getByRole('tab', { name: 'Address' }).click();
    expect(page, /POST \/api\/v1\/recordings 422/);
    await dialog.getByLabel('Addresses').fill('https://e.org/by-address.mp4\nftp://e.org/x.mp4');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByRole('link', { name: 'by-address' }).waitFor();
    assert.match(await dialog.locator('.results .danger-text').innerText(), /ftp:\/\/e\.org/);
    assert.equal(await dialog.getByLabel('Addresses').inputValue(), 'ftp://e.org/x.mp4', 'what was refused can be mended');
    await axe(page);
    await dialog.getByRole('tab', { name: 'Inbox' }).click();
    await dialog.getByText('You have no inbox yet').waitFor();
    // a quota in words
    sql(`SELECT leap.set_quota('teacher@example.org', 'recordings_per_month', '1')`);
    expect(page, /POST \/api\/v1\/recordings 429/);
    await dialog.getByRole('tab', { name: 'Address' }).click();
    await dialog.getByLabel('Addresses').fill('https://e.org/too-many.mp4');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText(/imit “recordings a month” exceeded/).first().waitFor();
    sql(`SELECT leap.set_quota('teacher@example.org', 'recordings_per_month', 'unlimited')`);
});

test('with 500 recordings in progress the page has little to do', async (t) => {
    sql(`SELECT count(leap.run_recording(leap.add_recording('teacher@example.org', '${url}', 'Many ' || n))) FROM generate_series(1, 500) n`);
    claim(1000);
    const page = await list({ height: 900 }, '/app/recordings?search=many&size=500');
    await until(async () => await page.locator('.list tbody tr').count() === 500);
    assert.equal(await page.locator('.list tbody tr').count(), 500);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable');
    const busy = async () => Object.fromEntries((await devtools.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));
    await page.evaluate(() => {
        globalThis.seen = { rows: new Set(), frames: [], text: '', wanted: null };
        const { seen } = globalThis;
        new MutationObserver((records) => {
            seen.frames.push(document.timeline.currentTime);
            for (const { target } of records) {
                const row = (target.nodeType === 1 ? target : target.parentElement)?.closest('tr');
                seen.rows.add(row?.dataset.id);
                seen.text = row?.textContent ?? '';
            }
            if (seen.text.includes(seen.wanted?.text))
                seen.wanted.resolve();
        }).observe(document.querySelector('.list tbody'), { subtree: true, childList: true, attributes: true, characterData: true });
    });
    // waits without looking again and again: that would be what is measured
    const comes = (text) => page.evaluate((wanted) => new Promise((resolve) => {
        globalThis.seen.wanted = { text: wanted, resolve };
        if (globalThis.seen.text.includes(wanted))
            resolve();
    }), text);
    const before = await busy();
    const rounds = 10;
    for (let i = 1; i <= rounds; i++) {
        sql(`UPDATE leap.tasks SET progress = ${i * 7} WHERE state = 'running'`);
        await comes(`${i * 7}%`);
    }
    const after = await busy();
    const { rows, frames } = await page.evaluate(() => ({ rows: globalThis.seen.rows.size, frames: globalThis.seen.frames }));
    const seconds = after.Timestamp - before.Timestamp;
    const each = (...names) => Math.round(names.reduce((sum, name) => sum + after[name] - before[name], 0) / seconds * 1000);
    t.diagnostic(`main thread: ${each('TaskDuration')} ms a second (script ${each('ScriptDuration')}, style and layout ${each('RecalcStyleDuration', 'LayoutDuration')}) with ${Math.round(500 * rounds / seconds)} events a second`);
    t.diagnostic(`${rows} of 500 rows rendered, in ${frames.length} frames, ${after.Nodes} nodes`);
    assert.ok(rows < 60, `only what can be seen is rendered: ${rows} rows`);
    assert.equal(new Set(frames).size, frames.length, 'at most once a frame');
    // what was out of sight is right when it comes into sight
    await page.locator('.list tbody tr').last().scrollIntoViewIfNeeded();
    await page.locator('.list tbody tr').last().getByText(`${rounds * 7}%`).waitFor();
});
