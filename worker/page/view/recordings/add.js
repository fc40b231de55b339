/*
 * view/recordings/add.js
 *    addDialog({templates, files, way, onAdded}): adds recordings by file, by address, or by an inbox; a promise that ends with the
 *    dialog. files: dropped already; onAdded(id): of an address. Uploads go on when it is closed.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t, bytes } from '../../app/text.js';
import { dialog } from '../../part/dialog.js';
import { skeleton } from '../../part/empty.js';
import { field } from '../../part/field.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';
import { said } from '../../part/said.js';
import { since } from '../../part/time.js';
import { uploadList } from './uploading.js';
import { uploads } from './uploads.js';

const ways = ['file', 'url', 'inbox'];
const kept = 'leap.add';
const linesOf = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);
const accepted = 'video/*,audio/*,.mkv,.mts,.m2ts,.ts,.avi,.flv,.opus';

class Adding {
    said = { template_id: '', auto_run: true, display_name: '', urls: '', ...JSON.parse(sessionStorage.getItem(kept) ?? '{}') };
    results = [];
    sources = null;
    error = null;
    over = false;
    busy = false;
    update = () => {};

    constructor(templates, way) {
        this.templates = templates;
        this.way = way;
    }

    set(name, value) {
        this.said[name] = value;
        const { template_id, auto_run } = this.said;
        sessionStorage.setItem(kept, JSON.stringify({ template_id, auto_run }));
        this.update();
    }

    choose(way) {
        this.way = way;
        this.update();
        if (way === 'inbox' && !this.sources)
            this.askSources();
    }

    async askSources() {
        try {
            this.sources = (await api.get('/sources', { per_page: 100 })).items.filter((source) => source.source_type === 'INBOX');
        }
        catch (error) {
            this.error = error;
        }
        this.update();
    }

    take(files) {
        const { template_id, auto_run } = this.said;
        uploads.add([...files], { ...template_id ? { template_id } : {}, auto_run: String(auto_run) });
    }

    async addUrls() {
        const urls = linesOf(this.said.urls);
        this.busy = true;
        this.results = [];
        this.update();
        for (const url of urls) {
            try {
                const answer = await api.post('/recordings', { url, auto_run: this.said.auto_run, template_id: this.said.template_id || undefined,
                    display_name: urls.length === 1 ? this.said.display_name || undefined : undefined }, { key: key() });
                this.results.push({ url, answer });
                this.onAdded?.(answer.recording_id);
            }
            catch (error) {
                this.results.push({ url, error });
            }
            this.update();
        }
        const wrong = this.results.filter((one) => one.error).map((one) => one.url);
        this.said.urls = wrong.join('\n');
        this.busy = false;
        this.update();
        return wrong.length === 0;
    }

    async sync(source) {
        this.error = null;
        try {
            await api.post(`/sources/${source.id}/sync`);
            source.syncing = true;
        }
        catch (error) {
            this.error = error;
        }
        this.update();
    }

    tabs() {
        return html`<div class="tabs ways" role="tablist">${ways.map((way) => html`<button type="button" role="tab" class="plain" aria-selected=${String(way === this.way)} aria-controls="add-way"
            @click=${() => this.choose(way)}>${t(`list.add.way.${way}`)}</button>`)}</div>`;
    }

    options() {
        return html`<div class="row choices">${this.templates.length > 0 ? field({ name: 'template_id', id: 'add-template', label: t('list.add.template'), type: 'select', value: this.said.template_id,
            options: [{ value: '', label: t('list.add.template.match') }, ...this.templates.map((one) => ({ value: one.id, label: one.name }))], input: (value) => this.set('template_id', value) }) : nothing}
            ${field({ name: 'auto_run', id: 'add-run', label: t('list.add.run'), type: 'checkbox', value: this.said.auto_run, input: (value) => this.set('auto_run', value) })}</div>`;
    }

    dropped(event) {
        event.preventDefault();
        this.over = false;
        this.take(event.dataTransfer.files);
    }

    file() {
        const unfinished = uploads.unfinished();
        return html`
            <label class="drop-zone ${this.over ? 'over' : ''}" @dragover=${(event) => { event.preventDefault(); this.over = true; this.update(); }} @dragleave=${() => { this.over = false; this.update(); }}
                @drop=${(event) => this.dropped(event)}>${icon('upload')}<span>${t('list.add.drop')}</span><span class="quiet small">${t('list.add.drop.hint')}</span>
                <input type="file" class="hidden" multiple accept=${accepted} @change=${(event) => { this.take(event.target.files); event.target.value = ''; }}></label>
            ${unfinished.length > 0 ? html`<div class="note-box"><p>${t('list.add.unfinished')}</p><ul>${unfinished.map((file) => html`<li><span dir="auto">${file.name}</span> <span class="quiet">${bytes(file.sent)} / ${bytes(file.size)}</span>
                <button type="button" class="plain" @click=${() => uploads.giveUp(file)}>${t('list.add.forget')}</button></li>`)}</ul></div>` : nothing}
            ${uploads.list.length > 0 ? uploadList(uploads.list) : nothing}`;
    }

    url() {
        const several = linesOf(this.said.urls).length > 1;
        return html`${field({ name: 'urls', id: 'add-urls', type: 'area', rows: 4, label: t('list.add.urls'), hint: t('list.add.urls.hint'), value: this.said.urls, placeholder: 'https://', input: (value) => this.set('urls', value) })}
            ${several ? nothing : field({ name: 'display_name', id: 'add-name', label: t('list.add.name'), hint: t('list.add.name.hint'), maxlength: 500, value: this.said.display_name, input: (value) => this.set('display_name', value) })}
            ${this.results.length > 0 ? html`<div role="status"><ul class="results">${this.results.map(({ url, answer, error }) => answer
                ? html`<li>${icon('check')} <a href=${link(`/recordings/${answer.recording_id}`)} dir="auto">${answer.display_name}</a></li>`
                : html`<li class="danger-text">${icon('error')} <span dir="auto">${url}</span> ${said(error, { inline: true })}</li>`)}</ul></div>` : nothing}`;
    }

    inbox() {
        if (!this.sources)
            return this.error ? problem(this.error) : skeleton(2);
        return html`<p>${t('list.add.inbox')}</p>${problem(this.error)}${this.sources.length === 0 ? html`<p class="quiet">${t('list.add.inbox.none')}</p>` : html`<ul class="inboxes">${this.sources.map((source) => html`
            <li><div><strong dir="auto">${source.name}</strong> <code dir="ltr">${source.config.path}</code>
                <p class="quiet small">${source.last_error ? html`<span class="danger-text">${typeof source.last_error === 'string' ? source.last_error : said(source.last_error, { inline: true })}</span>`
                    : source.last_sync_at ? html`${t('list.add.inbox.looked')} ${since(source.last_sync_at)}` : t('list.add.inbox.never')}
                    · <a href=${link('/recordings', { source: source.id })}>${t('list.add.inbox.came')}</a></p></div>
                <button type="button" ?disabled=${source.syncing} @click=${() => this.sync(source)}>${source.syncing ? t('list.add.inbox.looking') : t('list.add.inbox.look')}</button></li>`)}</ul>`}
            <p><a href=${link('/sources')}>${t('list.add.inbox.sources')}</a></p>`;
    }

    template() {
        return html`${this.tabs()}<div id="add-way" class="stack" role="tabpanel" aria-label=${t(`list.add.way.${this.way}`)}>${this.way === 'inbox' ? nothing : this.options()}${this[this.way]()}</div>`;
    }
}

export async function addDialog({ templates, files = [], way = 'file', onAdded }) {
    const adding = Object.assign(new Adding(templates, way), { onAdded });
    const action = { label: '', kind: 'primary', run: () => adding.way === 'url' && adding.said.urls.trim() !== '' ? adding.addUrls() : true };
    const quiet = uploads.onChange(() => adding.update());
    if (files.length > 0)
        adding.take(files);
    if (way === 'inbox')
        adding.askSources();
    try {
        return await dialog({
            title: t('list.add.title'), wide: true, actions: [action],
            body: ({ update }) => {
                adding.update = update;
                action.label = adding.way === 'url' && adding.said.urls.trim() !== '' ? t('list.add.go.url') : t('close');
                return adding.template();
            },
        });
    }
    finally {
        quiet();
    }
}
