/*
 * view/monitor/history.js
 *    How much was done and how long it took, as plots over an hour, a day or a week, and what went wrong.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { date, locale, number, span, t } from '../../app/text.js';
import { chart } from '../../part/chart.js';
import { empty } from '../../part/empty.js';
import { tabs } from '../../part/tabs.js';
import { since } from '../../part/time.js';
import { said } from '../../part/said.js';
import { head, kindWord, lecture } from './head.js';
import { SystemView } from './system.js';

const periods = ['hour', 'day', 'week'];
const stages = ['download', 'trim', 'transcribe', 'topics', 'subtitles', 'upload'];
const days = { hour: 0, day: 1, week: 7 };
const total = (list) => list.reduce((sum, value) => sum + (value ?? 0), 0);
const whole = (value) => Number.isInteger(value) ? number(value) : '';
const short = (value) => value < 10 ? new Intl.NumberFormat(locale(), { style: 'unit', unit: 'second', unitDisplay: 'short', maximumFractionDigits: 1 }).format(value) : span(value);
const id = (row) => [row.kind, row.class, row.code].join(' ');

export default class History extends SystemView {
    history = null;
    failures = [];
    examples = new Map();
    #charts = new Map();
    #readAt = 0;

    get period() { return periods.includes(this.route.query.period) ? this.route.query.period : 'day'; }

    title() { return t('monitor.history'); }

    async open() {
        this.after(() => this.#charts.forEach((one) => one.then((plot) => plot.close())));
        await Promise.all([super.open(), this.#read()]);
        requestAnimationFrame(() => this.#draw());
    }

    moved() {
        this.#read().then(() => this.#draw());
        return true;
    }

    /* The history grows once a minute; a plot of a week does not need to. */
    took(before) {
        if (before && before.history_to !== this.state.history_to && performance.now() - this.#readAt > this.history?.step * 250)
            this.#read().then(() => this.#draw()).catch(() => {});
    }

    async #read() {
        const period = this.period;
        const from = new Date(Date.now() - days[period] * 86400e3).toISOString().slice(0, 10);
        const [history, failures] = await this.load((signal) => Promise.all([api.get('/admin/stats/throughput', { period }, { signal }), api.get('/admin/stats/failures', { from }, { signal })]));
        if (period !== this.period)
            return;
        Object.assign(this, { history, failures: failures.failures });
        this.#readAt = performance.now();
        this.update();
    }

    #kinds() {
        const others = this.history.kinds.filter((kind) => !stages.includes(kind.kind));
        return [...stages.map((name) => this.history.kinds.find((kind) => kind.kind === name) ?? { kind: name, succeeded: [], failed: [], seconds: [], waited: [] }), ...others];
    }

    /* The plots have the same lines whatever there is, so their colours keep their meaning. */
    #draw() {
        if (this.closed)
            return;
        const { times } = this.history;
        const filled = (list, none) => list.length ? list : times.map(() => none);
        const kinds = this.#kinds().slice(0, stages.length);
        const sum = (name) => times.map((_, i) => total(this.history.kinds.map((kind) => kind[name][i])));
        this.#plot('throughput', times, [{ label: t('monitor.succeeded'), values: sum('succeeded'), colour: 3 }, { label: t('monitor.failed'), values: sum('failed'), colour: 5 }], whole);
        this.#plot('durations', times, kinds.map((kind) => ({ label: kindWord(kind.kind), values: filled(kind.seconds, null) })), short);
        this.#plot('waits', times, kinds.map((kind) => ({ label: kindWord(kind.kind), values: filled(kind.waited, null) })), short);
    }

    async #plot(name, times, series, unit) {
        if (!this.#charts.has(name))
            return this.#charts.set(name, chart(document.getElementById(`plot-${name}`), { times, series, unit }));
        return (await this.#charts.get(name)).update(times, series.map((one) => one.values));
    }

    template() {
        if (!this.history)
            return nothing;
        return html`${head('history')}
            ${tabs({ label: t('monitor.period'), current: this.period, items: periods.map((period) => ({ id: period, label: t(`monitor.period.${period}`), href: link('/monitor/history', { period }) })) })}
            ${this.history.to ? html`<p class="quiet small">${t('monitor.history.to')} ${since(this.history.to)}</p>` : nothing}
            <div class="plots">${['throughput', 'durations', 'waits'].map((name) => html`<section class="panel" aria-labelledby=${`title-${name}`}><h2 id=${`title-${name}`}>${t(`monitor.plot.${name}`)}</h2>
                <p class="quiet small">${t(`monitor.plot.${name}.text`)}</p><div id=${`plot-${name}`}></div></section>`)}</div>
            <section class="block" aria-labelledby="numbers"><h2 id="numbers">${t('monitor.numbers')}</h2>${this.#numbers()}</section>
            <section class="block" aria-labelledby="failures"><h2 id="failures">${t('monitor.failures')}</h2>${this.#failures()}</section>`;
    }

    #numbers() {
        const rows = this.history.kinds;
        const middle = (list) => {
            const known = list.filter((value) => value !== null).sort((a, b) => a - b);
            return known.length ? short(known[known.length >> 1]) : '–';
        };
        return rows.length === 0 ? html`<p class="quiet">${t('monitor.history.none')}</p>` : html`<div class="table-frame"><table class="table"><caption class="hidden">${t('monitor.numbers')}</caption>
            <thead><tr><th scope="col">${t('monitor.kind')}</th><th scope="col" class="number">${t('monitor.succeeded')}</th><th scope="col" class="number">${t('monitor.failed')}</th>
                <th scope="col" class="number">${t('monitor.takes')}</th><th scope="col" class="number">${t('monitor.waits')}</th></tr></thead>
            <tbody>${rows.map((row) => html`<tr><td data-label=${t('monitor.kind')}>${kindWord(row.kind)}</td><td class="number" data-label=${t('monitor.succeeded')}>${number(total(row.succeeded))}</td>
                <td class="number" data-label=${t('monitor.failed')}>${number(total(row.failed))}</td><td class="number" data-label=${t('monitor.takes')}>${middle(row.seconds)}</td>
                <td class="number" data-label=${t('monitor.waits')}>${middle(row.waited)}</td></tr>`)}</tbody></table></div>`;
    }

    #failures() {
        return this.failures.length === 0 ? empty({ title: t('monitor.failures.none'), text: t('monitor.failures.none.text') }) : html`<div class="stack">${repeat(this.failures, id, (row) => html`
            <details class="panel failure" @toggle=${(event) => event.target.open && this.#look(row)}><summary><strong>${t(`monitor.class.${row.class}`)}</strong> <span>${kindWord(row.kind)}</span> <code>${row.code}</code>
                <span class="quiet">${t('monitor.failure.counts', { attempts: number(row.attempts), final: number(row.final), recordings: number(row.recordings) })} · ${since(row.last_at)}</span>
                <p class="message">${said({ class: row.class, code: row.code, message: row.last_message }, { inline: true })}</p></summary>
                <p class="quiet">${t(`monitor.class.${row.class}.text`)}</p>${this.#examples(row)}</details>`)}</div>`;
    }

    #examples(row) {
        const list = this.examples.get(id(row));
        return !list ? html`<p class="quiet">${t('loading')}</p>` : html`<ul class="examples">${list.map((one) => html`<li>${lecture(one.recording, one.recording_name)} <span class="quiet small">${one.user} · ${date(one.at)} ·
            <a href=${link(`/monitor/tasks/${one.task}`)}>${t('monitor.attempt', { n: one.attempt })}</a></span><p class="small message">${said(one, { inline: true })}</p></li>`)}</ul>`;
    }

    async #look(row) {
        if (this.examples.has(id(row)))
            return;
        this.examples.set(id(row), await this.load((signal) => api.get('/admin/stats/failures/examples', { kind: row.kind, class: row.class, code: row.code }, { signal })));
        this.update();
    }
}
