/*
 * view/recording/wave.js
 *    The recording as a drawing: how loud it was, what was cut out, the chapters, and where the video is.
 *
 *  const wave = new Wave({ seek, onTheme })     seek(second of the recording)
 *  wave.template()                              what a view puts into its own
 *  wave.show({ peaks, duration, cuts, marks })  marks: [{at (second of the recording), title}]
 *  wave.move(seconds)                           where the video is, in seconds of the recording
 *  wave.close()
 * Peaks are drawn once for a width; moving only moves a line. It is a slider to keyboards and readers.
 */
import { html, ref } from '../../app/html.js';
import { onTheme } from '../../app/theme.js';
import { duration as clock, t } from '../../app/text.js';
import { removed } from './times.js';

const height = 72;

export class Wave {
    #root = null;
    #data = { peaks: null, duration: 0, cuts: null, marks: [] };
    #at = 0;
    #told = null;
    #sizes = new ResizeObserver(() => this.#draw());
    #forget = onTheme(() => this.#draw());

    constructor({ seek }) {
        this.seek = seek;
    }

    template() {
        return html`<div class="wave" role="slider" tabindex="0" aria-label=${t('player.wave')} aria-valuemin="0" aria-valuenow="0" ${ref((root) => this.#mount(root))}
            @pointerdown=${(event) => this.#press(event)} @pointermove=${(event) => this.#hover(event)} @keydown=${(event) => this.#key(event)}>
            <canvas height=${height}></canvas><div class="wave-line"></div><div class="wave-tip" hidden></div></div>`;
    }

    show(data) {
        this.#data = { ...this.#data, ...data };
        this.#draw();
        this.#told = null;
        this.move(this.#at);
    }

    move(seconds) {
        this.#at = seconds;
        if (!this.#root)
            return;
        const share = this.#data.duration > 0 ? Math.min(1, seconds / this.#data.duration) : 0;
        this.#root.style.setProperty('--at', share);
        // many times a second: readers are told of whole ones
        if (this.#told === Math.round(seconds))
            return;
        this.#told = Math.round(seconds);
        this.#root.ariaValueNow = String(Math.round(seconds));
        this.#root.ariaValueText = t('player.wave.at', { time: clock(seconds), of: clock(this.#data.duration) });
    }

    close() {
        this.#sizes.disconnect();
        this.#forget();
    }

    #mount(root) {
        if (!root || root === this.#root)
            return;
        this.#root = root;
        this.#sizes.disconnect();
        this.#sizes.observe(root);
    }

    #secondAt(event) {
        const box = this.#root.getBoundingClientRect();
        return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * this.#data.duration;
    }

    #press(event) {
        if (event.button !== 0 || !this.#data.duration)
            return;
        this.#root.setPointerCapture(event.pointerId);
        this.seek(this.#secondAt(event));
    }

    #hover(event) {
        if (!this.#data.duration)
            return;
        if (event.buttons === 1 && this.#root.hasPointerCapture(event.pointerId))
            this.seek(this.#secondAt(event));
        const at = this.#secondAt(event);
        const tip = this.#root.lastElementChild;
        const cut = removed(this.#data.cuts, this.#data.duration).some((gap) => at >= gap.start && at < gap.end);
        tip.hidden = event.pointerType === 'touch';
        tip.textContent = cut ? t('player.wave.cut', { time: clock(at) }) : clock(at);
        this.#root.style.setProperty('--tip', at / this.#data.duration);
    }

    #key(event) {
        const steps = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };
        const ends = { Home: 0, End: this.#data.duration };
        const to = event.key in steps ? this.#at + steps[event.key] : ends[event.key];
        if (to === undefined || event.altKey || event.ctrlKey || event.metaKey)
            return;
        event.preventDefault();
        event.stopPropagation();
        this.seek(Math.max(0, Math.min(this.#data.duration, to)));
    }

    #draw() {
        const root = this.#root;
        const width = root?.clientWidth;
        if (!width)
            return;
        const canvas = root.firstElementChild;
        const scale = devicePixelRatio || 1;
        const look = getComputedStyle(root);
        const colour = (name) => look.getPropertyValue(name).trim();
        const pen = canvas.getContext('2d');
        root.ariaValueMax = String(Math.round(this.#data.duration));
        canvas.width = Math.round(width * scale);
        canvas.height = Math.round(height * scale);
        pen.scale(scale, scale);
        this.#drawCuts(pen, width, colour);
        this.#drawPeaks(pen, width, colour);
        this.#drawMarks(pen, width, colour);
    }

    #drawCuts(pen, width, colour) {
        const { cuts, duration } = this.#data;
        for (const gap of removed(cuts, duration)) {
            const left = gap.start / duration * width;
            const length = Math.max(1, (gap.end - gap.start) / duration * width);
            pen.fillStyle = colour('--wave-cut');
            pen.fillRect(left, 0, length, height);
            pen.save();
            pen.beginPath();
            pen.rect(left, 0, length, height);
            pen.clip();
            pen.beginPath();
            for (let x = left - height; x < left + length; x += 7) {
                pen.moveTo(x, height);
                pen.lineTo(x + height, 0);
            }
            pen.strokeStyle = colour('--wave-hatch');
            pen.stroke();
            pen.restore();
        }
    }

    #drawPeaks(pen, width, colour) {
        const { peaks, duration, cuts } = this.#data;
        if (!peaks || !duration) {
            pen.fillStyle = colour('--wave-hatch');
            pen.fillRect(0, height / 2, width, 1);
            return;
        }
        const gaps = removed(cuts, duration);
        const each = duration * peaks.rate / width;
        let gap = 0;
        for (let x = 0; x < width; x++) {
            const from = Math.floor(x * each);
            const to = Math.min(peaks.count, Math.max(from + 1, Math.floor((x + 1) * each)));
            let low = 0;
            let high = 0;
            for (let i = from; i < to; i++) {
                low = Math.min(low, peaks.data[2 * i]);
                high = Math.max(high, peaks.data[2 * i + 1]);
            }
            const second = x / width * duration;
            while (gap < gaps.length && gaps[gap].end <= second)
                gap++;
            pen.fillStyle = gap < gaps.length && second >= gaps[gap].start ? colour('--wave-gone') : colour('--wave-sound');
            // what is quiet is still seen
            const top = height / 2 * (1 - Math.sqrt(high / 128));
            const bottom = height / 2 * (1 + Math.sqrt(-low / 128));
            pen.fillRect(x, top, 1, Math.max(1, bottom - top));
        }
    }

    #drawMarks(pen, width, colour) {
        pen.fillStyle = colour('--wave-mark');
        for (const mark of this.#data.marks)
            pen.fillRect(Math.round(mark.at / this.#data.duration * width), 0, 1, 9);
    }
}
