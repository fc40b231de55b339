/*
 * part/progress.js
 *    progress({value, max = 100, label, text}): a bar; value null: nobody knows how far. text: shown beside it,
 *    percents by default. usage({value, max, label, text}): a meter that warns near its end.
 */
import { html, nothing } from '../app/html.js';
import { percent } from '../app/text.js';

export const progress = ({ value, max = 100, label, text }) => html`
    <span class="progress"><progress max=${max} value=${value ?? nothing} aria-label=${label}></progress>
        <span class="progress-text">${text ?? (value === null || value === undefined ? '' : percent(value / max))}</span></span>`;

export const usage = ({ value, max, label, text }) => html`
    <span class="progress"><meter min="0" max=${max} low=${max * 0.8} high=${max * 0.95} optimum="0" value=${Math.min(value, max)} aria-label=${label}></meter>
        <span class="progress-text">${text ?? percent(max > 0 ? value / max : 0)}</span></span>`;
