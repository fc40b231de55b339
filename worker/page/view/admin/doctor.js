/*
 * view/admin/doctor.js
 *    Checks of the database side: what is not well first, each with what to do.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { has, language, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { icon } from '../../part/icon.js';
import { sentences, slug } from '../../part/said.js';
import { AdminView, head } from './head.js';

const order = ['error', 'warning', 'ok'];
const links = { paused: '/monitor', held: '/monitor/waiting', automation: '/automation', sources: '/sources', platforms: '/monitor/limits', credentials: '/credentials', webhooks: '/notifications/webhooks', workers: '/monitor' };
const kinds = { ok: 'good', warning: 'warn', error: 'bad' };

export default class Doctor extends AdminView {
    checks = [];
    busy = false;

    title() { return t('admin.doctor'); }

    async read() {
        this.busy = true;
        this.update();
        const checks = await this.load((signal) => api.post('/admin/doctor', {}, { signal })).finally(() => { this.busy = false; });
        this.checks = checks.sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
        this.update();
    }

    template() {
        const bad = this.checks.filter((check) => check.status !== 'ok').length;
        return html`${head('doctor', html`<button ?disabled=${this.busy} @click=${() => this.read()}>${icon('retry')}${t('admin.doctor.again')}</button>`)}
            <p role="status">${t('admin.doctor.found', { n: bad })}</p>
            <ul class="log panel">${this.checks.map((check) => this.#check(check))}</ul>`;
    }

    /* What the page can mend has a link; the rest is for whoever runs the server, in the server's own words. */
    #check({ check_name: name, status, detail, hint }) {
        const code = slug(name);
        const path = status === 'ok' ? null : links[code];
        const summary = language() === 'en' ? '' : status === 'ok' ? '' : t(`doctor.${code}.text`);
        const mend = has(`doctor.${code}.do`) && hint ? t(`doctor.${code}.do`) : null;
        return html`<li class="check-row"><div class="row">${badge(kinds[status], t(`doctor.status.${status}`))}<strong>${has(`doctor.${code}`) ? t(`doctor.${code}`) : name}</strong></div>
            ${summary ? html`<p>${summary}</p>` : nothing}<p class=${summary || language() !== 'en' ? 'own-words' : ''} lang="en">${sentences(detail)}</p>
            ${mend ? html`<p class="quiet">${mend}</p>` : hint ? html`<p class="quiet" lang="en">${sentences(hint)}</p>` : nothing}
            ${path ? html`<p><a href=${link(path)}>${t('admin.doctor.go')}</a></p>` : nothing}</li>`;
    }
}
