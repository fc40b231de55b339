/*
 * view/admin/doctor.js
 *    Checks of the database side: what is not well first, each with what to do.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { icon } from '../../part/icon.js';
import { AdminView, head } from './head.js';

const order = ['error', 'warning', 'ok'];
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
            <ul class="log panel" lang="en">${this.checks.map((check) => html`<li class="check-row"><div class="row">${badge(kinds[check.status], check.status)}<strong>${check.check_name}</strong></div><p>${check.detail}</p>
                ${check.hint ? html`<p class="quiet">${check.hint}</p>` : nothing}</li>`)}</ul>`;
    }
}
