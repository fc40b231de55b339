// tests/node/tus.mjs
//     The client of the tus protocol that browsers use, sending a file through a proxy of this
//     process that cuts connections after as many bytes as it is told.
//
//     {"origin": URL, "token": T, "file": PATH, "metadata": {…}, "cuts": [BYTES, …], "defer": bool, "chunk": BYTES}
//       -> {url, recording, cuts, requests: ["PATCH 204", …]} or {failed}. Each connection that carries a PATCH is
//          ended when the next of cuts has gone through it to the server; after that, "say" is printed: {"cut": N}.
import { createReadStream, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { Upload } from 'tus-js-client';

// A proxy that knows nothing but bytes: it counts those of the client.
function proxy(target, cuts, cut) {
    const server = createServer((client) => {
        const out = connect(Number(target.port), target.hostname);
        let left = null;

        const end = () => {
            client.destroy();
            out.destroy();
        };
        client.on('data', (piece) => {
            if (left === null && piece.subarray(0, 6).toString('latin1') === 'PATCH ' && cuts.length > 0) left = cuts.shift();
            if (left === null || piece.length < left) {
                if (left !== null) left -= piece.length;
                if (!out.write(piece)) {
                    client.pause();
                    out.once('drain', () => client.resume());
                }
                return;
            }
            out.write(piece.subarray(0, left), () => {
                cut();
                end();
            });
            client.pause();
        });
        out.on('data', (piece) => client.write(piece));
        for (const socket of [client, out]) {
            socket.on('error', end);
            socket.on('close', end);
        }
    });

    return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
}

async function send({ origin, token, file, metadata, cuts, defer, chunk }) {
    let cut = 0;
    const server = await proxy(new URL(origin), [...(cuts ?? [])], () => process.stdout.write(`${JSON.stringify({ cut: ++cut })}\n`));
    const place = `http://127.0.0.1:${server.address().port}/api/v1/uploads/tus`;
    const requests = [];
    let recording = null;
    // of a stream that it knows to be a file the client would take the size, whatever it is told

    const result = await new Promise((done) => {
        const upload = new Upload(defer ? createReadStream(file).pipe(new PassThrough()) : createReadStream(file), {
            endpoint: place,
            headers: { Authorization: `Bearer ${token}`, Connection: 'close' },
            metadata,
            chunkSize: chunk ?? 1 << 20,
            retryDelays: Array(60).fill(200),
            uploadLengthDeferred: defer ?? false,
            uploadSize: defer ? undefined : statSync(file).size,
            onAfterResponse: (request, response) => {
                requests.push(`${request.getMethod()} ${response.getStatus()}`);
                recording ??= response.getHeader('Leap-Recording') ?? null;
            },
            onError: (error) => done({ failed: String(error) }),
            onSuccess: () => done({ url: new URL(upload.url).pathname }),
        });
        upload.start();
    });
    server.close();
    return { ...result, recording, cuts: cut, requests };
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(await send(JSON.parse(line)))}\n`);
