/*
 * view/share/share.js
 *    One lesson, shown to whoever has its link: video, chapters, what was said, summary, files if they
 *    may be saved. Nothing of an account is asked for or sent.
 */
import { html, nothing } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { bytes, date, day, duration as clock, has, t, words } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { Player } from '../recording/player.js';
import { Transcript } from '../recording/transcript.js';
import { timeOfHash } from '../recording/times.js';

const languageName = (code) => {
    try {
        return new Intl.DisplayNames([document.documentElement.lang], { type: 'language' }).of(code);
    }
    catch {
        return code;
    }
};

export default class Share extends View {
    lesson = null;
    find = '';

    player = new Player({
        onTime: (now) => this.transcript.move(now.lesson),
        onChange: () => this.update(),
        renew: () => this.read(),
    });

    transcript = new Transcript({
        seek: (seconds) => this.seek(seconds),
        read: async (first, limit) => ({ total: this.lesson.segments.length, segments: this.lesson.segments.slice(first, first + limit) }),
        href: (seconds) => `#t=${Math.floor(seconds)}`,
    });

    async open() {
        await Promise.all([words('player'), style('view/recording.css'), style('view/share.css')]);
        await this.read();
        this.listen(document, 'keydown', (event) => this.key(event), true);
        this.listen(window, 'hashchange', () => this.seekToHash());
        this.after(() => { this.player.close(); this.transcript.close(); });
        this.transcript.load(this.lesson.segments.length);
        this.seekToHash();
    }

    async read() {
        try {
            this.lesson = await this.load((signal) => api.get(`/share/${encodeURIComponent(this.route.params.token)}`, {}, { signal }));
        }
        catch (error) {
            if (error.status !== 404 || this.lesson)
                throw error;
            this.gone = error;
            this.lesson = { segments: [], captions: [], chapters: [], questions: [], downloads: [] };
            return;
        }
        const { video, poster, captions, chapters } = this.lesson;
        const file = (one) => one && { id: one.url.split('?')[0], url: one.url, type: one.media_type };
        this.player.show({
            lesson: file(video), original: null, poster: file(poster), cuts: null,
            tracks: captions.map((track) => ({ ...file(track), language: track.language ?? '', label: languageName(track.language || 'und') })),
            chapters: chapters.map((chapter) => ({ at: chapter.start, title: chapter.title })),
        });
    }

    title() {
        return this.gone ? t('share.gone') : this.lesson?.title;
    }

    seek(seconds) {
        this.player.seek(seconds, true);
        history.replaceState(history.state, '', `#t=${Math.floor(seconds)}`);
    }

    seekToHash() {
        const at = timeOfHash(location.hash);
        if (at !== null)
            this.player.seek(at);
    }

    key(event) {
        if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.target.closest?.('input, select, textarea, button, [role=slider], video'))
            return;
        if (this.player.key(event)) {
            event.preventDefault();
            event.stopPropagation();
        }
    }

    template() {
        if (this.gone)
            return html`<div class="share-gone"><h1>${t('share.gone')}</h1><p>${t('share.gone.hint')}</p></div>`;
        const { lesson } = this;
        return html`<article class="share">
            <header><h1 dir="auto">${lesson.title}</h1>
                <p class="quiet">${[lesson.start_time && day(lesson.start_time), lesson.duration && clock(lesson.duration)].filter(Boolean).join(' · ')}</p></header>
            <div class="lecture-stage"><div class="lecture-player">${this.player.template()}</div>${this.words()}</div>
            <div class="share-more">${this.about()}${this.chapters()}${this.questions()}${this.downloads()}</div>
            ${lesson.expires_at ? html`<p class="quiet">${t('share.until', { time: date(lesson.expires_at) })}</p>` : nothing}
        </article>`;
    }

    words() {
        return this.lesson.segments.length === 0 ? nothing
            : html`<section class="lecture-words" aria-labelledby="said"><div class="words-head"><h2 id="said">${t('player.transcript')}</h2></div>
                <div class="words-body"><div class="words-lines">${this.transcript.template()}</div></div></section>`;
    }

    about() {
        const { summary, description } = this.lesson;
        const text = summary || description;
        return text ? html`<section><h2>${t('share.summary')}</h2><p class="share-text" dir="auto">${text}</p></section>` : nothing;
    }

    chapters() {
        const { chapters } = this.lesson;
        return chapters.length === 0 ? nothing : html`<section><h2>${t('share.chapters')}</h2>
            <ol class="chapter-list">${chapters.map((chapter, i) => html`<li><a href="#t=${Math.floor(chapter.start)}" aria-current=${i === this.player.chapter ? 'true' : nothing}
                @click=${(event) => { event.preventDefault(); this.seek(chapter.start); }}><span class="line-time">${clock(chapter.start)}</span> <span dir="auto">${chapter.title}</span></a></li>`)}</ol></section>`;
    }

    questions() {
        const { questions } = this.lesson;
        return questions.length === 0 ? nothing : html`<section><h2>${t('share.questions')}</h2>
            <ol class="share-questions">${questions.map((question) => html`<li dir="auto">${question}</li>`)}</ol></section>`;
    }

    downloads() {
        const { downloads } = this.lesson;
        const label = (file) => {
            const parts = file.kind.split(':');
            const key = `share.file.${parts[0]}`;
            return [has(key) ? t(key) : parts[0], parts[1] && languageName(parts[1])].filter(Boolean).join(', ');
        };
        return downloads.length === 0 ? nothing : html`<section><h2>${t('share.downloads')}</h2>
            <ul class="file-list">${downloads.map((file) => html`<li><a href=${file.url} download>${icon('download')} ${label(file)}</a> <span class="quiet">${bytes(file.bytes)}</span></li>`)}</ul></section>`;
    }
}
