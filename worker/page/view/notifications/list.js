/*
 * view/notifications/list.js
 *    All messages, the newest first, with filters in the address; what arrives appears at once.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { has, t } from '../../app/text.js';
import { empty } from '../../part/empty.js';
import { filterValues, filters } from '../../part/filters.js';
import { icon } from '../../part/icon.js';
import { markRead, message } from './item.js';

const size = 30;
const most = 300; // rows that are read anew when something happens
const pause = 250;
const severities = ['error', 'warning', 'info'];

export class List {
    items = [];
    unread = 0;
    next = null;

    constructor(view, events) {
        this.view = view;
        this.events = events;
        const soon = view.again(() => this.open(), pause);
        view.live('notification unread', soon);
        view.onReset(soon);
    }

    get fields() {
        const any = { value: '', label: t('notifications.any') };
        return [
            { name: 'event', type: 'select', label: t('notifications.event'), options: [any, ...this.events.map(({ event }) => ({ value: event, label: has(`event.${event}`) ? t(`event.${event}`) : event }))] },
            { name: 'severity', type: 'select', label: t('notifications.severity'), options: [any, ...severities.map((value) => ({ value, label: t(`notifications.severity.${value}`) }))] },
            { name: 'unread', type: 'checkbox', label: t('notifications.unread') },
        ];
    }

    async #ask(per_page, after) {
        const { event, severity, unread } = filterValues(this.fields);
        return this.view.load((signal) => api.get('/notifications', { event, severity, unread: unread === 'true' || null, per_page, after }, { signal }));
    }

    /* Reads as many as are shown. */
    async open() {
        const answer = await this.#ask(Math.min(most, Math.max(size, this.items.length)));
        this.items = answer.items;
        this.unread = answer.unread;
        this.next = answer.next;
        this.view.update();
    }

    async more() {
        const answer = await this.#ask(size, this.next);
        const known = new Set(this.items.map((item) => item.id));
        this.items.push(...answer.items.filter((item) => !known.has(item.id)));
        this.next = answer.next;
        this.view.update();
    }

    read(items) {
        const those = items ?? this.items.filter((item) => !item.read_at);
        const { unread } = this;
        const set = (at, count) => {
            those.forEach((item) => { item.read_at = at; });
            this.unread = count;
            this.view.update();
        };
        api.optimistic({ apply: () => set(new Date().toISOString(), items ? unread - those.length : 0), undo: () => set(null, unread), call: () => markRead(items) });
    }

    template() {
        return html`${filters({ view: this.view, fields: this.fields })}
            <p class="row"><span class="quiet grow" role="status">${t('notifications.count', { n: this.unread })}</span>
                ${this.unread > 0 ? html`<button type="button" @click=${() => this.read(null)}>${icon('check')}${t('notifications.mark.all')}</button>` : nothing}</p>
            ${this.items.length === 0 ? empty({ title: t('notifications.none'), text: t('notifications.none.text') })
                : html`<div class="messages">${repeat(this.items, (item) => item.id, (item) => message(item, { read: (one) => this.read([one]) }))}</div>`}
            ${this.next ? html`<p class="row"><button type="button" @click=${() => this.more()}>${t('notifications.more')}</button></p>` : nothing}`;
    }
}
