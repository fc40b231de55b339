// tests/e2e/account.mjs
//     The notification centre and the account: see tests/tap/t/830_page_account.pl.
import assert from 'node:assert/strict';
import { api, axe, expect, open, shots, sql, test, until, url, users } from './lib/page.mjs';

const teacher = { ...users.teacher };
const hostile = '<img src=x onerror=alert(1)> "quoted" & \u05d0\u05d1 \u{1f393} ' + 'long title '.repeat(30);
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const bell = (page) => page.locator('button.bell');
const unread = () => Number(sql("SELECT count(*) FROM leap.notifications n JOIN leap.users u ON u.id = n.user_id WHERE u.email = 'teacher@example.org' AND n.in_app AND n.read_at IS NULL"));

function tell(event, name, subject = '{}') {
    sql(`SELECT leap.raise_event(u.id, '${event}', '${subject}', jsonb_build_object('name', $t$${name}$t$, 'message', 'no room', 'hint', 'Make some.', 'platform', 'library'), NULL)
        FROM leap.users u WHERE u.email = 'teacher@example.org'`);
}

test('what happens rings the bell at once, grave things are noted, and all is marked as read', async () => {
    sql('DELETE FROM leap.notifications');
    const page = await open('/app/notifications', { user: teacher });
    await page.locator('.connection.live').waitFor();
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    tell('upload_failed', hostile);
    await page.locator('.toast.bad').waitFor();
    await page.locator('.message', { hasText: '<img src=x' }).waitFor();
    assert.equal(await page.locator('main img').count(), 0, 'a title is a text');
    await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
    tell('recording_uploaded', 'Algebra');
    await page.locator('.message', { hasText: 'Algebra' }).waitFor();
    assert.equal(await page.locator('.toast', { hasText: 'Algebra' }).count(), 0, 'good news waits');
    await page.getByRole('button', { name: 'Notifications, 2 unread' }).waitFor();
    await axe(page);
    await shots(page, 'notifications');

    await bell(page).click();
    const panel = page.getByRole('dialog', { name: 'Newest notifications' });
    await panel.locator('.message', { hasText: 'Algebra' }).getByRole('button', { name: /Mark as read/ }).click();
    assert.ok(await until(() => unread() === 1), 'one is read');
    await axe(page);
    await shots(page, 'bell');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
    await page.locator('main .message.read', { hasText: 'Algebra' }).waitFor();

    // refused: it comes back, visibly
    expect(page, /POST .*\/notifications\/read 503/);
    await page.route('**/notifications/read', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{"message":"the database is away","hint":"Come back."}' }), { times: 1 });
    await page.getByRole('main').getByRole('button', { name: 'Mark all as read' }).click();
    await page.locator('.toast.bad', { hasText: 'the database is away' }).waitFor();
    assert.equal(await page.locator('main .message:not(.read)').count(), 1);
    await page.getByRole('main').getByRole('button', { name: 'Mark all as read' }).click();
    assert.ok(await until(() => unread() === 0), 'all are read');
    await page.getByRole('button', { name: 'Notifications, none unread' }).waitFor();
});

test('messages are filtered by the address', async () => {
    const page = await open('/app/notifications', { user: teacher });
    await page.locator('.message', { hasText: 'Algebra' }).waitFor();
    await page.getByLabel('How grave').selectOption('error');
    await page.waitForURL(/severity=error/);
    await page.locator('.message', { hasText: 'Algebra' }).waitFor({ state: 'detached' });
    await page.reload();
    await page.locator('.message').first().waitFor();
    assert.equal(await page.locator('.message').count(), 1);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.locator('.message', { hasText: 'Algebra' }).waitFor();
});

test('preferences are switches by event and channel, and can be set back', async () => {
    const page = await open('/app/notifications/preferences', { user: teacher });
    const enabled = () => sql("SELECT enabled FROM leap.notification_preferences WHERE event = 'recording_uploaded' AND channel = 'email'");
    await page.getByLabel('Lesson published: Mail').check();
    assert.ok(await until(() => enabled() === 't'), 'by mail, too');
    await axe(page);
    await shots(page, 'preferences');
    await page.getByRole('row', { name: /Lesson published/ }).getByRole('button', { name: 'Usual' }).click();
    assert.ok(await until(() => enabled() === ''), 'as usual');
    assert.ok(await until(async () => !await page.getByLabel('Lesson published: Mail').isChecked()), 'and shown');
});

test('a webhook shows its secret once, is tested, and what was sent can be sent again', async () => {
    const page = await open('/app/notifications/webhooks', { user: teacher });
    await axe(page);
    await page.getByRole('button', { name: 'Add a webhook' }).click();
    expect(page, /POST \/api\/v1\/notifications\/webhooks 422/);
    await page.getByLabel('Address').fill('ftp://example.org/');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await page.getByLabel('Address').fill('https://example.org/leap');
    await page.getByLabel('Name').fill('intranet <b>');
    await page.getByLabel('Publishing failed').check();
    await axe(page);
    await page.getByRole('button', { name: 'Save' }).click();
    assert.match(await page.getByLabel('Secret of the webhook', { exact: true }).last().inputValue(), /^whsec_/);
    await page.getByRole('button', { name: 'I have kept it' }).click();
    await page.getByText('intranet <b>').first().waitFor();
    await page.getByRole('button', { name: 'What can be done with intranet <b>' }).click();
    await page.getByRole('menuitem', { name: 'Send a test' }).click();
    await page.locator('.toast.good').waitFor();
    assert.equal(await page.getByText('whsec_').count(), 0);
    await axe(page);
    await shots(page, 'webhooks');

    sql("UPDATE leap.deliveries SET state = 'failed', finished_at = now(), answer = '<script>alert(1)</script>' WHERE channel = 'webhook'");
    await page.getByRole('link', { name: 'Deliveries' }).click();
    await page.getByText('Failed', { exact: true }).last().waitFor();
    await axe(page);
    await shots(page, 'deliveries');

    const delivery = page.locator('.delivery').first();
    const state = () => sql("SELECT state FROM leap.deliveries WHERE channel = 'webhook' ORDER BY id DESC LIMIT 1");
    expect(page, /POST .*\/redeliver 409/);
    sql("UPDATE leap.webhooks SET state = 'disabled', disabled_at = now()");
    await delivery.getByRole('button', { name: 'Send again' }).click();
    await page.locator('.toast.bad', { hasText: 'disabled' }).waitFor();
    await delivery.getByText('Failed', { exact: true }).waitFor();
    assert.equal(state(), 'failed');
    sql("UPDATE leap.webhooks SET state = 'active', disabled_at = NULL");
    await delivery.getByRole('button', { name: 'Send again' }).click();
    await delivery.getByText('On its way').waitFor();
    assert.equal(await delivery.getByRole('button', { name: 'Send again' }).count(), 0);
    assert.equal(state(), 'pending');
});

test('the profile is changed, and the page speaks the other language', async () => {
    const page = await open('/app/account', { user: teacher });
    await heading(page, 'Account');
    expect(page, /PATCH \/api\/v1\/users\/me 422/);
    await page.getByLabel('Time zone').fill('Mars/Olympus');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Mars/Olympus').first().waitFor();
    await page.getByLabel('Time zone').fill('Europe/Moscow');
    await page.getByLabel('Name', { exact: true }).fill('Tea <b>Cher</b>');
    await axe(page);
    await shots(page, 'account-profile');
    await page.getByLabel('Language', { exact: true }).selectOption('ru');
    await page.getByRole('button', { name: 'Save' }).click();
    await heading(page, 'Учётная запись');
    assert.equal(sql("SELECT timezone || language || full_name FROM leap.users WHERE email = 'teacher@example.org'"), 'Europe/MoscowruTea <b>Cher</b>');
    await shots(page, 'account-russian');
    await api(teacher, 'PATCH', '/users/me', { language: 'en' });
});

test('a password is changed, and sessions end', async () => {
    const other = await open('/app/account/security', { user: teacher });
    const page = await open('/app/account/security', { user: teacher });
    const rows = page.locator('tbody tr');
    const before = await rows.count();
    assert.ok(before >= 2, 'both are listed');
    await axe(page);
    await shots(page, 'account-security');
    await rows.filter({ hasNotText: 'This one' }).first().getByRole('button', { name: 'End' }).click();
    await page.getByRole('button', { name: 'End all others' }).click();
    await page.locator('.toast.good').waitFor();
    assert.ok(await until(async () => await rows.count() === 1), 'one is left');
    expect(other, / 401$/, /events/);
    await other.reload();
    await heading(other, 'Sign in');

    expect(page, /POST \/api\/v1\/users\/me\/password 403/);
    await page.getByLabel('Current password').fill('not this one');
    await page.getByLabel('New password').fill('Quite another 5');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Current password').fill(teacher.password);
    expect(page, /POST \/api\/v1\/users\/me\/password 422/);
    await page.getByLabel('New password').fill('several words without');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.locator('.field-error', { hasText: 'at least one of them a digit and one a capital letter' }).waitFor();
    await page.getByLabel('New password').fill('Quite another 5');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.locator('.toast.good', { hasText: 'password' }).waitFor();
    teacher.password = 'Quite another 5';
});

test('a key is shown once, works as its scope says, and is revoked', async () => {
    const page = await open('/app/account/keys', { user: teacher });
    await page.getByRole('button', { name: 'Make a key' }).click();
    const dialog = page.getByRole('dialog', { name: 'Make a key' });
    await dialog.getByLabel('Name').fill('statistics <i>');
    await axe(page);
    await dialog.getByRole('button', { name: 'Make a key' }).click();
    const key = await page.getByRole('dialog', { name: 'The key' }).getByRole('textbox').inputValue();
    await page.getByRole('button', { name: 'I have kept it' }).click();
    const ask = (method) => fetch(`${url}/api/v1/users/me`, { method, headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }, body: method === 'PATCH' ? '{"full_name":"x"}' : undefined });
    assert.equal((await ask('GET')).status, 200);
    assert.equal((await ask('PATCH')).status, 403);
    await axe(page);
    await shots(page, 'account-keys');
    await page.getByRole('row', { name: /statistics <i>/ }).getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('Revoked').waitFor();
    assert.equal((await ask('GET')).status, 401);
});

test('limits are bars, with what counts anew, and statistics are of a span', async () => {
    const page = await open('/app/account/usage', { user: teacher });
    await page.getByRole('heading', { name: 'What you may use' }).waitFor();
    await page.getByText('Recordings a month').waitFor();
    await page.getByText(/counts anew on/).first().waitFor();
    await page.getByLabel('Of the last').selectOption('');
    await axe(page);
    await shots(page, 'account-usage');
});

test('a bar says how much of a limit is used, and moves as it is used', async () => {
    const add = () => sql(`SELECT leap.add_recording('teacher@example.org', '{"type": "url", "url": "https://e.org/a.mp4"}', 'Counted')`);
    add();
    const used = Number(sql("SELECT q.used FROM leap.users u, leap.quota_status_of(u.id) q WHERE u.email = 'teacher@example.org' AND q.quota = 'recordings_per_month'"));
    sql(`SELECT leap.set_quota('teacher@example.org', 'recordings_per_month', '${used + 2}')`);
    const page = await open('/app/account/usage', { user: teacher });
    const bar = page.locator('.quota', { hasText: 'Recordings a month' });
    const shown = async () => JSON.stringify(await bar.locator('meter').evaluate((meter) => [meter.value, meter.max]));
    assert.equal(await shown(), JSON.stringify([used, used + 2]));
    await bar.getByText(`${used} of ${used + 2}`).waitFor();
    await bar.getByText('set for you').waitFor();
    add();
    await bar.getByText(`${used + 1} of ${used + 2}`).waitFor();
    assert.equal(await shown(), JSON.stringify([used + 1, used + 2]));
    // more than the limit: it is full, and says so
    sql(`SELECT leap.set_quota('teacher@example.org', 'recordings_per_month', '${used}')`);
    await page.reload();
    await bar.getByText(`${used + 1} of ${used}`).waitFor();
    assert.equal(await shown(), JSON.stringify([used, used]));
    sql("SELECT leap.set_quota('teacher@example.org', 'recordings_per_month', 'unlimited')");
});

test('settings for all recordings follow the rules of the server', async () => {
    const page = await open('/app/account/settings', { user: teacher });
    await page.locator('summary', { hasText: 'Trimming' }).click();
    await page.locator('#config-trimming-padding_before').fill('-5');
    expect(page, /PATCH \/api\/v1\/users\/me\/config 422/);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('#config-trimming-padding_before[aria-invalid="true"]').waitFor();
    await page.locator('#config-trimming-padding_before').fill('2');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.toast.good').waitFor();
    assert.equal(sql("SELECT config #>> '{trimming,padding_before}' FROM leap.users WHERE email = 'teacher@example.org'"), '2');
    await axe(page);
    await shots(page, 'account-settings');
    await page.getByRole('button', { name: 'Forget my settings' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Forget my settings' }).click();
    assert.ok(await until(() => sql("SELECT config FROM leap.users WHERE email = 'teacher@example.org'") === '{}'), 'the defaults hold');
});

test('retention says what it will do before it is saved; activity tells what was done', async () => {
    const page = await open('/app/account/retention', { user: teacher });
    await page.getByText('No recording is deleted by itself.').waitFor();
    await page.getByLabel('Delete recordings by themselves after (days)').fill('90');
    await page.getByText('A recording is deleted 90 days after it was added; you are told 7 days before.').waitFor();
    await axe(page);
    await shots(page, 'account-retention');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.toast.good').waitFor();
    assert.equal(sql("SELECT retention FROM leap.users WHERE email = 'teacher@example.org'"), '{"expire_after_days": 90}');
    await page.getByRole('link', { name: 'Activity' }).click();
    await page.getByRole('row').nth(2).waitFor();
    await axe(page);
    await shots(page, 'account-activity');
});

test('an account ends when its owner says so twice', async () => {
    const page = await open('/app/account', { user: teacher });
    await page.getByRole('button', { name: 'Delete the account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete the account' });
    await dialog.getByLabel('Type teacher@example.org to be sure').fill('teacher@example.org');
    await dialog.getByLabel('Current password').fill(teacher.password);
    await axe(page);
    expect(page, / 401$/);
    await dialog.getByRole('button', { name: 'Delete the account' }).click();
    await heading(page, 'Sign in');
    assert.equal(sql("SELECT count(*) FROM leap.users WHERE email = 'teacher@example.org' AND is_active"), '0');
});
