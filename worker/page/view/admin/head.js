/*
 * view/admin/head.js
 *    What the views of the administration share.
 *
 *  head(current, aside)       the title and the parts
 *  AdminView                  a View with their style sheet, whose read() is what it shows
 *  quotas, quotaWord(quota), amount(quota, value)   their names, one in words, a number of it in words (null: unlimited)
 *  formDialog({title, text, fields, label, submit, wide})   a dialog with a Form; a promise of true when it was sent
 */
import { html, nothing } from '../../app/html.js';
import { View, style } from '../../app/view.js';
import { link } from '../../app/router.js';
import { bytes, has, number, span, t } from '../../app/text.js';
import { dialog } from '../../part/dialog.js';
import { Form } from '../../part/form.js';
import { tabs } from '../../part/tabs.js';

const parts = ['overview', 'users', 'plans', 'invitations', 'audit', 'outside', 'doctor'];
export const quotas = ['recordings_per_month', 'processing_per_month', 'transcriptions_per_month', 'transcription_seconds_per_month', 'storage_bytes', 'concurrent_tasks', 'automation_jobs',
    'automation_interval_hours', 'templates', 'credentials'];

const path = (part) => part === 'overview' ? '/admin' : `/admin/${part}`;

export const head = (current, aside) => html`
    <div class="head"><h1>${t(current === 'overview' ? 'nav.admin' : `admin.${current}`)}</h1>${aside ?? nothing}</div>
    ${tabs({ label: t('nav.admin'), current, items: parts.map((part) => ({ id: part, label: t(`admin.${part}`), href: link(path(part)) })) })}`;

export class AdminView extends View {
    async open() {
        await Promise.all([style('view/monitor.css'), this.read()]);
    }

    async read() {}
}

export const quotaWord = (quota) => has(`admin.quota.${quota}`) ? t(`admin.quota.${quota}`) : quota.replaceAll('_', ' ');

export function amount(quota, value) {
    if (value === null || value === undefined)
        return t('admin.unlimited');
    if (quota.endsWith('_bytes'))
        return bytes(value);
    return quota.includes('_seconds') ? span(value) : number(value);
}

export function formDialog({ title, text, fields, label, submit, wide }) {
    return new Promise((resolve) => {
        let shown = null;
        const host = { root: document.body, update: () => shown?.update() };
        const form = new Form(host, {
            fields, label,
            submit: async (values) => {
                await submit(values);
                shown.close(true);
            },
        });
        dialog({ title, wide, body: (box) => { shown = box; return html`${text ? html`<p class="quiet">${text}</p>` : nothing}${form.template()}`; } }).then((value) => resolve(value === true));
    });
}
