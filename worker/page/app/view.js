/*
 * app/view.js
 *    What a view is: something that fills the main part of the page from opening to closing.
 *
 *  class MyView extends View {
 *      async open() { this.rows = await this.load((signal) => api.get('/things', {}, { signal })); }
 *      title() { return t('things.title'); }
 *      template() { return html`<h1>…</h1>`; }
 *  }
 * Given: this.route {path, params, query, row}, this.root (an element).
 * To override: open() (shown as soon as it is done; template() is shown before if loading() is
 * true), template(), title(), moved(route) (same view, another query: true when it did what is needed,
 * else it is opened anew), close() (call super.close()).
 * To call: update() renders once in the next frame; listen(target, type, fn, options);
 * live(types, fn) hears events, after liveOfEveryone() also of what an administrator sees of others (before anything
 * is read); onReset(fn); every(ms, fn) while the page is seen; load(fn) calls fn with
 * a signal that close() aborts; again(read, pause) is app/again.js; after(undo) lets close() call it. All end with the view.
 *
 * style(path) links a view's style sheet ('view/x.css'); a promise that it is there.
 */
import { render } from './html.js';
import { again } from './again.js';
import { events } from './events.js';
import { session } from './session.js';

const sheets = new Map();

export function style(path) {
    if (!sheets.has(path))
        sheets.set(path, new Promise((resolve) => {
            const link = document.createElement('link');
            link.rel = 'stylesheet';
            link.href = new URL(`../style/${path}`, import.meta.url);
            link.onload = link.onerror = resolve;
            document.head.append(link);
        }));
    return sheets.get(path);
}

export class View {
    #undo = [];
    #abort = new AbortController();
    #frame = 0;
    closed = false;

    constructor(route, root) {
        this.route = route;
        this.root = root;
    }

    async open() {}
    template() {}
    title() { return ''; }
    moved() { return false; }

    /* Renders now; update() is what is wanted mostly. */
    show() {
        cancelAnimationFrame(this.#frame);
        this.#frame = 0;
        if (!this.closed)
            render(this.template(), this.root);
    }

    update() {
        if (!this.#frame && !this.closed)
            this.#frame = requestAnimationFrame(() => this.show());
    }

    after(undo) {
        if (this.closed)
            undo();
        else
            this.#undo.push(undo);
    }

    listen(target, type, handler, options) {
        target.addEventListener(type, handler, options);
        this.after(() => target.removeEventListener(type, handler, options));
    }

    live(types, hearer) {
        this.after(events.on(types, hearer));
    }

    liveOfEveryone() {
        if (session.user?.role === 'admin')
            this.after(events.topic('everyone'));
    }

    onReset(listener) {
        this.after(events.onReset(listener));
    }

    every(ms, run) {
        const timer = setInterval(() => document.hidden || run(), ms);
        this.after(() => clearInterval(timer));
    }

    again(read, pause) {
        const soon = again(read, pause);
        this.after(() => soon.close());
        return soon;
    }

    load(ask) {
        return ask(this.#abort.signal);
    }

    close() {
        this.closed = true;
        cancelAnimationFrame(this.#frame);
        this.#abort.abort();
        this.#undo.splice(0).forEach((undo) => undo());
    }
}
