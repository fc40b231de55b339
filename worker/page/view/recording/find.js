/*
 * view/recording/find.js
 *    Words in what was said in this recording: the moments, in their order, each leads into the video.
 *
 *  const find = new Find(page)
 *  find.field()       the field       find.active      whether there is something to show
 *  find.template()    the moments     find.begin(text) searches
 */
import { html, nothing, marked } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { duration as clock, t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';

const most = 200;
const wait = 300; // ms after a key

export class Find {
    text = '';
    hits = null;
    refusal = null;
    #timer = 0;
    #turn = 0;

    constructor(page) {
        this.page = page;
        page.after(() => clearTimeout(this.#timer));
    }

    get active() {
        return this.text.trim() !== '';
    }

    field() {
        return html`<search class="words-find"><label><span class="hidden">${t('lecture.find')}</span>
            <input type="search" data-search dir="auto" maxlength="500" placeholder=${t('lecture.find')} .value=${this.text} @input=${(event) => this.#typed(event.target.value)}
                @keydown=${(event) => event.key === 'Escape' && this.begin('')}></label></search>`;
    }

    #typed(text) {
        this.text = text;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#ask(), wait);
        this.page.update();
    }

    begin(text) {
        this.text = text;
        this.page.update();
        return this.#ask();
    }

    async #ask() {
        const mine = ++this.#turn;
        this.refusal = null;
        if (!this.active) {
            this.hits = null;
            this.page.update();
            return;
        }
        try {
            const answer = await this.page.load((signal) => api.get('/transcripts/search', { query: this.text.trim(), recording_id: this.page.id, limit: most }, { signal }));
            if (mine === this.#turn)
                this.hits = answer.hits.sort((a, b) => a.moment - b.moment);
        }
        catch (error) {
            if (mine === this.#turn && error.name !== 'AbortError')
                [this.hits, this.refusal] = [[], error];
        }
        this.page.update();
    }

    template() {
        if (this.refusal)
            return problem(this.refusal);
        if (!this.hits)
            return html`<p class="quiet" aria-busy="true">${t('lecture.reading')}</p>`;
        return html`<p class="quiet words-count" role="status">${this.hits.length === 0 ? t('lecture.find.none') : t('lecture.find.some', { n: this.hits.length })}
                <a href=${link('/search', { q: this.text })}>${t('lecture.find.everywhere')}</a></p>
            <ul class="hit-list" tabindex="-1">${this.hits.map((hit) => html`<li><a href=${this.page.href(hit.moment)} @click=${(event) => this.page.jump(event, hit.moment)}>
                <span class="line-time">${clock(hit.moment)}</span> <span dir="auto">${marked(hit.html).map((part) => part.hit ? html`<mark>${part.text}</mark>` : part.text)}</span></a></li>`)}</ul>
            ${this.hits.length > 0 ? html`<button type="button" class="small" @click=${() => this.begin('')}>${icon('close')} ${t('lecture.find.end')}</button>` : nothing}`;
    }
}
