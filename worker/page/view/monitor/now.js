/*
 * view/monitor/now.js
 *    Queues, workers with what each of their children does, and what is in trouble, as it happens.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { number, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { icon } from '../../part/icon.js';
import { progress } from '../../part/progress.js';
import { phrase } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { toast } from '../../part/toast.js';
import { head, inTrouble, kindWord, lecture, queueWord, why } from './head.js';
import { SystemView } from './system.js';

const sum = (rows, name) => rows.reduce((all, row) => all + row[name], 0);

export class Now extends SystemView {
    title() { return t('nav.monitor'); }

    template() {
        const { state } = this;
        return html`${head('now')}
            ${this.#tiles()}
            <section class="block" aria-labelledby="queues"><h2 id="queues">${t('monitor.queues')}</h2>${this.#queues()}</section>
            ${this.#trouble()}
            <section class="block" aria-labelledby="workers"><h2 id="workers">${t('monitor.workers')}</h2>
                ${state.workers.length === 0 ? html`<div class="panel"><p><strong>${t('monitor.workers.none')}</strong></p><p class="quiet">${t('monitor.workers.none.text')}</p></div>` : nothing}
                <div class="workers">${repeat(state.workers, (worker) => worker.id, (worker) => this.#worker(worker))}</div>
                ${state.running > state.tasks.length ? html`<p class="quiet">${t('monitor.running.more', { n: state.running - state.tasks.length })}</p>` : nothing}</section>`;
    }

    #tiles() {
        const { queues, workers, running, succeeded, failures } = this.state;
        const tile = (name, value, kind, path) => html`<a class="tile ${kind ?? ''}" href=${link(path)}><span class="tile-value">${number(value)}</span><span class="tile-name">${t(`monitor.tile.${name}`, { n: value })}</span></a>`;
        const failed = sum(failures, 'attempts');
        const alive = workers.filter((worker) => worker.state === 'alive').length;
        return html`<div class="tiles">
            ${tile('running', running, '', '/monitor/tasks?status=PROCESSING')}${tile('ready', sum(queues, 'ready'), '', '/monitor/waiting')}${tile('scheduled', sum(queues, 'scheduled'), '', '/monitor/schedule')}
            ${tile('workers', alive, alive ? '' : 'bad', '/monitor')}${tile('succeeded', succeeded, '', '/monitor/history?period=hour')}${tile('failed', failed, failed ? 'bad' : '', '/monitor/history?period=hour')}</div>`;
    }

    #queues() {
        return table({
            caption: t('monitor.queues'), rows: this.state.queues, key: (queue) => queue.queue, columns: [
                { label: t('monitor.queue'), kind: 'wide', cell: (queue) => html`<strong>${queueWord(queue.queue)}</strong>${queue.state === 'paused'
                    ? html`<p class="small quiet">${t('monitor.paused.by', { who: queue.paused_by ?? '' })} ${since(queue.paused_at)}: <span dir="auto">${queue.reason}</span></p>` : nothing}` },
                { label: t('monitor.state'), cell: (queue) => this.#queueState(queue) },
                { label: t('monitor.ready'), kind: 'number', cell: (queue) => number(queue.ready) },
                { label: t('monitor.oldest'), cell: (queue) => queue.oldest_at ? since(queue.oldest_at) : '–' },
                { label: t('monitor.running'), kind: 'number', cell: (queue) => t('monitor.of', { n: queue.running, all: queue.places }) },
                { label: t('monitor.scheduled'), kind: 'number', cell: (queue) => number(queue.scheduled) },
                { label: t('monitor.workers'), kind: 'number', cell: (queue) => number(queue.workers) },
                { label: '', kind: 'actions', cell: (queue) => queue.state === 'paused'
                    ? html`<button @click=${() => this.#pause(queue, false)}>${icon('play')}${t('monitor.resume')}</button>` : html`<button @click=${() => this.#pause(queue, true)}>${icon('paused')}${t('monitor.pause')}</button>` },
            ],
        });
    }

    #queueState(queue) {
        if (queue.state === 'paused')
            return badge('warn', t('monitor.paused'));
        if (queue.workers === 0)
            return badge(queue.ready ? 'bad' : 'off', t('monitor.unserved'));
        return queue.running ? badge('busy', t('monitor.works')) : badge('good', t('monitor.free'));
    }

    #pause(queue, pause) {
        const name = queueWord(queue.queue);
        const word = pause ? 'pause' : 'resume';
        return why({
            title: t(`monitor.${word}.title`, { name }), text: t(`monitor.${word}.text`), action: t(`monitor.${word}`),
            run: async (reason) => {
                Object.assign(queue, await api.post(`/admin/queues/${queue.queue}/${word}`, { reason }));
                this.update();
                toast(t(`monitor.${word}.done`, { name }), { kind: 'good' });
            },
        });
    }

    #trouble() {
        const { limits } = this.state;
        const breakers = inTrouble(this.state.breakers);
        const waits = limits.filter((limit) => limit.waiting > 0);
        return breakers.length + waits.length === 0 ? nothing : html`<p class="note">${icon('warning')}<span>${t('monitor.trouble', { breakers: breakers.length, limits: waits.length })}
            <a href=${link('/monitor/limits')}>${t('monitor.trouble.look')}</a></span></p>`;
    }

    #worker(worker) {
        const tasks = this.state.tasks.filter((task) => task.worker === worker.id);
        const state = worker.state === 'gone' ? badge('bad', t('monitor.worker.gone')) : worker.beat_at ? badge('warn', t('monitor.worker.silent')) : badge('good', t('monitor.worker.alive'));
        return html`<article class="panel worker">
            <header><h3 dir="auto">${worker.name}</h3>${state}<span class="grow"></span><span class="quiet">${t('monitor.slots', { n: worker.running, all: worker.slots })}</span></header>
            <p class="quiet small">${worker.queues.map(queueWord).join(', ')} · ${worker.info?.host ?? ''} · ${worker.info?.version ?? ''} · ${t('monitor.since')} ${since(worker.registered_at)}
                ${worker.beat_at ? html` · ${t('monitor.heard')} ${since(worker.beat_at)}` : nothing}</p>
            ${tasks.length === 0 ? html`<p class="quiet">${t('monitor.worker.idle')}</p>` : html`<ul class="children">${repeat(tasks, (task) => task.id, (task) => html`<li>
                <div class="row"><a href=${link(`/monitor/tasks/${task.id}`)}>${kindWord(task.kind)}</a><span class="grow cut">${lecture(task.recording, task.recording_name)}</span><span class="quiet small">${since(task.started_at)}</span></div>
                <div class="row child"><span class="grow">${progress({ value: task.progress, label: kindWord(task.kind) })}</span><span class="quiet small cut">${phrase(task.current_step)}</span>
                    ${task.attempt > 1 ? html`<span class="quiet small">${t('monitor.attempt', { n: task.attempt })}</span>` : nothing}</div></li>`)}</ul>`}</article>`;
    }
}
