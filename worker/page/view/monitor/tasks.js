/*
 * view/monitor/tasks.js
 *    The list of tasks with filters in the address: of everybody for administrators, else one's own.
 */
import { html, nothing } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { link, query } from '../../app/router.js';
import { t } from '../../app/text.js';
import { taskBadge } from '../../part/badge.js';
import { empty } from '../../part/empty.js';
import { filters } from '../../part/filters.js';
import { pager } from '../../part/pager.js';
import { problem } from '../../part/problem.js';
import { reasonWord, said, slug } from '../../part/said.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { head, isAdmin, kindWord, lecture, queueWord } from './head.js';

const page = 50;
const states = ['PENDING', 'PROCESSING', 'SUCCESS', 'FAILURE', 'CANCELLED'];
const kinds = ['download', 'trim', 'transcribe', 'topics', 'subtitles', 'upload', 'unpublish', 'sync', 'credential', 'notify', 'maintain'];
const queues = ['upload', 'processing', 'automation', 'notify'];
const any = (values, word) => [{ value: '', label: t('monitor.any') }, ...values.map((value) => ({ value, label: word(value) }))];

export default class Tasks extends View {
    list = null;
    refusal = null;
    fresh = 0;

    title() { return t('monitor.tasks'); }

    async open() {
        this.live('task', (event) => this.#hear(event));
        this.live('progress', (now) => this.#progress(now));
        this.liveOfEveryone();
        this.onReset(() => this.#read());
        await Promise.all([style('view/monitor.css'), this.#read()]);
    }

    moved() {
        this.#read();
        return true;
    }

    async #read() {
        const { status, kind, queue, user, recording, after } = this.route.query;
        const wanted = this.route;
        try {
            const list = await this.load((signal) => api.get(isAdmin() ? '/admin/tasks' : '/tasks',
                { status, kind, queue, ...(isAdmin() && { user: user?.trim() }), recording_id: recording, per_page: page, after }, { signal }));
            if (wanted !== this.route)
                return;
            Object.assign(this, { list, refusal: null, fresh: 0 });
        }
        catch (error) {
            if (error.name === 'AbortError')
                return;
            this.refusal = error;
            this.list ??= { items: [], next: null };
        }
        this.update();
    }

    #hear(event) {
        const task = this.list?.items.find((one) => one.task_id === event.task);
        if (task)
            Object.assign(task, { state: event.status, attempt: event.attempt ?? task.attempt, error: event.error ?? task.error });
        else if (!event.from)
            this.fresh++;
        this.update();
    }

    #progress(now) {
        const task = this.list?.items.find((one) => one.task_id === now.task);
        if (task) {
            Object.assign(task, { progress: now.progress, current_step: now.current_step });
            this.update();
        }
    }

    #fields() {
        return [
            ...isAdmin() ? [{ name: 'user', label: t('monitor.user'), type: 'search', placeholder: t('monitor.user.hint') }] : [],
            { name: 'status', label: t('monitor.state'), type: 'select', options: any(states, (state) => t(`work.state.${state}`)) },
            { name: 'kind', label: t('monitor.kind'), type: 'select', options: any(kinds, kindWord) },
            { name: 'queue', label: t('monitor.queue'), type: 'select', options: any(queues, queueWord) },
        ];
    }

    template() {
        const { list } = this;
        if (!list)
            return nothing;
        return html`${head('tasks')}${filters({ view: this, fields: this.#fields(), search: isAdmin() ? 'user' : undefined })}
            ${problem(this.refusal)}
            ${this.fresh ? html`<p role="status"><button class="plain" @click=${() => this.#read()}>${t('monitor.tasks.fresh', { n: this.fresh })}</button></p>` : ''}
            ${list.items.length === 0 ? empty({ title: t('monitor.tasks.none') }) : this.#table(list)}
            ${pager({ previous: query().after ? link('/monitor/tasks', { ...query(), after: null }) : null, next: list.next ? link('/monitor/tasks', { ...query(), after: list.next }) : null })}`;
    }

    #table(list) {
        return table({
            caption: t('monitor.tasks'), rows: list.items, key: (task) => task.task_id, columns: [
                { label: t('monitor.kind'), kind: 'tight', cell: (task) => html`<div data-row><a href=${link(`/monitor/tasks/${task.task_id}`)}>${kindWord(task.kind)}</a><p class="quiet small">${queueWord(task.queue)}</p></div>` },
                { label: t('monitor.state'), cell: (task) => html`${taskBadge(task.state)} ${task.state === 'PROCESSING' ? html`<span class="quiet small">${task.progress} %</span>` : ''}` },
                ...isAdmin() ? [{ label: t('monitor.recording'), kind: 'name', cell: (task) => html`<div>${lecture(task.recording_id, task.recording_name)}<p class="quiet small">${task.user ?? ''}</p></div>` }]
                    : [{ label: t('monitor.recording'), kind: 'tight', cell: (task) => lecture(task.recording_id) }],
                { label: t('monitor.attempts'), kind: 'number', cell: (task) => task.attempt },
                { label: t('monitor.made'), kind: 'tight', cell: (task) => since(task.created_at) },
                { label: t('monitor.message'), kind: 'wide', cell: (task) => html`<span class="small message">${task.error ? said(task.error, { inline: true }) : reasonWord('skip', slug(task.reason), task.reason)}</span>` },
            ],
        });
    }
}
