/*
 * view/recording/outline.js
 *    Topics, summary and questions of a lecture: to read, to jump by, to edit; with every version there was.
 *
 *  const outline = new Outline(page)     page: the view (id, data, player, update(), words of the server by api)
 *  outline.load()                        reads the versions; a promise
 *  outline.template()
 *  outline.chapters()                    [{at, title}] of what is in use, for the player
 * An edit is seen at once. When the server refuses it, the form is there again with what was typed.
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { ago, duration as clock, has, t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';
import { toast, toastError } from '../../part/toast.js';
import { timeField, secondsOf } from './fields.js';

export class Outline {
    versions = [];
    shown = null;   // the number of another version that is looked at
    draft = null;   // what is edited
    refusal = null;

    constructor(page) {
        this.page = page;
    }

    get active() {
        return this.versions.find((version) => version.active);
    }

    get current() {
        return this.versions.find((version) => version.version === this.shown) ?? this.active;
    }

    async load() {
        this.versions = (await this.page.load((signal) => api.get(`/recordings/${this.page.id}/topics`, {}, { signal }))).versions;
        if (!this.versions.some((version) => version.version === this.shown))
            this.shown = null;
        this.page.update();
    }

    chapters() {
        return (this.active?.topics ?? []).map((topic) => ({ at: topic.start, title: topic.title }));
    }

    template() {
        if (this.draft)
            return this.#form();
        if (!this.active)
            return html`<div class="empty"><p>${t('lecture.topics.none')}</p><p class="quiet">${t('lecture.topics.none.hint')}</p></div>`;
        return html`${this.#tools()}${this.#topics()}${this.#texts()}`;
    }

    #tools() {
        const shown = this.current;
        return html`<div class="tools">
            ${this.versions.length > 1 ? html`<label><span class="hidden">${t('lecture.topics.version')}</span>
                <select @change=${(event) => { this.shown = Number(event.target.value); this.page.update(); }}>
                    ${repeat(this.versions, (version) => version.version, (version) => html`<option value=${version.version} ?selected=${version === shown}>${this.#label(version)}</option>`)}</select></label>`
                : html`<span class="quiet">${this.#label(shown)}</span>`}
            <span class="grow"></span>
            ${shown.active ? nothing : html`<button type="button" @click=${() => this.#activate(shown)}>${t('lecture.topics.use')}</button>`}
            <button type="button" @click=${() => this.edit()}>${icon('edit')} ${t('lecture.edit')}</button></div>`;
    }

    #label(version) {
        const parts = [t('lecture.topics.number', { number: String(version.version) })];
        parts.push(version.edited ? t('lecture.topics.edited', { by: version.edited_by, when: ago(version.edited_at) })
            : t('lecture.topics.found', { by: has(`lecture.provider.${version.provider}`) ? t(`lecture.provider.${version.provider}`) : version.provider ?? '–', when: ago(version.created_at) }));
        if (version.active)
            parts.push(t('lecture.topics.active'));
        return parts.join(' · ');
    }

    #topics() {
        const { player } = this.page;
        const live = this.current.active;
        return html`<ol class="chapter-list" aria-label=${t('lecture.topics')}>${this.current.topics.map((topic, i) => html`<li>
            <a href=${this.page.href(topic.start)} aria-current=${live && i === player.chapter ? 'true' : nothing} @click=${(event) => this.page.jump(event, topic.start)}>
                <span class="line-time">${clock(topic.start)}</span> <span dir="auto">${topic.title}</span></a>
            <span class="quiet chapter-length">${topic.end === undefined ? nothing : clock(topic.end - topic.start)}</span></li>`)}</ol>`;
    }

    #texts() {
        const { summary, questions, main_topics: main } = this.current;
        return html`
            ${main?.length ? html`<p class="chips" aria-label=${t('lecture.topics.main')}>${main.map((name) => html`<span class="chip" dir="auto">${name}</span>`)}</p>` : nothing}
            ${summary ? html`<h3>${t('lecture.summary')}</h3><p class="long-text" dir="auto">${summary}</p>` : nothing}
            ${questions?.length ? html`<h3>${t('lecture.questions')}</h3><ol class="long-text">${questions.map((question) => html`<li dir="auto">${question}</li>`)}</ol>` : nothing}`;
    }

    edit() {
        const { version, topics, summary, questions, main_topics: main } = this.current;
        this.refusal = null;
        this.draft = {
            version, summary: summary ?? '', questions: (questions ?? []).join('\n'), main: (main ?? []).join('\n'),
            topics: topics.map((topic, i) => ({ key: i, start: topic.start, text: clock(topic.start), title: topic.title })), next: topics.length,
        };
        this.page.update();
    }

    #form() {
        const { draft } = this;
        return html`<form class="outline-form" @submit=${(event) => { event.preventDefault(); this.#save(); }}>
            ${problem(this.refusal)}
            <fieldset><legend>${t('lecture.topics')}</legend>
                <ol class="outline-rows">${repeat(draft.topics, (row) => row.key, (row, i) => this.#row(row, i))}</ol>
                <button type="button" @click=${() => this.#add()}>${icon('add')} ${t('lecture.topics.add', { time: clock(this.#now()) })}</button></fieldset>
            <label class="field"><span>${t('lecture.topics.main')}</span><span class="quiet">${t('lecture.one.line')}</span>
                <textarea rows="3" dir="auto" .value=${draft.main} @input=${(event) => { draft.main = event.target.value; }}></textarea></label>
            <label class="field"><span>${t('lecture.summary')}</span>
                <textarea rows="6" dir="auto" maxlength="5000" .value=${draft.summary} @input=${(event) => { draft.summary = event.target.value; }}></textarea></label>
            <label class="field"><span>${t('lecture.questions')}</span><span class="quiet">${t('lecture.one.line')}</span>
                <textarea rows="4" dir="auto" .value=${draft.questions} @input=${(event) => { draft.questions = event.target.value; }}></textarea></label>
            <div class="buttons"><button class="primary">${t('lecture.save')}</button>
                <button type="button" @click=${() => { this.draft = null; this.page.update(); }}>${t('lecture.leave')}</button></div></form>`;
    }

    #row(row, i) {
        return html`<li>
            ${timeField(row.text, t('lecture.topics.start', { n: i + 1 }), (text) => { row.text = text; })}
            <input type="text" required maxlength="300" dir="auto" aria-label=${t('lecture.topics.title', { n: i + 1 })} .value=${row.title} @input=${(event) => { row.title = event.target.value; }}>
            <button type="button" class="icon-button" aria-label=${t('lecture.topics.here', { n: i + 1 })} title=${t('lecture.topics.here', { n: i + 1 })} ?disabled=${i === 0}
                @click=${() => { row.text = clock(this.#now()); this.page.update(); }}>${icon('waiting')}</button>
            <button type="button" class="icon-button" aria-label=${t('lecture.topics.remove', { n: i + 1 })} ?disabled=${this.draft.topics.length < 2}
                @click=${() => { this.draft.topics.splice(i, 1); this.page.update(); }}>${icon('close')}</button></li>`;
    }

    #now() {
        return Math.floor(this.page.player.now().lesson ?? 0);
    }

    /* Where the video is, among the others. */
    #add() {
        const start = this.#now();
        const { topics } = this.draft;
        const place = topics.findIndex((row) => (secondsOf(row.text) ?? 0) > start);
        topics.splice(place < 0 ? topics.length : place, 0, { key: this.draft.next++, start: null, text: clock(start), title: '' });
        this.page.update();
    }

    #changes() {
        const { draft } = this;
        const base = this.versions.find((version) => version.version === draft.version);
        const lines = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);
        // a time that nobody touched keeps what it has behind the second
        const topics = draft.topics.map((row) => ({ title: row.title.trim(), start: row.start !== null && clock(row.start) === row.text ? row.start : secondsOf(row.text) }))
            .sort((a, b) => a.start - b.start);
        const said = { topics, main_topics: lines(draft.main), summary: draft.summary.trim(), questions: lines(draft.questions) };
        const was = { topics: base.topics.map(({ title, start }) => ({ title, start })), main_topics: base.main_topics ?? [], summary: base.summary ?? '', questions: base.questions ?? [] };
        return Object.fromEntries(Object.entries(said).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name])));
    }

    async #save() {
        const { draft } = this;
        const changes = this.#changes();
        const base = this.versions.find((version) => version.version === draft.version);
        if (Object.keys(changes).length === 0) {
            this.draft = null;
            this.page.update();
            return;
        }
        const before = { versions: this.versions, shown: this.shown };
        const number = Math.max(...this.versions.map((version) => version.version)) + 1;
        const made = { ...base, ...changes, version: number, active: true, edited: true, edited_by: this.page.me, edited_at: new Date().toISOString() };
        this.versions = [made, ...this.versions.map((version) => ({ ...version, active: false }))];
        this.shown = null;
        this.draft = null;
        this.page.outlined();
        try {
            await api.patch(`/recordings/${this.page.id}/topics`, { ...changes, version: draft.version });
            toast(t('lecture.topics.saved'));
            await this.load();
        }
        catch (error) {
            Object.assign(this, before, { draft, refusal: error });
            toastError(error);
        }
        this.page.outlined();
    }

    async #activate(version) {
        const before = this.versions;
        await api.optimistic({
            apply: () => {
                this.versions = before.map((one) => ({ ...one, active: one === version }));
                this.shown = null;
                this.page.outlined();
            },
            undo: () => {
                this.versions = before;
                this.shown = version.version;
                this.page.outlined();
            },
            call: () => api.post(`/recordings/${this.page.id}/topics/${version.version}/activate`),
        });
    }
}
