/*
 * view/recording/stages.js
 *    How far a recording is, and all that was tried: its four stages with what runs now, every run
 *    with its tasks and attempts, and what people did.
 *
 *  const stages = new Stages(page);
 *  stages.strip()        the four stages, always seen
 *  stages.template()     the runs and the doings; reads them when they are shown first
 *  stages.changed()      something happened: what is shown is read anew
 */
import { html, nothing, repeat, svg } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, duration as clock, has, span, t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { reasonWord, slug } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';
import { kindWord, operationWord, platformWord, stageWord, stateWord } from '../../part/work.js';
import { errorText } from './fields.js';

const look = {
    COMPLETED: 'check', succeeded: 'check', finished: 'check', FAILED: 'error', failed: 'error', IN_PROGRESS: 'running', running: 'running', active: 'running',
    SKIPPED: 'skipped', skipped: 'skipped', cancelled: 'close', PENDING: 'waiting', blocked: 'waiting', ready: 'waiting', scheduled: 'waiting',
    retried: 'retry', rescued: 'retry', handed_back: 'retry',
};

export class Stages {
    runs = null;
    doings = null;
    next = null;
    nextDoing = null;
    #soon;

    constructor(page) {
        this.page = page;
        this.#soon = page.again(() => this.#read(), 0);
    }

    strip() {
        const { processing_stages: stages, running } = this.page.data;
        return html`<ol class="stage-strip" aria-label=${t('lecture.stages')}>${stages.map((stage) => {
            const tasks = running.filter((task) => task.stage === stage.stage_type.toLowerCase());
            return html`<li class="stage" data-state=${stage.status.toLowerCase()}>
                <span class="stage-name">${icon(look[stage.status])} ${stageWord(stage.stage_type)}</span>
                <span class="stage-word">${stateWord(stage.status)}${stage.duration_seconds ? html` · ${span(stage.duration_seconds)}` : nothing}${stage.retry_count > 0 ? html` · ${t('lecture.tries', { n: stage.retry_count + 1 })}` : nothing}</span>
                ${tasks.length > 0 ? tasks.map((task) => this.#running(task)) : html`<progress max="100" value=${stage.progress} aria-label=${stageWord(stage.stage_type)}></progress>`}
            </li>`;
        })}</ol>`;
    }

    #running(task) {
        return html`<span class="stage-task"><progress max="100" value=${task.progress ?? 0} aria-label=${kindWord(task.kind)}></progress>
            <span class="stage-step">${kindWord(task.kind)} ${task.progress ?? 0} %${task.current_step ? html` <span class="quiet">${phrase(task.current_step)}</span>` : nothing}</span></span>`;
    }

    changed() {
        if (this.runs)
            this.#soon();
    }

    async #read() {
        const { id } = this.page;
        const [runs, doings] = await Promise.all([
            this.page.load((signal) => api.get(`/recordings/${id}/runs`, { limit: 10 }, { signal })),
            this.page.load((signal) => api.get(`/recordings/${id}/doings`, { limit: 20 }, { signal }))]);
        [this.runs, this.next, this.doings, this.nextDoing] = [runs.runs, runs.next, doings.items, doings.next];
        this.page.update();
    }

    async #more() {
        const answer = await this.page.load((signal) => api.get(`/recordings/${this.page.id}/runs`, { limit: 10, after: this.next }, { signal }));
        this.runs = [...this.runs, ...answer.runs];
        this.next = answer.next;
        this.page.update();
    }

    async #moreDoings() {
        const answer = await this.page.load((signal) => api.get(`/recordings/${this.page.id}/doings`, { limit: 50, after: this.nextDoing }, { signal }));
        this.doings = [...this.doings, ...answer.items];
        this.nextDoing = answer.next;
        this.page.update();
    }

    template() {
        if (!this.runs) {
            this.runs = [];
            this.runs.pending = true;
            this.changed();
            return html`<p class="quiet" aria-busy="true">${t('lecture.reading')}</p>`;
        }
        if (this.runs.pending)
            return html`<p class="quiet" aria-busy="true">${t('lecture.reading')}</p>`;
        return html`<section class="runs"><h3>${t('lecture.runs')}</h3>
            ${this.runs.length === 0 ? html`<p class="quiet">${t('lecture.runs.none')}</p>` : repeat(this.runs, (run) => run.id, (run, i) => this.#run(run, i === 0))}
            ${this.next ? html`<button type="button" @click=${() => this.#more()}>${t('lecture.more')}</button>` : nothing}</section>
            <section class="doings"><h3>${t('lecture.doings')}</h3>
            ${this.doings.length === 0 ? html`<p class="quiet">${t('lecture.doings.none')}</p>` : html`<ul class="doing-list">${repeat(this.doings, (doing) => doing.id, (doing) => this.#doing(doing))}</ul>`}
            ${this.nextDoing ? html`<button type="button" @click=${() => this.#moreDoings()}>${t('lecture.more')}</button>` : nothing}</section>`;
    }

    #run(run, open) {
        const begun = Date.parse(run.started_at);
        const end = Math.max(...run.tasks.flatMap((task) => task.attempts.map((one) => Date.parse(one.ended_at ?? run.finished_at) || Date.now())), Date.parse(run.finished_at) || Date.now());
        return html`<details class="run" ?open=${open}><summary>
                <span class="run-state" data-state=${run.state}>${icon(look[run.state])} ${stateWord(run.state)}</span>
                <span>${t(`lecture.trigger.${run.trigger}`)}${run.asked_for && run.asked_for !== 'run' ? html` · ${operationWord(run.asked_for)}` : nothing}</span>
                <span class="quiet">${date(run.started_at)}${run.finished_at ? html` · ${span((Date.parse(run.finished_at) - begun) / 1000)}` : nothing}</span></summary>
            <ol class="task-list">${repeat(run.tasks, (task) => task.id, (task) => this.#task(task, begun, Math.max(end, begun + 1000)))}</ol></details>`;
    }

    #task(task, begun, end) {
        return html`<li class="task"><div class="task-row">
                <span class="task-name">${kindWord(task.kind)}${task.platform ? html` <span class="quiet">${platformWord(task.platform)}</span>` : nothing}</span>
                <span class="task-state" data-state=${task.state}>${icon(look[task.state])} ${stateWord(task.state)}</span>
                ${this.#bars(task, begun, end)}</div>
            ${task.skip_reason ? html`<p class="quiet task-note">${reasonWord('skip', slug(task.skip_reason), task.skip_reason)}</p>` : nothing}
            ${task.attempts.length > 1 || task.attempts.some((one) => one.error) || task.error
                ? html`<details class="attempts" ?open=${task.state === 'failed'}><summary>${t('lecture.attempts', { n: task.attempts.length })}</summary>
                    <ol>${task.attempts.map((one) => this.#attempt(one, task))}</ol></details>` : nothing}</li>`;
    }

    #attempt(one, task) {
        const error = one.error ?? (one.outcome === 'failed' ? task.error : null);
        return html`<li><span data-state=${one.outcome}>${icon(look[one.outcome] ?? 'waiting')} ${stateWord(one.outcome)}</span>
            <span class="quiet">${date(one.started_at)}${one.seconds === undefined ? nothing : html` · ${span(one.seconds)}`}${one.worker ? html` · ${one.worker}` : nothing}</span>
            ${error ? html`<p>${errorText(error)}${error.class ? html` <span class="chip" lang="en">${error.class}${error.code ? html` · ${error.code}` : nothing}</span>` : nothing}</p>` : nothing}</li>`;
    }

    /* When each attempt was, on the time line of its run. */
    #bars(task, begun, end) {
        const place = (time) => Math.max(0, Math.min(1000, (time - begun) / (end - begun) * 1000));
        const seconds = task.attempts.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
        return html`<svg class="task-bars" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${task.attempts.map((one) => {
            const from = place(Date.parse(one.started_at));
            const to = place(one.ended_at ? Date.parse(one.ended_at) : end);
            return svg`<rect x=${from.toFixed(1)} width=${Math.max(3, to - from).toFixed(1)} y="1" height="8" data-state=${one.outcome}></rect>`;
        })}</svg><span class="task-time">${seconds > 0 ? clock(seconds) : nothing}</span>`;
    }

    #doing(doing) {
        const word = `lecture.doing.${doing.action.replaceAll(' ', '_')}`;
        const change = (from, to) => from !== undefined && to !== undefined && from !== to ? html`<span class="quiet" dir="auto">${from} → ${to}</span>` : nothing;
        return html`<li><span>${has(word) ? t(word) : doing.action}${doing.result === 'success' ? nothing : html` <span class="chip">${stateWord(doing.result)}</span>`}</span>
            ${change(doing.before?.display_name, doing.after?.display_name)}
            <span class="quiet">${t(`lecture.by.${doing.by}`)}${doing.name ? html` (${doing.name})` : nothing} · ${date(doing.at)}</span></li>`;
    }
}
