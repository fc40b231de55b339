/*
 * view/account/keys.js
 *    Keys for programs: made with a scope and an end, shown once, taken back.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { session } from '../../app/session.js';
import { day, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm, dialog } from '../../part/dialog.js';
import { empty } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { icon } from '../../part/icon.js';
import { secret } from '../../part/secret.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toastError } from '../../part/toast.js';

const lives = [30, 90, 365, 0]; // days; 0: no end

export class Part {
    keys = [];

    constructor(view) {
        this.view = view;
    }

    async open() {
        this.keys = (await this.view.load((signal) => api.get('/auth/keys', {}, { signal }))).reverse();
        this.view.update();
    }

    async add() {
        const said = { name: '', scope: 'read', days: '90' };
        let made = null;
        const scopes = ['read', 'write', ...session.user?.role === 'admin' ? ['admin'] : []];
        const done = await dialog({
            title: t('key.add'),
            body: ({ update }) => html`
                ${field({ name: 'name', label: t('key.name'), hint: t('key.name.hint'), required: true, autofocus: true, maxlength: 100, value: said.name, input: (value) => { said.name = value; } })}
                ${field({ name: 'scope', type: 'select', label: t('key.scope'), value: said.scope, options: scopes.map((value) => ({ value, label: t(`key.scope.${value}`) })), input: (value) => { said.scope = value; update(); } })}
                ${field({ name: 'days', type: 'select', label: t('key.until'), value: said.days, options: lives.map((n) => ({ value: String(n), label: n === 0 ? t('key.always') : t('key.days', { n }) })), input: (value) => { said.days = value; } })}`,
            actions: [{ label: t('cancel'), run: () => true, value: 'no' }, { label: t('key.add'), kind: 'primary', value: 'yes', run: async () => {
                const days = Number(said.days);
                made = await api.post('/auth/keys', { name: said.name.trim(), scope: said.scope, expires_at: days === 0 ? null : new Date(Date.now() + days * 86_400_000).toISOString() });
            } }],
        });
        if (done !== 'yes')
            return;
        await this.open();
        await dialog({ title: t('key.made'), body: html`<p>${t('key.made.text')}</p>${secret(made.key, t('key.made'))}`, actions: [{ label: t('secret.kept'), kind: 'primary' }] });
    }

    async revoke(one) {
        if (!await confirm({ title: t('key.revoke'), text: t('key.revoke.text', { name: one.name }), action: t('key.revoke'), danger: true }))
            return;
        try {
            await api.del(`/auth/keys/${one.id}`);
            await this.open();
        }
        catch (error) {
            toastError(error);
        }
    }

    #state(one) {
        if (one.revoked_at)
            return badge('off', t('key.revoked'));
        if (one.expires_at && new Date(one.expires_at) < new Date())
            return badge('off', t('key.expired'));
        return badge('good', one.expires_at ? t('key.good.until', { day: day(one.expires_at) }) : t('key.good'));
    }

    template() {
        const add = html`<button type="button" class="primary" @click=${() => this.add()}>${icon('add')}${t('key.add')}</button>`;
        if (this.keys.length === 0)
            return empty({ title: t('key.none'), text: t('key.none.text'), action: add });
        const columns = [
            { name: 'name', label: t('key.name'), kind: 'wide', cell: (one) => html`<span dir="auto">${one.name}</span> <code>${one.prefix}…</code>` },
            { name: 'scope', label: t('key.scope'), cell: (one) => t(`key.scope.${one.scope}`) },
            { name: 'state', label: t('key.state'), cell: (one) => this.#state(one) },
            { name: 'used', label: t('key.used'), cell: (one) => one.last_used_at ? since(one.last_used_at) : t('key.never') },
            { name: 'revoke', label: '', kind: 'actions', cell: (one) => one.revoked_at ? nothing : html`<button type="button" @click=${() => this.revoke(one)}>${t('key.revoke')}</button>` },
        ];
        return html`<p class="row">${add}</p>${table({ caption: t('account.tab.keys'), columns, rows: this.keys })}`;
    }
}
