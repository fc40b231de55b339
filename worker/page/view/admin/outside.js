/*
 * view/admin/outside.js
 *    Whom LEAP talks to: what it is registered as at platforms, keys of workers, credentials, providers. No secret is here.
 *    An app is registered by a form; its secret goes in and never comes back.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, number, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm } from '../../part/dialog.js';
import { table } from '../../part/table.js';
import { toast, toastError } from '../../part/toast.js';
import { platformWord } from '../../part/work.js';
import { AdminView, formDialog, head } from './head.js';

const keys = { 'in use': ['good', 'used'], leaving: ['wait', 'leaving'], retired: ['off', 'retired'] };

export default class Outside extends AdminView {
    title() { return t('admin.outside'); }

    async read() {
        this.state = await this.load((signal) => api.get('/admin/outside', {}, { signal }));
        this.update();
    }

    /* Every platform that can have an app, with the one that it has. */
    #apps() {
        return this.state.platforms.map((one) => ({ ...one, app: this.state.apps.find((app) => app.platform === one.platform) }));
    }

    async #edit({ platform, app, scopes, document, public: open }) {
        const address = `${location.origin}/oauth/${platform}/callback`;
        if (!await formDialog({
            title: t('admin.app.edit', { platform: platformWord(platform) }), wide: true, label: t('admin.save'),
            text: html`${t('admin.app.edit.text')} <a href=${document} target="_blank" rel="noopener noreferrer">${t('admin.app.document')}</a>`,
            fields: () => [
                { name: 'redirect_uri', type: 'url', label: t('admin.app.redirect'), required: true, mono: true, value: app?.redirect_uri ?? address, hint: t('admin.app.redirect.hint') },
                { name: 'client_id', label: t('admin.app.client'), required: true, mono: true, autofocus: true, value: app?.client_id ?? '' },
                { name: 'client_secret', type: 'password', autocomplete: 'new-password', label: t('admin.app.secret'), required: !open, mono: true, hint: t(open ? 'admin.app.secret.public' : 'admin.app.secret.hint') },
                { name: 'scopes', type: 'area', rows: 4, mono: true, label: t('admin.app.scopes'), value: (app?.scopes ?? scopes).join('\n'), hint: t('admin.app.scopes.hint') },
            ],
            submit: (values) => api.put(`/admin/apps/${platform}`, {
                client_id: values.client_id.trim(), redirect_uri: values.redirect_uri.trim(), scopes: values.scopes.split(/\s+/).filter(Boolean), ...(values.client_secret && { client_secret: values.client_secret }),
            }),
        }))
            return;
        await this.read();
        toast(t('admin.saved'), { kind: 'good' });
    }

    async #remove({ platform }) {
        if (!await confirm({ title: t('admin.app.remove', { platform: platformWord(platform) }), text: t('admin.app.remove.text'), action: t('admin.delete'), danger: true }))
            return;
        try {
            await api.del(`/admin/apps/${platform}`);
        }
        catch (error) {
            toastError(error);
        }
        await this.read();
    }

    template() {
        const { credentials, providers, keys: list, currency } = this.state;
        const sealing = list.some((one) => one.state !== 'retired');
        const price = (value, unit) => value === null ? '' : t(`admin.price.${unit}`, { n: `${number(value, 4)} ${currency}` });
        const part = (name, rows, columns, key) => html`<section class="block" aria-labelledby=${name}><h2 id=${name}>${t(`admin.${name}`)}</h2><p class="quiet">${t(`admin.${name}.text`)}</p>
            ${rows.length === 0 ? html`<p class="panel quiet">${t(`admin.${name}.none`)}</p>` : table({ caption: t(`admin.${name}`), rows, columns, key })}</section>`;
        return html`${head('outside')}
            ${part('apps', this.#apps(), [
                { label: t('admin.platform'), kind: 'tight', cell: (one) => html`<strong>${platformWord(one.platform)}</strong>` },
                { label: t('admin.client'), kind: 'wide', cell: ({ app }) => app ? html`<div><code class="wrap">${app.client_id}</code><p class="quiet small wrap">${app.redirect_uri}</p></div>` : html`<span class="quiet">${t('admin.app.none')}</span>` },
                { label: t('admin.changed'), kind: 'tight', cell: ({ app }) => app ? date(app.updated_at) : '–' },
                { label: '', kind: 'actions', cell: (one) => html`<div class="row"><button ?disabled=${!sealing} @click=${() => this.#edit(one)}>${t(one.app ? 'admin.edit' : 'admin.app.add')}</button>
                    ${one.app ? html`<button class="danger" @click=${() => this.#remove(one)}>${t('admin.delete')}</button>` : nothing}</div>` }], (one) => one.platform)}
            ${sealing ? nothing : html`<p class="panel" role="note">${t('admin.app.keys')} <code>leap keys init</code></p>`}
            ${part('credentials', credentials, [
                { label: t('admin.platform'), kind: 'wide', cell: (one) => html`<strong>${platformWord(one.platform)}</strong>` }, { label: t('admin.number'), kind: 'number', cell: (one) => number(one.all) },
                { label: t('admin.users'), kind: 'number', cell: (one) => number(one.users) },
                { label: t('admin.state'), cell: (one) => one.needs_reauth ? badge('warn', t('admin.reauth', { n: one.needs_reauth })) : badge('good', t('admin.good')) }], (one) => one.platform)}
            ${part('providers', providers, [
                { label: t('admin.provider'), kind: 'tight', cell: (one) => html`<strong>${one.name}</strong>` }, { label: t('admin.family'), kind: 'tight', cell: (one) => t(`admin.family.${one.family}`) },
                { label: t('admin.protocol'), kind: 'tight', cell: (one) => one.protocol }, { label: t('admin.model'), kind: 'tight', cell: (one) => one.model ?? '–' },
                { label: t('admin.host'), kind: 'wide', cell: (one) => one.base_url ? html`<code class="wrap">${one.base_url}</code>` : t('admin.embedded') },
                { label: t('admin.cost'), cell: (one) => [price(one.price_per_hour, 'hour'), price(one.price_per_million_input, 'input'), price(one.price_per_million_output, 'output')].filter(Boolean).join(', ') || '–' },
                { label: t('admin.state'), cell: (one) => one.is_active ? badge('good', t('admin.active')) : badge('off', t('admin.inactive')) }], (one) => `${one.family} ${one.name}`)}
            ${part('worker_keys', list, [
                { label: t('admin.key'), kind: 'wide', cell: (one) => html`<code>${one.key_id}</code>` }, { label: t('admin.state'), cell: (one) => badge(keys[one.state][0], t(`admin.key.${keys[one.state][1]}`)) },
                { label: t('admin.sealed'), kind: 'number', cell: (one) => number(one.credentials + one.apps + one.webhooks) }, { label: t('admin.made'), cell: (one) => date(one.created_at) }], (one) => one.key_id)}`;
    }
}
