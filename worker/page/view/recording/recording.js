/*
 * view/recording/recording.js
 *    One recording: player, transcript, topics, stages, targets, files, settings, and what can be done.
 *
 * The overview (GET /recordings/{id}/overview) is read anew a moment after something happened to the recording;
 * progress is patched in place. Its parts get the view itself: id, data, me, player, patch(fields), reload(),
 * href(second), jump(event, second), outlined().
 */
import { html, nothing } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { session } from '../../app/session.js';
import { date, day, duration as clock, has, t, words } from '../../app/text.js';
import { badge, statusBadge } from '../../part/badge.js';
import { icon } from '../../part/icon.js';
import { tabs } from '../../part/tabs.js';
import { toast, toastError } from '../../part/toast.js';
import { stateWord } from '../../part/work.js';
import { Files } from './files.js';
import { Find } from './find.js';
import { Notices } from './notices.js';
import { Operations } from './operations.js';
import { Outline } from './outline.js';
import { Player } from './player.js';
import { Settings } from './settings.js';
import { Sharing } from './sharing.js';
import { Stages } from './stages.js';
import { targets } from './targets.js';
import { Transcript } from './transcript.js';
import { Wave } from './wave.js';
import { languageName } from './fields.js';
import { readPeaks, timeOfHash, toSource } from './times.js';

const pause = 250; // ms after an event, in which others belong to it
const fresh = 6 * 3_600_000; // ms: links are good for twelve hours
const names = ['topics', 'targets', 'stages', 'files', 'settings'];

export default class Recording extends View {
    data = null;
    renaming = null;
    #turn = 0;
    #readAt = 0;
    #partOf = { transcript: null, outline: null, peaks: null };

    player = new Player({ onTime: (now) => this.follow(now), onChange: () => this.update(), renew: () => this.reload() });
    wave = new Wave({ seek: (seconds) => this.player.seekSource(seconds) });
    transcript = new Transcript({
        seek: (seconds) => this.seek(seconds),
        read: (first, limit) => this.load((signal) => api.get(`/recordings/${this.id}/transcript`, { first, limit }, { signal })),
        href: (seconds) => this.href(seconds),
    });
    operations = new Operations(this);
    notices = new Notices(this);
    outline = new Outline(this);
    stages = new Stages(this);
    files = new Files(this);
    settings = new Settings(this);
    sharing = new Sharing(this);
    find = new Find(this);

    soon = this.again(() => this.reload(), pause);
    #partsSoon = this.again(() => this.#readParts(), 0);

    get id() { return this.route.params.id; }
    get me() { return session.user?.email; }
    get tab() { return names.includes(this.route.query.tab) ? this.route.query.tab : names[0]; }

    title() { return this.data?.display_name; }

    async open() {
        this.live('recording target task deletion', (data) => data.recording === this.id && this.soon());
        this.live('progress', (data) => data.recording === this.id && this.#progress(data));
        this.liveOfEveryone();
        this.onReset(() => this.soon());
        this.listen(document, 'visibilitychange', () => !document.hidden && performance.now() - this.#readAt > fresh && this.soon());
        this.after(() => {
            [this.player, this.wave, this.transcript].forEach((part) => part.close());
        });
        await Promise.all([words('player'), style('view/recording.css'), this.reload()]);
        // before the keys that work everywhere
        this.listen(document, 'keydown', (event) => this.#key(event), true);
        this.listen(window, 'hashchange', () => this.#seekToHash());
        this.#seekToHash();
        if (this.route.query.q)
            this.find.begin(this.route.query.q);
    }

    /* Another tab, or another moment, of the same recording. */
    moved() {
        this.update();
        this.#seekToHash();
        return true;
    }

    #seekToHash() {
        const at = timeOfHash(location.hash);
        if (at !== null)
            this.player.seek(at);
    }

    /* Reads the overview; what an older request answers later is not taken. */
    async reload() {
        const mine = ++this.#turn;
        const data = await this.load((signal) => api.get(`/recordings/${this.id}/overview`, {}, { signal }));
        if (mine !== this.#turn || this.closed)
            return;
        this.data = data;
        this.#readAt = performance.now();
        this.#take();
        this.update();
    }

    patch(fields) {
        Object.assign(this.data, fields);
        this.update();
    }

    #take() {
        const file = (kind) => this.data.files.find((one) => one.kind === kind);
        const shown = (one) => one ? { id: one.id, url: one.show, type: one.media_type } : null;
        this.player.show({
            lesson: shown(file('video')), original: shown(file('source')), poster: shown(file('poster')), cuts: this.data.cuts,
            tracks: this.data.files.filter((one) => one.kind === 'vtt' || one.kind.startsWith('vtt:')).map((one) => {
                const language = one.kind.split(':')[1] ?? one.metadata?.language ?? this.data.facts?.language ?? '';
                return { ...shown(one), language, label: languageName(language) };
            }),
        });
        this.wave.show({ duration: this.data.duration, cuts: this.data.cuts });
        this.#partsSoon();
        this.stages.changed();
        this.settings.changed();
    }

    /* What is long: each is read when it is of another file than what is shown. */
    async #readParts() {
        const file = (kind) => this.data.files.find((one) => one.kind === kind);
        const of = {
            transcript: file('transcript')?.id ?? null,
            outline: this.data.outline ? `${this.data.outline.version} ${file('topics')?.id}` : null,
            peaks: file('waveform')?.id ?? null,
        };
        const read = {
            transcript: () => this.transcript.load(of.transcript ? this.data.segments : 0),
            outline: () => this.outline.load().then(() => this.outlined()),
            peaks: () => of.peaks && this.#readPeaks(file('waveform')),
        };
        const wanted = Object.keys(of).filter((name) => of[name] !== this.#partOf[name] && !(name === 'outline' && this.outline.draft));
        const done = await Promise.allSettled(wanted.map(async (name) => {
            await read[name]();
            this.#partOf[name] = of[name];
        }));
        const missed = done.find((one) => one.status === 'rejected');
        if (missed)
            throw missed.reason;
    }

    async #readPeaks(file) {
        const answer = await this.load((signal) => fetch(file.show, { signal }));
        if (!answer.ok)
            throw Object.assign(new Error(file.show), { status: answer.status });
        this.wave.show({ peaks: readPeaks(await answer.arrayBuffer()) });
    }

    /* The topics have changed: chapters are theirs. */
    outlined() {
        const chapters = this.outline.chapters();
        this.player.show({ chapters });
        this.wave.show({ marks: chapters.map((chapter) => ({ ...chapter, at: toSource(this.data.cuts, chapter.at) })) });
        this.update();
    }

    #progress(event) {
        const task = this.data?.running.find((one) => one.id === event.task);
        if (!task)
            return;
        task.progress = event.progress;
        task.current_step = event.current_step;
        this.update();
    }

    follow(now) {
        this.wave.move(now.source);
        this.transcript.move(now.lesson);
    }

    href(seconds) {
        return `${location.pathname}${location.search}#t=${Math.floor(seconds)}`;
    }

    seek(seconds) {
        this.player.seek(seconds, true);
        history.replaceState(history.state, '', this.href(seconds));
    }

    jump(event, seconds) {
        if (event.ctrlKey || event.metaKey || event.shiftKey)
            return;
        event.preventDefault();
        this.seek(seconds);
    }

    #key(event) {
        if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open], [popover]:popover-open')
            || event.target.closest?.('input, select, textarea, [role=slider], [contenteditable]') || (event.target.closest?.('video') && event.key.startsWith('Arrow')))
            return;
        if (this.player.key(event)) {
            event.preventDefault();
            event.stopPropagation();
        }
    }

    template() {
        const { data } = this;
        return html`<article class="lecture">${this.#head()}${this.notices.template()}${this.stages.strip()}
            <div class="lecture-stage">
                <div class="lecture-player">${this.player.template()}${data.duration && !data.deleted && this.player.playing ? this.wave.template() : nothing}</div>
                ${this.#words()}</div>
            ${this.#tabs()}</article>`;
    }

    #head() {
        const { data } = this;
        const meta = [
            data.start_time && date(data.start_time), this.#length(), data.facts?.language && languageName(data.facts.language),
            data.template && html`<a href=${link(`/templates/${data.template.id}`)} dir="auto">${data.template.name}</a>`,
            data.source.name ? html`<a href=${link(`/sources/${data.source.input_source_id}`)} dir="auto">${data.source.name}</a>` : t(has(`lecture.source.${data.source.type}`) ? `lecture.source.${data.source.type}` : 'lecture.source.other'),
            !data.deleted && data.expire_at && html`<span class="chip" title=${t('lecture.expires.hint')}>${t('lecture.expires', { day: day(data.expire_at) })}</span>`,
            data.owner && html`<span class="chip">${t('lecture.owner', { email: data.owner })}</span>`,
        ].filter(Boolean);
        return html`<header class="lecture-head">
            <div class="lecture-title">${this.renaming === null ? html`<h1 dir="auto">${data.display_name}</h1>
                ${data.deleted ? nothing : html`<button type="button" class="icon-button" aria-label=${t('lecture.rename')} title=${t('lecture.rename')} @click=${() => this.#rename()}>${icon('edit')}</button>`}` : this.#titleForm()}</div>
            <p class="lecture-meta">${data.deleted ? badge('off', t('lecture.status.deleted')) : statusBadge(data.status, { failed: data.failed, hold: data.hold })}${meta.map((part) => html`<span>${part}</span>`)}</p>
            <div class="lecture-actions">${data.deleted ? nothing : html`<button type="button" @click=${() => this.sharing.open()}>${icon('share')} ${t('lecture.share.button')}</button>`}${this.operations.template()}</div></header>`;
    }

    #length() {
        const { duration, final_duration: final } = this.data;
        if (final && duration && duration - final >= 1)
            return t('lecture.length.cut', { length: clock(final), was: clock(duration) });
        return final || duration ? clock(final ?? duration) : null;
    }

    #titleForm() {
        const leave = () => { this.renaming = null; this.update(); };
        return html`<form class="title-form" @submit=${(event) => { event.preventDefault(); this.#saveTitle(); }} @keydown=${(event) => event.key === 'Escape' && leave()}>
            <input type="text" class="title-input" dir="auto" required maxlength="500" aria-label=${t('lecture.name')} .value=${this.renaming} @input=${(event) => { this.renaming = event.target.value; }}>
            <button class="primary">${t('lecture.save')}</button><button type="button" @click=${leave}>${t('lecture.leave')}</button></form>`;
    }

    #rename(name = this.data.display_name) {
        this.renaming = name;
        this.show();
        const input = this.root.querySelector('.title-input');
        input.focus();
        input.select();
    }

    async #saveTitle() {
        const name = this.renaming.trim();
        const before = this.data.display_name;
        if (name === before) {
            this.renaming = null;
            this.update();
            return;
        }
        const done = await api.optimistic({
            apply: () => { this.renaming = null; this.patch({ display_name: name }); },
            undo: () => { this.patch({ display_name: before }); this.#rename(name); },
            call: () => api.patch(`/recordings/${this.id}`, { display_name: name }),
        });
        if (done) {
            document.title = `${name} – LEAP`;
            toast(t('lecture.renamed'), { kind: 'good' });
            this.reload().catch(toastError);
        }
    }

    #words() {
        const { segments, facts } = this.data;
        return html`<section class="lecture-words ${segments === 0 ? 'none' : ''}" aria-labelledby="said"><div class="words-head"><h2 id="said">${t('player.transcript')}</h2>${segments > 0 ? this.find.field() : nothing}</div>
            ${segments === 0 ? html`<div class="empty"><p>${facts?.speech === 'none' ? t('lecture.words.silent') : t('lecture.words.none')}</p></div>` : nothing}
            <div class="words-body" ?hidden=${segments === 0}>${this.find.active ? this.find.template() : nothing}<div class="words-lines" ?hidden=${this.find.active}>${this.transcript.template()}</div></div></section>`;
    }

    #tabs() {
        const parts = {
            topics: () => this.outline.template(), targets: () => targets(this), stages: () => this.stages.template(), files: () => this.files.template(), settings: () => this.settings.template(),
        };
        const href = (name) => link(`/recordings/${this.id}`, { ...this.route.query, tab: name === names[0] ? null : name });
        return html`${tabs({ label: t('lecture.tabs'), current: this.tab, items: names.map((name) => ({ id: name, label: html`${t(`lecture.tab.${name}`)}${this.#badge(name)}`, href: href(name) })) })}
            <section class="tab-panel" aria-label=${t(`lecture.tab.${this.tab}`)}>${parts[this.tab]()}</section>`;
    }

    #badge(name) {
        const failed = name === 'targets' ? this.data.targets.filter((target) => target.status === 'FAILED').length : 0;
        return failed > 0 ? html` <span class="chip bad" title=${stateWord('failed')}>${failed}</span>` : nothing;
    }
}
