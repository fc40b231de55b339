/*
 * part/sentence.js
 *    What the server says in whole sentences, in the language of the page. They are English and have no code; room
 *    'sentence' has them in English, with {1}, {2} … for the values, and under the same keys in Russian; both are
 *    loaded only where the page does not speak English.
 *
 *  translated(text)       the text in the language of the page; null where not all of it is known
 *  phraseText(text)       that, or the text itself
 *  phrase(text)           the same as a template, marked as English where it is
 * A text may be several sentences, or several parts with "; " between them, and a value may be one, too. Of two forms that fit the one with
 * more words of its own is taken.
 */
import { html, nothing } from '../app/html.js';
import { english, language, t } from '../app/text.js';

let source = null;
let forms = [];

const escaped = (text) => text.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&');

/* Each as an expression that finds the values, the longest first. */
function read() {
    if (source === english())
        return;
    source = english();
    forms = Object.entries(source ?? {}).filter(([key]) => key.startsWith('sentence.')).map(([key, text]) => {
        const pieces = text.split(/\{\d\}/);
        // a value that begins a sentence is one word, or half of another sentence would be taken for it
        return { key, own: pieces.join('').length, shape: new RegExp(`^${pieces[0] === '' ? `(\\S+)${pieces.slice(1).map(escaped).join('(.*?)')}` : pieces.map(escaped).join('(.*?)')}$`, 'su') };
    }).sort((a, b) => b.own - a.own);
}

const lower = (text) => text.charAt(0).toLowerCase() + text.slice(1);

function one(text) {
    const plain = text.trim().replace(/\.$/, '');
    for (const said of new Set([plain, lower(plain), plain.charAt(0).toUpperCase() + plain.slice(1)]))
        for (const { key, shape } of forms) {
            const found = shape.exec(said);
            if (found)
                return t(key, Object.fromEntries(found.slice(1).map((value, i) => [i + 1, known(value) ?? value])));
        }
    return null;
}

/* A list of words in quotes is the same in every language, but for the last comma. */
const list = (text) => /^"[^"]*"(?:(?:,| or| and) "[^"]*")+$/.test(text) ? text.replace(/ (or|and) (?=")/g, (whole, word) => t(`phrase.${word}`)) : null;

/* A step that says how fast it goes. */
const rate = /^(.+?)((?:, [\d.]+(?: of \d+)? [kM]B(?:\/s)?)+)$/;

function measured(text) {
    const [, step, figures] = rate.exec(text) ?? [];
    const said = step ? one(step) : null;
    return said === null ? null : said + figures.replace(' of ', t('phrase.of')).replace(/ ([kM])B(\/s)?/g, (whole, unit, second) => ` ${t(`phrase.bytes.${unit.toLowerCase()}`)}${second ? t('phrase.second') : ''}`);
}

/* A value: a name is itself, whatever it looks like. */
const known = (value) => /^[,:]? ?[a-z]/.test(value) ? one(value) : list(value);

function parts(text, border, joined) {
    const pieces = text.split(border);
    const said = pieces.length > 1 ? pieces.map((piece) => translated(piece)) : [null];
    return said.every((piece) => piece !== null) ? said.join(joined) : null;
}

/* Begins and ends as the other does. */
function like(text, said) {
    const begun = /^[A-Z]/.test(text) ? said.charAt(0).toUpperCase() + said.slice(1) : said;
    return /\.$/.test(text) && !/[.!?…]$/.test(begun) ? `${begun}.` : begun;
}

export function translated(text) {
    if (!text || language() === 'en')
        return null;
    read();
    const said = whole(String(text));
    return said === null ? null : like(String(text), said);
}

function whole(text) {
    return list(text) ?? measured(text) ?? parts(text.replace(/\.$/, ''), '; ', '; ') ?? one(text) ?? parts(text, /(?<=[.!?]) (?=[A-Z])/, ' ');
}

export const phraseText = (text) => translated(text) ?? String(text ?? '');

export const phrase = (text) => html`<span lang=${language() === 'en' || !text || translated(text) !== null ? nothing : 'en'}>${phraseText(text)}</span>`;
