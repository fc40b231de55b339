/*
 * app/stream.js
 *    One stream of server-sent events, which comes back by itself.
 *
 *  const stream = new Stream({ topics, opened, take, moved })
 *      topics()               what is wanted beside what happens to oneself, as the server reads it
 *      opened()               it is there, and tells first what runs
 *      take(type, data, id)   an event; id: what the stream goes on from, '' where it has none
 *      moved(state)           'live', or 'away': the server is looked for, or it cannot reach its database
 *  stream.open(id)            goes on behind this id, '' from now on; it is known from when the first ticket is there:
 *                             a promise, whether the server answered or not
 *  stream.change(ms, id)      topics() may be others now: looks in so many milliseconds; what they tell is wanted from this id on
 *  stream.hurry()             does not wait for the next try
 *  stream.close()
 * A browser cannot send who asks with an EventSource: a ticket in its address says it, and is good once.
 */
import { api } from './api.js';

const types = ['recording', 'target', 'task', 'deletion', 'notification', 'unread', 'progress', 'system', 'automation', 'beat', 'reset'];
const first = 500;   // ms, of a pause before the next try; twice as long each time
const most = 30_000;

export class Stream {
    #source = null;
    #tries = 0;
    #timer = 0;
    #changing = 0;
    #asked = '';
    #from = '';
    #turn = 0;

    constructor({ topics, opened, take, moved }) {
        Object.assign(this, { topics, opened, take, moved });
        this.id = '';
    }

    open(id) {
        this.id = id;
        this.#tries = 0;
        return this.#open();
    }

    close() {
        this.#turn++;
        this.#shut();
        clearTimeout(this.#changing);
    }

    hurry() {
        if (this.#timer)
            this.#open();
    }

    /* Who wants more has read something already when the stream that tells it begins. */
    change(ms, id = this.id) {
        const asked = this.#asked.split(',');
        if (this.topics().split(',').some((topic) => topic && !asked.includes(topic)))
            this.#from ||= id || this.id;
        clearTimeout(this.#changing);
        this.#changing = setTimeout(() => this.#source && this.#asked !== this.topics() && this.#open(), ms);
    }

    #shut() {
        this.#source?.close();
        this.#source = null;
        clearTimeout(this.#timer);
        this.#timer = 0;
    }

    /* Not all at once after a restart of the server. */
    #again() {
        this.#shut();
        this.moved('away');
        this.#timer = setTimeout(() => this.#open(), Math.min(most, first * 2 ** this.#tries++) * (0.5 + Math.random() / 2));
    }

    async #open() {
        const mine = ++this.#turn;
        clearTimeout(this.#timer);
        this.#timer = 0;
        let ticket = null;
        try {
            ticket = await api.post('/events/ticket');
        }
        catch (error) {
            // 401: the session is over, which is told by session.js
            if (mine === this.#turn && error.status !== 401)
                this.#again();
            return;
        }
        if (mine !== this.#turn)
            return;
        this.#shut();
        if (this.id === '')
            this.#begin(ticket);
        this.#listen(ticket.url);
    }

    /* What a stream without an id would tell first; from here on nothing is missed. */
    #begin({ id, unread }) {
        this.id = id;
        this.take('unread', { unread }, id);
    }

    #listen(url) {
        this.#asked = this.topics();
        this.id = this.#from || this.id;
        this.#from = '';
        const more = new URLSearchParams({ ...(this.#asked && { topic: this.#asked }), last_event_id: this.id });
        const source = new EventSource(`${url}&${more}`);
        this.#source = source;
        source.onopen = () => {
            this.#tries = 0;
            this.opened();
            this.moved('live');
        };
        // the ticket is used up: the browser's own try could only fail
        source.onerror = () => this.#again();
        source.addEventListener('silence', () => this.moved('away'));
        source.addEventListener('end', (message) => {
            source.close();
            return JSON.parse(message.data).reason === 'token' ? this.#open() : this.#again();
        });
        for (const type of types)
            source.addEventListener(type, (message) => this.#hear(message));
    }

    #hear({ type, data, lastEventId }) {
        this.id = lastEventId || this.id;
        this.moved('live');
        this.take(type, data ? JSON.parse(data) : {}, lastEventId);
    }
}
