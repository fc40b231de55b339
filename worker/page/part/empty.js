/*
 * part/empty.js
 *    empty({title, text, action}): nothing is here yet, and what to do next; action: a template
 *    (a link or button). skeleton(lines): grey lines where something is about to be.
 */
import { html, nothing } from '../app/html.js';
import { t } from '../app/text.js';

export const empty = ({ title, text, action }) => html`
    <div class="empty"><h2>${title}</h2>${text ? html`<p>${text}</p>` : nothing}${action ? html`<p>${action}</p>` : nothing}</div>`;

export const skeleton = (lines = 5) => html`
    <div class="skeleton" role="status" aria-label=${t('loading')}>${Array.from({ length: lines }, () => html`<div></div>`)}</div>`;
