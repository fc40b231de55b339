/*
 * view/search/search.js
 *    What was said in all lectures: moments that hold the words, by lecture; each leads into its video.
 *
 * The query is in the address (?q=), so that a search can be kept and sent.
 */
import { html, nothing, marked, repeat } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { api } from '../../app/api.js';
import { go, link } from '../../app/router.js';
import { session } from '../../app/session.js';
import { day, duration as clock, t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';

const page = 50;

export default class Search extends View {
    hits = null;
    next = null;
    refusal = null;
    text = '';
    busy = false;
    #turn = 0;

    title() { return this.text ? t('search.title.of', { text: this.text }) : t('search.title'); }

    async open() {
        await style('view/recording.css');
        await this.#search();
    }

    moved() {
        this.#search();
        return true;
    }

    async #search() {
        this.text = this.route.query.q ?? '';
        this.hits = null;
        this.next = null;
        this.refusal = null;
        this.update();
        if (this.text.trim())
            await this.#read();
    }

    async #read() {
        const mine = ++this.#turn;
        this.busy = true;
        this.update();
        try {
            const answer = await this.load((signal) => api.get('/transcripts/search', { query: this.text.trim(), limit: page, after: this.next }, { signal }));
            if (mine !== this.#turn)
                return;
            this.hits = [...this.hits ?? [], ...answer.hits];
            this.next = answer.next;
        }
        catch (error) {
            if (error.name === 'AbortError' || mine !== this.#turn)
                return;
            this.refusal = error;
        }
        this.busy = false;
        this.update();
    }

    /* The best first, and what belongs to one lecture together. */
    #lectures() {
        const lectures = new Map();
        for (const hit of this.hits) {
            if (!lectures.has(hit.recording_id))
                lectures.set(hit.recording_id, { id: hit.recording_id, name: hit.display_name, when: hit.start_time, owner: hit.owner === session.user?.email ? null : hit.owner, hits: [] });
            lectures.get(hit.recording_id).hits.push(hit);
        }
        return [...lectures.values()];
    }

    template() {
        return html`<article class="search"><h1>${t('search.title')}</h1>
            <search><form class="search-form" @submit=${(event) => { event.preventDefault(); go('/search', { q: event.target.elements.q.value.trim() }); }}>
                <label class="grow"><span class="hidden">${t('search.words')}</span><input type="search" data-search name="q" dir="auto" maxlength="500" autofocus placeholder=${t('search.words')} .value=${this.text}></label>
                <button class="primary">${icon('search')} ${t('search.go')}</button></form></search>
            <p class="quiet">${t('search.hint')}</p>
            ${problem(this.refusal)}
            <div aria-live="polite" aria-busy=${String(this.busy)}>${this.#result()}</div></article>`;
    }

    #result() {
        if (!this.hits)
            return this.busy ? html`<p class="quiet">${t('lecture.reading')}</p>` : nothing;
        if (this.hits.length === 0)
            return html`<div class="empty"><p>${t('search.none', { text: this.text })}</p><p class="quiet">${t('search.none.hint')}</p>
                <p><a href=${link('/recordings', { search: this.text })}>${t('search.names')}</a></p></div>`;
        const lectures = this.#lectures();
        return html`<p class="quiet">${t('search.found', { n: this.hits.length })}${this.next ? '+' : ''} · ${t('search.lectures', { n: lectures.length })} · <a href=${link('/recordings', { search: this.text })}>${t('search.names')}</a></p>
            <ol class="search-list">${repeat(lectures, (one) => one.id, (one) => html`<li><h2><a dir="auto" href=${link(`/recordings/${one.id}`, { q: this.text })}>${one.name}</a> <span class="quiet">${one.when ? day(one.when) : nothing}</span>${one.owner ? html` <span class="chip">${t('lecture.owner', { email: one.owner })}</span>` : nothing}</h2>
                <ul class="hit-list">${one.hits.map((hit) => html`<li><a href=${`${link(`/recordings/${one.id}`, { q: this.text })}#t=${Math.floor(hit.moment)}`}>
                    <span class="line-time">${clock(hit.moment)}</span> <span dir="auto">${marked(hit.html).map((part) => part.hit ? html`<mark>${part.text}</mark>` : part.text)}</span></a></li>`)}</ul></li>`)}</ol>
            ${this.next ? html`<button type="button" ?disabled=${this.busy} @click=${() => this.#read()}>${t('lecture.more')}</button>` : nothing}`;
    }
}
