/*
 * view/notifications/deliveries.js
 *    What was sent by mail and to webhooks, what was answered, and sending it again.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { has, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { empty } from '../../part/empty.js';
import { filterValues, filters } from '../../part/filters.js';
import { said } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';
import { since } from '../../part/time.js';
import { toast, toastError } from '../../part/toast.js';

const states = { scheduled: 'wait', pending: 'busy', delivered: 'good', failed: 'bad', cancelled: 'off', suppressed: 'off' };
const size = 30;

export class Deliveries {
    items = [];
    webhooks = [];
    next = null;

    constructor(view) {
        this.view = view;
    }

    get fields() {
        const any = { value: '', label: t('notifications.any') };
        return [
            { name: 'channel', type: 'select', label: t('delivery.channel'), options: [any, ...['email', 'webhook'].map((value) => ({ value, label: t(`channel.${value}`) }))] },
            { name: 'state', type: 'select', label: t('delivery.state'), options: [any, ...Object.keys(states).map((value) => ({ value, label: t(`delivery.state.${value}`) }))] },
            { name: 'webhook', type: 'select', label: t('delivery.webhook'), options: [any, ...this.webhooks.map(({ id, name }) => ({ value: id, label: name }))] },
        ];
    }

    #ask(after, per_page = size) {
        const { channel, state, webhook } = filterValues(this.fields);
        return this.view.load((signal) => api.get('/notifications/deliveries', { channel, state, webhook_id: webhook, per_page, after }, { signal }));
    }

    async open() {
        const [webhooks, answer] = await Promise.all([this.view.load((signal) => api.get('/notifications/webhooks', { per_page: 100 }, { signal })), this.#ask()]);
        this.webhooks = webhooks.items;
        this.items = answer.items;
        this.next = answer.next;
        this.view.update();
    }

    async more() {
        const answer = await this.#ask(this.next);
        this.items.push(...answer.items);
        this.next = answer.next;
        this.view.update();
    }

    async again(delivery) {
        try {
            Object.assign(delivery, await api.post(`/notifications/deliveries/${delivery.id}/redeliver`));
            toast(t('delivery.sent'), { kind: 'good' });
            this.view.update();
        }
        catch (error) {
            toastError(error);
        }
    }

    #one(delivery) {
        const { channel, state, error } = delivery;
        const webhook = this.webhooks.find((one) => one.id === delivery.webhook_id);
        const ended = ['delivered', 'failed', 'cancelled'].includes(state);
        return html`<article class="panel delivery" data-row><div class="row">${badge(states[state] ?? 'wait', t(`delivery.state.${state}`))}
                <strong class="grow">${(delivery.events ?? []).map((event) => has(`event.${event}`) ? t(`event.${event}`) : event).join(', ')}</strong><span class="quiet">${since(delivery.created_at)}</span></div>
            <p class="quiet" dir="auto">${t(`channel.${channel}`)}${webhook ? `: ${webhook.name}` : ''}${delivery.status ? ` · ${delivery.status}` : ''}${delivery.attempts ? ` · ${t('delivery.attempts', { n: delivery.attempts })}` : ''}</p>
            ${delivery.reason ? html`<p class="quiet">${phrase(delivery.reason)}</p>` : nothing}
            ${error ? html`<p class="danger-text">${said(error, { inline: true })}</p>` : nothing}
            ${delivery.next_attempt_at ? html`<p class="quiet">${t('delivery.next')} ${since(delivery.next_attempt_at)}</p>` : nothing}
            ${delivery.answer || delivery.body ? html`<details><summary>${t('delivery.details')}</summary>
                ${delivery.body ? html`<h3>${t('delivery.body')}</h3><pre class="said" tabindex="0">${delivery.body}</pre>` : nothing}
                ${delivery.answer ? html`<h3>${t('delivery.answer')}</h3><pre class="said" tabindex="0">${delivery.answer}</pre>` : nothing}</details>` : nothing}
            ${ended ? html`<p><button type="button" @click=${() => this.again(delivery)}>${t('delivery.again')}</button></p>` : nothing}</article>`;
    }

    template() {
        return html`${filters({ view: this.view, fields: this.fields })}
            ${this.items.length === 0 ? empty({ title: t('delivery.none'), text: t('delivery.none.text') })
                : html`<div class="stack">${repeat(this.items, (one) => one.id, (one) => this.#one(one))}</div>`}
            ${this.next ? html`<p class="row"><button type="button" @click=${() => this.more()}>${t('notifications.more')}</button></p>` : nothing}`;
    }
}
