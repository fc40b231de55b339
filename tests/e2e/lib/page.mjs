// tests/e2e/lib/page.mjs
//     Tests of the web page in Chromium, over a running system that the TAP program started.
//
//     import { test, open, axe, shots, sql, users } from './lib/page.mjs';
//     test('what is promised', async () => {
//         const page = await open('/app/recordings', { user: users.teacher });
//         await page.getByRole('link', { name: 'Algebra' }).click();
//     });
//
//     open(path, {user, theme, width, height, language, context, base})   a page of Playwright: signed in as user (nobody:
//         without), 'light' or 'dark', width in pixels (1280; up to 600 it is a phone), 'en' or 'ru', which was chosen there; context: of
//         another page, for a second tab; base: of another server (serve.mjs), or `elsewhere`: the same by a name that is not
//         of this machine, without TLS
//     expect(page, pattern, …)   what this test makes go wrong: matched with "GET /path 404" or a message
//     axe(page)           no serious or critical finding
//     shots(page, name)   screenshots in both themes and two widths into $LEAP_SHOTS; always: nothing is wider than 360 pixels
//     sql(text)           the answer of the database's superuser as text; api(user, method, path, body) as a user
//     until(fn)           the first truthy value of fn, asked again for up to 20 seconds
// A test fails on an error of the console, an exception, something that CSP forbids, or a request
// that failed, unless it expected that.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, test as nodeTest } from 'node:test';

// the packages lie beside tests/node, where they were installed
const require = createRequire(new URL('../../node/node_modules/', import.meta.url));
const { chromium } = require('playwright-core');
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const url = process.env.LEAP_E2E_URL;
export const elsewhere = url?.replace('127.0.0.1', 'leap.test');
export const users = {
    teacher: { email: 'teacher@example.org', password: 'Correct horse 9' },
    admin: { email: 'admin@example.org', password: 'Correct horse 8' },
};
const shotFolder = process.env.LEAP_SHOTS;
const patience = 20_000;
let browser = null;
let opened = [];

after(() => browser?.close());

export function sql(text) {
    return execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', process.env.LEAP_E2E_DATABASE, '-f', '-'], { input: text, encoding: 'utf8' }).trim();
}

const tokens = new Map();

export async function api(user, method, path, body) {
    const ask = async (token, how, where, what) => {
        const response = await fetch(`${url}/api/v1${where}`, {
            method: how, body: what === undefined ? undefined : JSON.stringify(what),
            headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
        });
        const text = await response.text();
        assert.ok(response.ok, `${how} ${where}: ${response.status} ${text}`);
        return text ? JSON.parse(text) : null;
    };
    if (!tokens.has(user.email))
        tokens.set(user.email, (await ask(null, 'POST', '/auth/login', user)).access_token);
    return ask(tokens.get(user.email), method, path, body);
}

export async function until(ask) {
    const end = Date.now() + patience;
    for (;;) {
        const value = await ask();
        if (value || Date.now() > end)
            return value;
        await new Promise((resume) => setTimeout(resume, 50));
    }
}

function watch(page) {
    const unexpected = (text) => !page.expected.some((pattern) => pattern.test(text)) && page.faults.push(text);
    page.faults = [];
    // what browsers say of this header where a page comes without TLS (elsewhere)
    page.expected = [/ERR_ABORTED/, /Cross-Origin-Opener-Policy header has been ignored, because the URL's origin was untrustworthy/];
    page.on('pageerror', (error) => unexpected(`exception: ${error.stack ?? error}`));
    page.on('console', (message) => {
        // a refused request is told below, with its method
        if (message.type() === 'error' && !/^Failed to load resource/.test(message.text()))
            unexpected(`console: ${message.text()}`);
    });
    page.on('response', (response) => response.status() >= 400 &&
        unexpected(`${response.request().method()} ${new URL(response.url()).pathname} ${response.status()}`));
    page.on('requestfailed', (request) => unexpected(`${request.method()} ${request.url()} ${request.failure()?.errorText}`));
}

export const expect = (page, ...patterns) => page.expected.push(...patterns);

async function newContext({ user, theme = 'light', width = 1280, height = 800, language = 'en', base = url }) {
    browser ??= await chromium.launch({
        executablePath: process.env.LEAP_CHROMIUM ?? '/usr/bin/chromium',
        args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--mute-audio', '--autoplay-policy=no-user-gesture-required',
            // for `elsewhere`
            '--host-resolver-rules=MAP leap.test 127.0.0.1'],
    });
    const context = await browser.newContext({
        baseURL: base, viewport: { width, height }, colorScheme: theme, locale: language === 'ru' ? 'ru-RU' : 'en-GB', timezoneId: 'UTC',
        isMobile: width <= 600, hasTouch: width <= 600, reducedMotion: 'reduce', serviceWorkers: 'block',
    });
    context.setDefaultTimeout(patience);
    if (user) {
        const answer = await context.request.post('/api/v1/auth/login', { data: { email: user.email, password: user.password, cookie: true } });
        assert.equal(answer.status(), 200, `cannot sign in as ${user.email}`);
        await context.addInitScript((chosen) => localStorage.getItem('e2e') || (chosen && localStorage.setItem('leap.language', chosen)), language === 'en' ? null : language);
        // once: a later page of this context is signed in only if this one still is
        await context.addInitScript(() => {
            if (!sessionStorage.getItem('e2e') && !localStorage.getItem('e2e'))
                localStorage.setItem('leap.session', '1');
            sessionStorage.setItem('e2e', '1');
            localStorage.setItem('e2e', '1');
        });
    }
    return context;
}

export async function open(path, options = {}) {
    const context = options.context ?? await newContext(options);
    const page = await context.newPage();
    watch(page);
    opened.push(page);
    await page.goto(path);
    await page.waitForSelector('main h1, main [data-ready]');
    return page;
}

export async function axe(page) {
    await page.evaluate(axeSource);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const bad = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    assert.deepEqual(bad.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' | ')}`), [], `axe at ${page.url()}`);
}

async function shoot(page, name) {
    if (!shotFolder)
        return;
    mkdirSync(shotFolder, { recursive: true });
    await page.screenshot({ path: `${shotFolder}/${name}.png`, fullPage: true });
}

export async function shots(page, name) {
    const size = page.viewportSize();
    for (const theme of shotFolder ? ['dark', 'light'] : ['light']) {
        await page.emulateMedia({ colorScheme: theme });
        await shoot(page, `${name}-${theme}`);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    await shoot(page, `${name}-phone`);
    await page.setViewportSize({ width: 360, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${name} is ${width} pixels wide where there are 360: ${await page.evaluate(() => [...document.querySelectorAll('body *')]
        .filter((node) => node.getBoundingClientRect().right > 361).slice(0, 5).map((node) => `${node.tagName}.${node.className}`).join(' '))}`);
    await page.setViewportSize(size);
}

export function test(name, run) {
    nodeTest(name, { timeout: 120_000 }, async (t) => {
        opened = [];
        try {
            await run(t);
            assert.deepEqual(opened.flatMap((page) => page.faults), [], 'nothing went wrong unseen');
        }
        catch (error) {
            for (const [i, page] of opened.entries()) {
                if (shotFolder && !page.isClosed())
                    await page.screenshot({ path: `${shotFolder}/FAILED-${name.replace(/\W+/g, '-').slice(0, 60)}-${i}.png` }).catch(() => {});
                page.faults.forEach((fault) => t.diagnostic(fault));
            }
            throw error;
        }
        finally {
            for (const context of new Set(opened.map((page) => page.context())))
                await context.close().catch(() => {});
        }
    });
}
