/*
 * view/recording/sharing.js
 *    Links by which people without an account see this lecture: made, copied, changed, taken back.
 *
 *  const sharing = new Sharing(page);  sharing.open()
 */
import { html, nothing, repeat } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, t } from '../../app/text.js';
import { confirm, dialog } from '../../part/dialog.js';
import { icon } from '../../part/icon.js';
import { problem } from '../../part/problem.js';
import { since } from '../../part/time.js';
import { toast } from '../../part/toast.js';

const days = [1, 7, 30, 365];

export class Sharing {
    shares = null;
    refusal = null;
    #update = () => {};

    constructor(page) {
        this.page = page;
    }

    open() {
        this.#try(async () => {
            this.shares = await this.page.load((signal) => api.get(`/recordings/${this.page.id}/shares`, {}, { signal }));
        });
        return dialog({
            title: t('lecture.share'), wide: true,
            body: ({ update }) => {
                this.#update = update;
                return this.#body();
            },
        });
    }

    async #try(run) {
        this.refusal = null;
        try {
            await run();
        }
        catch (error) {
            if (error.name !== 'AbortError')
                this.refusal = error;
        }
        this.#update();
    }

    /* Where LEAP is for others (leap.public_url); as long as nobody has said, which is localhost, where this reader found it. */
    #url(share) {
        const told = share.url ? new URL(share.url) : null;
        return !told || told.hostname === 'localhost' ? new URL(share.path, location.origin).href : told.href;
    }

    async #copy(share) {
        try {
            await navigator.clipboard.writeText(this.#url(share));
            toast(t('lecture.share.copied'), { kind: 'good' });
        }
        catch {
            const input = document.querySelector(`[data-share="${share.id}"]`);
            input.focus();
            input.select();
        }
    }

    #make(row) {
        const [note, length, download] = ['note', 'days', 'download'].map((name) => row.querySelector(`[name=${name}]`));
        const expires = length.value === '' ? null : new Date(Date.now() + Number(length.value) * 86_400_000).toISOString();
        return this.#try(async () => {
            const share = await api.post(`/recordings/${this.page.id}/shares`, { note: note.value, allow_download: download.checked, expires_at: expires });
            this.shares = [share, ...this.shares];
            note.value = '';
            this.#copy(share);
        });
    }

    #replace(share, fresh) {
        this.shares = this.shares.map((one) => one.id === share.id ? fresh : one);
        this.#update();
    }

    async #revoke(share) {
        if (!await confirm({ title: t('lecture.share.revoke'), text: t('lecture.share.revoke.text'), action: t('lecture.share.revoke'), danger: true }))
            return undefined;
        return api.optimistic({
            apply: () => this.#replace(share, { ...share, state: 'revoked', path: null, url: null, revoked_at: new Date().toISOString() }),
            undo: () => this.#replace(share, share),
            call: () => api.del(`/shares/${share.id}`),
        });
    }

    #allow(share, allowed) {
        return api.optimistic({
            apply: () => this.#replace(share, { ...share, allow_download: allowed }),
            undo: () => this.#replace(share, share),
            call: () => api.patch(`/shares/${share.id}`, { allow_download: allowed }),
        });
    }

    #body() {
        return html`<p class="quiet">${t('lecture.share.hint')}</p>${problem(this.refusal)}
            <div class="row-form" @keydown=${(event) => { if (event.key === 'Enter' && event.target.name === 'note') { event.preventDefault(); this.#make(event.currentTarget); } }}>
                <label class="field grow"><span>${t('lecture.share.note')}</span><input type="text" name="note" maxlength="200" placeholder=${t('lecture.share.note.example')}></label>
                <label class="field"><span>${t('lecture.share.ends')}</span><select name="days"><option value="">${t('lecture.share.never')}</option>${days.map((n) => html`<option value=${n} ?selected=${n === 30}>${t('lecture.share.days', { n })}</option>`)}</select></label>
                <label class="check"><input type="checkbox" name="download"> ${t('lecture.share.download')}</label>
                <button type="button" class="primary" ?disabled=${!this.shares} @click=${(event) => this.#make(event.target.parentElement)}>${t('lecture.share.make')}</button></div>
            ${this.#list()}`;
    }

    #list() {
        if (!this.shares)
            return this.refusal ? nothing : html`<p class="quiet" aria-busy="true">${t('lecture.reading')}</p>`;
        if (this.shares.length === 0)
            return html`<p class="quiet">${t('lecture.share.none')}</p>`;
        return html`<ul class="share-list">${repeat(this.shares, (share) => share.id, (share) => html`<li data-state=${share.state}>
            <div class="share-head"><strong dir="auto">${share.note || t('lecture.share.unnamed')}</strong> <span class="chip">${t(`lecture.share.${share.state}`)}</span>
                <span class="quiet">${t('lecture.share.views', { n: share.views })}${share.last_seen_at ? html`, ${since(share.last_seen_at)}` : nothing}${share.expires_at ? html` · ${t('lecture.share.until', { time: date(share.expires_at) })}` : share.state === 'live' ? html` · ${t('lecture.share.endless')}` : nothing}</span></div>
            ${share.state === 'live' ? html`<div class="share-row"><input type="text" readonly class="share-url" data-share=${share.id} aria-label=${t('lecture.share.link')} .value=${this.#url(share)} @focus=${(event) => event.target.select()}>
                <button type="button" class="small" @click=${() => this.#copy(share)}>${icon('copy')} ${t('lecture.share.copy')}</button>
                <a class="small" href=${this.#url(share)} target="_blank" rel="noopener">${t('lecture.share.open')} ${icon('external')}</a>
                <label class="check"><input type="checkbox" .checked=${share.allow_download} @change=${(event) => this.#allow(share, event.target.checked)}> ${t('lecture.share.download')}</label>
                <button type="button" class="small danger" @click=${() => this.#revoke(share)}>${t('lecture.share.revoke')}</button></div>` : nothing}</li>`)}</ul>`;
    }
}
