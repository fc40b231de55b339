/*
 * view/admin/invitations.js
 *    Invitations to register: made, copied as a link once, withdrawn.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm, dialog } from '../../part/dialog.js';
import { empty } from '../../part/empty.js';
import { icon } from '../../part/icon.js';
import { secret } from '../../part/secret.js';
import { table } from '../../part/table.js';
import { since, until } from '../../part/time.js';
import { toastError } from '../../part/toast.js';
import { AdminView, formDialog, head } from './head.js';

export default class Invitations extends AdminView {
    title() { return t('admin.invitations'); }

    async read() {
        this.list = await this.load((signal) => api.get('/admin/invitations', {}, { signal }));
        this.update();
    }

    template() {
        const add = html`<button class="primary" @click=${() => this.#add()}>${icon('add')}${t('admin.invite')}</button>`;
        return html`${head('invitations', add)}${this.list.length === 0 ? empty({ title: t('admin.invitations.none'), text: t('admin.invitations.none.text') }) : table({
            caption: t('admin.invitations'), rows: this.list, columns: [
                { label: t('admin.for'), kind: 'wide', cell: (one) => one.email ?? html`<span class="quiet">${t('admin.anybody')}</span>` },
                { label: t('admin.role'), kind: 'tight', cell: (one) => t(`admin.role.${one.role}`) },
                { label: t('admin.state'), cell: (one) => this.#state(one) },
                { label: t('admin.made'), kind: 'tight', cell: (one) => since(one.created_at) },
                { label: t('admin.until'), cell: (one) => one.used_at ? date(one.used_at) : until(one.expires_at) },
                { label: '', kind: 'actions', cell: (one) => one.used_at ? '' : html`<button class="danger" @click=${() => this.#withdraw(one)}>${t('admin.withdraw')}</button>` },
            ],
        })}`;
    }

    #state(one) {
        if (one.used_at)
            return badge('good', t('admin.invitation.used'));
        return new Date(one.expires_at) < Date.now() ? badge('off', t('admin.invitation.over')) : badge('wait', t('admin.invitation.open'));
    }

    async #add() {
        let made = null;
        if (!await formDialog({
            title: t('admin.invite'), label: t('admin.invite.make'),
            fields: () => [{ name: 'email', type: 'email', label: t('admin.email'), hint: t('admin.invite.email'), autofocus: true },
                { name: 'role', type: 'select', label: t('admin.role'), value: 'user', options: ['user', 'admin'].map((role) => ({ value: role, label: t(`admin.role.${role}`) })) },
                { name: 'days', type: 'number', label: t('admin.invite.days'), value: 7, min: 1, max: 365 }],
            submit: async ({ email, role, days }) => { made = await api.post('/admin/invitations', { email: email.trim() || null, role, days: Number(days) || null }); },
        }))
            return;
        await this.read();
        // behind the #, which no server is told
        const link = new URL(`/register#${made.invitation}${made.email ? `&${encodeURIComponent(made.email)}` : ''}`, location.origin).href;
        await dialog({
            title: t('admin.invite.made'),
            body: html`<p>${t('admin.invite.once')}</p>${secret(link, t('admin.invite.link'))}`,
            actions: [{ label: t('close') }],
        });
    }

    async #withdraw(one) {
        if (!await confirm({ title: t('admin.withdraw'), text: t('admin.withdraw.text'), action: t('admin.withdraw'), danger: true }))
            return;
        try {
            await api.del(`/admin/invitations/${one.id}`);
        }
        catch (error) {
            toastError(error);
        }
        await this.read();
    }
}
