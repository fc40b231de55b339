/*
 * view/presets/edit.js
 *    One preset: its platform, the account it publishes with, the settings of the platform, and how texts come out there.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link, query } from '../../app/router.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { ConfigForm } from '../../part/config.js';
import { field } from '../../part/field.js';
import { Editor } from '../rules/editor.js';
import { every, platformName } from '../rules/parts.js';
import { Texts, variables } from '../templates/texts.js';

const first = ['title_template', 'description_template', 'privacy', 'tags'];
const rank = ({ path }) => (first.indexOf(path) + 1 || first.length + 1);
// the server's own list comes after the first draft
const known = ['library', 'youtube', 'vk', 'yandex_disk', 's3'];
const reruns = ['update', 'replace', 'new'];

export default class Preset extends Editor {
    kind = {
        path: '/presets', word: 'presets', texts: 'presets.', members: ['name', 'platform', 'description', 'credential_id', 'on_rerun', 'is_active', 'preset_metadata'],
        blank: () => ({ name: '', platform: known.includes(query().platform) ? query().platform : known[0], description: null, credential_id: null, on_rerun: 'update', is_active: true, preset_metadata: {} }),
    };
    platforms = ['library'];
    form = null;

    tabs() { return ['general', 'settings']; }
    names() { return { name: 'general', description: 'general', platform: 'general', credential_id: 'general', on_rerun: 'general', is_active: 'general' }; }
    forms() { return this.form ? [{ form: this.form, tab: 'settings', of: 'preset_metadata' }] : []; }
    badges() { return this.isNew ? nothing : html`<span class="badges">${badge('info', platformName(this.saved.platform))}${this.saved.is_active ? badge('good', t('rules.active')) : badge('off', t('rules.off'))}</span>`; }

    async prepare() {
        const get = (path) => this.load((signal) => api.get(path, {}, { signal }));
        const [rules, platforms, config, credentials] = await Promise.all([get('/presets/rules'), get('/references/platforms'), get('/config/rules'), every('/credentials')]);
        this.rules = rules;
        this.platforms = platforms.map((one) => one.platform);
        this.all = platforms;
        this.config = config;
        this.credentials = credentials;
        this.texts = new Texts(this, { metadata: () => this.body().preset_metadata, platforms: () => [this.draft.platform] });
    }

    /* A platform has rules of its own: another platform, another form. */
    changed(name) {
        if (this.of !== this.draft.platform) {
            this.of = this.draft.platform;
            this.form = new ConfigForm({ rules: this.rules.filter((rule) => rule.platform === this.of).sort((a, b) => rank(a) - rank(b)), changed: () => this.texts.soon() });
            this.form.set({ own: this.draft.preset_metadata ?? {} });
        }
        if (name !== 'name' && name !== 'description')
            this.texts.soon();
    }

    section(tab) { return tab === 'general' ? this.#general() : this.#settings(); }

    #general() {
        const mine = this.credentials.filter((one) => one.platform === this.draft.platform);
        const needs = this.draft.platform !== 'library';
        return html`<div class="narrow form">${this.text('name', { required: true, maxlength: 255, autofocus: this.isNew })}
            ${this.text('platform', { type: 'select', disabled: !this.isNew, hint: this.all.find((one) => one.platform === this.draft.platform)?.publishes === false ? t('presets.later') : undefined, options: this.platforms.map((value) => ({ value, label: platformName(value) })) })}
            ${needs ? html`${this.text('credential_id', { type: 'select', input: (value) => this.set('credential_id', value || null), options: [{ value: '', label: t('presets.credential.none') }, ...mine.map((one) => ({ value: one.id, label: one.needs_reauth ? t('presets.credential.reauth', { name: one.account_name }) : one.account_name }))] })}
                ${mine.length ? nothing : html`<p class="quiet">${t('presets.credential.add')} <a href=${link('/credentials/new', { platform: this.draft.platform })}>${t('credentials.add')}</a></p>`}` : nothing}
            ${this.text('on_rerun', { type: 'select', hint: t('presets.on_rerun.hint'), options: reruns.map((value) => ({ value, label: t(`presets.on_rerun.${value}`) })) })}
            ${field({ name: 'is_active', type: 'checkbox', label: t('presets.is_active'), value: this.draft.is_active, input: this.input('is_active') })}
            ${this.text('description', { type: 'area', rows: 3 })}
            ${this.isNew ? nothing : html`<p class="quiet">${t('presets.used.templates', { n: this.saved.used_by_templates })} ${t('presets.used.targets', { n: this.saved.used_by_targets })}</p>`}</div>`;
    }

    #settings() {
        return html`<div class="two"><div class="form">${variables(this.config.variables)}${this.form?.template(() => this.update())}</div>${this.texts.template()}</div>`;
    }
}
