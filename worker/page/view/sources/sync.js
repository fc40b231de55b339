/*
 * view/sources/sync.js
 *    Asking a source, as it happens, and what came of it before.
 *
 *  const sync = new Sync(view, id)      sync.asking(): days, dry run, and the answer of the last; sync.history()
 *  syncResult(sync)                     what a source answered
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { link, query } from '../../app/router.js';
import { bytes, date, duration, number, t } from '../../app/text.js';
import { badge, statusBadge } from '../../part/badge.js';
import { empty, skeleton } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { pager } from '../../part/pager.js';
import { progress } from '../../part/progress.js';
import { phrase, phraseText } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toastError } from '../../part/toast.js';
import { errorOf, quietly } from '../rules/parts.js';

const counts = ['found', 'created', 'known', 'updated', 'refused'];
const ended = (state) => state !== 'waiting';

export const syncBadge = (state) => state === 'waiting' ? badge('busy', t('sources.state.waiting')) : statusBadge(state);

const numbers = (sync) => html`<dl class="numbers">${counts.map((name) => html`<div><dt>${t(`sources.${name}`)}</dt><dd>${number(sync[name])}</dd></div>`)}</dl>`;

function items(list) {
    return list?.length ? table({
        caption: t('sources.items'), rows: list.slice(0, 500), key: (row) => row.source_key,
        columns: [
            { label: t('rules.name'), kind: 'wide', cell: (row) => html`<span dir="auto">${row.display_name}</span>` },
            { label: t('sources.began'), kind: 'tight', cell: (row) => date(row.start_time) },
            { label: t('sources.length'), kind: 'number', cell: (row) => row.duration ? duration(row.duration) : row.bytes ? bytes(row.bytes) : '–' },
            { label: t('rules.state'), kind: 'tight', cell: (row) => row.refused ? badge('warn', row.refused === 'quota' ? t('sources.item.quota') : phraseText(row.refused)) : row.known ? badge('off', t('sources.item.known')) : row.blank ? badge('off', t('sources.item.blank')) : badge('good', t('sources.item.new')) },
        ],
    }) : nothing;
}

export function syncResult(sync) {
    const { problems, items: found, refusals, recordings } = sync.report ?? {};
    const line = (one) => typeof one === 'string' ? one : one.message ?? JSON.stringify(one);
    return html`<div class="stack"><p class="row">${syncBadge(sync.state)}${sync.dry_run ? badge('info', t('sources.dry')) : nothing}${sync.part > 1 ? html`<span class="quiet">${t('sources.part', { n: sync.part })}</span>` : nothing}
            ${ended(sync.state) ? html`<span class="quiet">${since(sync.finished_at)}</span>` : nothing}</p>
        ${ended(sync.state) ? nothing : html`${progress({ value: null, label: t('sources.asking') })}<p class="quiet">${t(sync.begun ? 'sources.begun' : 'sources.queued')}</p>${sync.last_try ? html`<p>${t('sources.last_try')} ${errorOf(sync.last_try)}</p>` : nothing}`}
        ${sync.error ? html`<p>${errorOf(sync.error)}</p>` : nothing}${sync.state === 'failed' && !sync.found ? nothing : numbers(sync)}
        ${sync.report?.truncated ? html`<p class="warn-text">${t('sources.truncated')}</p>` : nothing}
        ${problems?.length ? html`<h3>${t('sources.problems')}</h3><ul class="said">${problems.map((one) => html`<li dir="auto">${phrase(line(one))}</li>`)}</ul>` : nothing}
        ${Array.isArray(refusals) && refusals.length ? html`<h3>${t('sources.refused')}</h3><ul class="said">${refusals.map((one) => html`<li dir="auto">${one.display_name ? html`<strong>${one.display_name}</strong> · ` : nothing}${phrase(one.message ?? one.reason)}</li>`)}</ul>` : nothing}
        ${items(found)}${Array.isArray(recordings) && recordings.length && !sync.dry_run ? html`<p><a href=${link('/recordings', { source: sync.source })}>${t('sources.show')}</a></p>` : nothing}</div>`;
}

export class Sync {
    last = null;
    page = null;
    days = { from_date: '', to_date: '' };
    busy = false;
    #opened = new Map();

    constructor(view, id, onEnd) {
        Object.assign(this, { view, id, onEnd });
        view.live('task', (data) => this.last && !ended(this.last.state) && data.task === this.last.task && quietly(this.#look()));
        view.onReset(() => this.last && quietly(this.#look()));
    }

    async read() {
        this.page = await this.view.load((signal) => api.get(`/sources/${this.id}/syncs`, { page: query().page ?? 1, per_page: 20 }, { signal }));
        if (!this.last && this.page.items[0] && Number(query().page ?? 1) === 1)
            this.last = await this.view.load((signal) => api.get(`/sources/syncs/${this.page.items[0].id}`, {}, { signal }));
        this.view.update();
    }

    async #look() {
        const { id } = this.last;
        const sync = await this.view.load((signal) => api.get(`/sources/syncs/${id}`, {}, { signal })).catch(() => null);
        if (!sync || this.last.id !== id)
            return;
        this.last = sync;
        if (ended(sync.state)) {
            await this.read();
            this.onEnd?.();
        }
        this.view.update();
    }

    async ask(dry) {
        this.busy = true;
        this.view.update();
        try {
            const made = await api.post(`/sources/${this.id}/sync`, { dry_run: dry, ...Object.fromEntries(Object.entries(this.days).filter(([, day]) => day)) }, { key: key() });
            this.last = { id: made.sync_id, task: made.task_id, state: 'waiting', dry_run: dry, source: this.id };
            await this.#look();
        }
        catch (error) {
            toastError(error);
        }
        this.busy = false;
        this.view.update();
    }

    asking(active) {
        const day = (name) => field({ name, type: 'date', label: t(`sources.${name}`), value: this.days[name], input: (value) => { this.days[name] = value; } });
        const going = this.busy || (this.last && !ended(this.last.state));
        return html`<section class="panel stack"><h2>${t('sources.ask')}</h2><p class="quiet">${t('sources.ask.text')}</p>
            <div class="row ask">${day('from_date')}${day('to_date')}
                <button class="primary" ?disabled=${going || !active} @click=${() => this.ask(false)}>${t('sources.sync')}</button>
                <button ?disabled=${going || !active} @click=${() => this.ask(true)}>${t('sources.sync.dry')}</button></div>
            ${active ? nothing : html`<p class="quiet">${t('sources.inactive')}</p>`}
            <div aria-live="polite">${this.last ? syncResult(this.last) : nothing}</div></section>`;
    }

    async #open(row) {
        if (this.#opened.has(row.id))
            this.#opened.delete(row.id);
        else
            this.#opened.set(row.id, await this.view.load((signal) => api.get(`/sources/syncs/${row.id}`, {}, { signal })));
        this.view.update();
    }

    history(path) {
        if (!this.page)
            return skeleton(4);
        const { items: rows, page, total_pages: pages, total } = this.page;
        if (!rows.length)
            return empty({ title: t('sources.history.none'), text: t('sources.history.none.text') });
        const at = (n) => link(path, { ...query(), page: n });
        return html`${table({
            caption: t('sources.tab.history'), rows,
            columns: [
                { label: t('sources.asked.at'), kind: 'tight', cell: (row) => since(row.requested_at) },
                { label: t('rules.state'), kind: 'wide', cell: (row) => html`${syncBadge(row.state)} ${row.dry_run ? badge('info', t('sources.dry')) : nothing} ${errorOf(row.error)}${this.#opened.has(row.id) ? syncResult(this.#opened.get(row.id)) : nothing}` },
                ...['found', 'created', 'known'].map((name) => ({ label: t(`sources.${name}`), kind: 'number', cell: (row) => number(row[name]) })),
                { label: '', kind: 'actions', cell: (row) => html`<button type="button" aria-expanded=${String(this.#opened.has(row.id))} @click=${() => this.#open(row)}>${t('rules.details')}</button>` },
            ],
        })}${pager({ previous: page > 1 ? at(page - 1) : null, next: page < pages ? at(page + 1) : null, text: t('rules.total', { n: total, total: number(total) }) })}`;
    }
}
