/*
 * view/credentials/edit.js
 *    One credential. Its data is written and never read: what is typed here is sealed for workers at once.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { go, link, query } from '../../app/router.js';
import { session } from '../../app/session.js';
import { date, has, t, words } from '../../app/text.js';
import { View, style } from '../../app/view.js';
import { confirm, dialog } from '../../part/dialog.js';
import { skeleton } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { menu } from '../../part/menu.js';
import { problem } from '../../part/problem.js';
import { progress } from '../../part/progress.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toast, toastError } from '../../part/toast.js';
import { badge, statusBadge } from '../../part/badge.js';
import { errorOf, facts, pieces, platformName, quietly } from '../rules/parts.js';
import { connect } from './connecting.js';
import { credentialBadge, platforms, sealless } from './list.js';

/* Of a field, in the reader's language where it is known. */
const word = (name, otherwise) => has(`credential.${name}`) ? t(`credential.${name}`) : otherwise;

export default class Credential extends View {
    saved = null;
    said = { platform: platforms.includes(query().platform) ? query().platform : 'youtube', name: '', form: 0, data: {}, file: null };
    errors = {};
    refusal = null;
    busy = false;
    #key = key();

    get id() { return this.route.params.id; }
    get isNew() { return this.id === 'new'; }
    get platform() { return this.saved?.platform ?? this.said.platform; }
    get forms() { return this.rules.forms.filter((one) => one.platform === this.platform); }
    get fields() { return this.rules.fields.filter((one) => one.platform === this.platform); }

    title() { return this.isNew ? t('credentials.new') : this.saved?.account_name ?? ''; }
    loading() { return true; }

    async open() {
        const get = (path) => this.load((signal) => api.get(path, {}, { signal }));
        const [rules, oauth] = await Promise.all([get('/credentials/fields'), get('/oauth'), words('server'), style('view/rules.css'), this.isNew ? null : this.read()]);
        this.rules = rules;
        this.oauth = oauth;
        this.live('task', (data) => this.saved?.checks.some((check) => check.state === 'waiting' && check.task === data.task) && quietly(this.read()));
        this.onReset(() => this.isNew || quietly(this.read()));
    }

    async read() {
        this.saved = await this.load((signal) => api.get(`/credentials/${this.id}`, {}, { signal }));
        this.said.name = this.saved.account_name;
        this.update();
    }

    async #act(run) {
        try {
            await run();
            await this.read();
        }
        catch (error) {
            if (error.status === undefined)
                throw error;
            toastError(error);
        }
    }

    #data() {
        return this.said.file?.data ?? Object.fromEntries(Object.entries(this.said.data).filter(([, value]) => value !== '' && value !== undefined));
    }

    async #send(event) {
        event.preventDefault();
        Object.assign(this, { busy: true, errors: {}, refusal: null });
        this.update();
        try {
            if (this.isNew) {
                const made = await api.post('/credentials', { platform: this.platform, account_name: this.said.name, data: this.#data() }, { key: this.#key });
                toast(t('rules.saved'), { kind: 'good' });
                await go(`/credentials/${made.id}`, {}, { replace: true });
            }
            else {
                await api.patch(`/credentials/${this.id}`, { data: this.#data() });
                toast(t('rules.saved'), { kind: 'good' });
                await this.read();
            }
            Object.assign(this.said, { data: {}, file: null });
        }
        catch (error) {
            if (error.status === undefined)
                throw error;
            const names = this.fields.map((one) => one.key);
            for (const { name, text } of pieces(error, names))
                this.errors[name] = text;
            if (error.code === '23505')
                this.errors.account_name = error.message;
            this.refusal = Object.keys(this.errors).length ? null : error;
            this.#key = key();
            requestAnimationFrame(() => requestAnimationFrame(() => this.root.querySelector('[aria-invalid="true"]')?.focus()));
        }
        this.busy = false;
        this.update();
    }

    async #file(event) {
        const [file] = event.target.files;
        if (!file)
            return;
        delete this.errors.file;
        try {
            this.said.file = { name: file.name, data: JSON.parse(await file.text()) };
        }
        catch (error) {
            this.said.file = null;
            this.errors.file = error.message;
        }
        this.update();
    }

    #input(one, required) {
        return field({
            name: one.key, label: word(one.key, one.key), hint: word(`${one.key}.text`, one.comment), required, error: this.errors[one.key], value: this.said.data[one.key] ?? '', mono: true,
            type: one.type === 'boolean' ? 'checkbox' : one.secret ? 'password' : 'text', autocomplete: one.secret ? 'new-password' : 'off', maxlength: one.type === 'string' ? one.most : undefined,
            input: (value) => { this.said.data[one.key] = value; delete this.errors[one.key]; },
        });
    }

    #form() {
        const { forms, fields, said } = this;
        const chosen = forms[said.form] ?? forms[0];
        const needed = fields.filter((one) => chosen.needs.includes(one.key));
        const others = fields.filter((one) => !chosen.needs.includes(one.key));
        return html`<form class="form" autocomplete="off" @submit=${(event) => this.#send(event)}>${problem(this.refusal)}
            ${this.isNew ? html`${field({ name: 'platform', type: 'select', label: t('rules.platform'), value: said.platform, options: platforms.map((value) => ({ value, label: platformName(value) })), input: (value) => { Object.assign(said, { platform: value, form: 0, data: {}, file: null }); this.errors = {}; this.update(); } })}
                ${field({ name: 'account_name', label: t('credentials.name'), hint: t('credentials.name.hint'), required: true, value: said.name, error: this.errors.account_name, input: (value) => { said.name = value; } })}` : nothing}
            ${forms.length > 1 ? field({ name: 'form', type: 'select', label: t('credentials.kind'), value: said.form, options: forms.map((one, i) => ({ value: i, label: t(`credentials.kind.${one.kind}`) })), input: (value) => { said.form = Number(value); this.update(); } }) : nothing}
            <div class="field"><label for="credential-file">${t('credentials.file')}</label><input id="credential-file" type="file" accept=".json,application/json" aria-describedby="credential-file-hint" @change=${(event) => this.#file(event)}>
                <p class="field-hint" id="credential-file-hint">${t('credentials.file.hint')}</p>${this.errors.file ? html`<p class="field-error">${this.errors.file}</p>` : nothing}
                ${said.file ? html`<p class="row">${t('credentials.file.is', { name: said.file.name })}<button type="button" class="plain" @click=${() => { said.file = null; this.update(); }}>${t('credentials.file.not')}</button></p>` : nothing}</div>
            ${said.file ? nothing : html`<div class="form">${needed.map((one) => this.#input(one, true))}</div>
                <details ?open=${others.some((one) => this.errors[one.key])}><summary>${t('credentials.more')}</summary><div class="form">${others.map((one) => this.#input(one, false))}</div></details>`}
            <div class="form-end"><button class="primary" ?disabled=${this.busy || !this.oauth.sealing}>${t(this.isNew ? 'credentials.create' : 'credentials.replace')}</button><span class="quiet">${t('credentials.sealed')}</span></div></form>`;
    }

    async #check() {
        await this.#act(() => api.post(`/credentials/${this.id}/check`, {}, { key: key() }));
    }

    async #rename() {
        let name = this.saved.account_name;
        await dialog({
            title: t('credentials.rename'), body: () => field({ id: 'rename', name: 'account_name', label: t('credentials.name'), value: name, required: true, autofocus: true, input: (value) => { name = value; } }),
            actions: [{ label: t('cancel') }, { label: t('rules.save'), kind: 'primary', run: async () => { await api.patch(`/credentials/${this.id}`, { account_name: name }); await this.read(); } }],
        });
    }

    /* What uses it is told by the server's refusal; then it goes all the same only when that is wanted. */
    async #remove() {
        const { account_name: name } = this.saved;
        if (!await confirm({ title: t('credentials.delete'), text: t('credentials.delete.text', { name }), action: t('rules.delete'), danger: true }))
            return;
        try {
            await api.del(`/credentials/${this.id}`);
        }
        catch (error) {
            if (error.code !== 'LP009') {
                toastError(error);
                return;
            }
            if (!await confirm({ title: t('credentials.delete'), text: html`${errorOf(error)} ${t('credentials.delete.force.text')}`, action: t('credentials.delete.force'), danger: true }))
                return;
            if (!await api.del(`/credentials/${this.id}`, { query: { force: true } }).then(() => true, (again) => toastError(again) && false))
                return;
        }
        toast(t('rules.deleted', { name }), { kind: 'good' });
        go('/credentials', {}, { replace: true });
    }

    #menu() {
        const { is_active: active } = this.saved;
        return menu({
            id: 'thing-menu', label: t('rules.actions'), items: [
                { label: t('credentials.rename'), icon: 'edit', run: () => this.#rename() },
                { label: t(active ? 'credentials.disable' : 'credentials.enable'), icon: active ? 'paused' : 'play', run: () => this.#act(() => api.patch(`/credentials/${this.id}`, { is_active: !active })) },
                'line', { label: t('rules.delete'), icon: 'remove', danger: true, run: () => this.#remove() }],
        });
    }

    #known() {
        const { saved } = this;
        const checking = saved.checks.some((check) => check.state === 'waiting');
        return html`${saved.needs_reauth ? html`<div class="problem" role="alert"><div><p>${t('credentials.reauth')}</p>${saved.reauth_reason ? html`<p lang="en">${typeof saved.reauth_reason === 'string' ? saved.reauth_reason : saved.reauth_reason.message}</p>` : nothing}</div></div>` : nothing}
            <section class="panel stack"><div class="row"><button class="primary" ?disabled=${checking} @click=${() => this.#check()}>${t(checking ? 'credentials.checking' : 'credentials.check')}</button>
                ${this.oauth.platforms.includes(this.platform) ? html`<button @click=${() => connect({ platforms: [this.platform], name: saved.account_name })}>${t('credentials.again')}</button>` : nothing}</div>
                ${checking ? progress({ value: null, label: t('credentials.checking') }) : nothing}
                ${facts([[t('credentials.account'), saved.facts?.account], [t('credentials.titled'), saved.facts?.title], [t('credentials.kind'), saved.facts?.kind ? t(`credentials.kind.${saved.facts.kind}`) : null], [t('credentials.scopes'), saved.facts?.scopes?.join(' ')],
                    [t('credentials.expires'), saved.facts?.expires_at ? date(saved.facts.expires_at) : null], [t('credentials.last_used'), saved.last_used_at ? since(saved.last_used_at) : t('rules.never')], [t('credentials.last_checked'), saved.last_checked_at ? since(saved.last_checked_at) : t('rules.never')]])}
                ${saved.last_error ? html`<p>${errorOf(typeof saved.last_error === 'string' ? { message: saved.last_error } : saved.last_error)}</p>` : nothing}</section>
            <section class="panel stack"><h2>${t('credentials.used_by')}</h2>${saved.used_by?.length ? html`<ul class="said">${saved.used_by.map((one) => html`<li dir="auto">${one}</li>`)}</ul>` : html`<p class="quiet">${t('credentials.unused')}</p>`}</section>
            ${saved.checks.length ? html`<section><h2>${t('credentials.checks')}</h2>${table({
                caption: t('credentials.checks'), rows: saved.checks,
                columns: [{ label: t('sources.asked.at'), kind: 'tight', cell: (row) => since(row.requested_at) }, { label: t('credentials.what'), kind: 'tight', cell: (row) => t(`credentials.action.${row.action}`) },
                    { label: t('rules.state'), kind: 'wide', cell: (row) => html`${row.state === 'waiting' ? badge('busy', t('credentials.checking')) : statusBadge(row.state)} ${errorOf(row.error ?? (row.state === 'waiting' ? row.last_try : null))}` }],
            })}</section>` : nothing}`;
    }

    /* At the page of the platform, or why not. */
    #signIn() {
        const { platform } = this;
        const admin = session.user?.role === 'admin';
        if (!this.forms.some((one) => one.kind === 'oauth'))
            return nothing;
        return html`<section class="panel stack"><h2>${t('credentials.connect')}</h2>${this.oauth.platforms.includes(platform)
            ? html`<p class="quiet">${t('credentials.connect.text')}</p><p><button class="primary" ?disabled=${!this.oauth.sealing} @click=${() => connect({ platforms: this.oauth.platforms, platform, name: this.said.name })}>${t('credentials.connect')}</button></p>`
            : html`<p>${t('credentials.app.none', { platform: platformName(platform) })} <span class="quiet">${t(admin ? 'credentials.app.none.do.admin' : 'credentials.app.none.do')}</span></p>
                ${admin ? html`<p><a class="button" href=${link('/admin/outside')}>${t('credentials.app.admin', { platform: platformName(platform) })}</a></p>` : nothing}`}</section>`;
    }

    template() {
        if (!this.rules || (!this.isNew && !this.saved))
            return skeleton(8);
        return html`<p class="crumbs"><a href=${link('/credentials')}>${t('nav.credentials')}</a></p>
            <div class="head"><h1 dir="auto">${this.title()}</h1>${this.isNew ? nothing : html`<span class="badges">${badge('info', platformName(this.platform))}${credentialBadge(this.saved)}</span>${this.#menu()}`}</div>
            <div class="stack narrow">${sealless(this.oauth)}${this.isNew ? this.#signIn() : nothing}
                ${this.isNew ? nothing : this.#known()}
                <section class="panel stack"><h2>${t(this.isNew ? 'credentials.bydata' : 'credentials.newdata')}</h2>${this.#form()}</section></div>`;
    }
}
