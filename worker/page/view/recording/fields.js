/*
 * view/recording/fields.js
 *    Small things that the parts of this page share.
 *
 *  secondsOf(text)                   "1:02:03", "2:03" or "123" as seconds; null when it is none
 *  timeField(text, label, change)    an input of a time
 *  errorText(error)                  a stored error in words of the page
 *  languageName(code)                "English" for en, in the language of the page
 */
import { html } from '../../app/html.js';
import { language, t } from '../../app/text.js';
import { said } from '../../part/said.js';

export function secondsOf(text) {
    if (!/^\s*\d+(:[0-5]?\d){0,2}(\.\d+)?\s*$/.test(text))
        return null;
    return text.trim().split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

export function timeField(text, label, change) {
    return html`<input type="text" class="time-input" inputmode="numeric" required pattern="[0-9]+(:[0-5]?[0-9]){0,2}([.][0-9]+)?" title=${t('lecture.time.form')}
        aria-label=${label} .value=${text} @input=${(event) => change(event.target.value)}>`;
}

export const errorText = (error) => html`<span class="error-text">${said(error, { inline: true })}</span>`;

export function languageName(code) {
    if (!code)
        return t('player.language.unknown');
    try {
        return new Intl.DisplayNames([language()], { type: 'language' }).of(code);
    }
    catch {
        return code;
    }
}
