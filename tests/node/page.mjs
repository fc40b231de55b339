// tests/node/page.mjs FOLDER PROFILE
//     Looks at pages of a folder in headless Chromium, which gets them by HTTP with ranges, as
//     from any web server. Says {"browser": "..."} when it is ready.
//
//     {"open": "lesson/index.html" | "file:///...", "width": 1280, "height": 800, "scheme": "dark"} -> {"title": ...}
//     {"run": "expression"} -> {"value": ...} or {"error": ...}; a promise is waited for
//     {"shot": "/path.png"} -> {"bytes": ...}
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, profile] = process.argv.slice(2);
const types = {
    '.css': 'text/css', '.html': 'text/html; charset=utf-8', '.jpg': 'image/jpeg', '.js': 'text/javascript',
    '.mp4': 'video/mp4', '.vtt': 'text/vtt; charset=utf-8',
};
const pause = (ms) => new Promise((resume) => setTimeout(resume, ms));

function serve(request, response) {
    const path = join(folder, normalize(decodeURIComponent(new URL(request.url, 'http://here').pathname)));

    if (!existsSync(path) || !statSync(path).isFile()) {
        response.writeHead(404).end();
        return;
    }
    const { size } = statSync(path);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), size - 1) : size - 1;

    response.writeHead(from === undefined ? 200 : 206, {
        'Accept-Ranges': 'bytes',
        'Content-Length': Math.max(0, end - start + 1),
        'Content-Type': types[extname(path)] ?? 'application/octet-stream',
        ...(from === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
    });
    createReadStream(path, { start, end }).on('error', () => response.destroy()).pipe(response);
}

const server = createServer(serve);
await new Promise((resume) => server.listen(0, '127.0.0.1', resume));
const site = `http://127.0.0.1:${server.address().port}/`;
const chromium = spawn('chromium', ['--headless=new', '--no-sandbox', '--disable-dev-shm-usage',
    '--disable-gpu', '--no-first-run', '--disable-background-networking', '--hide-scrollbars',
    '--disable-component-update', '--disable-sync', '--mute-audio',
    '--autoplay-policy=no-user-gesture-required', '--remote-debugging-port=0',
    `--user-data-dir=${profile}`, 'about:blank'],
    { stdio: 'ignore', env: { ...process.env, HOME: profile } });
process.on('exit', () => chromium.kill());

async function portOf() {
    const path = join(profile, 'DevToolsActivePort');

    while (!existsSync(path) || readFileSync(path, 'utf8').split('\n').length < 2) {
        if (chromium.exitCode !== null) throw new Error(`chromium ended with ${chromium.exitCode}`);
        await pause(50);
    }
    return readFileSync(path, 'utf8').split('\n')[0];
}

async function connect(port) {
    for (;;) {
        const page = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()).find(({ type }) => type === 'page');

        if (page) {
            const opened = new WebSocket(page.webSocketDebuggerUrl);
            await new Promise((resume, refuse) => { opened.onopen = resume; opened.onerror = refuse; });
            return opened;
        }
        await pause(50);
    }
}

const port = await portOf();
const socket = await connect(port);
const waiting = new Map();
let last = 0;

socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data);

    waiting.get(id)?.(result ?? { exceptionDetails: error });
    waiting.delete(id);
};

function call(method, params = {}) {
    return new Promise((resume) => {
        waiting.set(++last, resume);
        socket.send(JSON.stringify({ id: last, method, params }));
    });
}

async function run(expression) {
    const answer = await call('Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true, userGesture: true });

    return answer.exceptionDetails ? { error: JSON.stringify(answer.exceptionDetails) } : { value: answer.result?.value };
}

async function open({ open: where, width = 1280, height = 800, scheme = 'light' }) {
    const url = new URL(where, site).href;

    await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    await call('Page.navigate', { url });
    while ((await run(`location.href.startsWith(${JSON.stringify(url)}) && document.readyState === 'complete'`)).value !== true)
        await pause(50);
    return { title: (await run('document.title')).value };
}

async function shot({ shot: path }) {
    const { data } = await call('Page.captureScreenshot', { format: 'png' });
    const bytes = Buffer.from(data, 'base64');

    writeFileSync(path, bytes);
    return { bytes: bytes.length };
}

const version = await (await fetch(`http://127.0.0.1:${port}/json/version`)).json();
console.log(JSON.stringify({ browser: version.Browser }));

for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    const act = question.open ? open : question.shot ? shot : ({ run: expression }) => run(expression);

    console.log(JSON.stringify(await act(question)));
}
chromium.kill();
process.exit(0);
