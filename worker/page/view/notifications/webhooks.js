/*
 * view/notifications/webhooks.js
 *    Addresses that events are posted to: added, changed, tested, switched off and on. A secret is shown once.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { has, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm, dialog } from '../../part/dialog.js';
import { empty } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { icon } from '../../part/icon.js';
import { menu } from '../../part/menu.js';
import { secret } from '../../part/secret.js';
import { phrase } from '../../part/sentence.js';
import { toast, toastError } from '../../part/toast.js';

const name = (event) => has(`event.${event}`) ? t(`event.${event}`) : event;

export class Webhooks {
    items = [];

    constructor(view, events) {
        this.view = view;
        this.events = events;
        // one that is switched off is told
        const soon = view.again(() => this.open(), 0);
        view.live('notification', (data) => data.event === 'webhook_disabled' && soon());
    }

    async open() {
        this.items = (await this.view.load((signal) => api.get('/notifications/webhooks', { per_page: 100 }, { signal }))).items;
        this.view.update();
    }

    async edit(webhook) {
        const said = { url: webhook?.url ?? '', name: webhook?.name ?? '', events: new Set(webhook?.events ?? []) };
        let made = null;
        const done = await dialog({
            title: t(webhook ? 'webhook.edit' : 'webhook.add'),
            body: ({ update }) => html`
                ${field({ name: 'url', type: 'url', label: t('webhook.url'), hint: t('webhook.url.hint'), required: true, autofocus: true, value: said.url, placeholder: 'https://', input: (value) => { said.url = value; } })}
                ${field({ name: 'name', label: t('webhook.name'), hint: t('webhook.name.hint'), value: said.name, input: (value) => { said.name = value; } })}
                <fieldset class="stack"><legend>${t('webhook.events')}</legend><p class="quiet small">${t('webhook.events.hint')}</p>
                    ${this.events.map(({ event }) => field({ name: event, id: `webhook-${event}`, type: 'checkbox', label: name(event), value: said.events.has(event),
                        input: (value) => { said.events[value ? 'add' : 'delete'](event); update(); } }))}</fieldset>`,
            actions: [{ label: t('cancel'), run: () => true, value: 'no' }, { label: t('webhook.save'), kind: 'primary', value: 'yes', run: async () => {
                const body = { url: said.url.trim(), events: [...said.events], ...said.name.trim() !== '' ? { name: said.name.trim() } : {} };
                made = webhook ? await api.patch(`/notifications/webhooks/${webhook.id}`, body) : await api.post('/notifications/webhooks', body);
            } }],
        });
        if (done !== 'yes')
            return;
        await this.open();
        if (made.secret)
            await this.#show(made.secret);
    }

    #show(text) {
        return dialog({ title: t('webhook.secret'), body: html`<p>${t('webhook.secret.text')}</p>${secret(text, t('webhook.secret'))}`, actions: [{ label: t('secret.kept'), kind: 'primary' }] });
    }

    async #try(run, said) {
        try {
            const answer = await run();
            if (said)
                toast(said, { kind: 'good' });
            await this.open();
            return answer;
        }
        catch (error) {
            toastError(error);
            return null;
        }
    }

    async rotate(webhook) {
        if (!await confirm({ title: t('webhook.rotate'), text: t('webhook.rotate.text', { name: webhook.name }), action: t('webhook.rotate') }))
            return;
        const answer = await this.#try(() => api.post(`/notifications/webhooks/${webhook.id}/rotate-secret`));
        if (answer)
            await this.#show(answer.secret);
    }

    async remove(webhook) {
        if (await confirm({ title: t('webhook.delete'), text: t('webhook.delete.text', { name: webhook.name }), action: t('webhook.delete'), danger: true }))
            await this.#try(() => api.del(`/notifications/webhooks/${webhook.id}`));
    }

    #menu(webhook) {
        const active = webhook.state === 'active';
        return menu({ id: `webhook-menu-${webhook.id}`, label: t('webhook.menu', { name: webhook.name }), items: [
            { label: t('webhook.test'), icon: 'play', run: () => this.#try(() => api.post(`/notifications/webhooks/${webhook.id}/test`), t('webhook.tested')) },
            { label: t('webhook.deliveries'), icon: 'info', href: link('/notifications/deliveries', { webhook: webhook.id }) },
            { label: t('webhook.edit'), icon: 'edit', run: () => this.edit(webhook) },
            { label: t('webhook.rotate'), icon: 'retry', run: () => this.rotate(webhook) },
            { label: t(active ? 'webhook.off' : 'webhook.on'), icon: active ? 'paused' : 'play', run: () => this.#try(() => api.patch(`/notifications/webhooks/${webhook.id}`, { state: active ? 'disabled' : 'active' })) },
            'line',
            { label: t('webhook.delete'), icon: 'remove', danger: true, run: () => this.remove(webhook) },
        ] });
    }

    #one(webhook) {
        return html`<article class="panel webhook" data-row><div class="row"><strong class="grow" dir="auto">${webhook.name}</strong>
                ${badge(webhook.state === 'active' ? 'good' : 'off', t(`webhook.state.${webhook.state}`))}${this.#menu(webhook)}</div>
            <p class="mono" dir="ltr">${webhook.url}</p>
            <p class="quiet">${webhook.events.length === 0 ? t('webhook.all') : webhook.events.map(name).join(', ')}</p>
            ${webhook.reason ? html`<p class="danger-text">${phrase(webhook.reason)}</p>` : nothing}
            ${webhook.failures > 0 ? html`<p class="quiet">${t('webhook.failures', { n: webhook.failures })}</p>` : nothing}</article>`;
    }

    template() {
        const add = html`<button type="button" class="primary" @click=${() => this.edit(null)}>${icon('add')}${t('webhook.add')}</button>`;
        return this.items.length === 0 ? empty({ title: t('webhook.none'), text: t('webhook.none.text'), action: add })
            : html`<p class="row">${add}</p><div class="stack">${repeat(this.items, (one) => one.id, (one) => this.#one(one))}</div>`;
    }
}
