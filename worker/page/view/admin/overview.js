/*
 * view/admin/overview.js
 *    The whole installation in numbers: people, recordings, what they use and what it costs.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { bytes, number, t } from '../../app/text.js';
import { statusBadge } from '../../part/badge.js';
import { table } from '../../part/table.js';
import { AdminView, amount, head, quotaWord } from './head.js';

const tile = (name, value, query) => html`<a class="tile" href=${link('/admin/users', query)}><span class="tile-value">${value}</span><span class="tile-name">${t(`admin.tile.${name}`)}</span></a>`;

export default class Overview extends AdminView {
    title() { return t('nav.admin'); }

    async read() {
        [this.all, this.use] = await this.load((signal) => Promise.all([api.get('/admin/stats/overview', {}, { signal }), api.get('/admin/stats/quotas', {}, { signal })]));
    }

    template() {
        const { all, use } = this;
        const months = all.usage?.providers ?? [];
        return html`${head('overview')}
            <div class="tiles">${tile('users', t('admin.of', { n: all.users.active, all: all.users.total }))}${tile('recordings', number(all.recordings.total))}${tile('deleted', number(all.recordings.deleted))}
                ${tile('storage', bytes(all.storage_bytes))}${tile('exceeding', number(all.exceeding), { exceeded: 'true' })}</div>
            <section class="block" aria-labelledby="statuses"><h2 id="statuses">${t('admin.by_status')}</h2><ul class="chips panel">${Object.entries(all.recordings.by_status).sort((a, b) => b[1] - a[1])
                .map(([status, n]) => html`<li>${statusBadge(status)} ${number(n)}</li>`)}</ul></section>
            <section class="block" aria-labelledby="plans"><h2 id="plans">${t('admin.by_plan')}</h2><ul class="chips panel">${Object.entries(all.users_by_plan ?? {})
                .map(([plan, n]) => html`<li><a href=${link('/admin/users', { plan })}>${plan === 'none' ? t('admin.plan.none') : plan}</a> ${number(n)}</li>`)}</ul></section>
            <section class="block" aria-labelledby="quotas"><h2 id="quotas">${t('admin.usage', { period: use.period })}</h2>${table({
                caption: t('admin.quotas'), rows: use.quotas, key: (row) => row.quota, columns: [
                    { label: t('admin.quota'), kind: 'wide', cell: (row) => quotaWord(row.quota) }, { label: t('admin.used'), kind: 'number', cell: (row) => amount(row.quota, row.used) },
                    { label: t('admin.most'), kind: 'number', cell: (row) => amount(row.quota, row.most) }, { label: t('admin.users'), kind: 'number', cell: (row) => number(row.users) },
                    { label: t('admin.near'), kind: 'number', cell: (row) => number(row.near) }, { label: t('admin.reached'), kind: 'number', cell: (row) => number(row.reached) }],
            })}</section>
            ${months.length ? html`<section class="block" aria-labelledby="providers"><h2 id="providers">${t('admin.providers.usage')}</h2>${table({
                caption: t('admin.providers.usage'), rows: months, key: (row) => JSON.stringify(row), columns: [
                    { label: t('admin.month'), cell: (row) => row.month ?? row.period ?? '' }, { label: t('admin.provider'), kind: 'wide', cell: (row) => row.provider },
                    { label: t('admin.requests'), kind: 'number', cell: (row) => number(row.requests) },
                    { label: t('admin.cost'), kind: 'number', cell: (row) => row.cost === null || row.cost === undefined ? '–' : `${number(row.cost, 2)} ${all.usage.currency}` }],
            })}</section>` : nothing}`;
    }
}
