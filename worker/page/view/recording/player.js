/*
 * view/recording/player.js
 *    The video with what its own controls lack: speed, chapters, the recording before it was cut, and keys.
 *
 *  const player = new Player({ onTime, onChange })
 *  player.show({ lesson, original, poster, tracks, cuts, chapters })
 *      lesson, original: {id, url, type} or null; tracks: [{id, url, language, label}]; chapters: [{at, title}]
 *  player.template()
 *  player.seek(second of the lesson, play)     player.seekSource(second of the recording)
 *  player.now()                 {lesson, source}: where it is; lesson is null within what was cut out
 *  player.key(event)            does what the key stands for; whether it stood for something
 *  player.close()
 * onTime(player.now()) is called while it plays; onChange() when it is to be rendered anew; renew() when
 * a link has ended. A link that is signed anew is no other video: what plays goes on.
 */
import { html, nothing, ref, repeat, live } from '../../app/html.js';
import { icon } from '../../part/icon.js';
import { t } from '../../app/text.js';
import { toLesson, toSource, isKept, indexAt } from './times.js';

const speeds = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const storedSpeed = 'leap.speed';

export class Player {
    video = null;
    original = false;
    chapter = -1;
    #media = { lesson: null, original: null, poster: null, tracks: [], cuts: null, chapters: [] };
    #links = new Map();
    #speed = speeds.find((speed) => speed === Number(localStorage.getItem(storedSpeed))) ?? 1;
    #wanted = null;
    #renewed = new Set();
    #frame = 0;

    constructor({ onTime, onChange, renew }) {
        this.onTime = onTime;
        this.onChange = onChange;
        this.renew = renew;
    }

    show(media) {
        this.#media = { ...this.#media, ...media };
        if (!this.#media.lesson || !this.#media.original)
            this.original = !this.#media.lesson && this.#media.original !== null;
        this.chapter = this.#chapterAt(this.now());
    }

    get captions() {
        return [...this.video?.textTracks ?? []].some((track) => track.mode === 'showing');
    }

    get playing() {
        return this.original ? this.#media.original : this.#media.lesson;
    }

    /* The first link of a file is kept until it is refused. */
    #link(file) {
        if (!file)
            return nothing;
        if (!this.#links.has(file.id))
            this.#links.set(file.id, file.url);
        return this.#links.get(file.id);
    }

    template() {
        const { poster, tracks, lesson } = this.#media;
        const file = this.playing;
        if (!file)
            return html`<div class="player-none">${poster ? html`<img src=${this.#link(poster)} alt="">` : icon('recordings')}<p>${t('player.none')}</p></div>`;
        return html`<video class="player-video" controls playsinline preload="metadata" src=${this.#link(file)} poster=${this.#link(poster)}
            aria-label=${t('player.label')} ${ref((video) => this.#mount(video))}
            @timeupdate=${() => this.#told()} @seeking=${() => this.#told()} @loadedmetadata=${() => this.#loaded()} @error=${() => this.#refused()}
            @ratechange=${() => this.#rated()} @play=${() => this.#run()}>
            ${repeat(this.original ? [] : tracks, (track) => track.id, (track, i) => html`<track kind="subtitles" srclang=${track.language} label=${track.label} src=${this.#link(track)} ?default=${i === 0}>`)}
        </video>
        <div class="player-tools">${this.#chapterTools()}<span class="grow"></span>
            ${this.original || tracks.length === 0 ? nothing : html`<button type="button" class="small" aria-pressed=${String(this.captions)} title=${`${t('player.captions')} (c)`} @click=${() => this.#toggleCaptions()}>${t('player.captions')}</button>`}
            <label class="player-speed"><span class="hidden">${t('player.speed')}</span>
                <select @change=${(event) => this.setSpeed(Number(event.target.value))} .value=${live(String(this.#speed))}>
                    ${speeds.map((speed) => html`<option value=${speed} ?selected=${speed === this.#speed}>${speed}×</option>`)}</select></label>
            ${lesson && this.#media.original ? html`<div class="switch" role="group" aria-label=${t('player.which')}>
                <button type="button" aria-pressed=${String(!this.original)} @click=${() => this.setOriginal(false)}>${t('player.lesson')}</button>
                <button type="button" aria-pressed=${String(this.original)} @click=${() => this.setOriginal(true)}>${t('player.original')}</button></div>` : nothing}
        </div>`;
    }

    #chapterTools() {
        const { chapters } = this.#media;
        if (chapters.length < 2)
            return nothing;
        const now = chapters[this.chapter];
        return html`<button type="button" class="icon-button" aria-label=${t('player.back')} ?disabled=${this.chapter <= 0} @click=${() => this.skip(-1)}>${icon('left')}</button>
            <button type="button" class="icon-button" aria-label=${t('player.next')} ?disabled=${this.chapter >= chapters.length - 1} @click=${() => this.skip(1)}>${icon('right')}</button>
            <span class="player-chapter" title=${now?.title ?? ''}>${now?.title ?? ''}</span>`;
    }

    #mount(video) {
        if (!video || video === this.video)
            return;
        this.video = video;
        video.playbackRate = this.#speed;
        // also by the browser's own button
        video.textTracks.addEventListener('change', () => this.onChange());
    }

    #loaded() {
        this.video.playbackRate = this.#speed;
        if (this.#wanted) {
            const { seconds, play } = this.#wanted;
            this.#wanted = null;
            this.video.currentTime = seconds;
            if (play)
                this.video.play().catch(() => {});
        }
        this.#told();
    }

    /* A link that has ended is asked for once more; one that is refused again stays refused. */
    async #refused() {
        const file = this.playing;
        const url = this.#links.get(file?.id);
        if (!file || this.#renewed.has(url))
            return;
        this.#renewed.add(url);
        this.#wanted = { seconds: this.video.currentTime, play: !this.video.paused };
        await this.renew();
        this.#links.set(file.id, this.playing?.url);
        this.onChange();
    }

    now() {
        const at = this.video?.currentTime ?? 0;
        const { cuts } = this.#media;
        if (this.original)
            return { source: at, lesson: isKept(cuts, at) ? toLesson(cuts, at) : null };
        return { source: toSource(cuts, at), lesson: at };
    }

    #told() {
        const now = this.now();
        this.onTime(now);
        const chapter = this.#chapterAt(now);
        if (chapter !== this.chapter) {
            this.chapter = chapter;
            this.onChange();
        }
    }

    #chapterAt(now) {
        return now.lesson === null ? this.chapter : indexAt(this.#media.chapters.map((one) => one.at), now.lesson);
    }

    /* Four times a second is too rarely for a line that moves. */
    #run() {
        cancelAnimationFrame(this.#frame);
        const step = () => {
            if (!this.video?.isConnected || this.video.paused)
                return;
            this.onTime(this.now());
            this.#frame = requestAnimationFrame(step);
        };
        this.#frame = requestAnimationFrame(step);
    }

    #set(seconds, play) {
        if (!this.video?.readyState) {
            this.#wanted = { seconds, play };
            return;
        }
        this.video.currentTime = Math.max(0, seconds);
        if (play)
            this.video.play().catch(() => {});
    }

    seek(seconds, play = false) {
        this.#set(this.original ? toSource(this.#media.cuts, seconds) : seconds, play);
    }

    seekSource(seconds) {
        this.#set(this.original ? seconds : toLesson(this.#media.cuts, seconds), false);
    }

    skip(step) {
        const to = this.#media.chapters[this.chapter + step];
        if (to)
            this.seek(to.at);
    }

    setOriginal(original) {
        if (original === this.original)
            return;
        const { source } = this.now();
        this.#wanted = { seconds: original ? source : toLesson(this.#media.cuts, source), play: this.video && !this.video.paused };
        this.original = original;
        this.onChange();
    }

    setSpeed(speed) {
        this.#speed = speed;
        localStorage.setItem(storedSpeed, speed);
        if (this.video)
            this.video.playbackRate = speed;
        this.onChange();
    }

    #rated() {
        if (this.video.playbackRate !== this.#speed && speeds.includes(this.video.playbackRate))
            this.setSpeed(this.video.playbackRate);
    }

    #toggleCaptions() {
        const tracks = [...this.video.textTracks];
        const { captions } = this;
        tracks.forEach((track) => { track.mode = 'disabled'; });
        if (!captions && tracks[0])
            tracks[0].mode = 'showing';
        this.onChange();
    }

    #faster(step) {
        const speed = speeds[speeds.indexOf(this.#speed) + step];
        if (speed)
            this.setSpeed(speed);
    }

    key(event) {
        const keys = {
            k: () => this.video.paused ? this.video.play().catch(() => {}) : this.video.pause(),
            j: () => this.#set(this.video.currentTime - 10), l: () => this.#set(this.video.currentTime + 10),
            ArrowLeft: () => this.#set(this.video.currentTime - 5), ArrowRight: () => this.#set(this.video.currentTime + 5),
            n: () => this.skip(1), p: () => this.skip(-1), c: () => this.#toggleCaptions(), m: () => { this.video.muted = !this.video.muted; },
            f: () => document.fullscreenElement ? document.exitFullscreen() : this.video.requestFullscreen?.().catch(() => {}),
            '<': () => this.#faster(-1), '>': () => this.#faster(1),
        };
        if (!this.video || !Object.hasOwn(keys, event.key))
            return false;
        keys[event.key]();
        return true;
    }

    close() {
        cancelAnimationFrame(this.#frame);
        this.video?.pause();
        this.video?.removeAttribute('src');
        this.video?.load();
        this.video = null;
    }
}
