/*
 * view/credentials/list.js
 *    Access to platforms: which accounts there are, and whether they are good.
 *
 *  sealless(oauth)     what is said where nothing can be kept, for want of a key of workers
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { session } from '../../app/session.js';
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

export const sealless = (oauth) => oauth.sealing ? nothing : html`<div class="problem" role="note"><div><p>${t('credentials.keys.none')}</p>
    <p class="quiet">${t(session.user?.role === 'admin' ? 'credentials.keys.none.do' : 'credentials.keys.none.user')}</p></div></div>`;

export default class Credentials extends Things {
    kind = { path: '/credentials', word: 'credentials', texts: 'credentials.', sort: 'account_name' };
    oauth = { platforms: [], sealing: true };

    name(row) { return row.account_name; }

    async prepare() {
        this.live('notification', (data) => data.event === 'credential_expired' && quietly(this.read()));
        this.oauth = await this.load((signal) => api.get('/oauth', {}, { signal }));
    }

    fields() {
        return [
            { name: 'platform', label: t('rules.platform'), type: 'select', options: [{ value: '', label: t('rules.all') }, ...platforms.map((value) => ({ value, label: platformName(value) }))] },
            { name: 'needs_reauth', label: t('credentials.needs_reauth'), type: 'checkbox' },
        ];
    }

    extra() {
        const { platforms: connectable, sealing } = this.oauth;
        return connectable.length ? html`<button ?disabled=${!sealing} @click=${() => connect({ platforms: connectable })}>${t('credentials.connect')}</button>` : nothing;
    }

    above() { return sealless(this.oauth); }

    columns() {
        return [
            { label: t('rules.platform'), kind: 'tight', cell: (row) => platformName(row.platform) },
            { label: t('rules.state'), kind: 'tight', cell: credentialBadge },
            { label: t('credentials.account'), cell: (row) => html`<span dir="auto">${row.facts?.title ?? row.facts?.account ?? ''}</span>` },
            { label: t('credentials.last_used'), kind: 'tight', cell: (row) => row.last_used_at ? since(row.last_used_at) : html`<span class="quiet">${t('rules.never')}</span>` },
        ];
    }
}
