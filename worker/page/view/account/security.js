/*
 * view/account/security.js
 *    The password, and where the account is signed in.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { session } from '../../app/session.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { confirm } from '../../part/dialog.js';
import { Form } from '../../part/form.js';
import { since } from '../../part/time.js';
import { table } from '../../part/table.js';
import { toast, toastError } from '../../part/toast.js';

/* What a program says of itself, in short: "Firefox, Linux". */
function program(agent) {
    // Edge and Opera call themselves Chrome and Safari too, and Chrome Safari
    const browser = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl', 'leap'].find((name) => agent?.includes(name));
    const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent ?? '')?.[1];
    const names = { Edg: 'Edge', OPR: 'Opera', 'Mac OS X': 'macOS' };
    return [browser, system].filter(Boolean).map((name) => names[name] ?? name).join(', ') || (agent ?? '').slice(0, 60) || t('session.unknown');
}

export class Part {
    sessions = [];

    constructor(view) {
        this.view = view;
        this.form = new Form(view, {
            fields: () => [
                { name: 'current_password', label: t('account.password.current'), type: 'password', autocomplete: 'current-password', required: true },
                { name: 'new_password', label: t('account.password.new'), type: 'password', autocomplete: 'new-password', required: true, hint: t('reset.hint'), about: 'password', wrong: t('password.rule') },
            ],
            submit: (values) => this.#change(values), label: t('account.password.change'),
        });
    }

    async open() {
        this.sessions = await this.view.load((signal) => api.get('/auth/sessions', {}, { signal }));
        this.view.update();
    }

    async #change(values) {
        await api.post('/users/me/password', values);
        this.form.reset();
        toast(t('account.password.changed'), { kind: 'good' });
        await this.open();
    }

    async end(one) {
        const before = this.sessions;
        await api.optimistic({
            apply: () => this.#show(before.filter((other) => other !== one)),
            undo: () => this.#show(before),
            call: () => api.del(`/auth/sessions/${one.id}`),
        });
    }

    #show(sessions) {
        this.sessions = sessions;
        this.view.update();
    }

    async others() {
        try {
            const { sessions_ended: n } = await api.post('/auth/logout-others');
            toast(t('session.others.done', { n }), { kind: 'good' });
            await this.open();
        }
        catch (error) {
            toastError(error);
        }
    }

    async all() {
        if (!await confirm({ title: t('session.all'), text: t('session.all.text'), action: t('session.all'), danger: true }))
            return;
        try {
            await api.post('/auth/logout-all');
            await session.logout();
        }
        catch (error) {
            toastError(error);
        }
    }

    template() {
        const columns = [
            { name: 'device', label: t('session.device'), kind: 'wide', cell: (one) => html`<span dir="auto" title=${one.user_agent ?? ''}>${one.device || program(one.user_agent)}</span> ${one.is_current ? badge('good', t('session.this')) : nothing}` },
            { name: 'address', label: t('session.address'), cell: (one) => html`<span class="mono">${one.address ?? '–'}</span>` },
            { name: 'used', label: t('session.used'), cell: (one) => since(one.last_used_at) },
            { name: 'end', label: '', kind: 'actions', cell: (one) => one.is_current ? nothing : html`<button type="button" @click=${() => this.end(one)}>${t('session.end')}</button>` },
        ];
        return html`<section class="panel stack"><h2>${t('account.password')}</h2>${this.form.template()}</section>
            <section class="stack"><h2>${t('session.title')}</h2>${table({ caption: t('session.title'), columns, rows: this.sessions })}
                <p class="row"><button type="button" ?disabled=${this.sessions.length < 2} @click=${() => this.others()}>${t('session.others')}</button>
                    <button type="button" class="danger" @click=${() => this.all()}>${t('session.all')}</button></p></section>`;
    }
}
