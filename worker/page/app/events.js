/*
 * app/events.js
 *    What happens, as it happens: one stream of server-sent events, without a gap.
 *
 *  events.on(type, fn)      fn(data) for each event of this type; several: 'task recording'.
 *                           Returns what ends it; View.live() does so by itself
 *  events.onReset(fn)       the stream could not go on where it was: read everything anew
 *  events.onState(fn)       events.state is 'off', 'live' or 'away' (looking for the server)
 *  events.topic('system')   what only administrators are told, as long as somebody wants it; returns what ends it
 *  events.start(), events.stop()   by session: app/main.js
 * A tab opens its stream before its views read, so nothing in between is lost.
 */
import { api } from './api.js';

const types = ['recording', 'target', 'task', 'deletion', 'notification', 'unread', 'progress', 'beat', 'system', 'automation'];
const most = 30_000; // ms, of a pause before the next try
const hearers = new Map();
const resets = new Set();
const watchers = new Set();
const topics = new Map(); // name: how many want it
const linger = 1500;      // ms, before what nobody wants is told no more: the next view may want it
let source = null;
let lastId = '';
let tries = 0;
let timer = null;
let wanted = false;
let asked = '';    // of the stream that is open
let changing = null;

function setState(state) {
    if (events.state === state)
        return;
    events.state = state;
    watchers.forEach((watcher) => watcher(state));
}

function hear(message) {
    lastId = message.lastEventId || lastId;
    if (message.type !== 'beat' && message.data)
        tell(message.type, JSON.parse(message.data));
}

function tell(type, data) {
    hearers.get(type)?.forEach((hearer) => hearer(data, type));
}

function reset() {
    lastId = '';
    resets.forEach((listener) => listener());
}

function close() {
    source?.close();
    source = null;
    clearTimeout(timer);
}

/* Twice as long each time, and not all at once after a restart of the server. */
function again() {
    close();
    if (!wanted)
        return;
    setState('away');
    timer = setTimeout(open, Math.min(most, 500 * 2 ** tries++) * (0.5 + Math.random() / 2));
}

const topicsNow = () => [...topics].filter(([, count]) => count > 0).map(([name]) => name).join(',');

/* The stream goes on where it was, with other topics. */
function change(wait) {
    clearTimeout(changing);
    changing = setTimeout(() => wanted && source && asked !== topicsNow() && open(), wait);
}

async function open() {
    let ticket;
    try {
        ticket = await api.post('/events/ticket');
    }
    catch (error) {
        if (error.status !== 401)
            again();
        return;
    }
    if (!wanted)
        return;
    close();
    asked = topicsNow();
    const more = new URLSearchParams({ ...(asked && { topic: asked }), ...(lastId && { last_event_id: lastId }) });
    source = new EventSource(`${ticket.url}${more.size > 0 ? `${ticket.url.includes('?') ? '&' : '?'}${more}` : ''}`);
    source.onopen = () => {
        tries = 0;
        setState('live');
    };
    // the ticket is used up: the browser's own try could only fail
    source.onerror = again;
    source.addEventListener('reset', reset);
    source.addEventListener('end', again);
    for (const type of types)
        source.addEventListener(type, hear);
}

export const events = {
    state: 'off',

    start() {
        if (wanted)
            return;
        wanted = true;
        tries = 0;
        open();
    },

    stop() {
        wanted = false;
        lastId = '';
        close();
        setState('off');
    },

    on(names, hearer) {
        const list = names.split(' ');
        for (const type of list) {
            if (!hearers.has(type))
                hearers.set(type, new Set());
            hearers.get(type).add(hearer);
        }
        return () => list.forEach((type) => hearers.get(type).delete(hearer));
    },

    topic(name) {
        topics.set(name, (topics.get(name) ?? 0) + 1);
        change(0);
        return () => {
            topics.set(name, topics.get(name) - 1);
            change(linger);
        };
    },

    onReset(listener) {
        resets.add(listener);
        return () => resets.delete(listener);
    },

    onState(watcher) {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
    },
};

addEventListener('online', () => wanted && events.state === 'away' && (clearTimeout(timer), open()));
