/*
 * part/problem.js
 *    problem(error): what the server refused, with what to do about it; nothing for null.
 */
import { html, nothing } from '../app/html.js';
import { t } from '../app/text.js';
import { icon } from './icon.js';
import { said } from './said.js';

export const problem = (error) => error ? html`
    <div class="problem" role="alert">${icon('error')}
        <div>${said(error)}${error.retryAfter ? html`<p class="quiet">${t('error.later', { n: error.retryAfter })}</p>` : nothing}</div></div>` : nothing;
