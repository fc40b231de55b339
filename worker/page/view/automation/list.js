/*
 * view/automation/list.js
 *    Automation jobs: when they run, and whether the last run went well.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, number, t } from '../../app/text.js';
import { since, until } from '../../part/time.js';
import { errorOf, quietly } from '../rules/parts.js';
import { Things } from '../rules/things.js';
import { words } from './schedule.js';

export default class Jobs extends Things {
    kind = { path: '/automation', from: '/automation/jobs', word: 'automation', texts: 'automation.' };

    async prepare() {
        this.live('automation', (data) => data.to !== 'match' && data.to !== 'start' && quietly(this.read()));
    }

    #enable(row, yes) {
        this.change(row, { is_enabled: yes }, async () => {
            Object.assign(row, await api.patch(`/automation/jobs/${row.id}`, { is_enabled: yes }));
            this.update();
        });
    }

    columns() {
        return [
            { label: t('automation.when'), cell: (row) => words(row.schedule_config) },
            { label: t('automation.next'), kind: 'tight', cell: (row) => row.is_enabled && row.next_run_at ? html`<span title=${date(row.next_run_at)}>${until(row.next_run_at)}</span>` : html`<span class="quiet">–</span>` },
            { label: t('automation.last'), kind: 'tight', cell: (row) => row.last_run_at ? since(row.last_run_at) : html`<span class="quiet">${t('rules.never')}</span>` },
            { label: t('automation.runs'), kind: 'number', cell: (row) => number(row.run_count) },
            { label: t('automation.on'), kind: 'tight', cell: (row) => html`<label class="switch"><input type="checkbox" .checked=${row.is_enabled} aria-label=${t('automation.on.name', { name: row.name })} @change=${(event) => this.#enable(row, event.target.checked)}><span aria-hidden="true">${t(row.is_enabled ? 'rules.active' : 'rules.off')}</span></label>
                ${row.last_error ? errorOf(typeof row.last_error === 'string' ? { message: row.last_error } : row.last_error) : nothing}` },
        ];
    }
}
