/*
 * view/templates/match.js
 *    The rules of a template, and which recordings they would take, asked anew a moment after something was typed.
 *
 *  const match = new Match(editor);  match.template(); match.soon() when rules changed
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { number, t } from '../../app/text.js';
import { Asking } from '../../part/asking.js';
import { field } from '../../part/field.js';
import { statusBadge } from '../../part/badge.js';
import { phrase } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { checks, errorOf } from '../rules/parts.js';

const lists = ['exact_matches', 'keywords', 'patterns', 'exclude_keywords', 'exclude_patterns'];

export const ruleNames = Object.fromEntries([...lists, 'source_ids', 'case_sensitive'].map((name) => [name, 'rules']));

export class Match {
    answer = null;
    error = null;
    all = false;
    #asking;

    constructor(editor, sources) {
        this.editor = editor;
        this.sources = sources;
        this.#asking = new Asking(editor, {
            ask: async (signal) => this.says ? api.post('/templates/preview-rules', { rules: this.rules, only_skipped: !this.all, limit: 50 }, { signal }) : null,
            took: (answer, error) => {
                Object.assign(this, { answer, error });
                editor.update();
            },
        });
    }

    get rules() { return this.editor.draft.matching_rules ?? {}; }
    get says() { return lists.slice(0, 3).some((name) => this.rules[name]?.length); }

    soon() {
        this.#asking.soon();
    }

    #preview() {
        if (!this.says)
            return html`<p class="quiet">${t('templates.match.nothing')}</p>`;
        if (this.error)
            return html`<p>${errorOf(this.error)}</p>`;
        if (!this.answer)
            return html`<p class="quiet">${t('loading')}</p>`;
        const { will_match: found, will_match_count: n, total_checked: of } = this.answer;
        return html`<p>${t('templates.match.found', { n, of: number(of) })}</p>${found.length ? table({
            caption: t('templates.match'), rows: found, key: (row) => row.recording,
            columns: [{ label: t('rules.name'), kind: 'wide', cell: (row) => html`<div><a dir="auto" href=${link(`/recordings/${row.recording}`)}>${row.name}</a><p class="quiet small" dir="auto">${phrase(row.rule)}</p>${row.stays ? html`<p class="small">${t('templates.match.stays')}</p>` : nothing}</div>` }, { label: t('rules.state'), kind: 'tight', cell: (row) => statusBadge(row.status) }],
        }) : nothing}`;
    }

    template() {
        const set = (name, value) => this.editor.set('matching_rules', Object.fromEntries(Object.entries({ ...this.rules, [name]: value }).filter(([, one]) => one !== false && one?.length !== 0)));
        return html`<div class="two"><div class="form">
                <p class="quiet">${t('templates.rules.text')}</p>
                ${lists.map((name) => this.editor.area(`matching_rules.${name}`, { label: t(`templates.${name}`), hint: t(`templates.${name}.hint`), mono: name.endsWith('patterns') }))}
                ${field({ name: 'case_sensitive', type: 'checkbox', label: t('templates.case_sensitive'), value: this.rules.case_sensitive, input: (value) => set('case_sensitive', value) })}
                ${this.sources.length ? checks({ legend: t('templates.source_ids'), hint: t('templates.source_ids.hint'), options: this.sources.map((one) => ({ value: one.id, label: one.name })), chosen: this.rules.source_ids ?? [], change: (ids) => set('source_ids', ids), error: this.editor.errors.source_ids }) : nothing}
            </div><section class="panel preview" aria-live="polite"><h2>${t('templates.match')}</h2>
                ${field({ name: 'all', type: 'checkbox', label: t('templates.match.all'), value: this.all, input: (value) => { this.all = value; this.soon(); } })}
                ${this.#preview()}</section></div>`;
    }
}
