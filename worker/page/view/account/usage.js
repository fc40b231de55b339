/*
 * view/account/usage.js
 *    What may be used and is used, with the day on which it counts anew; and what was made of it in a span of days.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { bytes, day, has, number, span, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { field } from '../../part/field.js';
import { usage } from '../../part/progress.js';
import { said } from '../../part/said.js';
import { table } from '../../part/table.js';
import { toastError } from '../../part/toast.js';
import { kindWord, stageWord } from '../../part/work.js';

const units = { bytes, seconds: span };
const spans = ['30', '90', '365', ''];
const pause = 1000;

const amount = (quota, value) => value === null || value === undefined ? '–' : (units[quota.unit] ?? number)(Number(value));
const dayBefore = (n) => new Date(Date.now() - n * 86_400_000).toISOString().slice(0, 10);

export class Part {
    quota = null;
    stats = null;
    failures = [];
    days = '30';

    constructor(view) {
        this.view = view;
        // what is used changes when something moves
        view.live('recording task', view.again(() => this.#readQuota(), pause));
    }

    async #readQuota() {
        this.quota = await this.view.load((signal) => api.get('/users/me/quota', {}, { signal }));
        if (this.stats)
            this.view.update();
    }

    async #readStats() {
        const from = this.days ? dayBefore(Number(this.days)) : undefined;
        const get = (path) => this.view.load((signal) => api.get(path, { from }, { signal }));
        const [stats, failures] = await Promise.all([get('/users/me/stats'), get('/users/me/stats/failures')]);
        this.stats = stats;
        this.failures = failures.failures;
        if (this.quota)
            this.view.update();
    }

    open() {
        return Promise.all([this.#readQuota(), this.#readStats()]);
    }

    #name(quota) {
        return has(`quota.${quota}`) ? t(`quota.${quota}`) : quota.replaceAll('_', ' ');
    }

    #one(quota) {
        const name = this.#name(quota.quota);
        const max = quota.limit === null ? null : Number(quota.limit);
        const used = quota.used === null ? null : Number(quota.used) + Number(quota.reserved ?? 0);
        const said = max === null && used === null ? t('quota.none') : max === null ? t('quota.unlimited', { used: amount(quota, quota.used) }) : used === null ? amount(quota, quota.limit)
            : t('quota.of', { used: amount(quota, used), limit: amount(quota, max) });
        return html`<li class="quota"><div class="row"><strong class="grow">${name}</strong><span>${said}</span></div>
            ${max !== null && used !== null ? usage({ value: used, max: Math.max(max, 1), label: name, text: '' }) : nothing}
            <p class="quiet small">${[quota.resets_at ? t('quota.resets', { day: day(quota.resets_at) }) : null, Number(quota.reserved) > 0 ? t('quota.reserved', { amount: amount(quota, quota.reserved) }) : null,
                quota.source && quota.source !== 'default' ? t(has(`quota.source.${quota.source}`) ? `quota.source.${quota.source}` : 'quota.source.plan') : null].filter(Boolean).join(' · ')}</p></li>`;
    }

    #numbers() {
        const { recordings, runs, transcription_seconds: heard, storage_bytes: stored } = this.stats;
        const facts = [['recordings', number(recordings.total)], ['published', number(recordings.published)], ['failed', number(recordings.failed)], ['runs', number(runs)],
            ['heard', span(heard)], ['stored', bytes(stored)]];
        return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${t(`stats.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>`;
    }

    template() {
        const columns = [
            { name: 'what', label: t('stats.failure'), kind: 'wide', cell: (one) => said({ class: one.class, code: one.code, message: one.last_message ?? one.code ?? one.class }, { inline: true }) },
            { name: 'stage', label: t('stats.stage'), cell: (one) => one.stage ? stageWord(one.stage) : kindWord(one.kind) },
            { name: 'n', label: t('stats.recordings'), kind: 'number', cell: (one) => number(one.recordings) },
        ];
        return html`<section class="panel stack"><div class="row"><h2 class="grow">${t('quota.title')}</h2>${badge('wait', this.quota.plan ? t('quota.plan', { plan: this.quota.plan }) : t('quota.plan.none'))}</div>
                <ul class="quotas">${this.quota.quotas.map((quota) => this.#one(quota))}</ul></section>
            <section class="panel stack"><div class="row"><h2 class="grow">${t('stats.title')}</h2>
                ${field({ name: 'days', type: 'select', label: t('stats.span'), value: this.days, options: spans.map((value) => ({ value, label: value ? t('stats.days', { n: Number(value) }) : t('stats.always') })),
                    input: (value) => { this.days = value; this.#readStats().catch(toastError); } })}</div>${this.#numbers()}
                ${this.failures.length > 0 ? html`<h3>${t('stats.failures')}</h3>${table({ caption: t('stats.failures'), columns, rows: this.failures, key: (one) => `${one.kind} ${one.class} ${one.code}` })}` : nothing}</section>`;
    }
}
