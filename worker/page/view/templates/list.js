/*
 * view/templates/list.js
 *    Templates: which there are, which of them match, and how often they were used.
 */
import { html, nothing } from '../../app/html.js';
import { number, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { since } from '../../part/time.js';
import { Things } from '../rules/things.js';
import { fromRecording } from './from.js';

export const templateBadge = (row) => html`<span class="badges">${row.is_default ? badge('info', t('templates.default')) : nothing}${row.is_draft ? badge('wait', t('templates.draft'))
    : row.is_active ? badge('good', t('rules.active')) : badge('off', t('rules.off'))}</span>`;

export default class Templates extends Things {
    kind = { path: '/templates', word: 'templates', texts: 'templates.', sort: 'created_at' };

    fields() {
        return [{ name: 'is_active', label: t('rules.state'), type: 'select', options: [{ value: '', label: t('rules.all') }, { value: 'true', label: t('rules.active') }, { value: 'false', label: t('rules.off') }] }];
    }

    above() { return html`<p class="quiet lead">${t('templates.order')}</p>`; }

    extra() { return html`<button @click=${() => fromRecording()}>${t('templates.from')}</button>`; }

    columns() {
        return [
            { label: t('rules.state'), kind: 'tight', cell: templateBadge },
            { label: t('templates.used'), kind: 'number', cell: (row) => number(row.used_count) },
            { label: t('templates.matched'), kind: 'tight', cell: (row) => row.last_matched_at ? since(row.last_matched_at) : html`<span class="quiet">${t('rules.never')}</span>` },
        ];
    }
}
