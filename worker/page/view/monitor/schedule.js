/*
 * view/monitor/schedule.js
 *    What is due when: the bell that rings each minute, automation jobs, tasks that wait for their time.
 */
import { html, nothing } from '../../app/html.js';
import { link } from '../../app/router.js';
import { date, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { phrase } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { since, until } from '../../part/time.js';
import { head, kindWord, lecture } from './head.js';
import { SystemView } from './system.js';

const late = 180_000; // ms: then a bell that should ring each minute is silent

export default class Schedule extends SystemView {
    title() { return t('monitor.schedule'); }

    template() {
        const { next } = this.state;
        return html`${head('schedule')}
            <section class="block" aria-labelledby="bell"><h2 id="bell">${t('monitor.bell')}</h2><p class="quiet">${t('monitor.bell.text')}</p><div class="panel stack">${this.#bells(next)}</div></section>
            <section class="block" aria-labelledby="jobs"><h2 id="jobs">${t('monitor.jobs')}</h2>${next.jobs.length === 0 ? html`<p class="panel quiet">${t('monitor.jobs.none')}</p>` : table({
                caption: t('monitor.jobs'), rows: next.jobs, columns: [
                    { label: t('monitor.when'), kind: 'tight', cell: (job) => html`${until(job.at)} <span class="quiet small">${date(job.at)}</span>` },
                    { label: t('monitor.job'), kind: 'wide', cell: (job) => html`<span dir="auto">${job.name}</span>` }, { label: t('monitor.user'), cell: (job) => job.user }],
            })}</section>
            <section class="block" aria-labelledby="later"><h2 id="later">${t('monitor.later')}</h2>${next.tasks.length === 0 ? html`<p class="panel quiet">${t('monitor.later.none')}</p>` : table({
                caption: t('monitor.later'), rows: next.tasks, columns: [
                    { label: t('monitor.when'), kind: 'tight', cell: (task) => html`${until(task.at)} <span class="quiet small">${date(task.at)}</span>` },
                    { label: t('monitor.kind'), kind: 'tight', cell: (task) => html`<a href=${link(`/monitor/tasks/${task.id}`)}>${kindWord(task.kind)}</a>` },
                    { label: t('monitor.recording'), kind: 'name', cell: (task) => html`<div>${lecture(task.recording, task.recording_name)}<p class="quiet small">${task.user ?? ''}</p></div>` },
                    { label: t('monitor.because'), kind: 'wide', cell: (task) => html`<div><span>${t(`monitor.gate.${task.gate ?? (task.attempt > 0 ? 'retry' : 'delay')}`)}</span><p class="quiet small message">${phrase(task.reason)}</p></div>` }],
            })}${next.scheduled > next.tasks.length ? html`<p class="quiet">${t('monitor.later.more', { n: next.scheduled - next.tasks.length })}</p>` : nothing}</section>`;
    }

    #bells(next) {
        const wanted = next.rung_by === 'both' ? ['cron', 'worker'] : [next.rung_by];
        const rang = (ringer) => next.bells.find((bell) => bell.ringer === ringer);
        const silent = !wanted.some((ringer) => rang(ringer) && new Date(this.state.at) - new Date(rang(ringer).rung_at) < late);
        return html`${silent ? html`<p>${badge('bad', t('monitor.bell.silent'))}</p>` : nothing}${['cron', 'worker', 'hand'].filter((ringer) => rang(ringer) || wanted.includes(ringer)).map((ringer) => {
            const bell = rang(ringer);
            return html`<p class="row"><strong>${t(`monitor.ringer.${ringer}`)}</strong> ${bell ? html`<span>${t('monitor.rang')} ${since(bell.rung_at)}</span>` : html`<span class="quiet">${t('monitor.rang.never')}</span>`}
                ${bell?.failed.length ? badge('warn', t('monitor.chores.failed', { names: bell.failed.join(', ') })) : nothing}</p>`;
        })}`;
    }
}
