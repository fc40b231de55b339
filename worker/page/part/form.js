/*
 * part/form.js
 *    A form that sends, says what the server refused where it belongs, and keeps what was typed.
 *
 *  this.form = new Form(view, {
 *      fields: () => [{name, label, type, …}],    of part/field.js; value only before something was typed
 *      submit: async (values) => …,              throws ApiError: shown; what it returns is no matter
 *      label: t('save'), danger: false, extra: () => template beside the button })
 *  this.form.template()    in the view's template
 *  form.values             what is typed; form.set({name: value}) changes it; form.changed: something was
 *  form.error              the refusal, form.busy: under way; form.reset() forgets what was typed
 * A refusal belongs to a field when its message, details or hint name it, or what it is about (about: 'password'); then wrong of
 * the field is said, if there is one: its rule.
 */
import { html, nothing } from '../app/html.js';
import { ApiError } from '../app/api.js';
import { field } from './field.js';
import { problem } from './problem.js';
import { said } from './said.js';

export class Form {
    values = {};
    error = null;
    busy = false;
    changed = false;

    constructor(view, settings) {
        this.view = view;
        this.settings = settings;
    }

    set(values) {
        Object.assign(this.values, values);
        this.changed = true;
        this.view.update();
    }

    reset() {
        this.values = {};
        this.error = null;
        this.changed = false;
        this.view.update();
    }

    /* The name of the field that the refusal is about, null: of none. */
    blamed(fields) {
        if (!this.error?.status || [401, 403, 429].includes(this.error.status))
            return null;
        const texts = [this.error.details, this.error.message, this.error.hint].filter(Boolean).map(String);
        const names = fields.flatMap(({ name, about }) => [[name, name], ...about ? [[about, name]] : []]).sort(([a], [b]) => b.length - a.length);
        for (const text of texts)
            for (const [word, name] of names)
                if (new RegExp(`(^|[^\\w])${word.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')}([^\\w]|$)`).test(text))
                    return name;
        return null;
    }

    async submit(event) {
        event.preventDefault();
        if (this.busy)
            return;
        const fields = this.settings.fields();
        const values = Object.fromEntries(fields.map((one) => [one.name, this.values[one.name] ?? one.value ?? (one.type === 'checkbox' ? false : '')]));
        this.busy = true;
        this.error = null;
        this.view.update();
        try {
            await this.settings.submit(values);
            this.changed = false;
        }
        catch (error) {
            if (!(error instanceof ApiError))
                throw error;
            this.error = error;
            const name = this.blamed(fields);
            requestAnimationFrame(() => requestAnimationFrame(() => this.view.root.querySelector(name ? `[name="${CSS.escape(name)}"]` : '.problem')?.focus?.()));
        }
        finally {
            this.busy = false;
            this.view.update();
        }
    }

    template() {
        const { fields, label, danger, extra } = this.settings;
        const list = fields();
        const blamed = this.blamed(list);
        return html`<form class="form" novalidate @submit=${(event) => this.submit(event)}>
            ${blamed ? nothing : problem(this.error)}
            ${list.map((one) => field({
                ...one, value: this.values[one.name] ?? one.value,
                error: blamed === one.name ? said(this.error, { inline: true, wrong: this.error.code === 'LP030' ? one.wrong : null }) : one.error,
                input: (value, event) => {
                    this.values[one.name] = value;
                    this.changed = true;
                    one.input?.(value, event);
                },
            }))}
            <div class="form-end"><button class=${danger ? 'danger' : 'primary'} ?disabled=${this.busy} aria-busy=${String(this.busy)}>${this.busy ? html`<span class="spinner" aria-hidden="true"></span>` : nothing}${label}</button>${extra?.() ?? nothing}</div></form>`;
    }
}
