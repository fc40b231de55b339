/*
 * view/first/first.js
 *    The way to the first published lecture: a file, an address or the sample, then what happens to it, in words, then the
 *    lesson and a link to it for everybody, and what can be set up so that the next ones come by themselves.
 *
 * The query says which recording it is about (?recording=ID), so that the page can be left and opened again.
 */
import { html, nothing } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api, key } from '../../app/api.js';
import { go, link, routes } from '../../app/router.js';
import { t, has } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';
import { progress } from '../../part/progress.js';
import { kindWord } from '../../part/work.js';
import { reasonWord } from '../../part/said.js';
import { toast } from '../../part/toast.js';
import { Begin } from './begin.js';
import { phrase } from '../../part/sentence.js';

const steps = ['download', 'trim', 'transcribe', 'topics', 'subtitles', 'upload'];
const marks = { SUCCESS: 'check', PROCESSING: 'running', FAILURE: 'error', CANCELLED: 'skipped', PENDING: 'waiting' };
const over = ['UPLOADED', 'READY'];
const next = [
    { name: 'credential', path: '/credentials' },
    { name: 'source', path: '/sources' },
    { name: 'template', path: '/templates' },
];
const pause = 250; // ms after an event, in which others belong to it

export default class First extends View {
    had = null;
    recording = null;
    tasks = [];
    share = null;
    refusal = null;
    #turn = 0;
    #soon = this.again(() => this.read(), pause);

    begin = new Begin(this, { done: (id) => go('/welcome', { recording: id }) });

    get id() { return this.route.query.recording ?? null; }

    title() { return t('first.title'); }

    async open() {
        this.live('recording target task', (data) => data.recording === this.id && this.#soon());
        this.live('progress', (data) => data.recording === this.id && this.#progress(data));
        this.onReset(() => this.#soon());
        await Promise.all([style('view/first.css'), this.read()]);
    }

    moved() {
        this.recording = null;
        this.tasks = [];
        this.share = null;
        this.read().catch((error) => this.#refuse(error));
        return true;
    }

    close() {
        super.close();
        this.begin.close();
    }

    #refuse(error) {
        if (error.name === 'AbortError')
            return;
        this.refusal = error;
        this.update();
    }

    #progress(data) {
        const task = this.tasks.find((one) => one.task_id === data.task);
        if (task && task.state === 'PROCESSING')
            Object.assign(task, { progress: data.progress, current_step: data.current_step });
        this.update();
    }

    /* What an older request answers later is not taken. */
    async read() {
        const mine = ++this.#turn;
        const [had, recording, tasks] = await this.load((signal) => Promise.all([
            api.get('/users/me/first-steps', {}, { signal }),
            this.id ? api.get(`/recordings/${this.id}/overview`, {}, { signal }) : null,
            this.id ? api.get('/tasks', { recording_id: this.id, per_page: 50 }, { signal }) : null,
        ]));
        if (mine !== this.#turn || this.closed)
            return;
        this.had = had;
        this.recording = recording;
        const run = tasks?.items[0]?.run_id;
        this.tasks = tasks?.items.filter((task) => task.run_id === run) ?? [];
        this.update();
    }

    async makeLink() {
        try {
            const share = await api.post(`/recordings/${this.id}/shares`, { note: t('first.share.note') }, { key: key() });
            // as the reader reached this page: leap.public_url may say nothing of it
            this.share = new URL(new URL(share.url ?? share.path, location.href).pathname, location.href).href;
            this.update();
        }
        catch (error) {
            this.#refuse(error);
        }
    }

    async #copy() {
        try {
            await navigator.clipboard.writeText(this.share);
            toast(t('secret.copied'), { kind: 'good' });
        }
        catch {
            getSelection().selectAllChildren(this.root.querySelector('.first-link'));
        }
    }

    template() {
        const { recording } = this;
        return html`<div class="first stack">
            <div><h1>${t(recording ? 'first.title.under.way' : 'first.title')}</h1>
                <p class="quiet lead">${recording ? html`<span dir="auto">${recording.display_name}</span>` : t('first.lead')}</p></div>
            ${problem(this.refusal)}
            ${recording ? this.#course() : html`${this.begin.template(this.had?.sample)}${this.#promise()}`}
            ${recording && over.includes(recording.status) ? this.#published() : nothing}
            ${recording ? this.#next() : html`<p><a href=${link('/recordings')}>${t('first.later')}</a></p>`}</div>`;
    }

    #promise() {
        return html`<section class="panel"><h2>${t('first.promise')}</h2><ol class="first-steps">${steps.map((kind) => html`<li>${icon('right')}<span><strong>${kindWord(kind)}</strong>
            <span class="quiet">${t(`first.step.${kind}.text`)}</span></span></li>`)}</ol></section>`;
    }

    #course() {
        const now = this.tasks.find((task) => task.state === 'PROCESSING');
        const { hold, status, failed, error } = this.recording;
        const said = t(over.includes(status) ? 'first.done' : hold ? 'first.held' : status === 'FAILED' ? 'first.failed' : now ? `first.now.${now.kind}` : 'first.waiting');
        return html`<section class="panel stack" aria-labelledby="first-course"><h2 id="first-course">${said}</h2><p class="hidden" role="status">${said}</p>
            <ol class="first-steps">${steps.map((kind) => this.#step(kind))}</ol>
            ${hold ? html`<div class="problem">${icon('warning')}<p>${reasonWord('held', hold, this.recording.hold_message)}</p></div>` : nothing}
            ${failed && error ? problem(error) : nothing}
            ${hold || failed ? html`<p><a class="button" href=${link(`/recordings/${this.id}`)}>${t('first.look')}</a></p>` : nothing}</section>`;
    }

    #step(kind) {
        const task = this.tasks.find((one) => one.kind === kind);
        const state = task?.state ?? 'PENDING';
        return html`<li data-state=${state.toLowerCase()}>${icon(marks[state] ?? 'waiting')}<span class="grow"><strong>${kindWord(kind)}</strong>
            <span class="hidden">${t(`work.state.${state}`)}</span>
            ${state === 'PROCESSING' ? html`<span class="quiet">${phrase(task.current_step)}</span>${progress({ value: task.progress ?? 0, label: kindWord(kind) })}`
                : html`<span class="quiet">${t(`first.step.${kind}.text`)}</span>`}</span></li>`;
    }

    #published() {
        return html`<section class="panel stack"><h2>${t('first.published')}</h2><p>${t('first.published.text')}</p>
            <p class="row"><a class="button primary" href=${link(`/recordings/${this.id}`)}>${icon('play')}${t('first.watch')}</a>
                ${this.share ? nothing : html`<button @click=${() => this.makeLink()}>${icon('share')}${t('first.share')}</button>`}</p>
            ${this.share ? html`<p>${t('first.share.text')}</p><p class="row"><a class="first-link" href=${this.share} target="_blank" rel="noopener">${this.share}</a>
                <button type="button" @click=${() => this.#copy()}>${icon('copy')}${t('secret.copy')}</button></p>` : nothing}</section>`;
    }

    #next() {
        const open = next.filter((one) => !this.had[one.name] && routes.some((row) => row.path === one.path));
        return html`<section class="stack"><h2>${t('first.next')}</h2>
            ${open.length > 0 ? html`<ul class="first-next">${open.map((one) => html`<li class="panel"><a href=${link(one.path)}>${t(`first.next.${one.name}`)}</a><p class="quiet">${t(`first.next.${one.name}.text`)}</p></li>`)}</ul>` : nothing}
            <p><a href=${link('/welcome')}>${t('first.another')}</a></p></section>`;
    }
}
