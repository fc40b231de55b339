// tests/e2e/mail.mjs
//     Accounts by mail: see tests/tap/t/807_page_mail.pl.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { axe, expect, open, sql, test, until, url } from './lib/page.mjs';

const folder = process.env.LEAP_E2E_MAILS;
const ann = { email: 'ann@school.example', password: 'Volcano and tide 7' };
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const read = new Set();

/* The next mail to somebody, which has not been read yet. Those that are asked for go once a minute, whoever asks: it is now. */
async function mail(to) {
    sql('SELECT leap.answer_account_requests()');
    const mails = () => readdirSync(folder).filter((name) => name.endsWith('.json') && !read.has(name)).map((name) => ({ name, ...JSON.parse(readFileSync(join(folder, name), 'utf8')) }));
    const found = await until(() => mails().find(({ envelope }) => envelope.to.includes(to)));
    assert.ok(found, `a mail to ${to}`);
    assert.deepEqual(found.defects, []);
    read.add(found.name);
    return found;
}

const linkOf = ({ text }, path) => new RegExp(`${url}${path}#[\\w-]+`).exec(text)?.[0] ?? assert.fail(`no link in: ${text}`);

async function signIn(page, { email, password }) {
    await page.goto('/app/login');
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
}

test('an account is made, its address verified by the mail that comes, and then it is signed in to', async () => {
    const page = await open('/app/register');
    await page.getByLabel('E-mail address').fill(ann.email);
    await page.getByLabel('Name').fill('Ann Lee');
    await page.getByLabel('Password').fill(ann.password);
    await page.getByRole('button', { name: 'Create the account' }).click();
    await page.getByRole('status').getByText(/mail/).first().waitFor();
    await axe(page);
    expect(page, /POST \/api\/v1\/auth\/login 401/);
    await signIn(page, ann);
    await page.getByRole('alert').waitFor();

    const link = linkOf(await mail(ann.email), '/verify-email');
    await page.goto(link);
    await heading(page, 'Verify the address');
    assert.equal(sql(`SELECT is_verified FROM leap.users WHERE email = '${ann.email}'`), 'f', 'following the link alone does nothing');
    await page.getByRole('main').getByRole('button').click();
    await page.getByRole('status').first().waitFor();
    assert.ok(await until(() => sql(`SELECT is_verified FROM leap.users WHERE email = '${ann.email}'`) === 't'));
    await signIn(page, ann);
    await page.getByRole('button', { name: 'Account' }).waitFor();
});

test('a password that was forgotten is set anew by a mail, and whoever was signed in is so no more', async () => {
    const elsewhere = await open('/app/recordings', { user: ann });
    await elsewhere.locator('.connection.live').waitFor();
    const page = await open('/app/login');
    await page.getByRole('link', { name: 'Forgot the password' }).click();
    await heading(page, 'Forgot the password');
    await page.getByLabel('E-mail address').fill(ann.email);
    await page.getByRole('main').getByRole('button').click();
    await page.getByRole('status').first().waitFor();
    const link = linkOf(await mail(ann.email), '/reset-password');
    await page.goto(link);
    await heading(page, 'Choose a new password');
    await page.getByLabel('New password').fill('Another mountain 8');
    expect(elsewhere, / 401$/);
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('status').first().waitFor();
    await axe(page);
    // without a reload: the stream of the other browser ends, and its session with it
    await heading(elsewhere, 'Sign in');
    assert.equal(sql(`SELECT count(*) FROM leap.sessions s JOIN leap.users u ON u.id = s.user_id WHERE u.email = '${ann.email}' AND s.ended_at IS NULL`), '0');
    // the link is used up, the old password is nothing
    await page.goto('/app/login');
    expect(page, /POST \/api\/v1\/auth\/(login|reset-password) 40[13]/);
    await page.goto(link);
    await page.getByLabel('New password').fill('Yet another 9');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('alert').waitFor();
    await signIn(page, ann);
    await page.getByRole('alert').waitFor();
    await signIn(page, { ...ann, password: 'Another mountain 8' });
    await page.getByRole('button', { name: 'Account' }).waitFor();
});

test('who is not known is told the same, and gets no mail', async () => {
    const planned = () => sql("SELECT count(*) FROM leap.deliveries WHERE channel = 'email'");
    const before = planned();
    const page = await open('/app/forgot');
    await page.getByLabel('E-mail address').fill('nobody@school.example');
    await page.getByRole('main').getByRole('button').click();
    await page.getByRole('status').first().waitFor();
    sql('SELECT leap.answer_account_requests()');
    assert.equal(planned(), before);
    assert.deepEqual(readdirSync(folder).filter((name) => readFileSync(join(folder, name), 'utf8').includes('nobody@')), []);
});
