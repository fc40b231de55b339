/*
 * view/automation/edit.js
 *    One automation job: when it runs, what it takes up and with which settings, and what its runs did.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { go, link, query } from '../../app/router.js';
import { date, number, span, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { ConfigForm } from '../../part/config.js';
import { empty, skeleton } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { pager } from '../../part/pager.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { Editor } from '../rules/editor.js';
import { checks, errorOf, every, quietly } from '../rules/parts.js';
import { runBadge } from './run.js';
import { Schedule, scheduleNames } from './schedule.js';

const statuses = ['INITIALIZED', 'DOWNLOADED', 'PROCESSED', 'TRANSCRIBED', 'READY', 'UPLOADED', 'FAILED'];
const misfires = ['coalesce', 'skip', 'catch_up'];

export default class Job extends Editor {
    kind = {
        path: '/automation/jobs', list: '/automation', word: 'automation', texts: 'automation.',
        members: ['name', 'description', 'schedule_config', 'template_ids', 'sync_config', 'filters', 'processing_config', 'misfire', 'is_enabled'],
        blank: () => ({
            name: '', description: null, schedule_config: { type: 'daily', time: '21:00', timezone: this.zone }, template_ids: null, sync_config: { sync_days: 2 },
            filters: { status: ['INITIALIZED'], exclude_blank: true }, processing_config: {}, misfire: 'coalesce', is_enabled: true,
        }),
    };
    plain = ['runs'];
    page = null;
    zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

    tabs() { return ['schedule', 'takes', 'processing', 'runs']; }
    names() { return { ...scheduleNames, name: 'schedule', description: 'schedule', misfire: 'schedule', is_enabled: 'schedule', template_ids: 'takes', sync_days: 'takes', source_ids: 'takes', status: 'takes', sync_config: 'takes', filters: 'takes' }; }
    forms() { return [{ form: this.form, tab: 'processing', of: 'processing_config' }]; }
    badges() { return this.isNew ? nothing : html`<span class="badges">${this.saved.is_enabled ? badge('good', t('rules.active')) : badge('off', t('rules.off'))}${this.saved.running ? html`<a href=${link(`/automation/runs/${this.saved.running}`)}>${badge('busy', t('automation.running'))}</a>` : nothing}</span>`; }

    actions() {
        return [{ label: t('automation.run'), icon: 'play', run: () => this.run(false) }, { label: t('automation.dry'), icon: 'info', run: () => this.run(true) }];
    }

    async prepare() {
        const get = (path) => this.load((signal) => api.get(path, {}, { signal }));
        const [config, zones, templates, sources, { config: resolved }] = await Promise.all([get('/config/rules'), get('/references/timezones'), every('/templates'), every('/sources'), get('/config/resolve')]);
        Object.assign(this, { templates, sources });
        this.form = new ConfigForm({ rules: config.rules, show: (path) => path !== 'output.preset_ids', open: (path) => !path.includes('.') && path !== 'metadata' });
        this.form.set({ inherited: resolved });
        this.schedule = new Schedule(this, { timezones: zones, timezone: this.zone });
    }

    async ready() {
        if (this.isNew)
            return;
        this.live('automation', () => quietly(this.#runs()));
        this.onReset(() => quietly(this.#runs()));
        await this.#runs();
    }

    async #runs() {
        const [page, saved] = await Promise.all([
            this.load((signal) => api.get(`/automation/jobs/${this.id}/runs`, { page: query().page ?? 1, per_page: 20 }, { signal })),
            this.load((signal) => api.get(`/automation/jobs/${this.id}`, {}, { signal })),
        ]);
        this.page = page;
        this.saved.running = saved.running;
        this.update();
    }

    moved() {
        super.moved();
        if (!this.isNew && this.tab === 'runs')
            quietly(this.#runs());
        return true;
    }

    changed(name) {
        if (!name || name === 'schedule_config')
            this.schedule.soon();
    }

    async run(dry) {
        const made = await this.act(() => api.post(`/automation/jobs/${this.id}/${dry ? 'dry-run' : 'run'}`, {}, { key: key() }));
        if (made)
            go(`/automation/runs/${made.automation_run_id}`);
    }

    section(tab) { return this[`show_${tab}`](); }

    show_schedule() {
        return html`<div class="narrow form">${this.text('name', { required: true, autofocus: this.isNew })}</div>${this.schedule.template()}
            <div class="narrow form">${field({ name: 'is_enabled', type: 'checkbox', label: t('automation.is_enabled'), hint: t('automation.is_enabled.hint'), value: this.draft.is_enabled, input: this.input('is_enabled') })}
            ${this.text('misfire', { type: 'select', label: t('automation.misfire'), options: misfires.map((value) => ({ value, label: t(`automation.misfire.${value}`) })) })}
            ${this.text('description', { type: 'area', rows: 2 })}</div>`;
    }

    show_takes() {
        const { sync_config: sync, filters } = this.draft;
        const set = (member, name, value) => this.set(member, Object.fromEntries(Object.entries({ ...this.draft[member], [name]: value }).filter(([, one]) => one !== null && one !== undefined)));
        return html`<div class="narrow form">${checks({
            legend: t('automation.templates'), hint: t('automation.templates.hint'), chosen: this.draft.template_ids ?? [], error: this.errors.template_ids,
            options: this.templates.map((one) => ({ value: one.id, label: one.name, note: one.is_draft ? t('templates.draft') : one.is_active ? '' : t('rules.off') })), change: (ids) => this.set('template_ids', ids.length ? ids : null),
        })}
            ${field({ name: 'sync_days', type: 'number', min: 1, max: 30, label: t('automation.sync_days'), value: sync?.sync_days ?? '', error: this.errors.sync_days ?? this.errors.sync_config, input: (value) => set('sync_config', 'sync_days', value === '' ? null : Number(value)) })}
            ${checks({ legend: t('automation.sources'), hint: t('automation.sources.hint'), chosen: sync?.source_ids ?? [], error: this.errors.source_ids, options: this.sources.map((one) => ({ value: one.id, label: one.name, note: one.is_active ? '' : t('rules.off') })), change: (ids) => set('sync_config', 'source_ids', ids.length ? ids : null) })}
            ${checks({ legend: t('automation.statuses'), hint: t('automation.statuses.hint'), chosen: filters?.status ?? ['INITIALIZED'], error: this.errors.status ?? this.errors.filters, options: statuses.map((value) => ({ value, label: t(`status.${value}`) })), change: (list) => set('filters', 'status', list) })}
            ${field({ name: 'exclude_blank', type: 'checkbox', label: t('automation.exclude_blank'), value: filters?.exclude_blank ?? true, input: (value) => set('filters', 'exclude_blank', value) })}</div>`;
    }

    show_processing() {
        return html`<p class="quiet">${t('automation.processing.text')}</p>${this.form.template(() => this.update())}`;
    }

    show_runs() {
        if (!this.page)
            return skeleton(4);
        const { items, page, total_pages: pages, total } = this.page;
        const buttons = html`<div class="row"><button class="primary" @click=${() => this.run(false)}>${t('automation.run')}</button><button @click=${() => this.run(true)}>${t('automation.dry')}</button></div>`;
        if (!items.length)
            return empty({ title: t('automation.runs.none'), text: t('automation.runs.none.text'), action: buttons });
        const at = (n) => link(this.route.path, { ...query(), page: n });
        return html`<div class="stack">${buttons}${table({
            caption: t('automation.tab.runs'), rows: items,
            columns: [
                { label: t('automation.began'), kind: 'wide', cell: (row) => html`<div data-row><a href=${link(`/automation/runs/${row.id}`)}>${date(row.started_at)}</a> <span class="quiet">${since(row.started_at)}</span></div>${errorOf(row.error)}` },
                { label: t('automation.trigger'), kind: 'tight', cell: (row) => t(`automation.trigger.${row.trigger}`) },
                { label: t('rules.state'), kind: 'tight', cell: runBadge },
                { label: t('automation.count.synced'), kind: 'number', cell: (row) => number(row.synced) },
                { label: t('automation.count.started'), kind: 'number', cell: (row) => number(row.started) },
                { label: t('automation.count.done'), kind: 'number', cell: (row) => number(row.done) },
                { label: t('automation.count.failed'), kind: 'number', cell: (row) => number(row.failed) },
                { label: t('automation.took'), kind: 'number', cell: (row) => row.finished_at ? span((new Date(row.finished_at) - new Date(row.started_at)) / 1000) : '–' },
            ],
        })}${pager({ previous: page > 1 ? at(page - 1) : null, next: page < pages ? at(page + 1) : null, text: t('rules.total', { n: total, total: number(total) }) })}</div>`;
    }
}
