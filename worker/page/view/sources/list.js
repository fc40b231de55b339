/*
 * view/sources/list.js
 *    Sources: where recordings come from by themselves, and when they were asked last.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { since } from '../../part/time.js';
import { toast, toastError } from '../../part/toast.js';
import { errorOf, kindName, quietly } from '../rules/parts.js';
import { Things } from '../rules/things.js';

export const kinds = ['INBOX', 'URL_LIST', 'ZOOM', 'YANDEX_DISK', 'S3', 'SITE'];

export default class Sources extends Things {
    kind = { path: '/sources', word: 'sources', texts: 'sources.' };
    waiting = new Map(); // task: source

    async prepare() {
        this.live('task', (data) => {
            if (!this.waiting.has(data.task) || !['succeeded', 'failed', 'cancelled'].includes(data.to))
                return;
            this.waiting.delete(data.task);
            quietly(this.read());
        });
    }

    fields() {
        return [{ name: 'platform', label: t('sources.type'), type: 'select', options: [{ value: '', label: t('rules.all') }, ...kinds.map((value) => ({ value, label: kindName(value) }))] }];
    }

    async #sync(row) {
        try {
            const { task_id: task } = await api.post(`/sources/${row.id}/sync`, {}, { key: key() });
            this.waiting.set(task, row.id);
            toast(t('sources.asked', { name: row.name }));
            this.update();
        }
        catch (error) {
            toastError(error);
        }
    }

    /* All that are switched on, of those that the list shows. */
    async #syncAll() {
        const rows = this.page.items.filter((row) => row.is_active);
        try {
            const { sources } = await api.post('/sources/bulk/sync', { source_ids: rows.map((row) => row.id) }, { key: key() });
            sources.filter((one) => one.task_id).forEach((one) => this.waiting.set(one.task_id, one.source_id));
            toast(t('sources.asked.all', { n: sources.length }));
        }
        catch (error) {
            toastError(error);
        }
        this.update();
    }

    extra() {
        const n = this.page?.items.filter((row) => row.is_active).length ?? 0;
        return n > 1 ? html`<button ?disabled=${this.waiting.size > 0} @click=${() => this.#syncAll()}>${t('sources.sync.all')}</button>` : nothing;
    }

    columns() {
        const busy = (row) => [...this.waiting.values()].includes(row.id);
        return [
            { label: t('sources.type'), kind: 'tight', cell: (row) => kindName(row.source_type) },
            { label: t('rules.state'), cell: (row) => row.last_error ? html`${badge('bad', t('rules.failed'))} ${errorOf(typeof row.last_error === 'string' ? { message: row.last_error } : row.last_error)}`
                : row.is_active ? badge('good', t('rules.active')) : badge('off', t('rules.off')) },
            { label: t('sources.last'), kind: 'tight', cell: (row) => row.last_sync_at ? since(row.last_sync_at) : html`<span class="quiet">${t('rules.never')}</span>` },
            { label: '', kind: 'actions', cell: (row) => row.is_active ? html`<button ?disabled=${busy(row)} aria-label=${`${t(busy(row) ? 'sources.asking' : 'sources.sync')}: ${row.name}`} @click=${() => this.#sync(row)}>${t(busy(row) ? 'sources.asking' : 'sources.sync')}</button>` : nothing },
        ];
    }
}
