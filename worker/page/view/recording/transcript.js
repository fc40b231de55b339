/*
 * view/recording/transcript.js
 *    What was said, line by line, beside the video: it follows, and a line leads into the video.
 *
 *  const transcript = new Transcript({ seek, read, href })
 *      seek(second of the lesson); read(first, limit): a promise of {total, segments}; href(second): a link to it
 *  transcript.template()       the scrolling list
 *  transcript.load(total)      reads all pages; what is there is shown meanwhile; a promise
 *  transcript.move(seconds)    where the lesson is; null: nowhere in it
 *  transcript.segments         what was read
 *  transcript.close()
 * A lecture of ten hours has ten thousand lines: they are kept in blocks, and only the blocks that
 * are seen are in the document. Heights of blocks are guessed until they have been seen.
 */
import { html, nothing, render, ref } from '../../app/html.js';
import { icon } from '../../part/icon.js';
import { t, duration as clock } from '../../app/text.js';
import { indexAt } from './times.js';

const page = 2000;
const block = 20;
const lineHeight = 26;
const charsPerLine = 60;
const ahead = 500;      // px that are rendered above and below what is seen
const patience = 5000;  // ms after a person scrolled

export class Transcript {
    segments = [];
    total = 0;
    #starts = [];
    #tops = [0];
    #heights = [];
    #root = null;
    #active = -1;
    #focused = 0;
    #following = true;
    #scrolling = 0;
    #frame = 0;
    #turn = 0;
    #sizes = new ResizeObserver(() => this.#later());

    constructor({ seek, read, href }) {
        Object.assign(this, { seek, read, href });
    }

    template() {
        return html`<div class="lines" role="group" aria-label=${t('player.transcript')} ${ref((root) => this.#mount(root))}
            @scroll=${() => this.#later()} @wheel=${() => this.#byHand()} @touchmove=${() => this.#byHand()}
            @click=${(event) => this.#click(event)} @keydown=${(event) => this.#key(event)}></div>`;
    }

    async load(total) {
        const mine = ++this.#turn;
        let known = [];
        this.total = total;
        for (let first = 0; first < this.total; first += page) {
            const answer = await this.read(first, page);
            if (mine !== this.#turn)
                return;
            this.total = answer.total;
            known = known.concat(answer.segments);
            this.#take(known, first > 0);
            if (answer.segments.length === 0)
                break;
        }
    }

    /* A page more changes nothing of the blocks before it. */
    #take(segments, more) {
        const seen = more ? this.#heights.slice(0, -1) : [];
        this.segments = segments;
        this.#starts = segments.map((segment) => segment.start);
        const known = Math.ceil(segments.length / block);
        this.#heights = Array.from({ length: known }, (_, b) => seen[b] ?? segments.slice(b * block, (b + 1) * block)
            .reduce((sum, segment) => sum + 8 + lineHeight * Math.ceil(segment.text.length / charsPerLine), 0));
        this.#measure();
        this.#later();
    }

    #measure() {
        this.#tops = [0];
        for (const height of this.#heights)
            this.#tops.push(this.#tops.at(-1) + height);
    }

    #mount(root) {
        if (!root || root === this.#root)
            return;
        this.#root = root;
        this.#sizes.disconnect();
        this.#sizes.observe(root);
        this.#later();
    }

    #later() {
        if (!this.#frame && this.#root)
            this.#frame = requestAnimationFrame(() => this.#show());
    }

    /* Twice, when blocks that are seen for the first time are not as high as guessed. */
    #show(again = true) {
        this.#frame = 0;
        const root = this.#root;
        if (!root?.isConnected)
            return;
        const from = Math.max(0, indexAt(this.#tops, root.scrollTop - ahead));
        const to = Math.min(this.#heights.length, indexAt(this.#tops, root.scrollTop + root.clientHeight + ahead) + 1);
        root.style.setProperty('--above', `${Math.round(this.#tops[from])}px`);
        root.style.setProperty('--below', `${Math.round(this.#tops.at(-1) - this.#tops[to])}px`);
        render(this.#lines(from, to), root);
        if (this.#learn(from) && again)
            this.#show(false);
        this.#mark();
    }

    #lines(from, to) {
        if (this.segments.length === 0)
            return nothing;
        const blocks = [];
        for (let b = from; b < to; b++)
            blocks.push(html`<div class="lines-block">${this.segments.slice(b * block, (b + 1) * block).map((segment, i) => this.#line(segment, b * block + i))}</div>`);
        return html`${blocks}${this.#following ? nothing : html`<button type="button" class="lines-follow button" @click=${() => this.follow()}>${icon('down')} ${t('player.follow')}</button>`}`;
    }

    #line(segment, i) {
        return html`<p class="line" data-i=${i} dir="auto"><a class="line-time" href=${this.href(segment.start)} tabindex=${i === this.#focused ? '0' : '-1'}>${clock(segment.start)}</a>
            <span class="line-text">${segment.text}</span></p>`;
    }

    /* What has been seen is known; what is above must not push what is read. */
    #learn(from) {
        let changed = false;
        let pushed = 0;
        this.#root.querySelectorAll('.lines-block').forEach((element, i) => {
            const height = element.offsetHeight;
            if (height > 0 && Math.abs(height - this.#heights[from + i]) > 0.5) {
                if (this.#tops[from + i + 1] <= this.#root.scrollTop)
                    pushed += height - this.#heights[from + i];
                this.#heights[from + i] = height;
                changed = true;
            }
        });
        if (changed)
            this.#measure();
        if (Math.abs(pushed) >= 1)
            this.#root.scrollTop += pushed;
        return changed;
    }

    #element(i) {
        return this.#root?.querySelector(`[data-i="${i}"]`);
    }

    #mark() {
        const old = this.#root.querySelector('.line.now');
        const now = this.#element(this.#active);
        if (old === now)
            return;
        old?.classList.remove('now');
        now?.classList.add('now');
    }

    move(seconds) {
        const i = seconds === null ? -1 : indexAt(this.#starts, seconds);
        if (i === this.#active || !this.#root)
            return;
        this.#active = i;
        this.#mark();
        if (this.#following && i >= 0 && performance.now() - this.#scrolling > patience)
            this.#reveal(i);
    }

    /* Puts a line into the upper third; it may have to be rendered first. */
    #reveal(i, block_ = Math.floor(i / block)) {
        const root = this.#root;
        if (!this.#element(i)) {
            root.scrollTop = this.#tops[block_] ?? 0;
            this.#show();
        }
        const line = this.#element(i);
        if (!line)
            return;
        const top = line.offsetTop - root.clientHeight / 3;
        const far = Math.abs(root.scrollTop - top) > root.clientHeight;
        root.scrollTo({ top, behavior: far || matchMedia('(prefers-reduced-motion: reduce)').matches ? 'instant' : 'smooth' });
    }

    #byHand() {
        this.#scrolling = performance.now();
        if (this.#following) {
            this.#following = false;
            this.#later();
        }
    }

    follow() {
        this.#following = true;
        this.#scrolling = 0;
        if (this.#active >= 0)
            this.#reveal(this.#active);
        this.#later();
    }

    #click(event) {
        const line = event.target.closest('.line');
        if (!line || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0)
            return;
        // who marks words to copy them does not want to go there
        if (String(getSelection()) !== '' && !event.target.closest('.line-time'))
            return;
        event.preventDefault();
        this.#focused = Number(line.dataset.i);
        this.#following = true;
        this.seek(this.segments[this.#focused].start);
        this.#later();
    }

    #key(event) {
        const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity };
        if (!(event.key in steps) || !event.target.closest('.line-time') || event.altKey || event.ctrlKey || event.metaKey)
            return;
        event.preventDefault();
        event.stopPropagation();
        this.#byHand();
        this.#focused = Math.max(0, Math.min(this.segments.length - 1, Number(event.target.closest('.line').dataset.i) + steps[event.key]));
        this.#reveal(this.#focused);
        this.#show();
        this.#element(this.#focused)?.querySelector('a').focus({ preventScroll: true });
    }

    close() {
        this.#turn++;
        cancelAnimationFrame(this.#frame);
        this.#sizes.disconnect();
    }
}
