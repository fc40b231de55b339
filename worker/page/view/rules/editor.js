/*
 * view/rules/editor.js
 *    One thing that people have set up, on several tabs: what is typed, saved as a whole, with refusals at their fields.
 *
 *  class Template extends Editor {
 *      kind = { path, list, word, texts, members: ['name', …], blank: () => ({…}) }    path: of the API, list: of the page where that
 *                          is another; members: what may be sent
 *      tabs()              ids of the tabs, in order; plain: those that are no part of the form
 *      section(tab)        what a tab shows; JSON is a tab by itself
 *      names()             {field: tab}: where a refusal that names a field belongs
 *      forms()             [{form: ConfigForm, tab, of, wrap}]: what is changed there is laid over member `of` of the body;
 *                          wrap: what the paths of the form's rules begin with
 *      prepare(), ready()  what is asked before, and done when the thing is there
 *  }
 * set(name, value) changes a member; input(name) is that as a function; area(name) a field of lines.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { go, link } from '../../app/router.js';
import { t, words } from '../../app/text.js';
import { View, style } from '../../app/view.js';
import { confirm } from '../../part/dialog.js';
import { skeleton } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { laid } from '../../part/config.js';
import { menu } from '../../part/menu.js';
import { problem } from '../../part/problem.js';
import { tabs } from '../../part/tabs.js';
import { toast, toastError } from '../../part/toast.js';
import { pieces } from './parts.js';

const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export class Editor extends View {
    kind = null;
    plain = [];
    saved = null;
    draft = null;
    errors = {};
    refusal = null;
    busy = false;
    #typed = {};
    #json = null;
    #key = key();
    #before = null;

    get id() { return this.route.params.id; }
    get place() { return this.kind.list ?? this.kind.path; }
    get isNew() { return this.id === 'new'; }
    get tab() {
        const ids = this.#ids();
        return ids.includes(this.route.query.tab) ? this.route.query.tab : ids[0];
    }

    tabs() { return ['general']; }
    names() { return { name: 'general', description: 'general' }; }
    forms() { return []; }
    actions() { return []; }
    badges() { return nothing; }
    count() { return undefined; }
    changed() {}
    async prepare() {}
    async ready() {}

    title() { return this.isNew ? t(`${this.kind.texts}new`) : this.saved?.name ?? ''; }
    loading() { return true; }

    #ids() { return [...this.tabs(), ...(this.kind.json === false ? [] : ['json'])].filter((id) => !this.isNew || !this.plain.includes(id)); }

    async open() {
        this.listen(window, 'beforeunload', (event) => this.isChanged() && event.preventDefault());
        await Promise.all([words('config'), style('view/rules.css'), this.prepare(), this.read()]);
        this.fill(this.saved);
        await this.ready();
    }

    async read() {
        this.saved = this.isNew ? this.kind.blank() : await this.load((signal) => api.get(`${this.kind.path}/${this.id}`, {}, { signal }));
    }

    async again() {
        const clean = !this.isChanged();
        await this.read();
        if (clean)
            this.fill(this.saved);
        this.update();
    }

    /* The form says what the thing says. */
    fill(thing) {
        this.draft = structuredClone(Object.fromEntries(this.kind.members.map((name) => [name, thing[name] ?? null])));
        this.#typed = {};
        for (const { form, of, wrap } of this.forms())
            form.set({ own: wrap ? { [wrap]: this.draft[of] ?? {} } : this.draft[of] ?? {} });
        if (thing === this.saved)
            this.#before = this.body();
        this.changed();
        this.update();
    }

    /* All that would be sent. */
    body() {
        const body = structuredClone(this.draft);
        for (const { form, of, wrap } of this.forms()) {
            const changes = form.changes() ?? {};
            body[of] = laid(body[of] ?? {}, (wrap ? changes[wrap] : changes) ?? {});
        }
        return body;
    }

    isChanged() { return this.draft !== null && !same(this.body(), this.#before); }

    set(name, value) {
        this.draft[name] = value;
        delete this.errors[name];
        this.changed(name);
        this.update();
    }

    input(name) { return (value) => this.set(name, value); }

    text(name, more) {
        return field({ name, label: t(`rules.${name}`), value: this.draft[name] ?? '', error: this.errors[name], input: this.input(name), ...more });
    }

    /* A list as lines; what is typed stays as it is. */
    area(path, more) {
        const [member, name] = path.split('.');
        const list = this.draft[member]?.[name] ?? [];
        return field({
            name, type: 'area', rows: 3, value: this.#typed[path] ?? list.join('\n'), error: this.errors[name], ...more,
            input: (text) => {
                this.#typed[path] = text;
                const lines = text.split('\n').map((line) => line.trim()).filter(Boolean);
                delete this.errors[name];
                this.set(member, laid(this.draft[member] ?? {}, { [name]: lines.length ? lines : null }));
            },
        });
    }

    payload() {
        const body = this.body();
        return Object.fromEntries(Object.entries(body).filter(([name, value]) => this.isNew ? value !== null : !same(value, this.#before[name])));
    }

    async save() {
        if (this.busy || this.#json?.wrong)
            return;
        Object.assign(this, { busy: true, errors: {}, refusal: null });
        this.update();
        try {
            const made = this.isNew ? await api.post(this.kind.path, this.payload(), { key: this.#key }) : await api.patch(`${this.kind.path}/${this.id}`, this.payload());
            toast(t('rules.saved'), { kind: 'good' });
            this.#before = this.body();
            if (this.isNew)
                await go(`${this.place}/${made.id}`, {}, { replace: true });
            else {
                await this.read();
                this.fill(this.saved);
            }
        }
        catch (error) {
            if (error.status === undefined)
                throw error;
            this.#refused(error);
        }
        this.busy = false;
        this.update();
    }

    #refused(error) {
        const names = this.names();
        let tab = null;
        this.#key = key();
        if (![0, 401, 403, 429].includes(error.status)) {
            for (const { name, text } of pieces(error, Object.keys(names))) {
                this.errors[name] = text;
                tab ??= names[name];
            }
            for (const one of this.forms())
                if (one.form.refuse(error))
                    tab ??= one.tab;
        }
        this.refusal = tab ? null : error;
        if (tab && this.tab !== tab)
            go(this.route.path, { tab }, { replace: true });
        this.update();
        requestAnimationFrame(() => requestAnimationFrame(() => this.root.querySelector('[aria-invalid="true"], .problem')?.focus()));
    }

    async remove() {
        if (!await confirm({ title: t(`${this.kind.texts}delete`), text: t(`${this.kind.texts}delete.text`, { name: this.saved.name }), action: t('rules.delete'), danger: true }))
            return;
        try {
            await api.del(`${this.kind.path}/${this.id}`);
            this.#before = this.body();
            toast(t('rules.deleted', { name: this.saved.name }), { kind: 'good' });
            go(this.place, {}, { replace: true });
        }
        catch (error) {
            toastError(error);
        }
    }

    async copy() {
        const made = await this.act(() => api.post(`${this.kind.path}/${this.id}/copy`, {}, { key: key() }));
        if (made) {
            toast(t('rules.copied', { name: made.name }), { kind: 'good' });
            go(`${this.place}/${made.id}`);
        }
    }

    /* Does something; a refusal is a toast. */
    async act(run) {
        try {
            return await run();
        }
        catch (error) {
            if (error.status === undefined)
                throw error;
            toastError(error);
            return null;
        }
    }

    moved() {
        if (!this.#json?.wrong)
            this.#json = null;
        this.update();
        return true;
    }

    #jsonTab() {
        return field({
            name: 'json', type: 'area', mono: true, rows: 26, label: t('rules.json'), hint: t('rules.json.hint'), value: this.#json?.text ?? JSON.stringify(this.body(), null, 2), error: this.#json?.wrong,
            input: (text) => {
                this.#json = { text };
                try {
                    const thing = JSON.parse(text);
                    if (thing === null || typeof thing !== 'object' || Array.isArray(thing))
                        throw new SyntaxError(t('rules.json.object'));
                    this.fill(thing);
                }
                catch (error) {
                    this.#json.wrong = error.message;
                    this.update();
                }
            },
        });
    }

    #menu() {
        return menu({
            id: 'thing-menu', label: t('rules.actions'), items: [...this.actions(), { label: t('rules.copy'), icon: 'copy', run: () => this.copy() }, 'line',
                { label: t('rules.delete'), icon: 'remove', danger: true, run: () => this.remove() }],
        });
    }

    #bar() {
        const changed = this.isChanged();
        return html`<div class="save-bar"><button class="primary" ?disabled=${this.busy || Boolean(this.#json?.wrong) || (!changed && !this.isNew)}>${t(this.isNew ? `${this.kind.texts}create` : 'rules.save')}</button>
            ${changed && !this.isNew ? html`<button type="button" @click=${() => { this.#json = null; this.errors = {}; this.refusal = null; this.fill(this.saved); }}>${t('rules.discard')}</button><span class="quiet">${t('rules.unsaved')}</span>` : nothing}</div>`;
    }

    template() {
        if (!this.draft)
            return skeleton(8);
        const { tab } = this;
        const ids = this.#ids();
        return html`<p class="crumbs"><a href=${link(this.place)}>${t(`nav.${this.kind.word}`)}</a></p>
            <div class="head"><h1 dir="auto">${this.title()}</h1>${this.badges()}${this.isNew ? nothing : this.#menu()}</div>
            ${ids.length > 1 ? tabs({ label: t('rules.parts'), current: tab, items: ids.map((id) => ({ id, label: t(id === 'json' ? 'rules.tab.json' : `${this.kind.texts}tab.${id}`), href: link(this.route.path, { tab: id === ids[0] ? null : id }), count: this.count(id) })) }) : nothing}
            ${this.plain.includes(tab) ? this.section(tab) : html`<form class="form editor" novalidate @submit=${(event) => { event.preventDefault(); this.save(); }}>
                ${problem(this.refusal)}<div class="stack">${tab === 'json' ? this.#jsonTab() : this.section(tab)}</div>${this.#bar()}</form>`}`;
    }
}
