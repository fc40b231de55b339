/*
 * part/problem.js
 *    problem(error): what the server refused, in its own words with its hint; nothing for null.
 */
import { html, nothing } from '../app/html.js';
import { t } from '../app/text.js';
import { icon } from './icon.js';

export const problem = (error) => error ? html`
    <div class="problem" role="alert">${icon('error')}
        <div lang=${error.status ? 'en' : nothing}><p>${error.message}</p>
            ${error.hint ? html`<p class="quiet">${error.hint}</p>` : nothing}
            ${error.retryAfter ? html`<p class="quiet">${t('error.later', { n: error.retryAfter })}</p>` : nothing}</div></div>` : nothing;
