/*
 * view/admin/user.js
 *    One user: his account, his plan, his limits and what he uses of them, his sessions, what he did.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { go, link } from '../../app/router.js';
import { session } from '../../app/session.js';
import { date, number, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm } from '../../part/dialog.js';
import { Form } from '../../part/form.js';
import { usage } from '../../part/progress.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toast } from '../../part/toast.js';
import { AdminView, amount, formDialog, head, quotaWord } from './head.js';

const rights = ['is_verified', 'can_transcribe', 'can_process_video', 'can_upload', 'can_export_data'];

export default class User extends AdminView {
    user = null;

    title() { return this.user?.email ?? ''; }

    get #path() { return `/admin/users/${encodeURIComponent(this.route.params.id)}`; }

    async open() {
        this.form = new Form(this, {
            label: t('admin.save'),
            fields: () => [
                { name: 'full_name', label: t('admin.name'), value: this.user.full_name ?? '' },
                { name: 'role', type: 'select', label: t('admin.role'), value: this.user.role, hint: t('admin.role.hint'), disabled: this.#isMe, options: ['user', 'admin'].map((role) => ({ value: role, label: t(`admin.role.${role}`) })) },
                { name: 'is_active', type: 'checkbox', label: t('admin.is_active'), value: this.user.is_active, hint: t('admin.is_active.hint'), disabled: this.#isMe },
                ...rights.map((name) => ({ name, type: 'checkbox', label: t(`admin.${name}`), value: this.user[name] })),
            ],
            submit: async (values) => {
                const changes = Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== (this.user[name] ?? '')));
                await api.patch(this.#path, changes);
                await this.read();
                this.form.reset();
                toast(t('admin.saved'), { kind: 'good' });
            },
        });
        await super.open();
    }

    get #isMe() { return this.user.id === session.user?.id; }

    async read() {
        [this.user, this.events, this.plans] = await this.load((signal) => Promise.all([api.get(this.#path, {}, { signal }), api.get(`${this.#path}/events`, { per_page: 10 }, { signal }),
            api.get('/admin/plans', { per_page: 100 }, { signal })]));
        this.update();
    }

    template() {
        const { user } = this;
        return html`<p><a href=${link('/admin/users')}>${t('admin.users')}</a></p>
            <div class="head"><h1>${user.email}</h1>${user.is_active ? badge('good', t('admin.active')) : badge('off', t('admin.inactive'))}</div>
            <div class="plots"><section class="panel" aria-labelledby="account"><h2 id="account">${t('admin.account')}</h2>${this.form.template()}</section>
                <div class="stack">${this.#access()}${this.#plan()}</div></div>
            <section class="block" aria-labelledby="limits"><h2 id="limits">${t('admin.quotas')}</h2>${this.#quotas()}</section>
            <section class="block" aria-labelledby="events"><h2 id="events">${t('admin.events')}</h2>${this.events.items.length === 0 ? html`<p class="quiet">${t('admin.audit.none')}</p>` : html`<ul class="examples panel">${this.events.items.map((one) => html`
                <li><span class="quiet small">${date(one.timestamp)}</span> <strong>${one.action}</strong> ${one.resource_type ?? ''} ${one.resource_name ? html`<bdi>${one.resource_name}</bdi>` : nothing} <span class="quiet small">${one.resource_id ?? ''}</span></li>`)}</ul>
                <p><a href=${link('/admin/audit', { user: user.email })}>${t('admin.events.all')}</a></p>`}</section>`;
    }

    #access() {
        const { user } = this;
        return html`<section class="panel" aria-labelledby="access"><h2 id="access">${t('admin.access')}</h2>
            <dl class="facts"><dt>${t('admin.last')}</dt><dd>${user.last_login_at ? since(user.last_login_at) : '–'}</dd><dt>${t('admin.sessions')}</dt><dd>${number(user.sessions)}</dd>
                <dt>${t('admin.keys')}</dt><dd>${number(user.api_keys)}</dd><dt>${t('nav.recordings')}</dt><dd>${number(user.recordings)}</dd><dt>${t('admin.since')}</dt><dd>${date(user.created_at)}</dd></dl>
            <div class="row"><button @click=${() => this.#password()}>${t('admin.password.set')}</button><button ?disabled=${user.sessions === 0} @click=${() => this.#sessions()}>${t('admin.sessions.end')}</button>
                <a class="button" href=${link('/monitor/tasks', { user: user.email })}>${t('admin.tasks')}</a>${this.#isMe ? nothing : html`<button class="danger" @click=${() => this.#delete()}>${t('admin.user.delete')}</button>`}</div></section>`;
    }

    #plan() {
        const { subscription } = this.user;
        return html`<section class="panel" aria-labelledby="plan"><h2 id="plan">${t('admin.plan')}</h2>
            <p>${subscription?.plan ? html`<strong>${subscription.plan}</strong> <span class="quiet">${t('admin.plan.from')} ${date(subscription.starts_at)}${subscription.expires_at ? html` ${t('admin.plan.until')} ${date(subscription.expires_at)}` : nothing}</span>`
                : html`<span class="quiet">${t('admin.plan.none')}</span>`}</p>${subscription?.notes ? html`<p class="quiet" dir="auto">${subscription.notes}</p>` : nothing}
            <div class="row"><button @click=${() => this.#subscribe()}>${t(subscription?.plan ? 'admin.plan.change' : 'admin.plan.give')}</button>
                ${subscription?.plan ? html`<button class="danger" @click=${() => this.#unsubscribe()}>${t('admin.plan.take')}</button>` : nothing}</div></section>`;
    }

    #quotas() {
        return table({
            caption: t('admin.quotas'), rows: this.user.quotas, key: (row) => row.quota, columns: [
                { label: t('admin.quota'), kind: 'wide', cell: (row) => quotaWord(row.quota) },
                { label: t('admin.used'), cell: (row) => row.used === null ? '–' : row.limit ? usage({ value: Number(row.used), max: Number(row.limit), label: quotaWord(row.quota), text: amount(row.quota, row.used) }) : amount(row.quota, row.used) },
                { label: t('admin.limit'), kind: 'number', cell: (row) => amount(row.quota, row.limit) },
                { label: t('admin.source'), cell: (row) => t(`admin.source.${row.source}`) },
                { label: '', kind: 'actions', cell: (row) => html`<button @click=${() => this.#limit(row)}>${t('admin.limit.change')}</button>` },
            ],
        });
    }

    async #after(done, text) {
        if (!done)
            return;
        await this.read();
        toast(text, { kind: 'good' });
    }

    async #limit(row) {
        this.#after(await formDialog({
            title: t('admin.limit.title', { name: quotaWord(row.quota) }), text: t('admin.limit.text'), label: t('admin.save'),
            fields: () => [{ name: 'limit', label: t('admin.limit'), value: row.source === 'override' ? row.limit ?? 'unlimited' : '', placeholder: amount(row.quota, row.limit), hint: t('admin.limit.hint'), wrong: t('admin.limit.rule'), about: row.quota, autofocus: true },
                { name: 'why', label: t('admin.why'), maxlength: 500 }],
            submit: ({ limit, why }) => api.post(`${this.#path}/quota`, { quota: row.quota, limit: limit.trim() || null, why: why || null }),
        }), t('admin.saved'));
    }

    async #password() {
        this.#after(await formDialog({
            title: t('admin.password.set'), text: t('admin.password.text'), label: t('admin.password.set'),
            fields: () => [{ name: 'password', type: 'password', label: t('admin.password'), required: true, autocomplete: 'new-password', autofocus: true }],
            submit: ({ password }) => api.post(`${this.#path}/password`, { password }),
        }), t('admin.password.done'));
    }

    async #sessions() {
        this.#after(await formDialog({
            title: t('admin.sessions.end'), text: t('admin.sessions.text', { name: this.user.email }), label: t('admin.sessions.end'),
            fields: () => [{ name: 'reason', label: t('admin.why'), maxlength: 500, autofocus: true }],
            submit: ({ reason }) => api.post(`${this.#path}/sessions/end`, { reason }),
        }), t('admin.sessions.ended'));
    }

    async #subscribe() {
        const { subscription } = this.user;
        this.#after(await formDialog({
            title: t(subscription?.plan ? 'admin.plan.change' : 'admin.plan.give'), label: t('admin.save'),
            fields: () => [
                { name: 'plan', type: 'select', label: t('admin.plan'), value: subscription?.plan ?? '', required: true, options: this.plans.items.filter((plan) => plan.is_active || plan.name === subscription?.plan).map((plan) => ({ value: plan.name, label: plan.display_name || plan.name })) },
                { name: 'expires_at', type: 'date', label: t('admin.plan.expires'), hint: t('admin.plan.expires.hint'), value: subscription?.expires_at?.slice(0, 10) ?? '' },
                { name: 'notes', type: 'area', rows: 2, label: t('admin.notes'), value: subscription?.notes ?? '' }],
            submit: ({ plan, expires_at, notes }) => api.post(`${this.#path}/subscription`, { plan: plan || this.plans.items[0]?.name, expires_at: expires_at || null, notes: notes || null }),
        }), t('admin.saved'));
    }

    async #unsubscribe() {
        if (await confirm({ title: t('admin.plan.take'), text: t('admin.plan.take.text'), action: t('admin.plan.take'), danger: true })) {
            await api.del(`${this.#path}/subscription`);
            this.#after(true, t('admin.saved'));
        }
    }

    async #delete() {
        if (await formDialog({
            title: t('admin.user.delete'), text: t('admin.user.delete.text', { n: this.user.recordings }), label: t('admin.user.delete'),
            fields: () => [{ name: 'email', label: t('admin.user.delete.confirm', { name: this.user.email }), autofocus: true, required: true, error: undefined }],
            submit: async ({ email }) => {
                if (email.trim().toLowerCase() !== this.user.email.toLowerCase())
                    throw new (await import('../../app/api.js')).ApiError(0, { message: t('admin.user.delete.other') });
                await api.del(this.#path);
            },
        })) {
            toast(t('admin.user.deleted', { name: this.user.email }), { kind: 'good' });
            go('/admin/users', {}, { replace: true });
        }
    }
}
