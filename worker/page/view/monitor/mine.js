/*
 * view/monitor/mine.js
 *    Where the work of whoever is here stands: what runs, whose turn it is, what waits and why, what failed.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { empty } from '../../part/empty.js';
import { progress } from '../../part/progress.js';
import { reasonWord, said } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { since } from '../../part/time.js';
import { head, kindWord, lecture, queueWord } from './head.js';

const pause = 1000; // ms between two readings, however much happens

export class Mine extends View {
    place = null;
    running = [];
    failures = [];
    #later = this.again(() => this.#read(), pause);

    title() { return t('nav.monitor'); }

    async open() {
        this.live('progress', (now) => this.#progress(now));
        this.live('task recording deletion', () => this.#later());
        this.onReset(() => this.#later());
        await Promise.all([style('view/monitor.css'), this.#read()]);
    }

    async #read() {
        const [place, running, failures] = await this.load((signal) => Promise.all([api.get('/tasks/place', {}, { signal }), api.get('/tasks', { status: 'PROCESSING', per_page: 100 }, { signal }),
            api.get('/users/me/stats/failures', { from: new Date(Date.now() - 6 * 86400e3).toISOString().slice(0, 10) }, { signal })]));
        Object.assign(this, { place, running: running.items, failures: failures.failures });
        this.update();
    }

    #progress(now) {
        const task = this.running.find((one) => one.task_id === now.task);
        if (!task)
            return this.#later();
        Object.assign(task, { progress: now.progress, current_step: now.current_step });
        return this.update();
    }

    template() {
        const { place, running, failures } = this;
        if (!place)
            return nothing;
        const idle = running.length + place.queues.length + place.scheduled + place.waiting.length === 0;
        return html`${head('now')}
            ${idle ? empty({ title: t('monitor.mine.idle'), text: t('monitor.mine.idle.text'), action: html`<a class="button" href=${link('/recordings')}>${t('nav.recordings')}</a>` }) : html`
                <section class="block" aria-labelledby="turn"><h2 id="turn">${t('monitor.turn')}</h2><div class="panel stack">
                    <p>${t('monitor.mine.running', { n: place.running })}${place.at_once === null ? '' : ` ${t('monitor.mine.at_once', { n: place.at_once })}`}</p>
                    ${place.queues.map((queue) => html`<p>${this.#turn(queue)}</p>`)}
                    ${place.scheduled ? html`<p>${t('monitor.mine.scheduled', { n: place.scheduled })}</p>` : nothing}</div></section>`}
            ${running.length ? html`<section class="block" aria-labelledby="runs"><h2 id="runs">${t('monitor.mine.runs')}</h2><ul class="children panel">${repeat(running, (task) => task.task_id, (task) => html`<li>
                <div class="row"><a href=${link(`/monitor/tasks/${task.task_id}`)}>${kindWord(task.kind)}</a><span class="grow"></span><span class="quiet small">${since(task.started_at)}</span></div>
                <div class="row child"><span class="grow">${progress({ value: task.progress, label: kindWord(task.kind) })}</span><span class="quiet small cut">${phrase(task.current_step)}</span></div></li>`)}</ul></section>` : nothing}
            ${place.waiting.length ? html`<section class="block" aria-labelledby="waits"><h2 id="waits">${t('monitor.waiting')}</h2>${table({
                caption: t('monitor.waiting'), rows: place.waiting, key: (row) => row.task, columns: [
                    { label: t('monitor.recording'), kind: 'wide', cell: (row) => lecture(row.recording, row.name) },
                    { label: t('monitor.kind'), kind: 'tight', cell: (row) => kindWord(row.kind) },
                    { label: t('monitor.because'), cell: (row) => reasonWord('stuck', row.code, row.reason) }],
            })}</section>` : nothing}
            ${failures.length ? html`<section class="block" aria-labelledby="failures"><h2 id="failures">${t('monitor.mine.failures')}</h2>${table({
                caption: t('monitor.mine.failures'), rows: failures, key: (row) => `${row.kind}${row.class}${row.code}`, columns: [
                    { label: t('monitor.kind'), kind: 'tight', cell: (row) => kindWord(row.kind) }, { label: t('monitor.class'), kind: 'tight', cell: (row) => t(`monitor.class.${row.class}`) },
                    { label: t('monitor.message'), kind: 'wide', cell: (row) => said({ class: row.class, code: row.code, message: row.last_message }, { inline: true }) },
                    { label: t('monitor.times'), kind: 'number', cell: (row) => row.attempts }, { label: t('monitor.last'), kind: 'tight', cell: (row) => since(row.last_at) },
                    { label: t('monitor.example'), kind: 'tight', cell: (row) => lecture(row.last_recording) }],
            })}</section>` : nothing}`;
    }

    #turn(queue) {
        const words = { queue: queueWord(queue.queue), n: queue.ready };
        if (queue.paused)
            return t('monitor.mine.paused', words);
        if (!queue.served)
            return t('monitor.mine.unserved', words);
        return html`${t('monitor.mine.ready', words)} ${queue.others === 0 ? t('monitor.mine.alone') : t('monitor.mine.others', { n: queue.others })}`;
    }
}
