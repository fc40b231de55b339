// tests/e2e/shell.mjs
//     What is around every view: see tests/tap/t/800_page_shell.pl.
import assert from 'node:assert/strict';
import { axe, expect, open, shots, sql, test, until, url, users } from './lib/page.mjs';

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const mine = (page) => page.getByRole('button', { name: 'Account' });
const nowhere = '/app/no/such/page';

async function signIn(page, { email, password }) {
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
}

async function signOut(page) {
    await mine(page).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
}

test('a stranger signs in, is shown what he asked for, and signs out', async () => {
    const page = await open(nowhere);
    await heading(page, 'Sign in');
    await axe(page);
    await shots(page, 'login');
    await signIn(page, users.teacher);
    await mine(page).waitFor();
    await heading(page, 'Page not found');
    await axe(page);
    await shots(page, 'missing');
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.map(({ name, httpOnly, sameSite, path }) => [name, httpOnly, sameSite, path]), [['leap_refresh', true, 'Strict', '/api/v1/auth']]);
    await page.reload();
    await mine(page).waitFor();
    // who is signed in is not asked to
    await page.goto('/app/login');
    await page.waitForURL(/\/app\/recordings$/);
    await heading(page, 'Recordings');
    await signOut(page);
    await heading(page, 'Sign in');
    assert.deepEqual(await page.context().cookies(), []);
    await page.reload();
    await heading(page, 'Sign in');
});

test('a wrong password is refused in the words of the server', async () => {
    const page = await open('/app/login');
    expect(page, /POST \/api\/v1\/auth\/login 401/);
    await signIn(page, { ...users.teacher, password: 'not this one' });
    await page.getByRole('alert').getByText('e-mail address and password do not match an account').waitFor();
    assert.equal(await page.getByLabel('E-mail address').inputValue(), users.teacher.email, 'what was typed stays');
    await axe(page);
});

test('two tabs share a session, and sign out together', async () => {
    const first = await open(nowhere, { user: users.teacher });
    await first.locator('.connection.live').waitFor();
    const context = first.context();
    const [second, third] = await Promise.all([open(nowhere, { context }), open(nowhere, { context })]);
    await Promise.all([first.reload(), second.reload(), third.reload()]);
    await Promise.all([first, second, third].map((page) => mine(page).waitFor()));
    assert.equal(sql("SELECT count(*) FROM leap.sessions WHERE end_reason = 'reuse'"), '0', 'nobody is taken for a thief');
    await signOut(second);
    await Promise.all([first, second, third].map((page) => heading(page, 'Sign in')));
});

test('the link of a mail leads to a page that sets the password', async () => {
    const page = await open('/reset-password#not-a-token');
    expect(page, /POST \/api\/v1\/auth\/reset-password 403/);
    await heading(page, 'Choose a new password');
    assert.equal(new URL(page.url()).hash, '#not-a-token', 'the token came along');
    await page.getByLabel('New password').fill('Quite another 5');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('alert').waitFor();
    await axe(page);
    for (const [path, title] of [['/app/forgot', 'Forgot the password'], ['/register', 'Create an account'], ['/verify-email', 'Verify the address']]) {
        await page.goto(path);
        await heading(page, title);
        await axe(page);
        await shots(page, path.split('/').at(-1));
    }
});

test('looks and language are chosen, and kept', async () => {
    const page = await open('/app/login', { language: 'ru' });
    await heading(page, 'Вход');
    await page.getByRole('button', { name: 'Вид и язык' }).click();
    await page.getByRole('menuitemradio', { name: 'Тёмная' }).click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    await page.getByRole('button', { name: 'Вид и язык' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await heading(page, 'Sign in');
    await page.reload();
    await heading(page, 'Sign in');
    assert.deepEqual(await page.evaluate(() => [document.documentElement.dataset.theme, document.documentElement.lang]), ['dark', 'en']);
});

test('the language of the account is spoken where none was chosen, and learns what is chosen', async () => {
    const stored = () => sql("SELECT language FROM leap.users WHERE email = 'teacher@example.org'");
    sql("UPDATE leap.users SET language = 'ru' WHERE email = 'teacher@example.org'");
    const page = await open('/app/login');
    await signIn(page, users.teacher);
    await heading(page, 'Записи');
    await page.reload();
    await heading(page, 'Записи');
    await page.getByRole('button', { name: 'Вид и язык' }).click();
    await page.getByRole('menuitemradio', { name: 'English' }).click();
    await heading(page, 'Recordings');
    assert.ok(await until(() => stored() === 'en'), 'the account has it now');
    sql("UPDATE leap.users SET language = 'ru' WHERE email = 'teacher@example.org'");
    await page.reload();
    await heading(page, 'Recordings');
    sql("UPDATE leap.users SET language = 'en' WHERE email = 'teacher@example.org'");
});

test('little is sent at first, under a policy that lets only our own files run', async () => {
    const page = await open('/app/login');
    const sizes = await page.evaluate(() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map((one) => one.transferSize));
    const sum = sizes.reduce((a, b) => a + b, 0);
    assert.ok(sum > 10_000 && sum < 100_000, `${sum} bytes for ${sizes.length} files`);
    const answer = await page.context().request.get('/app/login');
    assert.match(answer.headers()['content-security-policy'], /default-src 'none'; script-src 'self'/);
    expect(page, /Content Security Policy/i);
    assert.equal(await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.ran = true';
        document.head.append(script);
        return globalThis.ran ?? 'forbidden';
    }), 'forbidden');
});

test('files are found by their names only, and kept by their hash', async () => {
    const page = await open('/app/login');
    const { request } = page.context();
    const main = await page.evaluate(() => document.querySelector('script').src);
    const answer = await request.get(main);
    const etag = answer.headers().etag;
    assert.match(answer.headers()['cache-control'], /immutable/);
    assert.equal((await request.get(main, { headers: { 'If-None-Match': etag } })).status(), 304);
    for (const path of ['../gate/page.c', '%2e%2e/Makefile', 'lesson.html', 'app/', 'package.json', 'app/none.js'])
        assert.equal((await request.get(main.replace('app/main.js', path), { maxRedirects: 0 })).status() >= 400, true, path);
    // the sources in a folder take the libraries from the program
    for (const name of ['lit.js', 'uplot.js', 'uplot.css', 'tus.js'])
        assert.equal((await request.get(main.replace('app/main.js', `vendor/${name}`))).status(), 200, name);
    assert.equal((await request.get('/app/v/000000000000/app/main.js')).status(), 404);
    assert.equal((await request.get('/', { headers: { Accept: 'text/html' }, maxRedirects: 0 })).headers().location, '/app/');
    assert.equal((await request.post('/app/login')).status(), 405);
    assert.equal((await request.get('/robots.txt')).status(), 200);
});

async function ask(path, body, fields = {}) {
    const answer = await fetch(`${url}/api/v1/auth/${path}`, { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json', ...fields } });
    const set = answer.headers.get('set-cookie') ?? '';
    return { status: answer.status, set, cookie: set.split(';')[0], body: await answer.json() };
}

test('the cookie of a session is for its own page, and a copy of it is of little use', async () => {
    const login = await ask('login', { ...users.teacher, cookie: true }, { Origin: 'https://leap.example.org' });
    assert.match(login.set, /^leap_refresh=[\w-]{43}; Path=\/api\/v1\/auth; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/);
    assert.equal(login.body.refresh_token, undefined);
    assert.doesNotMatch((await ask('login', { ...users.teacher, cookie: true, remember_me: false })).set, /Max-Age|Secure/);

    assert.equal((await ask('refresh', { cookie: true }, { Cookie: login.cookie, 'Sec-Fetch-Site': 'cross-site' })).status, 403);
    assert.equal((await ask('refresh', { cookie: true })).status, 401);
    const next = await ask('refresh', { cookie: true }, { Cookie: login.cookie });
    assert.equal(next.status, 200);
    assert.equal((await ask('refresh', { cookie: true }, { Cookie: login.cookie })).status, 200, 'a moment ago');
    sql(`UPDATE leap.refresh_tokens SET used_at = used_at - interval '1 minute' WHERE session_id = '${next.body.session}' AND used_at IS NOT NULL`);
    const late = await ask('refresh', { cookie: true }, { Cookie: login.cookie });
    assert.deepEqual([late.status, late.cookie], [401, 'leap_refresh=']);
    assert.equal((await ask('refresh', { cookie: true }, { Cookie: next.cookie })).status, 401, 'the session is over');
});

/* What is opened over a page: where, as whom, and by which buttons, one after the other. */
const over = [
    ['/app/recordings', ['Notifications', 'Appearance', 'Account'].map((name) => [new RegExp(`^${name}`)])],
    ['/app/recordings', [[/^Status/], [/^Source/], [/^Template/], [/^More/], [/^Operations on/], [/^Add/]]],
    ['/app/admin/users', [['Add a user']]],
    ['/app/admin/plans', [['Add a plan']]],
    ['/app/admin/invitations', [['Invite']]],
    ['/app/admin/outside', [['Register']]],
    ['/app/admin/audit', [['Verify'], ['Export']]],
    ['/app/monitor', [['Pause']]],
    ['/app/notifications/webhooks', [['Add a webhook']]],
    ['/app/account/keys', [['Make a key']]],
    ['/app/account/security', [[/^End/]]],
    ['/app/account/profile', [['Delete the account']]],
    ['recording', [['Share this lecture'], [/^Share/], ['All operations'], [/^More/]]],
];

for (const width of [390, 1280])
    test(`whatever opens over a page stays inside the window: ${width} pixels`, async (t) => {
        if (sql("SELECT count(*) FROM leap.worker_keys") === '0')
            sql("SELECT leap.add_worker_key(encode(sha256('workers'), 'base64'))");
        const id = sql("SELECT leap.add_recording('admin@example.org', '{\"type\": \"url\", \"url\": \"https://e.org/a.mp4\"}', 'A lecture ' || repeat('with a long name ', 8))");
        for (let i = 0; i < 8; i++)
            sql(`SELECT leap.raise_event(u.id, 'upload_failed', '{}', jsonb_build_object('name', 'A long lecture ${i} ' || repeat('with a long name ', 10), 'message', repeat('no room ', 40), 'hint', 'Make some.', 'platform', 'library'), NULL)
                FROM leap.users u WHERE u.email = 'admin@example.org'`);
        const page = await open('/app/recordings', { user: users.admin, width, height: 740 });
        let seen = 0;
        for (const [path, buttons] of over) {
            await page.goto(path === 'recording' ? `/app/recordings/${id}` : path);
            await page.locator('main h1').waitFor();
            await page.waitForLoadState('networkidle');
            for (const [name] of buttons)
                for (const button of await page.getByRole('button', { name, exact: typeof name === 'string' }).all()) {
                    if (!await button.isVisible() || await button.isDisabled())
                        continue;
                    await button.click();
                    const box = page.locator('dialog[open], [popover]:popover-open').first();
                    if (!await until(async () => await box.count() > 0))
                        continue;
                    await page.waitForLoadState('networkidle');
                    const { x, y, width: wide, height: high } = await box.boundingBox();
                    assert.ok(x >= 0 && y >= 0 && x + wide <= width && y + high <= 740, `${path} ${name}: ${Math.round(x)},${Math.round(y)} ${Math.round(wide)}x${Math.round(high)} in ${width}x740`);
                    seen++;
                    await page.keyboard.press('Escape');
                    await box.waitFor({ state: 'hidden' });
                    break;
                }
        }
        t.diagnostic(`${seen} were opened`);
        assert.ok(seen >= 12, `${seen} were opened`);
    });
