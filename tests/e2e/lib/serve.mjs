// tests/e2e/lib/serve.mjs
//     What a test takes away and brings back: a `leap serve` of its own, and the database.
//
//     const server = await Server.start();    {url}; ends with the tests
//     await server.kill();                    as a machine dies: without a word to anybody
//     await server.again();                   on the same port; server.alive() unless it is there
//     database('stop' | 'start', ...)         by pg_ctl
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { after } from 'node:test';

const { LEAP_E2E_PROGRAM: program, LEAP_E2E_DATABASE: database_, LEAP_E2E_STORAGE: storage, LEAP_E2E_CLUSTER: cluster } = process.env;
const running = new Set();

after(() => running.forEach(kill));

/* With the processes that serve: they are of its group. */
function kill(child) {
    try {
        process.kill(-child.pid, 'SIGKILL');
    }
    catch (error) {
        if (error.code !== 'ESRCH')
            throw error;
    }
}

/* The address, or null when it ended: the port may be taken for a moment. */
function said(child) {
    let text = '';
    return new Promise((resolve) => {
        child.stderr.setEncoding('utf8');
        child.stderr.on('data', (more) => {
            text = (text + more).slice(-10_000);
            const address = /serving at (http:\/\/127\.0\.0\.1:\d+)\//.exec(text);
            if (address)
                resolve(address[1]);
        });
        child.once('exit', () => { resolve(null); running.delete(child); });
    });
}

async function ready(address) {
    for (let tries = 0; tries < 400; tries++) {
        const answer = await fetch(`${address}/health/ready`).catch(() => null);
        if (answer?.ok)
            return true;
        await new Promise((resume) => setTimeout(resume, 50));
    }
    throw new Error(`${address} does not get ready`);
}

export class Server {
    static async start() {
        const server = new Server();
        await server.#begin(0);
        server.port = new URL(server.url).port;
        return server;
    }

    async #begin(port) {
        for (this.url = null; !this.url;) {
            this.child = spawn(program, ['serve', `--listen=${port}`, '--processes=1', '--connections=2', '--rate-limit=0', '--address-rate-limit=0'], {
                detached: true, stdio: ['ignore', 'ignore', 'pipe'],
                env: { ...process.env, LEAP_STORAGE: storage, LEAP_DATABASE: `${database_} user=leap_gateway` },
            });
            running.add(this.child);
            this.url = await said(this.child);
        }
        await ready(this.url);
    }

    async kill() {
        const gone = new Promise((resolve) => { this.child.once('exit', resolve); });
        kill(this.child);
        await gone;
    }

    again() {
        return this.#begin(this.port);
    }

    async alive() {
        if (!running.has(this.child))
            await this.again();
    }
}

export function database(act, ...options) {
    execFileSync('pg_ctl', [act, '-w', '-D', cluster, '-l', join(cluster, 'restart.log'), ...options], { stdio: 'ignore' });
}
