/*
 * view/recording/files.js
 *    Files to save, and captions that people give: added, replaced, removed.
 *
 *  const files = new Files(page);  files.template()
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api, ApiError } from '../../app/api.js';
import { bytes, date, has, t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';
import { toast, toastError } from '../../part/toast.js';
import { languageName } from './fields.js';

const order = ['video', 'source', 'srt', 'vtt', 'text', 'transcript', 'chapters', 'topics', 'poster'];
const largest = 4 * 1024 * 1024;

export class Files {
    refusal = null;
    busy = false;

    constructor(page) {
        this.page = page;
    }

    template() {
        return html`<section><h3>${t('lecture.files')}</h3>${this.#files()}</section><section><h3>${t('lecture.captions')}</h3>${this.#captions()}</section>`;
    }

    #files() {
        const { files, deleted } = this.page.data;
        const place = (file) => (order.indexOf(file.kind.split(':')[0]) + order.length) % order.length;
        const shown = files.filter((file) => order.includes(file.kind.split(':')[0])).sort((a, b) => place(a) - place(b) || (a.kind < b.kind ? -1 : 1));
        const others = files.filter((file) => !shown.includes(file));
        if (files.length === 0)
            return html`<p class="quiet">${deleted ? t('lecture.files.deleted') : t('lecture.files.none')}</p>`;
        return html`<ul class="file-list">${shown.map((file) => this.#file(file))}</ul>
            ${others.length > 0 ? html`<details><summary>${t('lecture.files.others', { n: others.length })}</summary><ul class="file-list">${others.map((file) => this.#file(file))}</ul></details>` : nothing}`;
    }

    #file(file) {
        const [kind, language] = file.kind.split(':');
        const word = has(`lecture.file.${kind}`) ? t(`lecture.file.${kind}`) : kind;
        return html`<li><a href=${file.save} download>${icon('download')} ${word}${language ? html` (${kind === 'heard' ? language : languageName(language)})` : nothing}</a>
            <span class="quiet">${file.name.split('.').at(-1)} · ${bytes(file.bytes)} · ${date(file.created_at)}</span></li>`;
    }

    #captions() {
        const { captions } = this.page.data;
        return html`<p class="quiet">${t('lecture.captions.hint')}</p>
            ${captions.length === 0 ? nothing : html`<ul class="file-list">${repeat(captions, (one) => one.language, (one) => html`<li><span>${languageName(one.language)}</span>
                <span class="quiet">${one.format.toUpperCase()} · ${bytes(one.bytes)} · ${t(`lecture.captions.${one.origin}`)} · ${date(one.added_at)}</span>
                <button type="button" class="small" @click=${() => this.#remove(one)}>${t('lecture.remove')}<span class="hidden"> ${languageName(one.language)}</span></button></li>`)}</ul>`}
            <form class="row-form" @submit=${(event) => { event.preventDefault(); this.#add(event.target); }}>
                <label class="field"><span>${t('lecture.captions.file')}</span><input type="file" name="file" accept=".vtt,.srt,text/vtt,application/x-subrip" required></label>
                <label class="field"><span>${t('lecture.captions.language')}</span><input type="text" name="language" size="8" maxlength="35" placeholder="en" pattern="[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*"></label>
                <button ?disabled=${this.busy}>${t('lecture.captions.add')}</button></form>
            ${problem(this.refusal)}`;
    }

    async #add(form) {
        const file = form.elements.file.files[0];
        const language = form.elements.language.value.trim();
        this.refusal = null;
        this.busy = true;
        this.page.update();
        try {
            if (file.size > largest)
                throw new ApiError(413, { message: t('lecture.captions.large', { size: bytes(file.size), most: bytes(largest) }) });
            const answer = await api.post(`/recordings/${this.page.id}/captions`, { body: await file.text(), ...(language ? { language } : {}) });
            toast(t('lecture.captions.added', { language: languageName(answer.language) }));
            form.reset();
            await this.page.reload();
        }
        catch (error) {
            this.refusal = error;
        }
        this.busy = false;
        this.page.update();
    }

    async #remove(one) {
        const { captions } = this.page.data;
        const answer = await api.optimistic({
            apply: () => this.page.patch({ captions: captions.filter((other) => other !== one) }),
            undo: () => this.page.patch({ captions }),
            call: () => api.del(`/recordings/${this.page.id}/captions/${encodeURIComponent(one.language)}`).then((gone) => gone ?? true),
        });
        if (answer)
            toast(t('lecture.captions.removed'));
        this.page.reload().catch(toastError);
    }
}
