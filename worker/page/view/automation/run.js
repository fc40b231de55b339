/*
 * view/automation/run.js
 *    One run of a job, while it goes on and afterwards; of a dry run, what a run would do.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { date, number, span, t } from '../../app/text.js';
import { View, style } from '../../app/view.js';
import { badge, statusBadge } from '../../part/badge.js';
import { skeleton } from '../../part/empty.js';
import { progress } from '../../part/progress.js';
import { reasonWord, sentences } from '../../part/said.js';
import { table } from '../../part/table.js';
import { errorOf, facts } from '../rules/parts.js';
import { syncBadge } from '../sources/sync.js';
import { phrase } from '../../part/sentence.js';

const kinds = { running: 'busy', succeeded: 'good', partial: 'warn', failed: 'bad', skipped: 'off' };
const phases = ['sync', 'match', 'start', 'processing'];
const counts = ['sources', 'sources_failed', 'synced', 'candidates', 'matched', 'unmatched', 'started', 'refused', 'done', 'failed', 'held'];
const pause = 400; // ms after an event, in which others belong to it

export const runBadge = (run) => badge(kinds[run.state], run.phase ? t(`automation.phase.${run.phase}`) : t(`automation.state.${run.state}`));

export default class Run extends View {
    run = null;
    #soon = this.again(() => this.#read(), pause);

    title() { return this.run ? t(this.run.trigger === 'dry_run' ? 'automation.dry.of' : 'automation.run.of', { name: this.run.job }) : ''; }
    loading() { return true; }

    async open() {
        this.live('automation', (data) => data.run === this.route.params.id && this.#soon());
        this.live('task', (data) => this.run?.syncs.some((sync) => sync.task === data.task) && this.#soon());
        this.live('recording', (data) => this.run?.recordings.some((one) => one.recording === data.recording) && this.#soon());
        this.onReset(() => this.#soon());
        await Promise.all([style('view/rules.css'), this.#read()]);
    }

    async #read() {
        this.run = await this.load((signal) => api.get(`/automation/runs/${this.route.params.id}`, {}, { signal }));
        this.update();
    }

    #progress() {
        const { run } = this;
        if (!run.phase)
            return nothing;
        return html`<ol class="phases">${phases.filter((phase) => phase !== 'processing' || run.trigger !== 'dry_run').map((phase) => html`<li aria-current=${phase === run.phase ? 'step' : nothing} class=${phases.indexOf(phase) < phases.indexOf(run.phase) ? 'past' : ''}>${t(`automation.phase.${phase}`)}</li>`)}</ol>
            ${run.phase === 'processing' ? html`${progress({ value: run.progress?.percent ?? 0, label: t('automation.phase.processing') })}<p class="quiet">${t('automation.processed', { n: run.progress?.started ?? run.counts.started })}</p>` : progress({ value: null, label: t(`automation.phase.${run.phase}`), text: '' })}`;
    }

    #syncs() {
        return this.run.syncs.length ? html`<section><h2>${t('nav.sources')}</h2>${table({
            caption: t('nav.sources'), rows: this.run.syncs,
            columns: [{ label: t('rules.name'), kind: 'wide', cell: (row) => html`<a dir="auto" href=${link(`/sources/${row.source}`)}>${row.name ?? t('automation.source.gone')}</a> ${errorOf(row.error)}` }, { label: t('rules.state'), kind: 'tight', cell: (row) => syncBadge(row.state) },
                ...['found', 'created', 'known', 'refused'].map((name) => ({ label: t(`sources.${name}`), kind: 'number', cell: (row) => number(name === 'created' && this.run.trigger === 'dry_run' ? row.found - row.known : row[name]) }))],
        })}</section>` : nothing;
    }

    #list(name, rows, columns) {
        return Array.isArray(rows) && rows.length ? html`<section><h2>${t(`automation.list.${name}`)}</h2>${table({ caption: t(`automation.list.${name}`), rows, key: (row) => row.recording ?? `${row.source} ${row.name} ${row.start_time}`, columns: [
            { label: t('rules.name'), kind: 'wide', cell: (row) => row.recording ? html`<a dir="auto" href=${link(`/recordings/${row.recording}`)}>${row.name}</a>` : html`<span dir="auto">${row.name}</span>` }, ...columns] })}</section>` : nothing;
    }

    #lists() {
        const { report = {}, recordings } = this.run;
        const why = [{ label: t('automation.why'), kind: 'wide', cell: (row) => html`${reasonWord('verdict', row.verdict, row.reason ?? row.refused ?? '')}` }];
        const would = [
            { label: t('sources.began'), kind: 'tight', cell: (row) => date(row.start_time) },
            { label: t('automation.template'), cell: (row) => row.template ? html`<a dir="auto" href=${link(`/templates/${row.template}`)}>${row.template_name}</a>` : '–' },
            { label: t('automation.why'), cell: (row) => row.refused ? phrase(sentences(row.refused)) : row.rule ? html`<code dir="auto">${row.rule}</code>` : nothing },
        ];
        return html`${this.#list('new', report.new, would)}${this.#list('existing', report.existing, would)}
            ${this.#list('recordings', recordings, [{ label: t('rules.state'), kind: 'tight', cell: (row) => statusBadge(row.status, { hold: row.hold, failed: row.state === 'failed' }) }])}
            ${this.#list('unmatched', report.unmatched, why)}${this.#list('refused', report.refused, why)}`;
    }

    #dry() {
        const { report = {} } = this.run;
        return report.would_start === undefined ? nothing : html`<section class="panel"><p class="in-words">${t('automation.would', { n: report.would_start, total: number(report.would_start) })}</p>${facts([
            [t('automation.would.sync'), number(report.would_sync)], [t('automation.would.refuse'), number(report.would_refuse)],
            [t('automation.would.take'), report.estimated_duration_minutes === null ? t('automation.would.unknown') : span(report.estimated_duration_minutes * 60)]])}</section>`;
    }

    template() {
        const { run } = this;
        if (!run)
            return skeleton(8);
        return html`<p class="crumbs"><a href=${link('/automation')}>${t('nav.automation')}</a> / <a href=${link(`/automation/${run.job_id}`, { tab: 'runs' })} dir="auto">${run.job}</a></p>
            <div class="head"><h1 dir="auto">${this.title()}</h1>${runBadge(run)}</div>
            <div class="stack"><section class="panel stack" aria-live="polite">${this.#progress()}
                ${facts([[t('automation.began'), date(run.started_at)], [t('automation.trigger'), t(`automation.trigger.${run.trigger}`)], [t('automation.scheduled'), run.scheduled_for ? date(run.scheduled_for) : null], [t('automation.took'), run.finished_at ? span(run.seconds) : null]])}
                ${run.error ? html`<p>${errorOf(run.error)}</p>` : nothing}${run.report?.reason ? html`<p>${phrase(typeof run.report.reason === 'string' ? run.report.reason : JSON.stringify(run.report.reason))}</p>` : nothing}
                ${run.trigger === 'dry_run' ? nothing : html`<dl class="numbers">${counts.filter((name) => !['sources', 'sources_failed'].includes(name) || run.counts[name]).map((name) => html`<div><dt>${t(`automation.count.${name}`)}</dt><dd>${number(run.phase && run.progress?.[name] !== undefined ? run.progress[name] : run.counts[name])}</dd></div>`)}</dl>`}</section>
                ${this.#dry()}${this.#syncs()}${this.#lists()}</div>`;
    }
}
