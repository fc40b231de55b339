// tests/e2e/first.mjs
//     From an empty database to a lesson that plays: see tests/tap/t/831_page_first_visit.pl.
import assert from 'node:assert/strict';
import { axe, expect, open, shots, sql, test, until, users } from './lib/page.mjs';

const link = process.env.LEAP_E2E_LINK;
const film = process.env.LEAP_E2E_FILM;
const me = users.admin;
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const done = (page) => page.getByRole('heading', { name: 'Done: the lesson is there' }).waitFor({ timeout: 90_000 });
const plays = async (page) => assert.ok(await until(() => page.locator('video').evaluate(async (video) => {
    video.muted = true;
    await video.play().catch(() => {});
    return video.currentTime > 0.2;
})), 'the lesson plays');

test('a link makes the first administrator, once, and the sample becomes a lesson for everybody', async () => {
    const nobody = await open('/app/login');
    await nobody.getByText('leap user first').waitFor();
    await axe(nobody);
    await shots(nobody, 'login-first');
    const page = await open(link);
    await heading(page, 'Create an account');
    await shots(page, 'first-register');
    await page.getByLabel('E-mail address').fill(me.email);
    await page.getByLabel('Name').fill('Ada <b>Admin</b>');
    await page.getByLabel('Password').fill(me.password);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await heading(page, 'Publish your first lecture');
    assert.equal(sql(`SELECT role FROM leap.users WHERE email = '${me.email}'`), 'admin');
    assert.equal(sql('SELECT leap.lacks_administrator(), leap.first_invitation() IS NULL'), 'f|t');
    await page.getByText('Drop a lecture here').waitFor();
    await axe(page);
    await shots(page, 'first-empty');

    // the empty list offers the same
    await page.getByRole('link', { name: 'To the list of recordings' }).click();
    await heading(page, 'Recordings');
    await page.getByText('Drop a lecture here').waitFor();
    await axe(page);
    await shots(page, 'first-list');

    // what happens is shown as it happens: nothing is reloaded from here to the lesson
    sql("SELECT leap.pause_queue('processing')");
    await page.getByRole('button', { name: 'Try the sample lecture' }).click();
    await heading(page, 'Your first lecture');
    await page.locator('[data-state="success"]', { hasText: 'Download' }).waitFor();
    await page.locator('[data-state="pending"]', { hasText: 'Trimming' }).waitFor();
    await page.getByRole('heading', { name: 'In the queue' }).waitFor();
    await axe(page);
    await shots(page, 'first-under-way');
    sql("SELECT leap.resume_queue('processing')");
    await done(page);
    await page.getByRole('button', { name: 'Make a link for everybody' }).click();
    const shared = await page.locator('.first-link').getAttribute('href');
    await axe(page);
    await shots(page, 'first-published');
    await page.getByRole('link', { name: 'Watch the lesson' }).click();
    await heading(page, 'Sample lecture');
    await plays(page);

    const stranger = await open(new URL(shared).pathname);
    await heading(stranger, 'Sample lecture');
    await plays(stranger);
});

test('the link is good once', async () => {
    const page = await open(link);
    expect(page, /POST \/api\/v1\/auth\/register 403/);
    await page.getByLabel('E-mail address').fill('late@example.org');
    await page.getByLabel('Password').fill('Correct horse 7');
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByRole('alert').getByText('registering needs an invitation').waitFor();
});

test('a file is dropped and an address given, in Russian and on a phone', async () => {
    const page = await open('/app/welcome', { user: me, language: 'ru', width: 390 });
    await heading(page, 'Опубликуйте первую лекцию');
    await page.getByLabel('Или укажите её адрес').fill('file:///etc/passwd');
    expect(page, /POST \/api\/v1\/recordings 422/);
    await page.getByRole('button', { name: 'Загрузить' }).click();
    await page.getByRole('alert').getByText('LEAP can fetch').waitFor();
    await page.locator('input[type=file]').setInputFiles(film);
    await heading(page, 'Ваша первая лекция');
    await page.getByRole('listitem').filter({ hasText: 'Обрезка' }).waitFor();
    await axe(page);
    await shots(page, 'first-russian');
    assert.ok(await until(() => sql("SELECT count(*) FROM leap.recordings WHERE display_name = 'sample' AND status <> 'INITIALIZED'") === '1'), 'its run has begun');
});
