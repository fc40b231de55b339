/*
 * part/said.js
 *    What the server says of refusals, failures and reasons, in the language of the page. Codes have words in the room
 *    'said', sentences in 'sentence' (part/sentence.js). Where only the code is known, the server's own sentences, which are English and know the values, stay
 *    below, or stand alone where a code has no words either.
 *
 *  sentences(…texts)          as sentences: a capital letter, a full stop, a space between two
 *  saying(error, wrong)       {text, hint, own, lang} of an ApiError or of an error that is stored; wrong: what is said instead
 *                             of the words of its code; own: the server's sentences, where text is not theirs; lang of text
 *  said(error, {inline})      the same as a template; inline: within a line
 *  reasonWord(family, code, own)   why something is so (families verdict, stuck, skip, doubt, flag, held), as a template
 *  reasonText(family, code, own)   the same as a text
 *  remedy(family, code, own)  what to do about it, as a text; the server's own where the page has none and it is no command
 *  slug(text)                 the code of a reason that the database keeps as a sentence
 *  ready()                    a promise that the words are there; api.js waits for them before it tells a refusal
 */
import { html, nothing } from '../app/html.js';
import { has, language, t, words } from '../app/text.js';
import { translated } from './sentence.js';

const families = { verdict: 'verdict.', stuck: 'stuck.', skip: 'skip.', doubt: 'doubt.', flag: 'flag.', held: 'held.' };
const command = /(^|[\s`"(])leap [a-z]|\bleap\.[a-z_]+|\bSELECT\b|\bALTER\b|(^|\s)--[a-z]/;
const name = /^([\w-]*[._\d][\w.-]*(\s|$)|[a-z]+:\/\/)/;

export const ready = () => words('said', 'sentence').catch(() => {});

function sentence(text) {
    const whole = String(text).trim();
    const begun = name.test(whole) ? whole : whole.charAt(0).toUpperCase() + whole.slice(1);
    return whole === '' || /[.!?…:]$/.test(whole) ? begun : `${begun}.`;
}

/* "quota recordings_per_month" in words */
const worded = (text) => String(text).replace(/\bquota ([a-z_]+)/g, (own, limit) => has(`limit.${limit}`) ? `limit “${t(`limit.${limit}`)}”` : own);

export const sentences = (...texts) => texts.filter(Boolean).map((text) => sentence(language() === 'en' ? worded(text) : text)).join(' ');

export const slug = (text) => String(text ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '_');

const first = (...keys) => keys.find(has);
const wordOf = (key) => key ? t(key) : '';

/* What people at a page can do; a command of the server is nothing for them. */
function advice(error) {
    const own = error.hint && !command.test(error.hint) ? sentences(error.hint) : '';
    const key = first(`said.${error.code}.do`, `said.class.${error.class}.do`);
    return language() === 'en' ? own || wordOf(key) : wordOf(key);
}

export function saying(error, wrong = null) {
    const own = sentences(error.message ?? error.code, error.hint && !command.test(error.hint) ? error.hint : null);
    const key = first(`said.${error.code}`);
    if (wrong)
        return { text: wrong, hint: '', own: null, lang: undefined };
    if (language() === 'en')
        return { text: sentences(error.message) || wordOf(key) || own, hint: advice(error), own: null, lang: undefined };
    const exact = key && !['LP010', 'LP030'].includes(error.code) ? null : translated(error.message);
    if (exact !== null)
        return { text: sentences(exact), hint: sentences(translated(error.hint)) || advice(error), own: null, lang: undefined };
    if (key)
        return { text: t(key), hint: advice(error), own, lang: undefined };
    return { text: sentences(error.message ?? error.code), hint: error.status === 0 ? '' : sentences(error.hint), own: null, lang: error.status === 0 ? undefined : 'en' };
}

export function said(error, { inline = false, wrong } = {}) {
    const { text, hint, own, lang } = saying(error, wrong);
    const ownWords = own ? html`<span class="own-words" lang="en" title=${t('said.details')}>${own}</span>` : nothing;
    return inline ? html`<span><span lang=${lang ?? nothing}>${text}</span>${hint ? html` <span class="quiet" lang=${lang ?? nothing}>${hint}</span>` : nothing} ${ownWords}</span>`
        : html`<p lang=${lang ?? nothing}>${text}</p>${hint ? html`<p class="quiet" lang=${lang ?? nothing}>${hint}</p>` : nothing}${own ? html`<p>${ownWords}</p>` : nothing}`;
}

/* A state by its word, and no ids: who reads it sees which it is. */
const plain = (text) => text?.replace(/\b(run|task) [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'a $1')
    .replace(/\b[A-Z]{4,}(?:_[A-Z]+)*\b/g, (code) => has(`status.${code}`) ? t(`status.${code}`).toLowerCase() : code);

export function reasonText(family, code, own) {
    const key = families[family] + code;
    return (language() === 'en' && own) || !has(key) ? sentences(translated(own) ?? plain(own)) : t(key);
}

export function reasonWord(family, code, own) {
    const known = has(families[family] + code) || translated(own) !== null;
    return html`<span lang=${known || !own ? nothing : 'en'}>${reasonText(family, code, own)}</span>`;
}

export function remedy(family, code, own) {
    const key = `${families[family]}${code}.do`;
    return has(key) ? t(key) : own && !command.test(own) && language() === 'en' ? sentences(own) : sentences(translated(own));
}
