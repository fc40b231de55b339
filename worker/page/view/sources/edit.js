/*
 * view/sources/edit.js
 *    One source: its kind and settings, asking it, and what it answered.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link, query } from '../../app/router.js';
import { session } from '../../app/session.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { ConfigForm } from '../../part/config.js';
import { field } from '../../part/field.js';
import { Editor } from '../rules/editor.js';
import { errorOf, every, kindName, platformName, quietly } from '../rules/parts.js';
import { kinds } from './list.js';
import { Sync } from './sync.js';

const platforms = { ZOOM: 'zoom', YANDEX_DISK: 'yandex_disk', S3: 's3' };

export default class Source extends Editor {
    kind = {
        path: '/sources', word: 'sources', texts: 'sources.', members: ['name', 'source_type', 'description', 'credential_id', 'is_active', 'config'],
        blank: () => ({ name: '', source_type: kinds.includes(query().type) ? query().type : 'URL_LIST', description: null, credential_id: null, is_active: true, config: {} }),
    };
    plain = ['sync', 'history'];
    form = null;

    tabs() { return this.isNew ? ['general'] : ['sync', 'general', 'history']; }
    names() { return { name: 'general', description: 'general', source_type: 'general', credential_id: 'general', is_active: 'general' }; }
    forms() { return this.form ? [{ form: this.form, tab: 'general', of: 'config' }] : []; }
    badges() { return this.isNew ? nothing : html`<span class="badges">${badge('info', kindName(this.saved.source_type))}${this.saved.is_active ? badge('good', t('rules.active')) : badge('off', t('rules.off'))}</span>`; }

    async prepare() {
        const [options, credentials] = await Promise.all([this.load((signal) => api.get('/sources/options', {}, { signal })), every('/credentials')]);
        this.options = options;
        this.credentials = credentials;
        if (!this.isNew)
            this.sync = new Sync(this, this.id, () => this.again());
    }

    async ready() {
        await this.sync?.read();
    }

    moved() {
        super.moved();
        if (this.sync)
            quietly(this.sync.read());
        return true;
    }

    /* Each kind has options of its own; two that exclude each other are both there, the server says which. */
    changed() {
        if (this.of === this.draft.source_type)
            return;
        this.of = this.draft.source_type;
        const mine = this.options.filter((one) => [this.of, '*'].includes(one.source_type));
        this.form = new ConfigForm({ rules: mine.map((one) => ({ path: one.key, type: one.type, low: one.low, high: one.high, allowed: one.allowed, comment: one.comment })) });
        this.form.set({ own: this.draft.config ?? {}, inherited: Object.fromEntries(mine.filter((one) => one.standard !== null).map((one) => [one.key, one.standard])) });
    }

    /* Single keys of the settings are changed; null sets one back. */
    payload() {
        const payload = super.payload();
        if (!this.isNew && payload.config) {
            const before = this.saved.config ?? {};
            payload.config = Object.fromEntries([...new Set([...Object.keys(before), ...Object.keys(payload.config)])]
                .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(payload.config[name])).map((name) => [name, payload.config[name] ?? null]));
        }
        delete payload[this.isNew ? '' : 'source_type'];
        return payload;
    }

    section(tab) {
        if (tab === 'sync')
            return html`${this.saved.last_error ? html`<p>${errorOf(typeof this.saved.last_error === 'string' ? { message: this.saved.last_error } : this.saved.last_error)}</p>` : nothing}${this.sync.asking(this.saved.is_active)}`;
        return tab === 'history' ? this.sync.history(this.route.path) : this.#general();
    }

    #credential() {
        const platform = platforms[this.draft.source_type];
        if (!platform)
            return nothing;
        const mine = this.credentials.filter((one) => one.platform === platform);
        return html`${this.text('credential_id', { type: 'select', input: (value) => this.set('credential_id', value || null), options: [{ value: '', label: t('sources.credential.none') }, ...mine.map((one) => ({ value: one.id, label: one.account_name }))] })}
            ${mine.length ? nothing : html`<p class="quiet">${t('presets.credential.add')} <a href=${link('/credentials/new', { platform })}>${t('sources.credential.add', { platform: platformName(platform) })}</a></p>`}`;
    }

    #general() {
        const possible = kinds.filter((one) => one !== 'INBOX' || session.user?.role === 'admin' || this.draft.source_type === 'INBOX');
        return html`<div class="narrow form">${this.text('name', { required: true, maxlength: 255, autofocus: this.isNew })}
            ${this.text('source_type', { type: 'select', disabled: !this.isNew, hint: t(`sources.type.${this.draft.source_type}.hint`), options: possible.map((value) => ({ value, label: kindName(value) })) })}
            ${this.#credential()}
            ${field({ name: 'is_active', type: 'checkbox', label: t('sources.is_active'), value: this.draft.is_active, input: this.input('is_active') })}
            ${this.text('description', { type: 'area', rows: 2 })}</div>
            <h2>${t('sources.config')}</h2>${this.form?.template(() => this.update())}`;
    }
}
