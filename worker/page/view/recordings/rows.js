/*
 * view/recordings/rows.js
 *    The rows of the list: each is rendered by itself, when something of it has changed and it can be seen,
 *    all of them together once a frame. Hundreds of recordings may be in progress.
 *
 *    const rows = new Rows({body, template, ask})   body: the element they are in; template(item, row): what is in one;
 *                              ask(ids): a promise of the items of these recordings
 *    rows.set(items)             shows these, in this order; elements of recordings that stay are kept
 *    rows.item(id)               what is known of a recording, undefined: it is not in the list
 *    rows.change(id, fields)     changes it; returns what undoes it
 *    rows.touch(id)              something of the item was changed: it is rendered in the next frame
 *    rows.ask(id)                it is asked of the server anew, soon, many at once
 *    rows.touchAll(), rows.close()
 */
import { again } from '../../app/again.js';
import { render } from '../../app/html.js';

const pause = 600;  // ms between an event and the question it leads to
const most = 100;   // recordings in one question

export class Rows {
    #rows = new Map();
    #byElement = new WeakMap();
    #dirty = new Set();
    #asked = new Set();
    #frame = 0;
    #soon = again(() => this.#askNow(), pause);
    #watch;
    closed = false;

    constructor({ body, template, ask }) {
        this.body = body;
        this.template = template;
        this.askItems = ask;
        this.#watch = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: '300px 0px' });
    }

    get ids() {
        return [...this.#rows.keys()];
    }

    item(id) {
        return this.#rows.get(id)?.item;
    }

    set(items) {
        const old = this.#rows;
        this.#rows = new Map();
        for (const item of items) {
            const row = old.get(item.id) ?? this.#make(item.id);
            row.item = item;
            row.gone = false;
            this.#rows.set(item.id, row);
            old.delete(item.id);
            this.#dirty.add(row);
        }
        for (const row of old.values())
            this.#drop(row);
        let at = this.body.firstChild;
        for (const row of this.#rows.values()) {
            if (at === row.element)
                at = at.nextSibling;
            else
                this.body.insertBefore(row.element, at);
        }
        this.#asked.clear();
        this.#draw([...this.#dirty]);
    }

    change(id, fields) {
        const row = this.#rows.get(id);
        if (!row)
            return () => {};
        const before = Object.fromEntries(Object.keys(fields).map((name) => [name, row.item[name]]));
        Object.assign(row.item, fields);
        this.touch(id);
        return () => {
            const now = this.#rows.get(id);
            if (now)
                Object.assign(now.item, before);
            this.touch(id);
        };
    }

    touch(id) {
        const row = this.#rows.get(id);
        if (!row)
            return;
        this.#dirty.add(row);
        if (row.seen)
            this.#later();
    }

    touchAll() {
        this.#rows.forEach((row, id) => this.touch(id));
    }

    ask(id) {
        this.#asked.add(id);
        this.#soon();
    }

    close() {
        this.closed = true;
        cancelAnimationFrame(this.#frame);
        this.#soon.close();
        this.#watch.disconnect();
    }

    #make(id) {
        const element = document.createElement('tr');
        element.setAttribute('role', 'row');
        element.dataset.row = '';
        element.dataset.id = id;
        const row = { element, seen: true, gone: false, item: null };
        this.#byElement.set(element, row);
        this.#watch.observe(element);
        return row;
    }

    #drop(row) {
        this.#watch.unobserve(row.element);
        this.#dirty.delete(row);
        row.element.remove();
    }

    #seen(entries) {
        for (const entry of entries) {
            const row = this.#byElement.get(entry.target);
            row.seen = entry.isIntersecting;
            if (row.seen && this.#dirty.has(row))
                this.#later();
        }
    }

    #later() {
        this.#frame ||= requestAnimationFrame(() => {
            this.#frame = 0;
            this.#draw([...this.#dirty].filter((row) => row.seen));
        });
    }

    #draw(rows) {
        for (const row of rows) {
            this.#dirty.delete(row);
            render(this.template(row.item, row), row.element);
            row.element.classList.toggle('gone', row.gone || row.item.deleted);
            row.element.classList.toggle('chosen', Boolean(row.item.selected));
        }
    }

    async #askNow() {
        const ids = [...this.#asked].slice(0, most);
        ids.forEach((id) => this.#asked.delete(id));
        if (ids.length === 0 || this.closed)
            return;
        try {
            this.#take(ids, await this.askItems(ids));
        }
        catch (error) {
            ids.forEach((id) => this.#asked.add(id));
            throw error;
        }
        if (this.#asked.size > 0)
            this.#soon();
    }

    #take(ids, items) {
        const found = new Map(items.map((item) => [item.id, item]));
        for (const id of ids) {
            const row = this.#rows.get(id);
            if (!row)
                continue;
            row.gone = !found.has(id);
            row.item = Object.assign(found.get(id) ?? row.item, { selected: row.item.selected });
            this.touch(id);
        }
    }
}
