// tests/node/play.mjs FOLDER PROFILE
//     Plays files of a folder in headless Chromium, which gets them by HTTP with ranges, as from
//     any web server. Says {"browser": "..."} when it is ready.
//
//     {"file": "cut.mp4"} -> {duration, width, height, played, frames, sound, sought, more} or
//     {error, message}: how far currentTime went, how many pictures were shown and bytes of
//     sound decoded meanwhile; then where seeking led and how many more pictures were shown there.
import { spawn } from 'node:child_process';
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

const [folder, profile] = process.argv.slice(2);
const types = { mp4: 'video/mp4', webm: 'video/webm', mkv: 'video/x-matroska' };

function serve(request, response) {
    const name = basename(request.url);
    const path = join(folder, name);

    if (name === '' || !existsSync(path)) {
        response.writeHead(name === '' ? 200 : 404, { 'Content-Type': 'text/html' });
        response.end('<!DOCTYPE html><title>player</title><body></body>');
        return;
    }
    const { size } = statSync(path);
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const start = Number(from ?? 0);
    const end = to ? Math.min(Number(to), size - 1) : size - 1;

    response.writeHead(from === undefined ? 200 : 206, {
        'Content-Type': types[name.split('.').pop()] ?? 'application/octet-stream',
        'Content-Length': end - start + 1,
        'Accept-Ranges': 'bytes',
        ...(from === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
    });
    createReadStream(path, { start, end }).on('error', () => response.destroy()).pipe(response);
}

// In the page: plays a file from its beginning, then from 70 % of it.
async function play(url) {
    const video = document.createElement('video');
    const shown = () => video.getVideoPlaybackQuality().totalVideoFrames;
    const until = async (what, happened) => {
        const end = performance.now() + 60000;
        while (!happened()) {
            if (video.error) throw new Error(`${video.error.code} ${video.error.message}`);
            if (performance.now() > end) throw new Error(`waited for ${what} at ${video.currentTime}`);
            await new Promise((resume) => setTimeout(resume, 20));
        }
    };

    video.muted = true;
    document.body.replaceChildren(video);
    video.src = url;
    try {
        await until('its length', () => video.readyState >= 1);
        const enough = Math.min(1, video.duration / 4);
        await video.play();
        await until('it to play', () => video.currentTime >= enough);
        const result = {
            duration: video.duration,
            width: video.videoWidth,
            height: video.videoHeight,
            played: video.currentTime,
            frames: shown(),
            sound: video.webkitAudioDecodedByteCount,
        };
        const wanted = video.duration * 0.7;
        video.currentTime = wanted;
        await until('the seek', () => !video.seeking);
        result.sought = video.currentTime;
        const before = shown();
        await until('it to go on', () => video.currentTime >= wanted + enough / 2);
        result.more = shown() - before;
        return result;
    } catch (error) {
        return { error: video.error?.code ?? 0, message: error.message };
    } finally {
        video.removeAttribute('src');
        video.load();
    }
}

// A file that Chromium writes when it listens.
async function devtools(child) {
    const path = join(profile, 'DevToolsActivePort');

    while (!existsSync(path) || readFileSync(path, 'utf8').split('\n').length < 2) {
        if (child.exitCode !== null) throw new Error(`chromium ended with ${child.exitCode}`);
        await new Promise((resume) => setTimeout(resume, 50));
    }
    return readFileSync(path, 'utf8').split('\n')[0];
}

async function connect(port) {
    for (;;) {
        const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
        const page = pages.find(({ type }) => type === 'page');

        if (page) {
            const socket = new WebSocket(page.webSocketDebuggerUrl);
            await new Promise((resume, refuse) => {
                socket.onopen = resume;
                socket.onerror = refuse;
            });
            return socket;
        }
        await new Promise((resume) => setTimeout(resume, 50));
    }
}

const server = createServer(serve);
await new Promise((resume) => server.listen(0, '127.0.0.1', resume));
const site = `http://127.0.0.1:${server.address().port}`;
const chromium = spawn('chromium', ['--headless', '--no-sandbox', '--disable-dev-shm-usage',
    '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--mute-audio',
    '--autoplay-policy=no-user-gesture-required', '--remote-debugging-port=0',
    `--user-data-dir=${profile}`, `${site}/`],
    { stdio: 'ignore', env: { ...process.env, HOME: profile } });
process.on('exit', () => chromium.kill());
const port = await devtools(chromium);
const socket = await connect(port);
const waiting = new Map();
let last = 0;

socket.onmessage = ({ data }) => {
    const { id, result, error } = JSON.parse(data);

    waiting.get(id)?.(result ?? { exceptionDetails: error });
    waiting.delete(id);
};

function call(method, params) {
    return new Promise((resume) => {
        waiting.set(++last, resume);
        socket.send(JSON.stringify({ id: last, method, params }));
    });
}

// the page is there when its script can run
while ((await call('Runtime.evaluate', { expression: 'document.title' })).result?.value !== 'player')
    await new Promise((resume) => setTimeout(resume, 50));
const version = await (await fetch(`http://127.0.0.1:${port}/json/version`)).json();
console.log(JSON.stringify({ browser: version.Browser }));

for await (const line of createInterface({ input: process.stdin })) {
    const { file } = JSON.parse(line);
    const expression = `(${play})(${JSON.stringify(`${site}/${file}`)})`;
    const answer = await call('Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true, userGesture: true });

    console.log(JSON.stringify(answer.result?.value
        ?? { error: -1, message: JSON.stringify(answer.exceptionDetails) }));
}
chromium.kill();
process.exit(0);
