// tests/node/events.mjs
//     Listens to server-sent events with the EventSource that browsers have. Asked with {open: url}, it says what
//     happens, a line each: {state: "open" | "again" | "closed"} and {event, data, id}.
//     Needs NODE_OPTIONS=--experimental-eventsource.
import { createInterface } from 'node:readline';

const EVENTS = ['recording', 'target', 'task', 'deletion', 'notification', 'unread', 'progress', 'reset', 'beat', 'end'];

function say(what) {
    process.stdout.write(JSON.stringify(what) + '\n');
}

function listen(url) {
    const source = new EventSource(url);

    source.onopen = () => say({ state: 'open' });
    source.onerror = () => say({ state: source.readyState === EventSource.CLOSED ? 'closed' : 'again' });
    for (const event of EVENTS)
        source.addEventListener(event, (message) => say({ event, data: JSON.parse(message.data), id: message.lastEventId }));
    return source;
}

let source = null;

for await (const line of createInterface({ input: process.stdin })) {
    source?.close();
    source = listen(JSON.parse(line).open);
}
process.exit(0);
