/*
 * view/monitor/task.js
 *    One task: what it is, what it waits for, every attempt at it, and its end by hand.
 */
import { html, nothing } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { date, span, t } from '../../app/text.js';
import { badge, taskBadge } from '../../part/badge.js';
import { progress } from '../../part/progress.js';
import { reasonWord, said, slug } from '../../part/said.js';
import { table } from '../../part/table.js';
import { toast } from '../../part/toast.js';
import { isAdmin, kindWord, lecture, queueWord, why } from './head.js';
import { phrase, phraseText } from '../../part/sentence.js';

const outcomes = { succeeded: 'good', failed: 'bad', retried: 'warn', rescued: 'warn', running: 'busy' };
const wait = 500; // ms: the move is told before the history of it can be read

export default class Task extends View {
    task = null;
    #later = this.again(() => this.#read(), wait);

    title() { return this.task ? `${kindWord(this.task.kind)} · ${this.task.recording_name ?? this.task.task_id}` : ''; }

    async open() {
        this.live('task', (event) => event.task === this.route.params.id && this.#later());
        this.live('progress', (now) => this.#progress(now));
        this.liveOfEveryone();
        this.onReset(() => this.#later());
        await Promise.all([style('view/monitor.css'), this.#read()]);
    }

    async #read() {
        this.task = await this.load((signal) => api.get(`/tasks/${this.route.params.id}/detail`, {}, { signal }));
        this.update();
    }

    #progress(now) {
        if (this.task && now.task === this.task.task_id) {
            Object.assign(this.task, { progress: now.progress, current_step: now.current_step });
            this.update();
        }
    }

    template() {
        const { task } = this;
        const row = (name, value) => value === null || value === undefined || value === '' ? nothing : html`<dt>${t(`monitor.${name}`)}</dt><dd>${value}</dd>`;
        return html`<p><a href=${link('/monitor/tasks')}>${t('monitor.tasks')}</a></p>
            <div class="head"><h1>${kindWord(task.kind)}</h1>${taskBadge(task.state)}
                ${task.cancel.allowed ? html`<button class="danger" @click=${() => this.#cancel()}>${t('monitor.do.cancel')}</button>` : nothing}</div>
            ${task.state === 'PROCESSING' ? html`<p class="row child"><span class="grow">${progress({ value: task.progress, label: kindWord(task.kind) })}</span><span class="quiet">${phrase(task.current_step)}</span></p>` : nothing}
            ${task.error ? html`<div class="problem"><div><p><strong>${t(`monitor.class.${task.error.class ?? 'lost'}`)}</strong> <code>${task.error.code}</code></p>${said(task.error)}</div></div>` : nothing}
            <dl class="facts">${row('recording', task.recording_id ? lecture(task.recording_id, task.recording_name) : null)}${row('user', task.user && isAdmin() ? html`<a href=${link('/admin/users', { search: task.user })}>${task.user}</a>` : task.user)}
                ${row('queue', queueWord(task.queue))}${row('number', task.task_id)}${row('priority', task.priority)}
                ${row('made', date(task.created_at))}${row('started', task.started_at && date(task.started_at))}${row('finished', task.finished_at && date(task.finished_at))}
                ${row(task.attempts.length > 0 ? 'again' : 'starts', task.next_attempt_at && date(task.next_attempt_at))}${row('because', (task.reason ?? task.waits) && reasonWord('skip', slug(task.reason ?? task.waits), task.reason ?? task.waits))}
                ${row(task.state === 'PENDING' ? 'waits.for' : 'input', task.input && task.input.map((one) => html`<a href=${link(`/monitor/tasks/${one.task_id}`)}>${kindWord(one.kind)}</a> ${taskBadge(one.state)} `))}</dl>
            <h2>${t('monitor.attempts')}</h2>
            ${task.attempts.length === 0 ? html`<p class="quiet">${t('monitor.attempts.none')}</p>` : table({
                caption: t('monitor.attempts'), rows: task.attempts, key: (one) => `${one.attempt} ${one.started_at}`, columns: [
                    { label: t('monitor.try'), kind: 'number', cell: (one) => one.attempt },
                    { label: t('monitor.outcome'), cell: (one) => badge(outcomes[one.outcome] ?? 'off', t(`monitor.outcome.${one.outcome}`)) },
                    { label: t('monitor.started'), kind: 'tight', cell: (one) => date(one.started_at) },
                    { label: t('monitor.takes'), kind: 'number', cell: (one) => one.seconds === undefined ? '–' : span(one.seconds) },
                    ...isAdmin() ? [{ label: t('monitor.worker'), cell: (one) => one.worker ?? '–' }] : [],
                    { label: t('monitor.message'), kind: 'wide', cell: (one) => one.error ? html`<span class="small message">${said(one.error, { inline: true })}</span>` : '' },
                ],
            })}`;
    }

    #cancel() {
        const { task } = this;
        return why({
            title: t('monitor.cancel.task', { name: kindWord(task.kind) }), text: t('monitor.cancel.task.text'), action: t('monitor.do.cancel'), danger: true,
            run: async (reason) => {
                const answer = await api.post(isAdmin() ? `/admin/tasks/${task.task_id}/cancel` : `/tasks/${task.task_id}/cancel`, isAdmin() ? { reason } : {});
                toast(phraseText(answer.message), { kind: 'good' });
                await this.#read();
            },
        });
    }
}
