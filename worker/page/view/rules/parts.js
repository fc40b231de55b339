/*
 * view/rules/parts.js
 *    Small things that templates, presets, sources, credentials and jobs share.
 *
 *  platformName(platform)      "YouTube"; kindName(source type) "Folder"
 *  checks({legend, options, chosen, change, hint})   boxes to tick: options [{value, label, note}]; change(values)
 *  facts([[label, value]])     what is known, as a list; those without a value are left out
 *  errorOf(error)              an ApiError or a stored error in words of the page
 *  every(path, query)          a promise of all rows of a list, up to the first 500
 *  quietly(promise)           of what an event asked for: the view may be closed, or the server away (a reset comes then)
 *  pieces(error)               what a refusal says, for names: [{name, text}]
 */
import { html, live, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { has, t } from '../../app/text.js';
import { said, sentences } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';

export const platformName = (platform) => has(`platform.${platform}`) ? t(`platform.${platform}`) : platform;
export const kindName = (type) => has(`sources.type.${type}`) ? t(`sources.type.${type}`) : type;

export const checks = ({ legend, options, chosen, change, hint, error }) => html`
    <fieldset class="checks" aria-invalid=${error ? 'true' : nothing}><legend>${legend}</legend>${hint ? html`<p class="field-hint">${hint}</p>` : nothing}
        <div class="checks-list">${options.map(({ value, label, note }) => html`<label><input type="checkbox" .checked=${live(chosen.includes(value))}
            @change=${(event) => change(event.target.checked ? [...chosen, value] : chosen.filter((one) => one !== value))}><span dir="auto">${label}${note ? html` <small class="quiet">${note}</small>` : nothing}</span></label>`)}</div>
        ${error ? html`<p class="field-error">${phrase(error)}</p>` : nothing}</fieldset>`;

export const facts = (rows) => html`<dl class="facts">${rows.filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([label, value]) => html`<div><dt>${label}</dt><dd dir="auto">${value}</dd></div>`)}</dl>`;

export const errorOf = (error) => error ? html`<span class="error-text">${said(error, { inline: true })}</span>` : nothing;

export async function every(path, query, options) {
    const rows = [];
    for (let page = 1; page <= 5; page++) {
        const answer = await api.get(path, { ...query, page, per_page: 100 }, options);
        rows.push(...answer.items);
        if (page >= answer.total_pages)
            break;
    }
    return rows;
}

export const quietly = (promise) => promise.catch((error) => {
    if (error.name !== 'AbortError' && error.status === undefined)
        throw error;
});

/* The names that a refusal is about, each with what it says; names: those that there are. */
export function pieces(error, names) {
    if (error.code === '23505' && names.includes('name'))
        return [{ name: 'name', text: error.message }];
    const hints = String(error.hint ?? '').split('; ');
    const naming = (text) => names.filter((name) => new RegExp(`^(?:schedule field "|the field |config\\.)?${name.replaceAll('.', '\\.')}(?:$|[^\\w])`).test(text)).sort((a, b) => b.length - a.length)[0];
    return String(error.message).split('; ').map((message) => ({ name: naming(message), message }))
        .filter(({ name }) => name).map(({ name, message }) => ({ name, text: sentences(message, hints.find((hint) => naming(hint) === name) ?? error.hint) }));
}
