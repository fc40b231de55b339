/*
 * app/events.js
 *    What happens, as it happens: one stream of server-sent events for all tabs, without a gap.
 *
 *  events.on(type, fn)      fn(data) for each event of this type; several: 'task recording'.
 *                           Returns what ends it; View.live() does so by itself
 *  events.onReset(fn)       something may have been missed: read everything anew
 *  events.onState(fn)       events.state is 'off', 'live' or 'away' (looking for the server)
 *  events.topic(name)       what only administrators are told, as long as somebody wants it: 'system', and 'everyone', whose
 *                           recordings and tasks are told as one's own are. Before anything is read; returns what ends it
 *  events.ready             a promise: what is read from now on and what is told leave no gap between them
 *  events.missed()          something could not be read: it is read anew when the server is back
 *  events.start(), events.stop()   by session: app/main.js
 * One tab leads (app/tabs.js): it has the stream and tells the others each event with its id. When it goes, the
 * next one goes on from the last id it heard. Who comes new asks the one that leads how things are.
 */
import { session } from './session.js';
import { Stream } from './stream.js';
import { Tabs } from './tabs.js';

const hearers = new Map();
const resets = new Set();
const watchers = new Set();
const topics = new Map();    // name: how many want it here
const others = new Map();    // tab: the topics it wants
const running = new Map();   // task: its progress, for who comes new
const states = new Map();    // type: the last event that says how something is
const linger = 1500;         // ms, before what nobody wants is told no more: the next view may want it
const shortest = 2000;       // ms, before what could not be read is read anew
const longest = 30_000;
const me = Math.random().toString(36).slice(2);
let lastId = '';
let wanted = false;
let following = false;
let lost = false;
let pause = shortest;
let rereading = 0;
let isReady = () => {};

const here = () => [...topics].filter(([, count]) => count > 0).map(([name]) => name);
const stream = new Stream({
    // who is no administrator any more would be refused all of it
    topics: () => session.user?.role === 'admin' ? [...new Set([...here(), ...[...others.values()].flat()])].sort().join(',') : '',
    // it begins with all that runs; what others did may be wanted no more
    opened() {
        running.clear();
    },
    take(type, data, id) {
        tabs.say({ type, data, id });
        take(type, data, id);
    },
    moved(state) {
        setState(state);
    },
});

function setState(state) {
    if (events.state === state)
        return;
    events.state = state;
    if (tabs.leading)
        tabs.say({ state });
    watchers.forEach((watcher) => watcher(state));
    if (state === 'live' && lost)
        reset();
}

function take(type, data, id) {
    lastId = id || lastId;
    remember(type, data);
    if (type === 'reset')
        reset();
    else if (type !== 'beat')
        tell(type, data);
}

function tell(type, data) {
    hearers.get(type)?.forEach((hearer) => hearer(data, type));
}

/* What a stream tells first of all, for the tabs that come later. */
function remember(type, data) {
    if (type === 'progress')
        running.set(data.task, data);
    else if (type === 'task' && data.to !== 'running')
        running.delete(data.task);
    else if (type === 'unread' || type === 'system')
        states.set(type, data);
    else if (type === 'reset')
        running.clear();
}

/* What of it cannot be read is noted by events.missed(). */
async function heed(listener) {
    try {
        await listener();
    }
    catch (error) {
        if (error.name !== 'AbortError' && error.status === undefined)
            console.error(error);
    }
}

async function reset() {
    clearTimeout(rereading);
    rereading = 0;
    lost = false;
    await Promise.all([...resets].map(heed));
    pause = lost ? Math.min(2 * pause, longest) : shortest;
}

/* How things are, for a tab that is new; what is told of a topic only if somebody wanted it before. */
function answer(tab, told) {
    const now = [...states].filter(([type]) => type !== 'system' || told.includes(type));
    tabs.say({ to: tab, state: events.state, id: lastId, events: [...now, ...[...running.values()].map((data) => ['progress', data])] });
}

const said = {
    hello(message) {
        if (!tabs.leading)
            return;
        answer(message.hello, stream.topics());
        others.set(message.hello, message.topics);
        stream.change(message.topics.length > 0 ? 0 : linger, message.id);
    },
    bye(message) {
        others.delete(message.bye);
        stream.change(linger);
    },
    lead: () => hello(),
    hurry: () => tabs.leading && stream.hurry(),
    to(message) {
        if (message.to !== me)
            return;
        lastId = message.id;
        setState(message.state);
        message.events.forEach(([type, data]) => take(type, data, ''));
    },
    type: ({ type, data, id }) => take(type, data, id),
    state: ({ state }) => setState(state),
};

const tabs = new Tabs({
    name: 'leap.events',
    lead() {
        // the one that led went before it said how things are
        const behind = following && lastId === '';
        following = false;
        others.clear();
        tabs.say({ lead: true });
        stream.open(lastId).then(() => behind && reset()).then(isReady);
    },
    follow() {
        following = true;
        hello();
        isReady();
    },
    hear(message) {
        said[Object.keys(said).find((name) => name in message)]?.(message);
    },
});

const hello = () => tabs.say({ hello: me, topics: here(), id: lastId });

/* Another tab, or this one, is looked at: the server is looked for at once. */
function hurry() {
    if (!wanted || events.state !== 'away')
        return;
    if (tabs.leading)
        stream.hurry();
    else
        tabs.say({ hurry: true });
}

function wants(wait) {
    if (tabs.leading)
        stream.change(wait);
    else if (wanted && wait === 0)
        hello();
    else if (wanted)
        setTimeout(hello, wait);
}

function leave() {
    tabs.say({ bye: me });
    stream.close();
    tabs.leave();
}

export const events = {
    state: 'off',
    ready: Promise.resolve(),

    start() {
        if (wanted)
            return;
        wanted = true;
        this.ready = new Promise((resolve) => { isReady = resolve; });
        tabs.join();
    },

    stop() {
        if (wanted)
            leave();
        wanted = false;
        lost = false;
        lastId = '';
        running.clear();
        states.clear();
        clearTimeout(rereading);
        isReady();
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
        wants(0);
        return () => {
            topics.set(name, topics.get(name) - 1);
            wants(linger);
        };
    },

    missed() {
        if (!wanted)
            return;
        lost = true;
        if (this.state === 'live')
            rereading ||= setTimeout(reset, pause);
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

addEventListener('online', hurry);
document.addEventListener('visibilitychange', () => document.hidden || hurry());
addEventListener('pagehide', () => wanted && leave());
addEventListener('pageshow', (event) => {
    if (event.persisted && wanted) {
        tabs.join();
        reset();
    }
});
