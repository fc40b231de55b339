/*
 * view/recording/settings.js
 *    What a recording is processed with: its template, and what it says otherwise itself.
 *
 *  const settings = new Settings(page);  settings.template() reads what it needs when it is shown first
 *  below(page)             what holds below the settings of a run
 *  settings.changed()      the template or the settings were changed elsewhere
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t, words } from '../../app/text.js';
import { problem } from '../../part/problem.js';
import { phrase } from '../../part/sentence.js';
import { toast, toastError } from '../../part/toast.js';
import { ConfigForm, namesOf } from '../../part/config.js';
import { every } from '../rules/parts.js';

export class Settings {
    form = null;
    templates = [];
    refusal = null;
    #reading = false;

    constructor(page) {
        this.page = page;
    }

    async #read() {
        if (this.#reading)
            return;
        this.#reading = true;
        try {
            const get = (path, query) => this.page.load((signal) => api.get(path, query, { signal }));
            const [rules, templates, presets] = await Promise.all([this.form ? null : get('/config/rules'), get('/templates', { per_page: 100, sort_by: 'name', sort_order: 'asc' }), every('/presets'), words('config')]);
            this.templates = templates.items;
            this.form ??= new ConfigForm({ rules: rules.rules, names: namesOf(presets) });
            await this.#resolve();
        }
        catch (error) {
            if (error.name !== 'AbortError')
                this.refusal = error;
        }
        this.#reading = false;
        this.page.update();
    }

    /* What would hold if the recording said nothing, is what the layers below it say. */
    async #resolve() {
        const { layers, origins } = await readLayers(this.page);
        const own = layers.find((layer) => layer.layer === 'recording')?.config ?? {};
        this.form.set({ own, inherited: joined(layers.filter((layer) => layer.layer !== 'recording')), origins });
        this.hasOwn = Object.keys(own).length > 0;
    }

    changed() {
        if (this.form && this.form.changes() === null)
            this.#read();
    }

    template() {
        if (!this.form) {
            if (!this.refusal)
                this.#read();
            return this.refusal ? problem(this.refusal) : html`<p class="quiet" aria-busy="true">${t('lecture.reading')}</p>`;
        }
        return html`<section><h3>${t('lecture.template')}</h3>${this.#template()}</section>
            <section><h3>${t('lecture.own')}</h3><p class="quiet">${t('lecture.own.hint')}</p>
            <form @submit=${(event) => { event.preventDefault(); this.#save(); }}>
                ${problem(this.refusal)}
                ${this.form.template(() => this.page.update())}
                <div class="buttons"><button class="primary" ?disabled=${this.form.changes() === null}>${t('lecture.save')}</button>
                    ${this.hasOwn ? html`<button type="button" @click=${() => this.#clear()}>${t('lecture.own.clear')}</button>` : nothing}</div></form></section>`;
    }

    #template() {
        const { template, unmatched_reason: why } = this.page.data;
        return html`<div class="row-form"><label class="field"><span class="hidden">${t('lecture.template')}</span>
                <select @change=${(event) => this.#bind(event.target.value)}><option value="" ?selected=${!template}>${t('lecture.template.none')}</option>
                ${this.templates.map((one) => html`<option value=${one.id} ?selected=${one.id === template?.id}>${one.name}</option>`)}</select></label>
            ${template ? html`<a href=${link(`/templates/${template.id}`)}>${t('lecture.template.open')}</a> <span class="quiet">${t(`lecture.template.${template.by === 'rule' ? 'rule' : 'hand'}`)}</span>` : nothing}
            ${!template && why ? html`<span class="quiet">${phrase(why)}</span>` : nothing}</div>`;
    }

    async #bind(id) {
        const before = this.page.data.template;
        const { page } = this;
        const chosen = this.templates.find((one) => one.id === id);
        const done = await api.optimistic({
            apply: () => page.patch({ template: chosen ? { id, name: chosen.name, by: 'user' } : null }),
            undo: () => page.patch({ template: before }),
            call: () => (id ? api.post(`/recordings/${page.id}/template/${id}`) : api.del(`/recordings/${page.id}/template`)).then((answer) => answer ?? true),
        });
        if (done) {
            toast(t('lecture.template.changed'));
            await this.#resolve().catch(toastError);
        }
        page.reload();
    }

    async #save() {
        const config = this.form.changes();
        this.refusal = null;
        try {
            await api.patch(`/recordings/${this.page.id}/config`, { config });
            toast(t('lecture.own.saved'));
            await this.#resolve();
            this.page.reload();
        }
        catch (error) {
            if (!this.form.refuse(error))
                this.refusal = error;
        }
        this.page.update();
    }

    async #clear() {
        try {
            await api.del(`/recordings/${this.page.id}/config`);
            await this.#resolve();
            this.page.reload();
        }
        catch (error) {
            this.refusal = error;
        }
        this.page.update();
    }
}

const readLayers = (page) => page.load((signal) => api.get(`/recordings/${page.id}/config`, {}, { signal }));
const joined = (layers) => layers.reduce((sum, layer) => merge(sum, layer.config), {});

/* What holds for a run that says nothing itself: {inherited, origins}. */
export async function below(page) {
    const { layers, origins } = await readLayers(page);
    return { inherited: joined(layers), origins };
}

function merge(low, high) {
    const sum = { ...low };
    for (const [name, value] of Object.entries(high ?? {}))
        sum[name] = isObject(value) && isObject(sum[name]) ? merge(sum[name], value) : value;
    return sum;
}

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);
