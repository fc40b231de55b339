/*
 * view/recordings/preview.js
 *    Before something is done with one recording or many: what would happen, what is refused and why; then
 *    what happened.
 *
 *    preview({view, operation, body, name, templates, onDone})   body: {recording_ids} or {filters, limit}; name: of the only one;
 *          templates: [{id, name}] to choose from for a run; a promise that ends with the dialog. onDone(answer) when it was done
 */
import { html, nothing } from '../../app/html.js';
import { link } from '../../app/router.js';
import { t, number } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { dialog } from '../../part/dialog.js';
import { skeleton } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { icon } from '../../part/icon.js';
import { Asking } from '../../part/asking.js';
import { problem } from '../../part/problem.js';
import { makeRunWith } from '../../part/runwith.js';
import { phrase } from '../../part/sentence.js';
import { kindWord } from '../../part/work.js';
import { reasonText, reasonWord, slug } from '../../part/said.js';
import { operate, table, word } from './operations.js';

const shownAtMost = 200;
const starts = ['run', 'force'];
const placed = ['run', 'force', 'prioritize'];

/* [{reason, code, rows}], the most frequent first */
function byReason(rows) {
    const groups = new Map();
    for (const row of rows) {
        const reason = reasonText('verdict', row.verdict, row.skip_reason ?? row.reason ?? '');
        const group = groups.get(reason) ?? { reason, rows: [] };
        group.rows.push(row);
        groups.set(reason, group);
    }
    return [...groups.values()].sort((a, b) => b.rows.length - a.rows.length);
}

const names = (rows) => html`<ul class="names">${rows.slice(0, shownAtMost).map((row) => html`<li dir="auto">${row.display_name
    ? html`<a href=${link(`/recordings/${row.recording_id}`)} target="_blank">${row.display_name}</a>` : row.recording_id}</li>`)}
    ${rows.length > shownAtMost ? html`<li class="quiet">${t('list.preview.others', { n: rows.length - shownAtMost })}</li>` : nothing}</ul>`;

const refused = (rows) => byReason(rows).map(({ reason, rows: those }) => html`
    <details class="refused"><summary>${badge('warn', number(those.length))} <span>${reason}</span></summary>${names(those)}</details>`);

const step = (task) => html`<li class=${task.skip_reason ? 'quiet' : ''}>${icon(task.skip_reason ? 'skipped' : 'check')}<span>${kindWord(task.kind)}${task.skip_reason
    ? html`: ${reasonWord('skip', slug(task.skip_reason), task.skip_reason)}` : nothing}${task.warning || task.note ? html` <span class="small">${phrase(task.warning ?? task.note)}</span>` : nothing}</span></li>`;

class Preview {
    plan = null;
    result = null;
    error = null;
    options = {};
    update = () => {};
    #turn = 0;

    constructor(settings) {
        Object.assign(this, settings);
    }

    get body() {
        const { template_id, priority } = this.options;
        const said = { ...this.about, ...this.runWith?.body() };
        if (template_id)
            said.template_id = template_id;
        if (this.operation === 'prioritize' || (priority && placed.includes(this.operation)))
            said.priority = Number(priority ?? 0);
        return said;
    }

    async look() {
        const mine = ++this.#turn;
        this.error = null;
        try {
            const plan = await operate(this.operation, { ...this.body, dry_run: true });
            if (mine === this.#turn)
                this.plan = plan;
        }
        catch (error) {
            this.error = this.runWith?.refuse(error) ? null : error;
        }
        this.update();
    }

    choose(name, value) {
        this.options[name] = value;
        this.look();
    }

    /* Settings and time of the runs; what was typed wrongly is shown there. */
    async offerMore(view) {
        const asking = new Asking(view, { ask: () => this.look(), took: () => {} });
        this.runWith = await makeRunWith(view, { changed: () => asking.soon() });
        this.update();
    }

    async act() {
        if (!this.plan)
            return false;
        if (this.plan.matched_count === 0)
            return true;
        try {
            this.result = await operate(this.operation, this.body);
        }
        catch (error) {
            if (!this.runWith?.refuse(error))
                throw error;
            return false;
        }
        this.onDone?.(this.result);
        return this.result.skipped_count + this.result.error_count === 0;
    }

    choices() {
        return html`<div class="row choices">
            ${starts.includes(this.operation) && this.templates?.length ? field({ name: 'template_id', label: t('list.preview.template'), type: 'select', value: this.options.template_id ?? '',
                options: [{ value: '', label: t('list.preview.template.own') }, ...this.templates.map((one) => ({ value: one.id, label: one.name }))], input: (value) => this.choose('template_id', value) }) : nothing}
            ${placed.includes(this.operation) ? field({ name: 'priority', label: t('list.preview.priority'), type: 'select', value: this.options.priority ?? '0',
                options: [['-10', 'first'], ['0', 'usual'], ['10', 'last']].map(([value, name]) => ({ value, label: t(`list.preview.priority.${name}`) })), input: (value) => this.choose('priority', value) }) : nothing}</div>`;
    }

    before() {
        if (this.error)
            return problem(this.error);
        if (!this.plan)
            return skeleton(3);
        const able = this.plan.recordings.filter((row) => row.will_be_processed);
        const unable = this.plan.recordings.filter((row) => !row.will_be_processed);
        const only = able.length === 1 ? able[0] : null;
        return html`
            <p class="sum" role="status">${able.length > 0 ? badge('good', number(able.length)) : nothing} ${able.length > 0 ? t('list.preview.able', { n: able.length }) : t('list.preview.none')}</p>
            ${this.capped ? html`<p class="quiet">${t('list.preview.capped', { n: this.plan.total })}</p>` : nothing}
            ${has(this.operation) ? html`<p class="warning">${t(`list.preview.warn.${this.operation}`)}</p>` : nothing}
            ${only?.plan ? html`<ol class="steps">${only.plan.map(step)}</ol>` : able.length > 1 ? html`<details><summary>${t('list.preview.which')}</summary>${names(able)}</details>` : nothing}
            ${unable.length > 0 ? html`<p class="sum">${t('list.preview.unable', { n: unable.length })}</p>${refused(unable)}` : nothing}`;
    }

    after() {
        const unable = this.result.tasks.filter((row) => ['skipped', 'error'].includes(row.status));
        return html`<p class="sum" role="status">${badge('good', number(this.result.queued_count))} ${t('list.preview.done', { n: this.result.queued_count })}</p>
            <p class="sum">${t('list.preview.refused', { n: unable.length })}</p>${refused(unable)}`;
    }
}

const has = (operation) => ['cancel', 'unpublish', 'reset', 'delete', 'purge', 'force'].includes(operation);

export function preview({ view, operation, body, name, templates, capped, onDone }) {
    const one = new Preview({ operation, about: body, templates, capped, onDone });
    const go = { label: word(operation), kind: table[operation].danger ? 'danger' : 'primary', run: async () => {
        if (one.result)
            return true;
        const all = await one.act();
        one.update();
        return all;
    } };
    const leave = { label: t('cancel') };
    const actions = [leave, go];
    one.look();
    if (starts.includes(operation))
        one.offerMore(view);
    return dialog({
        title: name ? html`${word(operation)}: <bdi>${name}</bdi>` : word(operation), actions,
        body: ({ update }) => {
            one.update = update;
            const nothingToDo = one.result || one.plan?.matched_count === 0;
            actions.splice(0, actions.length, ...nothingToDo ? [] : [leave], go);
            go.label = nothingToDo ? t('close') : word(operation);
            go.kind = one.plan?.matched_count !== 0 && !one.result && table[operation].danger ? 'danger' : 'primary';
            return html`${one.result ? one.after() : html`${one.choices()}${one.before()}${one.plan?.matched_count ? one.runWith?.template(update) : nothing}`}`;
        },
    });
}
