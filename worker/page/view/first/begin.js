/*
 * view/first/begin.js
 *    Three ways to a first lecture: a file, an address, the sample. For the page of the first visit and the empty list.
 *
 *  const begin = new Begin(view, { done: (id) => … })    done is told the recording, whose run has begun
 *  begin.template(sample)     sample: whether there is one to try
 *  begin.close()              a file that is on its way stops, and goes on when it is chosen again
 * Its words are those of room first, its looks view/first.css.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { bytes, t } from '../../app/text.js';
import { field } from '../../part/field.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';
import { progress } from '../../part/progress.js';
import { upload } from '../../part/upload.js';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

export class Begin {
    url = '';
    over = false;
    busy = false;
    error = null;
    sending = null; // {name, sent, all, handle}

    constructor(view, { done }) {
        this.view = view;
        this.done = done;
    }

    close() {
        this.sending?.handle?.pause();
    }

    async #ask(ask) {
        if (this.busy)
            return;
        this.busy = true;
        this.error = null;
        this.view.update();
        try {
            this.done((await ask()).recording_id);
        }
        catch (error) {
            this.error = error;
        }
        this.busy = false;
        this.view.update();
    }

    address(event) {
        event.preventDefault();
        const url = this.url.trim();
        if (url !== '')
            this.#ask(() => api.post('/recordings', { url, auto_run: true }, { key: key() }));
    }

    sample() {
        this.#ask(() => api.post('/recordings/sample', { name: t('first.sample.name') }, { key: key() }));
    }

    async file(file) {
        if (!file || this.sending)
            return;
        this.error = null;
        this.sending = { name: file.name, sent: 0, all: file.size };
        this.view.update();
        this.sending.handle = await upload(file, {
            metadata: { auto_run: 'true' },
            onProgress: (sent, all) => {
                Object.assign(this.sending, { sent, all });
                this.view.update();
            },
            onDone: ({ location }) => {
                this.sending = null;
                const id = uuid.exec(location ?? '')?.[0];
                if (id)
                    this.done(id);
            },
            onError: (error) => {
                this.sending = null;
                this.error = error;
                this.view.update();
            },
        });
    }

    stop() {
        this.sending.handle?.cancel();
        this.sending = null;
        this.view.update();
    }

    #dropped(event) {
        event.preventDefault();
        this.over = false;
        this.file(event.dataTransfer.files[0]);
    }

    #hover(over) {
        this.over = over;
        this.view.update();
    }

    #zone() {
        if (this.sending)
            return html`<div class="first-zone" role="status"><p>${t('first.sending')} <strong dir="auto">${this.sending.name}</strong></p>
                ${progress({ value: this.sending.sent, max: Math.max(1, this.sending.all), label: t('first.sending'), text: `${bytes(this.sending.sent)} / ${bytes(this.sending.all)}` })}
                <p><button type="button" @click=${() => this.stop()}>${t('cancel')}</button></p></div>`;
        return html`<label class="first-zone ${this.over ? 'over' : ''}" @dragover=${(event) => { event.preventDefault(); this.#hover(true); }} @dragleave=${() => this.#hover(false)}
            @drop=${(event) => this.#dropped(event)}>${icon('upload')}<strong>${t('first.drop')}</strong><span class="quiet">${t('first.drop.hint')}</span>
            <input type="file" class="hidden" accept="video/*,audio/*,.mkv,.mts,.m2ts,.ts,.avi,.flv,.opus" @change=${(event) => this.file(event.target.files[0])}></label>`;
    }

    template(sample) {
        return html`<div class="first-ways">${problem(this.error)}${this.#zone()}
            <form class="first-url" novalidate @submit=${(event) => this.address(event)}>
                ${field({ name: 'url', id: 'first-url', type: 'url', label: t('first.url'), hint: t('first.url.hint'), placeholder: 'https://', value: this.url, input: (value) => { this.url = value; } })}
                <button ?disabled=${this.busy}>${t('first.url.go')}</button></form>
            ${sample ? html`<p class="row"><button type="button" ?disabled=${this.busy} @click=${() => this.sample()}>${icon('play')}${t('first.sample')}</button><span class="quiet">${t('first.sample.text')}</span></p>` : nothing}</div>`;
    }
}
