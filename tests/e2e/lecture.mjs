// tests/e2e/lecture.mjs
//     The page of one recording: see tests/tap/t/815_page_lecture.pl. The lesson keeps 5 to 30.6 and 44.5 to 70
//     seconds of its recording, and has nineteen sentences.
import assert from 'node:assert/strict';
import { api, axe, expect, open, shots, sql, test, until, users } from './lib/page.mjs';

const lecture = process.env.LEAP_E2E_RECORDING;
const failed = process.env.LEAP_E2E_FAILED;
const name = 'Volcanoes and tides';
const path = `/app/recordings/${lecture}`;
const near = (value, wanted, by = 0.6) => Math.abs(value - wanted) <= by;
const at = (page) => page.locator('video').evaluate((video) => video.currentTime);
const isAt = async (page, wanted, what) => assert.ok(await until(async () => near(await at(page), wanted)), `${what}: at ${await at(page)}, not ${wanted}`);
const row = (page, text) => page.locator('.line', { hasText: text });

async function lesson(query = '', options = {}) {
    const page = await open(path + query, { user: users.teacher, height: 900, ...options });
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await row(page, 'Sentence 0').waitFor();
    await page.locator('video').evaluate((video) => video.readyState > 0 || new Promise((resume) => { video.onloadedmetadata = resume; }));
    return page;
}

/* Refuses one kind of request as the server would. */
async function refuse(page, method, pattern, answer) {
    expect(page, new RegExp(`${method} .* ${answer.status}`));
    await page.route(pattern, (route) => route.request().method() === method
        ? route.fulfill({ status: answer.status, contentType: 'application/json', body: JSON.stringify(answer) }) : route.fallback());
}

test('a line, a chapter, the waveform and an address lead into the video, and the transcript follows', async () => {
    const page = await lesson('#t=20');
    await isAt(page, 20, 'the address');
    await page.locator('.line.now', { hasText: 'Sentence 7' }).waitFor();
    await row(page, 'Sentence 9').locator('.line-text').click();
    await isAt(page, 23, 'a line');
    await page.locator('video').evaluate((video) => video.pause());
    assert.match(page.url(), /#t=23$/);

    // what was said stays text
    await row(page, '<b>no markup</b> & "nothing" <script>alert(1)</script>').waitFor();
    assert.equal(await page.locator('.lines b, .lines script').count(), 0);

    // the waveform is the recording: a fifth of it is 15 s, ten seconds into the lesson; what was cut out leads behind it
    const wave = page.getByRole('slider', { name: /loudness/ });
    const box = await wave.boundingBox();
    await wave.click({ position: { x: box.width * 0.2, y: 20 } });
    await isAt(page, 10, 'the waveform');
    await wave.click({ position: { x: box.width * 0.5, y: 20 } });
    await isAt(page, 25.6, 'what was cut out');
    assert.ok(await until(async () => /^0:4[45] of 1:15$/.test(await wave.getAttribute('aria-valuetext'))), await wave.getAttribute('aria-valuetext'));
    await wave.press('ArrowRight');
    await isAt(page, 30.6, 'an arrow key');
});

test('keys, speed and the recording before it was cut', async () => {
    const page = await lesson('#t=27');
    await isAt(page, 27, 'the address');
    await page.getByRole('heading', { level: 1 }).focus();
    await page.keyboard.press('j');
    await isAt(page, 17, 'j');
    await page.keyboard.press('l');
    await isAt(page, 27, 'l');
    await page.keyboard.press('ArrowLeft');
    await isAt(page, 22, 'an arrow');
    await page.keyboard.press('k');
    assert.ok(await until(() => page.locator('video').evaluate((video) => !video.paused)), 'k plays');
    await page.keyboard.press('k');
    await page.getByLabel('Speed').selectOption('1.5');
    assert.equal(await page.locator('video').evaluate((video) => video.playbackRate), 1.5);

    await page.locator('video').evaluate((video) => { video.currentTime = 30; });
    await isAt(page, 30, 'a moment');
    await page.getByRole('button', { name: 'Original' }).click();
    await isAt(page, 48.9, 'the same moment of the recording');
    await page.locator('.line.now', { hasText: 'meets' }).waitFor();
    await page.locator('video').evaluate((video) => { video.currentTime = 38; });
    assert.ok(await until(async () => await page.locator('.line.now').count() === 0), 'nobody says what was cut out');
    await page.getByRole('button', { name: 'Lesson' }).click();
    await isAt(page, 25.6, 'back behind the cut');
    const tracks = await page.locator('track').evaluateAll((list) => list.map((track) => [track.kind, track.srclang]));
    assert.deepEqual(tracks, [['subtitles', 'en']]);
    const captions = page.getByRole('button', { name: 'Subtitles', exact: true });
    const showing = () => page.locator('video').evaluate((video) => video.textTracks[0].mode === 'showing');
    const before = await showing();
    assert.equal(await captions.getAttribute('aria-pressed'), String(before));
    await captions.click();
    assert.ok(await until(async () => await showing() === !before && await captions.getAttribute('aria-pressed') === String(!before)), 'subtitles are switched');
});

test('words are found in this lecture and in all, and lead to their moment', async () => {
    const page = await lesson();
    await page.getByPlaceholder('Find in this lecture').fill('geyser');
    await page.getByText('moments.').or(page.getByText('moment.')).waitFor();
    assert.ok(await page.locator('.hit-list mark', { hasText: 'geyser' }).count() > 0);
    await page.locator('.hit-list a').first().click();
    await isAt(page, 15, 'a hit');
    await page.getByRole('link', { name: 'Search all lectures' }).click();
    await page.getByRole('heading', { level: 1, name: 'Search in lectures' }).waitFor();
    assert.equal(await page.getByPlaceholder('What was said').inputValue(), 'geyser');
    await page.getByPlaceholder('What was said').fill('script');
    await page.keyboard.press('Enter');
    await page.locator('.hit-list mark', { hasText: /script/i }).first().waitFor();
    assert.match(page.url(), /\?q=script$/);
    assert.equal(await page.locator('.hit-list b, .hit-list script').count(), 0);
    await axe(page);
    await shots(page, 'search');
    await page.locator('.hit-list a').first().click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await isAt(page, 9, 'a hit of all');
    // whose it is, for whoever sees those of others
    const others = await open('/app/search?q=geyser', { user: users.admin });
    await others.locator('.search-list h2').filter({ hasText: name }).getByText(`Belongs to ${users.teacher.email}`).waitFor();
    const shown = (where) => where.locator('.hit-list').first().locator('a').allInnerTexts();
    const moments = (await shown(others)).map((text) => text.split(' ')[0]);
    assert.equal(new Set(moments).size, moments.length, 'a line a moment');
    await page.goto('/app/search?q=geyser');
    await page.locator('.hit-list a').first().waitFor();
    assert.equal(await page.getByText('Belongs to').count(), 0);
    await page.goto('/app/search?q=xylophone');
    await page.getByText('Nobody says').waitFor();
});

test('topics are edited at once, refused visibly, and gone back', async () => {
    const page = await lesson('#t=26');
    await isAt(page, 26, 'the address');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Topic 1: title').fill('Fire <i>below</i>');
    await page.getByRole('button', { name: 'Add a topic at 0:26' }).click();
    await page.getByLabel('Topic 2: title').fill('Water');
    await page.getByRole('textbox', { name: 'Summary' }).fill('Two subjects.');
    await shots(page, 'lecture-topics-edit');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.chapter-list').getByText('Water').waitFor();
    await page.locator('option', { hasText: 'edited by teacher@example.org' }).first().waitFor({ state: 'attached' });
    assert.ok(await until(() => sql(`SELECT version FROM leap.topic_versions WHERE recording_id = '${lecture}' AND active`) === '2'));
    assert.ok(await until(() => sql(`SELECT count(*) FROM leap.runs WHERE recording_id = '${lecture}' AND state = 'active'`) === '0'), 'its run has ended');
    await page.locator('.player-chapter', { hasText: 'Water' }).waitFor();
    await page.getByRole('button', { name: 'Previous chapter' }).click();
    await isAt(page, 0, 'the chapter before');
    assert.equal(await page.locator('.chapter-list i').count(), 0);

    // refused: what was typed is there again, and what was before as well
    await refuse(page, 'PATCH', '**/topics', { status: 409, code: 'LP004', message: 'cannot edit: a run looks for topics', hint: 'Wait for it, or cancel it first.' });
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Topic 2: title').fill('Never');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').getByText('cannot edit: a run looks for topics').waitFor();
    assert.equal(await page.getByLabel('Topic 2: title').inputValue(), 'Never');
    await page.getByRole('button', { name: 'Leave it' }).click();
    await page.locator('.chapter-list').getByText('Water').waitFor();

    await page.getByLabel('Version of the topics').selectOption('1');
    await page.getByRole('button', { name: 'Use this version' }).click();
    assert.ok(await until(() => sql(`SELECT version FROM leap.topic_versions WHERE recording_id = '${lecture}' AND active`) === '1'), 'the first version is in use');
    assert.ok(await until(() => sql(`SELECT count(*) FROM leap.runs WHERE recording_id = '${lecture}' AND state = 'active'`) === '0'), 'its run has ended');
});

test('a name is changed at once, and changed back when it is refused', async () => {
    const page = await lesson();
    await refuse(page, 'PATCH', `**/api/v1/recordings/${lecture}`, { status: 422, code: 'LP030', message: 'a name like this cannot be', hint: 'Choose another.' });
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Name of the recording').fill('Another name');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('a name like this cannot be').waitFor();
    assert.equal(await page.getByLabel('Name of the recording').inputValue(), 'Another name');
    await page.unrouteAll();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name }).waitFor();
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.getByLabel('Name of the recording').fill(`${name} 2`);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: `${name} 2` }).waitFor();
    assert.ok(await until(() => sql(`SELECT display_name FROM leap.recordings WHERE id = '${lecture}'`) === `${name} 2`));
    await api(users.teacher, 'PATCH', `/recordings/${lecture}`, { display_name: name });
    await page.goto(`${path}?tab=stages`);
    await page.getByText(`${name} 2 → ${name}`).waitFor();
});

test('a change that is refused is shown, and visibly taken back', async () => {
    const page = await lesson();
    let answer = null;
    await page.route(`**/api/v1/recordings/${lecture}`, async (route) => {
        if (route.request().method() !== 'PATCH')
            return route.continue();
        await new Promise((resolve) => { answer = resolve; });
        return route.fulfill({ status: 409, contentType: 'application/json', body: '{"code":"LP003","message":"somebody else edits it","hint":"Wait a moment."}' });
    });
    expect(page, /PATCH .* 409/);
    await page.getByRole('button', { name: 'Rename' }).click();
    await page.locator('.title-input').fill('Another name');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Another name' }).waitFor();
    assert.ok(await until(() => answer), 'it is shown before the server has answered');
    answer();
    await page.locator('.toast.bad').getByText('somebody else edits it').waitFor();
    assert.equal(await page.locator('.title-input').inputValue(), 'Another name', 'what was typed is not lost');
    await page.getByRole('button', { name: 'Leave it' }).click();
    await page.getByRole('heading', { level: 1, name }).waitFor();
    assert.equal(sql(`SELECT display_name FROM leap.recordings WHERE id = '${lecture}'`), name);
});

test('every operation is there, with the reason when it is not allowed', async () => {
    const page = await lesson();
    await page.getByRole('button', { name: 'All operations' }).click();
    const items = page.locator('#operations').getByRole('menuitem');
    assert.equal(await items.count(), 22);
    const able = await items.evaluateAll((list) => list.map((one) => one.getAttribute('aria-disabled') !== 'true'));
    assert.deepEqual(able, [...able].sort((a, b) => b - a), 'what can be done comes first');
    const pause = items.filter({ hasText: /^Pause/ });
    assert.equal(await pause.getAttribute('aria-disabled'), 'true');
    assert.match(await pause.textContent(), /No run of this recording is active\./);
    await axe(page);
    await items.filter({ hasText: 'Run from the beginning' }).click();
    await page.getByText('This will be done:').waitFor();
    assert.equal(await page.locator('.plan li[data-on=true]').count(), 6);
    await axe(page);
    await page.getByRole('button', { name: 'Leave it' }).click();
    assert.equal(sql(`SELECT count(*) FROM leap.runs WHERE recording_id = '${lecture}' AND state = 'active'`), '0');
});

test('a run is given a time and settings of its own, and shows what they change', async () => {
    const page = await lesson();
    await page.getByRole('button', { name: 'All operations' }).click();
    await page.locator('#operations').getByRole('menuitem').filter({ hasText: 'Run from the beginning' }).click();
    const box = page.getByRole('dialog');
    const on = async (n) => assert.ok(await until(async () => await box.locator('.plan li[data-on=true]').count() === n), `${n} steps`);
    await on(6);
    await box.getByText('At another time, or with other settings').click();
    await box.locator('.config > .config-folder > summary', { hasText: 'Transcription' }).click();
    await box.getByLabel('Topics', { exact: true }).selectOption({ label: 'no' });
    await on(5);
    await axe(page);
    await shots(page, 'lecture-run-with');
    // what is refused is said where it was typed
    expect(page, /POST \/api\/v1\/recordings\/[\w-]+\/run 422/);
    await box.getByLabel('Not before').fill('2020-01-02T03:04');
    // as a browser whose clock is late: it lets the time pass
    await box.getByLabel('Not before').evaluate((input) => input.removeAttribute('min'));
    await box.locator('footer .primary').click();
    await box.locator('.field-error').getByText('that is past').waitFor();
    const later = new Date(Date.now() + 3 * 3600_000).toISOString().slice(0, 16);
    await box.getByLabel('Not before').fill(later);
    await box.locator('footer .primary').click();
    await box.waitFor({ state: 'detached' });
    assert.equal(sql(`SELECT to_char(start_at, 'YYYY-MM-DD"T"HH24:MI') || ' ' || (config #>> '{transcription,enable_topics}') FROM leap.runs WHERE recording_id = '${lecture}' AND state = 'active'`), `${later} false`);
    sql(`SELECT leap.cancel_recording('${lecture}')`);
});

test('what happens is seen without loading again', async () => {
    const page = await lesson('?tab=stages');
    await page.getByText('Runs', { exact: true }).waitFor();
    const before = await page.locator('.run').count();
    const loads = [];
    page.on('framenavigated', () => loads.push(1));
    await api(users.teacher, 'POST', `/recordings/${lecture}/subtitles`);
    assert.ok(await until(async () => await page.locator('.run').count() > before), 'the new run is in the history');
    assert.ok(await until(async () => await page.locator('.run-state[data-state=active]').count() === 0 && await page.locator('.run-state[data-state=finished]').count() > before - 1), 'and it ends there');
    assert.equal(loads.length, 0);
    await page.locator('.task', { hasText: 'Subtitles' }).first().getByText('done').waitFor();
});

test('an answer that is lost on its way is asked for again', async () => {
    sql("SELECT leap.pause_queue('processing', 'nothing more is to happen')");
    const page = await lesson();
    await page.locator('.connection.live').waitFor();
    let asked = 0;
    expect(page, /overview net::ERR_FAILED/);
    await page.route('**/overview', (route) => asked++ < 2 ? route.abort() : route.continue());
    await api(users.teacher, 'POST', `/recordings/${lecture}/subtitles`);
    await page.locator('.lecture-actions').getByRole('button', { name: 'Cancel the run' }).waitFor();
    assert.ok(asked > 2, `asked ${asked} times`);
    sql(`SELECT leap.cancel_recording('${lecture}'); SELECT leap.resume_queue('processing')`);
    await page.locator('.lecture-actions').getByRole('button', { name: 'Cancel the run' }).waitFor({ state: 'detached' });
});

test('a recording that failed says why and what to do', async () => {
    const page = await open(`/app/recordings/${failed}?tab=stages`, { user: users.teacher, height: 900 });
    await page.locator('.notice.bad').getByText('there is no file').waitFor();
    await page.locator('.notice.bad').getByText('Check the path').waitFor();
    await page.getByText('file_not_found').waitFor();
    assert.equal(await page.locator('h1 img').count(), 0);
    await axe(page);
    await shots(page, 'lecture-failed');
    const runs = await page.locator('.run').count();
    await page.locator('.notice.bad').getByRole('button', { name: 'Try again' }).click();
    assert.ok(await until(async () => await page.locator('.run').count() === runs + 1 && await page.locator('.run-state[data-state=active]').count() === 0), 'it was tried again, and failed again');
});

test('one that is held for its quality says why, and is accepted or heard again', async () => {
    sql(`UPDATE leap.recordings SET hold = 'quality', hold_message = 'The transcript is doubtful.', held_at = now(),
             facts = facts || '{"quality": {"verdict": "suspect", "withheld": true, "reasons": [{"code": "repetition", "message": "the same sentence again and again", "at": 11, "value": 0.5, "limit": 0.3}]}}'
         WHERE id = '${lecture}'`);
    const page = await lesson();
    const notice = page.locator('.notice.warn');
    await notice.getByText('Held: quality').waitFor();
    await notice.getByText('the same sentence again and again').waitFor();
    await notice.getByRole('link', { name: 'Listen' }).click();
    await isAt(page, 11, 'where it is');
    await page.locator('video').evaluate((video) => video.pause());
    assert.ok(await until(async () => await notice.locator('option').count() > 1), 'others could hear it');
    await axe(page);
    await shots(page, 'lecture-held');

    await refuse(page, 'POST', '**/accept', { status: 409, code: 'LP003', message: 'cannot accept: somebody was quicker', hint: null });
    await notice.getByRole('button', { name: 'Accept' }).click();
    await page.getByText('cannot accept: somebody was quicker').waitFor();
    await notice.getByText('Held: quality').waitFor();
    await page.unrouteAll();
    await notice.getByRole('button', { name: 'Accept' }).click();
    assert.ok(await until(async () => await notice.count() === 0), 'it is not held any more');
    assert.equal(sql(`SELECT hold IS NULL AND facts #>> '{quality,withheld}' IS DISTINCT FROM 'true' FROM leap.recordings WHERE id = '${lecture}'`), 't');
});

test('it is heard again by whom was chosen', async () => {
    sql(`UPDATE leap.recordings SET facts = facts || '{"quality": {"verdict": "suspect", "withheld": true, "reasons": []}}' WHERE id = '${lecture}'; SELECT leap.pause_queue('processing', 'nobody hears')`);
    const page = await lesson();
    const notice = page.locator('.notice.warn');
    await notice.locator('option[value=captions]').waitFor({ state: 'attached' });
    await notice.locator('select').selectOption('captions');
    const [request] = await Promise.all([page.waitForRequest('**/transcript/retry'), notice.getByRole('button', { name: 'Hear again' }).click()]);
    assert.deepEqual(request.postDataJSON(), { provider: 'captions' });
    await page.locator('.toast.good').getByText('It is being heard again').waitFor();
    assert.equal(sql(`SELECT asked_for FROM leap.runs WHERE recording_id = '${lecture}' AND state = 'active'`), 'hear');
    sql("SELECT leap.resume_queue('processing')");
    assert.ok(await until(() => sql(`SELECT status FROM leap.recordings r WHERE id = '${lecture}' AND NOT EXISTS (SELECT FROM leap.runs u WHERE u.recording_id = r.id AND u.state = 'active')`) === 'UPLOADED'), 'it is heard, and published again');
    sql(`UPDATE leap.recordings SET facts = facts - 'quality' WHERE id = '${lecture}'`);
});

test('a word without an end breaks nothing', async () => {
    const first = `recording_id = '${lecture}' AND no = (SELECT min(no) FROM leap.transcript_passages WHERE recording_id = '${lecture}')`;
    const text = sql(`SELECT text FROM leap.transcript_passages WHERE ${first}`);
    sql(`UPDATE leap.transcript_passages SET text = regexp_replace(text, 'Sentence 1 [^\n]*', repeat('Donaudampfschiff', 40)) WHERE ${first}`);
    const page = await lesson('', { width: 390 });
    await row(page, 'Donaudampfschiff').waitFor();
    assert.ok(await row(page, 'Donaudampfschiff').evaluate((line) => line.scrollWidth <= line.clientWidth), 'it is in its line');
    await shots(page, 'lecture-long-word');
    sql(`UPDATE leap.transcript_passages SET text = $said$${text}$said$ WHERE ${first}`);
});

test('files are saved, captions come and go', async () => {
    const page = await lesson('?tab=files');
    const href = await page.getByRole('link', { name: 'Subtitles, WebVTT' }).getAttribute('href');
    const answer = await page.context().request.get(href);
    assert.equal(answer.status(), 200);
    assert.match(answer.headers()['content-disposition'], /^attachment;.*Volcanoes/);
    await page.getByLabel('WebVTT or SubRip file').setInputFiles({ name: 'x.ru.vtt', mimeType: 'text/vtt', buffer: Buffer.from('WEBVTT\n\n00:00:10.000 --> 00:00:12.000\nПривет\n') });
    await page.getByLabel('Language (empty: found out)').fill('ru');
    await page.getByRole('button', { name: 'Add captions' }).click();
    await page.getByRole('button', { name: 'Remove Russian' }).waitFor();
    await page.getByLabel('WebVTT or SubRip file').setInputFiles({ name: 'x.vtt', mimeType: 'text/vtt', buffer: Buffer.from('no captions') });
    expect(page, /POST .*captions 422/);
    await page.getByRole('button', { name: 'Add captions' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('button', { name: 'Remove Russian' }).click();
    assert.ok(await until(async () => await page.getByRole('button', { name: 'Remove Russian' }).count() === 0), 'they are gone');
    assert.equal(sql(`SELECT count(*) FROM leap.captions WHERE recording_id = '${lecture}' AND language = 'ru'`), '0');
    await shots(page, 'lecture-files');
});

test('settings of its own lie over those of the template, and what cannot be is said at its field', async () => {
    const page = await lesson('?tab=settings');
    const trimming = page.locator('.config-folder', { hasText: 'Trimming' });
    await trimming.getByText('1 of its own').waitFor();
    await trimming.getByLabel('Quality (CRF)').fill('99');
    await page.keyboard.press('Tab');
    expect(page, /PATCH .*config 422/);
    await page.getByRole('button', { name: 'Save' }).click();
    await trimming.locator('.config-field', { hasText: 'Quality (CRF)' }).getByText('trimming.crf').waitFor();
    await trimming.getByLabel('Quality (CRF)').fill('20');
    await trimming.getByLabel('How').selectOption('exact');
    await page.getByRole('button', { name: 'Save' }).click();
    assert.ok(await until(() => sql(`SELECT config->'trimming' FROM leap.recordings WHERE id = '${lecture}'`) === '{"crf": 20, "mode": "exact", "shorten_pauses_above": 8}'));
    await axe(page);
    await shots(page, 'lecture-settings');
    await api(users.teacher, 'PATCH', `/recordings/${lecture}/config`, { config: { trimming: { crf: null, mode: null } } });
});

test('targets have their state and what can be done', async () => {
    const page = await lesson('?tab=targets');
    await page.locator('.target').getByText('published', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('The publication is taken from its platform.').waitFor();
    await page.locator('dialog').getByRole('button', { name: 'Take back' }).click();
    await page.locator('.target').getByText('not published').waitFor();
    await page.locator('.target').getByRole('button', { name: 'Publish', exact: true }).click();
    await page.locator('.target').getByText('published', { exact: true }).waitFor();
    await axe(page);
    await shots(page, 'lecture-targets');

    // one that failed is tried again from here
    sql(`SET session_replication_role = replica;
        UPDATE leap.output_targets SET status = 'FAILED', failed = true, error = '{"message": "the disk is full", "hint": "Make room."}' WHERE recording_id = '${lecture}';
        UPDATE leap.recordings SET status = 'TRANSCRIBED' WHERE id = '${lecture}'`);
    await page.reload();
    await page.locator('.target').getByText('the disk is full').waitFor();
    await page.locator('.target').getByRole('button', { name: 'Try again' }).click();
    await page.locator('.target').getByText('published', { exact: true }).waitFor();
    assert.equal(sql(`SELECT status || ' ' || failed FROM leap.output_targets WHERE recording_id = '${lecture}'`), 'UPLOADED false');
});

test('the day on which a recording is deleted is said', async () => {
    sql(`UPDATE leap.recordings SET expire_at = '2199-03-01T12:00:00Z', expire_by = 'user' WHERE id = '${lecture}'`);
    const page = await lesson();
    await page.locator('.lecture-meta').getByText('deleted on 1 Mar 2199').waitFor();
    sql(`UPDATE leap.recordings SET expire_at = NULL, expire_by = NULL WHERE id = '${lecture}'`);
});

test('a link shows the lesson to whoever has it, until it is taken back', async () => {
    const page = await lesson();
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText('No links yet.').waitFor();
    await page.getByLabel('For whom').fill('Group <b>12</b>');
    await page.getByLabel('Files may be saved').check();
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.locator('.share-list').getByText('Group <b>12</b>').waitFor();
    await axe(page);
    const link = new URL(await page.locator('.share-url').inputValue());
    assert.equal(link.origin, new URL(page.url()).origin);

    const guest = await open(`${link.pathname}#t=20`, { width: 390 });
    await guest.getByRole('heading', { level: 1, name }).waitFor();
    await isAt(guest, 20, 'the address');
    await row(guest, 'Sentence 9').locator('.line-time').click();
    await isAt(guest, 23, 'a line');
    assert.equal(await guest.locator('track').getAttribute('srclang'), 'en');
    const saved = await guest.context().request.get(await guest.getByRole('link', { name: 'Transcript' }).getAttribute('href'));
    assert.equal(saved.status(), 200);
    assert.deepEqual(await guest.context().cookies(), []);
    await axe(guest);
    await shots(guest, 'share');

    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByText('Whoever has the link sees nothing from then on.').waitFor();
    await page.getByRole('button', { name: 'Take back' }).last().click();
    await page.locator('.share-list').getByText('taken back').waitFor();
    await shots(page, 'lecture-share');
    expect(guest, /GET .*share.* 404/, /files.* 404/);
    assert.ok(await until(() => sql(`SELECT count(*) FROM leap.shares WHERE recording_id = '${lecture}' AND revoked_at IS NOT NULL AND views > 0`) === '1'), 'it was seen, and is taken back');
    await guest.reload();
    await guest.getByRole('heading', { level: 1, name: 'This link leads nowhere' }).waitFor();
    await axe(guest);
});

test('a link ends when it was said to', async () => {
    const page = await lesson();
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByLabel('For whom').fill('For a week');
    await page.getByLabel('Ends').selectOption('7');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const mine = page.locator('.share-list li', { hasText: 'For a week' });
    const link = new URL(await mine.locator('.share-url').inputValue());
    assert.equal(sql("SELECT expires_at BETWEEN now() + interval '6 days 23 hours' AND now() + interval '7 days 1 hour' FROM leap.shares WHERE note = 'For a week'"), 't');
    const guest = await open(link.pathname, { width: 390 });
    await guest.getByRole('heading', { level: 1, name }).waitFor();
    expect(guest, /GET .*share.* 404/, /files.* 404/);
    sql("UPDATE leap.shares SET created_at = now() - interval '8 days', expires_at = now() - interval '1 day' WHERE note = 'For a week'");
    await guest.reload();
    await guest.getByRole('heading', { level: 1, name: 'This link leads nowhere' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Share' }).click();
    await mine.getByText(/^(expired|ended)$/).waitFor();
    assert.equal(await mine.getByRole('button').count(), 0, 'nothing can be done with it');
});

test('it looks right in both themes, in Russian and on a phone', async () => {
    const page = await lesson();
    await axe(page);
    await shots(page, 'lecture');
    const dark = await lesson('', { theme: 'dark', language: 'ru' });
    await dark.getByRole('link', { name: 'Темы и конспект' }).waitFor();
    await axe(dark);
    const phone = await lesson('', { width: 390 });
    await axe(phone);
});

test('ten thousand sentences cost no more than those that are seen', async () => {
    sql(`INSERT INTO leap.transcript_passages (recording_id, user_id, no, start, "end", language, text, starts, ends, tsv)
         SELECT r.id, r.user_id, 100 + p, 60 + 40 * p, 100 + 40 * p, 'en', string_agg(format('Sentence %s of a very long lecture about everything there is', 20 * p + s), E'\\n' ORDER BY s),
                array_agg((60 + 40 * p + 2 * s)::float8 ORDER BY s), array_agg((61.9 + 40 * p + 2 * s)::float8 ORDER BY s), ''
         FROM leap.recordings r, generate_series(1, 500) p, generate_series(0, 19) s WHERE r.id = '${lecture}' GROUP BY r.id, p`);
    const page = await lesson();
    const list = page.locator('.lines');
    // it comes in pages
    assert.ok(await until(async () => {
        await list.evaluate((node) => { node.scrollTop = node.scrollHeight; });
        return await row(page, 'Sentence 10019').count() > 0;
    }), 'all of it is there');
    assert.ok(await page.locator('.line').count() < 150, 'and at the end as well');
    // what comes in meanwhile may move the last line out of sight
    assert.ok(await until(async () => {
        await page.locator('.lines .line-time').last().focus();
        await page.keyboard.press('Home');
        return await page.evaluate(() => document.activeElement.textContent) === '0:05';
    }), 'keys go through it');
});
