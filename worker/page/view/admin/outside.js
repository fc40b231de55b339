/*
 * view/admin/outside.js
 *    Whom LEAP talks to: what it is registered as at platforms, keys of workers, credentials, providers. No secret is here.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, number, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { table } from '../../part/table.js';
import { AdminView, head } from './head.js';

const keys = { 'in use': ['good', 'used'], leaving: ['wait', 'leaving'], retired: ['off', 'retired'] };

export default class Outside extends AdminView {
    title() { return t('admin.outside'); }

    async read() {
        this.state = await this.load((signal) => api.get('/admin/outside', {}, { signal }));
    }

    template() {
        const { apps, credentials, providers, keys: list, currency } = this.state;
        const price = (value, unit) => value === null ? '' : t(`admin.price.${unit}`, { n: `${number(value, 4)} ${currency}` });
        const part = (name, rows, columns, key) => html`<section class="block" aria-labelledby=${name}><h2 id=${name}>${t(`admin.${name}`)}</h2><p class="quiet">${t(`admin.${name}.text`)}</p>
            ${rows.length === 0 ? html`<p class="panel quiet">${t(`admin.${name}.none`)}</p>` : table({ caption: t(`admin.${name}`), rows, columns, key })}</section>`;
        return html`${head('outside')}
            ${part('apps', apps, [
                { label: t('admin.platform'), kind: 'tight', cell: (one) => html`<strong>${one.platform}</strong>` }, { label: t('admin.client'), kind: 'wide', cell: (one) => html`<code class="wrap">${one.client_id}</code>` },
                { label: t('admin.redirect'), cell: (one) => html`<code class="wrap">${one.redirect_uri ?? '–'}</code>` }, { label: t('admin.changed'), kind: 'tight', cell: (one) => date(one.updated_at) }], (one) => one.platform)}
            ${part('credentials', credentials, [
                { label: t('admin.platform'), kind: 'wide', cell: (one) => html`<strong>${one.platform}</strong>` }, { label: t('admin.number'), kind: 'number', cell: (one) => number(one.all) },
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
