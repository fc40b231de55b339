/*
 * view/templates/edit.js
 *    One template: what it is for, how recordings are processed and published, and what it did.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { link } from '../../app/router.js';
import { duration, number, t } from '../../app/text.js';
import { statusBadge } from '../../part/badge.js';
import { ConfigForm } from '../../part/config.js';
import { confirm } from '../../part/dialog.js';
import { field } from '../../part/field.js';
import { since } from '../../part/time.js';
import { toast } from '../../part/toast.js';
import { Editor } from '../rules/editor.js';
import { checks, every, facts, platformName } from '../rules/parts.js';
import { templateBadge } from './list.js';
import { Match, ruleNames } from './match.js';
import { Texts, variables } from './texts.js';

const captions = ['transcription.enable_subtitles', 'output.upload_captions'];
const apart = [...captions, 'output.preset_ids'];
const first = ['metadata.title_template', 'metadata.description_template', 'metadata.tags'];
const rank = ({ path }) => (first.indexOf(path) + 1 || first.length + 1);

export default class Template extends Editor {
    kind = {
        path: '/templates', word: 'templates', texts: 'templates.', members: ['name', 'description', 'is_draft', 'is_active', 'matching_rules', 'processing_config', 'metadata_config', 'output_config'],
        blank: () => ({ name: '', description: null, is_draft: false, is_active: true, matching_rules: {}, processing_config: {}, metadata_config: {}, output_config: {} }),
    };
    plain = ['stats'];
    stats = null;

    tabs() { return ['general', 'rules', 'processing', 'metadata', 'output', 'captions', 'stats']; }
    names() { return { name: 'general', description: 'general', is_active: 'general', is_draft: 'general', ...ruleNames, matching_rules: 'rules', 'output.preset_ids': 'output', preset_ids: 'output' }; }
    badges() { return this.isNew ? nothing : templateBadge(this.saved); }

    async prepare() {
        const get = (path, query) => this.load((signal) => api.get(path, query, { signal }));
        const [config, platforms, sources, presets, { layers }] = await Promise.all([get('/config/rules'), get('/references/platforms'), every('/sources'), every('/presets'), get('/config/resolve')]);
        const form = (show) => {
            const one = new ConfigForm({ rules: config.rules.toSorted((a, b) => rank(a) - rank(b)), show, open: (path) => !path.includes('.'), changed: () => this.texts.soon() });
            one.set({ inherited: this.#below(layers) });
            return one;
        };
        this.config = config;
        this.platforms = platforms.filter((one) => one.publishes).map((one) => one.platform);
        this.presets = presets;
        this.processing = form((path) => /^(trimming|transcription)\./.test(path) && !apart.includes(path));
        this.metadata = form((path) => path.startsWith('metadata.'));
        this.output = form((path) => path.startsWith('output.') && !apart.includes(path));
        this.subtitles = form((path) => path === captions[0]);
        this.uploads = form((path) => path === captions[1]);
        this.match = new Match(this, sources);
        this.texts = new Texts(this, { metadata: () => this.body().metadata_config, platforms: () => this.platforms });
    }

    /* What holds if this template says nothing; of the default one itself, what is beneath it. */
    #below(layers) {
        const merge = (low, high) => {
            const sum = { ...low };
            for (const [name, value] of Object.entries(high ?? {}))
                sum[name] = value !== null && typeof value === 'object' && !Array.isArray(value) ? merge(sum[name] ?? {}, value) : value ?? sum[name] ?? null;
            return sum;
        };
        return layers.filter((layer) => layer.layer !== 'template' && layer.id !== this.id).reduce((sum, layer) => merge(sum, layer.config), {});
    }

    forms() {
        return [
            { form: this.processing, tab: 'processing', of: 'processing_config' },
            { form: this.metadata, tab: 'metadata', of: 'metadata_config', wrap: 'metadata' },
            { form: this.output, tab: 'output', of: 'output_config', wrap: 'output' },
            { form: this.subtitles, tab: 'captions', of: 'processing_config' },
            { form: this.uploads, tab: 'captions', of: 'output_config', wrap: 'output' },
        ];
    }

    changed(name) {
        if (!name || name === 'matching_rules')
            this.match.soon();
        if (!name)
            this.texts.soon();
    }

    async ready() {
        if (!this.isNew)
            this.stats = await this.load((signal) => api.get(`/templates/${this.id}/stats`, {}, { signal }));
        this.live('recording', (data) => data.from === undefined && this.match.soon());
    }

    actions() {
        return [
            { label: t(this.saved.is_default ? 'templates.default.end' : 'templates.default.set'), icon: 'check', run: () => this.#setDefault(!this.saved.is_default) },
            { label: t('templates.rematch'), icon: 'retry', run: () => this.#rematch(true) },
            { label: t('templates.rematch.all'), icon: 'retry', run: () => this.#rematch(false) },
        ];
    }

    async #setDefault(yes) {
        if (await this.act(() => api.post(`/templates/${this.id}/set-as-default`, { is_default: yes }))) {
            toast(t(yes ? 'templates.default.is' : 'templates.default.ended'), { kind: 'good' });
            await this.again();
        }
    }

    async #rematch(only) {
        if (!only && !await confirm({ title: t('templates.rematch.all'), text: t('templates.rematch.all.text'), action: t('templates.rematch') }))
            return;
        const answer = await this.act(() => api.post(`/templates/${this.id}/rematch`, { only_unmapped: only }, { key: key() }));
        if (answer) {
            toast(t('templates.rematched', { n: answer.bound.length, of: number(answer.checked) }), { kind: 'good' });
            await this.ready();
            this.match.soon();
            this.update();
        }
    }

    section(tab) { return this[`show_${tab}`](); }

    show_general() {
        return html`<div class="narrow form">${this.text('name', { required: true, maxlength: 255, autofocus: this.isNew })}
            ${this.text('description', { type: 'area', rows: 3 })}
            ${field({ name: 'is_active', type: 'checkbox', label: t('templates.is_active'), hint: t('templates.is_active.hint'), value: this.draft.is_active, input: this.input('is_active') })}
            ${field({ name: 'is_draft', type: 'checkbox', label: t('templates.is_draft'), hint: t('templates.is_draft.hint'), value: this.draft.is_draft, input: this.input('is_draft') })}</div>`;
    }

    show_rules() { return this.match.template(); }

    show_processing() {
        return html`${this.draft.processing_config?.transcription_vocabulary ? this.area('processing_config.transcription_vocabulary', { label: t('config.transcription.vocabulary') }) : nothing}
            ${this.processing.template(() => this.update())}`;
    }

    show_metadata() {
        return html`<div class="two"><div class="form">${variables(this.config.variables)}${this.metadata.template(() => this.update())}</div>${this.texts.template()}</div>`;
    }

    show_output() {
        const output = this.draft.output_config ?? {};
        return html`${this.presets.length ? checks({
            legend: t('templates.presets'), hint: t('templates.presets.hint'), chosen: output.preset_ids ?? [], error: this.errors.preset_ids ?? this.errors['output.preset_ids'],
            options: this.presets.map((one) => ({ value: one.id, label: one.name, note: `${platformName(one.platform)}${one.is_active ? '' : ` · ${t('rules.off')}`}` })),
            change: (ids) => {
                const { preset_ids: old, ...rest } = output;
                delete this.errors.preset_ids;
                this.set('output_config', ids.length ? { ...rest, preset_ids: ids } : rest);
            },
        }) : html`<p class="quiet">${t('templates.presets.none')} <a href=${link('/presets/new')}>${t('presets.add')}</a></p>`}
            ${this.output.template(() => this.update())}`;
    }

    show_captions() {
        return html`<p class="quiet">${t('templates.captions.text')}</p>${this.subtitles.template(() => this.update())}${this.uploads.template(() => this.update())}`;
    }

    show_stats() {
        const stats = this.stats ?? {};
        return html`<div class="panel stack">${facts([
            [t('templates.stats.recordings'), number(stats.total_recordings)], [t('templates.stats.failed'), number(stats.failed)], [t('templates.stats.people'), number(stats.chosen_by_people)],
            [t('templates.stats.duration'), duration(stats.duration_seconds)], [t('templates.used'), number(stats.used_count)], [t('templates.matched'), stats.last_matched_at ? since(stats.last_matched_at) : t('rules.never')]])}
            <p class="row">${Object.entries(stats.by_status ?? {}).map(([status, n]) => html`<a class="row" href=${link('/recordings', { template: this.id, status })}>${statusBadge(status)} ${number(n)}</a>`)}</p>
            <p><a href=${link('/recordings', { template: this.id })}>${t('templates.stats.show')}</a></p></div>`;
    }
}
