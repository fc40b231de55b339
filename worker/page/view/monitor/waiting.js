/*
 * view/monitor/waiting.js
 *    Recordings that a person expects to move and that do not, why, and what to do about it from here.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { empty } from '../../part/empty.js';
import { badge, statusBadge } from '../../part/badge.js';
import { reasonWord, remedy } from '../../part/said.js';
import { phraseText } from '../../part/sentence.js';
import { table } from '../../part/table.js';
import { toast } from '../../part/toast.js';
import { head, kindWord, lecture, why } from './head.js';
import { SystemView } from './system.js';

const pause = 3000; // ms between two readings, however much happens
const held = ['blank', 'quality'];

const remedies = (row) => row.hold === 'paused' ? ['resume', 'cancel'] : held.includes(row.hold) ? ['accept', 'cancel'] : row.hold ? ['cancel']
    : row.state === 'scheduled' ? row.failed ? ['retry', 'cancel'] : row.starts_at ? ['start', 'cancel'] : ['cancel'] : row.state === 'running' ? ['cancel'] : ['pause', 'cancel'];

export default class Waiting extends SystemView {
    rows = null;
    #later = this.again(() => this.#list(), pause);

    title() { return t('monitor.waiting'); }

    async open() {
        await Promise.all([super.open(), this.#list()]);
    }

    took(before) {
        if (before)
            this.#later();
    }

    async #list() {
        this.rows = await this.load((signal) => api.get('/admin/stuck', { per_page: 200 }, { signal }));
        this.update();
    }

    template() {
        if (!this.rows)
            return nothing;
        return html`${head('waiting')}${this.rows.length === 0 ? empty({ title: t('monitor.waiting.none'), text: t('monitor.waiting.none.text') }) : table({
            caption: t('monitor.waiting'), rows: this.rows, key: (row) => row.recording, columns: [
                { label: t('monitor.recording'), kind: 'name', cell: (row) => html`<div>${lecture(row.recording, row.name)}<p class="quiet small">${row.user}</p></div>` },
                { label: t('monitor.state'), cell: (row) => row.hold || row.state === 'running' ? statusBadge(row.status, { hold: row.hold }) : row.failed ? badge('wait', t('work.waits.retry')) : statusBadge(row.state) },
                { label: t('monitor.kind'), kind: 'tight', cell: (row) => kindWord(row.kind) },
                { label: t('monitor.because'), kind: 'wide', cell: (row) => html`<div class="because"><p>${reasonWord('stuck', row.code, row.reason)}</p><p class="quiet small">${remedy('stuck', row.code, row.remedy)}</p></div>` },
                { label: '', kind: 'actions', cell: (row) => html`<div class="row">${remedies(row).map((name) => html`<button class=${name === 'cancel' ? 'danger' : ''} @click=${() => this.#do(row, name)}>${t(`monitor.do.${name}`)}</button>`)}</div>` },
            ],
        })}${this.rows.length === 200 ? html`<p class="quiet">${t('monitor.waiting.more')}</p>` : nothing}`;
    }

    #do(row, name) {
        return why({
            title: t(`monitor.do.${name}.title`, { name: row.name }), text: t(`monitor.do.${name}.text`), action: t(`monitor.do.${name}`), danger: name === 'cancel',
            run: async (reason) => {
                const answer = await api.post(`/admin/recordings/${row.recording}/${name}`, { reason });
                toast(phraseText(answer.message), { kind: 'good' });
                await this.#list();
            },
        });
    }
}
