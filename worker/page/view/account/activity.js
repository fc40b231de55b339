/*
 * view/account/activity.js
 *    What the caller did, and what was done to his account by others.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t, words } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { empty } from '../../part/empty.js';
import { actionWord, thingWord } from '../../part/server.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';

const size = 50;

export class Part {
    items = [];
    next = null;

    constructor(view) {
        this.view = view;
    }

    async open(after) {
        const [answer] = await Promise.all([this.view.load((signal) => api.get('/users/me/activity', { per_page: size, after }, { signal })), words('server')]);
        this.items = after ? [...this.items, ...answer.items] : answer.items;
        this.next = answer.next;
        this.view.update();
    }

    #about(one) {
        const word = html`${thingWord(one.resource_type)}${one.resource_name && one.resource_type !== 'user' ? html` <bdi>${one.resource_name}</bdi>` : nothing}`;
        return one.resource_type === 'recording' && one.resource_id && one.action !== 'delete' ? html`<a href=${link(`/recordings/${one.resource_id}`)}>${word}</a>` : word;
    }

    template() {
        if (this.items.length === 0)
            return empty({ title: t('activity.none') });
        const columns = [
            { name: 'when', label: t('activity.when'), kind: 'tight', cell: (one) => since(one.timestamp) },
            { name: 'what', label: t('activity.what'), kind: 'wide', cell: (one) => html`<span>${actionWord(one.action)}: ${this.#about(one)}
                ${['success', 'ok', 'done', null].includes(one.result) ? nothing : html`<span class="danger-text" lang="en">${one.result}</span>`}</span>` },
            { name: 'who', label: t('activity.who'), cell: (one) => one.by_me ? t('activity.me') : badge('warn', t('activity.others')) },
            { name: 'where', label: t('activity.where'), cell: (one) => html`<span class="mono" title=${one.user_agent ?? ''}>${one.ip_address ?? '–'}</span>` },
        ];
        return html`${table({ caption: t('account.tab.activity'), columns, rows: this.items })}
            ${this.next ? html`<p class="row"><button type="button" @click=${() => this.open(this.next)}>${t('activity.more')}</button></p>` : nothing}`;
    }
}
