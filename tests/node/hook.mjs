// tests/node/hook.mjs
//     A receiver of webhooks on a free port of the loopback address, which it prints first:
//     {"port": 12345}. What comes is verified with the library of Standard Webhooks, by the secret
//     of its path: {"secrets": {"/path": "whsec_..."}} names them.
//
//     {"take": true} -> [{path, method, headers, body, verified, payload | why}]: what has come since
//     the last time.
//
//     The query says what goes wrong: status=N; retry=S adds Retry-After; times=K only in the first
//     K requests of this path; to=URL redirects; slow=S answers nothing for so long; long=N is an
//     answer of N bytes; text=T is the answer; reset=1 ends the connection.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

let secrets = {};
let requests = [];
const seen = {};

async function read(stream) {
    const pieces = [];

    for await (const piece of stream) pieces.push(piece);
    return Buffer.concat(pieces).toString();
}

function verify(path, body, headers) {
    try {
        return { verified: true, payload: new Webhook(secrets[path]).verify(body, headers) };
    } catch (error) {
        return { verified: false, why: error.message };
    }
}

async function receive(request, response) {
    const { pathname, searchParams: want } = new URL(request.url, 'http://receiver');
    const body = await read(request);
    const troubled = !want.has('times') || (seen[pathname] ?? 0) < Number(want.get('times'));

    seen[pathname] = (seen[pathname] ?? 0) + 1;
    requests.push({ path: pathname, method: request.method, headers: request.headers, body, ...verify(pathname, body, request.headers) });
    if (troubled && want.has('reset')) return request.socket.destroy();
    if (troubled && want.has('slow')) await new Promise((done) => setTimeout(done, want.get('slow') * 1000));
    response.statusCode = troubled && want.has('status') ? Number(want.get('status')) : 200;
    if (troubled && want.has('retry')) response.setHeader('Retry-After', want.get('retry'));
    if (want.has('to')) response.writeHead(307, { Location: want.get('to') });
    response.end(want.has('long') ? 'x'.repeat(Number(want.get('long'))) : want.get('text') ?? 'thank you');
    return undefined;
}

const server = createServer((request, response) => receive(request, response).catch(() => response.destroy()));

server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);

    if (question.secrets) secrets = { ...secrets, ...question.secrets };
    console.log(JSON.stringify(question.take ? requests : {}));
    if (question.take) requests = [];
}
process.exit(0);
