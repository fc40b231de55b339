// tests/node/webhook.mjs
//     Verifies webhooks with the library of Standard Webhooks, as a receiver would.
//     {secret, headers, body} -> {ok: true, payload} or {ok: false, why}
//     {secret, sign: {id, timestamp, body}} -> {signature}: how the library itself signs
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

function answer({ secret, headers, body, sign }) {
    const webhook = new Webhook(secret);

    if (sign)
        return { signature: webhook.sign(sign.id, new Date(sign.timestamp * 1000), sign.body) };
    try {
        return { ok: true, payload: webhook.verify(body, headers) };
    } catch (error) {
        return { ok: false, why: error.message };
    }
}

for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n');
