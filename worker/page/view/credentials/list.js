/*
 * view/credentials/list.js
 *    Access to platforms: which accounts there are, and whether they are good.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { since } from '../../part/time.js';
import { platformName, quietly } from '../rules/parts.js';
import { Things } from '../rules/things.js';
import { connect } from './connecting.js';

export const platforms = ['youtube', 'vk', 'yandex_disk', 'zoom', 's3'];

const kinds = { off: 'off', needs_reauth: 'warn', unchecked: 'wait', failed: 'bad', ok: 'good' };

const stateOf = (row) => row.state ?? (!row.is_active ? 'off' : row.needs_reauth ? 'needs_reauth' : !row.last_checked_at ? 'unchecked' : row.last_error ? 'failed' : 'ok');

export const credentialBadge = (row) => badge(kinds[stateOf(row)], t(`credentials.state.${stateOf(row)}`));

export default class Credentials extends Things {
    kind = { path: '/credentials', word: 'credentials', texts: 'credentials.', sort: 'account_name' };
    connectable = [];

    name(row) { return row.account_name; }

    async prepare() {
        this.live('notification', (data) => data.event === 'credential_expired' && quietly(this.read()));
        this.connectable = (await this.load((signal) => api.get('/oauth', {}, { signal }))).platforms;
    }

    fields() {
        return [
            { name: 'platform', label: t('rules.platform'), type: 'select', options: [{ value: '', label: t('rules.all') }, ...platforms.map((value) => ({ value, label: platformName(value) }))] },
            { name: 'needs_reauth', label: t('credentials.needs_reauth'), type: 'checkbox' },
        ];
    }

    extra() {
        return this.connectable.length ? html`<button @click=${() => connect({ platforms: this.connectable })}>${t('credentials.connect')}</button>` : nothing;
    }

    columns() {
        return [
            { label: t('rules.platform'), kind: 'tight', cell: (row) => platformName(row.platform) },
            { label: t('rules.state'), kind: 'tight', cell: credentialBadge },
            { label: t('credentials.account'), cell: (row) => html`<span dir="auto">${row.facts?.title ?? row.facts?.account ?? ''}</span>` },
            { label: t('credentials.last_used'), kind: 'tight', cell: (row) => row.last_used_at ? since(row.last_used_at) : html`<span class="quiet">${t('rules.never')}</span>` },
        ];
    }
}
