/*
 * part/pager.js
 *    pager({previous, next, onPrevious, onNext, text}): from page to page where only neighbours are known (keysets).
 *    previous, next: an href, null: there is none; text: what is shown here ("1–50 of about 100,000").
 */
import { html, nothing } from '../app/html.js';
import { t } from '../app/text.js';
import { icon } from './icon.js';

export const pager = ({ previous, next, text }) => previous || next || text ? html`
    <nav class="pager" aria-label=${t('pager.label')}><span class="quiet">${text ?? ''}</span>
        ${previous ? html`<a class="button" rel="prev" href=${previous}>${icon('left')}${t('pager.previous')}</a>` : nothing}
        ${next ? html`<a class="button" rel="next" href=${next}>${t('pager.next')}${icon('right')}</a>` : nothing}</nav>` : nothing;
