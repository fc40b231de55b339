/*
 * app/text.js
 *    The words of the page, and numbers and times in the way of its language.
 *
 *  t(key, params)        the text of a key; {name} is replaced; {one, few, many, other} by params.n
 *  has(key)              whether there is such a key
 *  words(...rooms)       loads text/<language>/<room>.js; a promise. The router does it for views
 *  english()             the sentences of the server, which room 'sentence' brings along (part/sentence.js)
 *  language(), setLanguage(name)   'en' or 'ru', chosen in this browser; a promise, listeners of onLanguage are called
 *  offerLanguage(name)   the account's: taken where none was chosen
 *  date(iso), day(iso), time(iso), shortDate(iso) (the year only of another one)  as people write it; ago(iso) "3 minutes ago" (part/time.js keeps it true)
 *  duration(seconds) "1:02:03", span(seconds) "1 h 2 min", bytes(n), number(n), percent(0..1)
 * Values that are null or no number are shown as "–".
 */
const languages = ['en', 'ru'];
const stored = 'leap.language';
const none = '–';
const loaded = new Map(); // room: the promise that its words are there
const listeners = new Set();
let current = choose();
let texts = {};
let formats = {};
let sentences = null;

function choose() {
    const wish = localStorage.getItem(stored);
    if (languages.includes(wish))
        return wish;
    return navigator.languages.map((name) => name.slice(0, 2)).find((name) => languages.includes(name)) ?? 'en';
}

async function load(room) {
    // what the server says in English needs no other words there, and is recognized by these elsewhere
    if (room === 'sentence' && current === 'en')
        return;
    const [{ default: more }, heard] = await Promise.all([import(`../text/${current}/${room}.js`), room === 'sentence' ? import('../text/en/sentence.js') : null]);
    sentences = heard?.default ?? sentences;
    // now, not before: rooms are loaded at the same time
    texts = { ...texts, ...more };
}

export const english = () => sentences;

export const language = () => current;

/* The reader's own kind of the language: who reads British English has no American dates. */
export const locale = () => navigator.languages.find((name) => name.split('-')[0] === current) ?? current;

export const languageNames = { en: 'English', ru: 'Русский' };

export async function words(...rooms) {
    rooms.filter((room) => !loaded.has(room)).forEach((room) => loaded.set(room, load(room)));
    await Promise.all(rooms.map((room) => loaded.get(room)));
}

export async function setLanguage(name) {
    if (!languages.includes(name))
        return;
    localStorage.setItem(stored, name);
    await speak(name);
}

/* The account's, unless somebody chose one here. */
export async function offerLanguage(name) {
    if (languages.includes(name) && localStorage.getItem(stored) === null)
        await speak(name);
}

async function speak(name) {
    if (name === current)
        return;
    current = name;
    formats = {};
    document.documentElement.lang = name;
    [...loaded.keys()].forEach((room) => loaded.set(room, load(room)));
    await Promise.all(loaded.values());
    listeners.forEach((listener) => listener(name));
}

export function onLanguage(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

export const has = (key) => key in texts;

export function t(key, params = {}) {
    let text = texts[key];
    if (text === undefined) {
        console.error(`no text for ${key}`);
        return key;
    }
    if (typeof text === 'object')
        text = text[format('plural', () => new Intl.PluralRules(locale())).select(params.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = params[name];
        return typeof value === 'number' ? number(value) : value ?? '';
    });
}

function format(name, make) {
    return formats[name] ??= make();
}

const isNumber = (value) => value !== null && value !== '' && Number.isFinite(Number(value));

export function number(value, digits = 0) {
    if (!isNumber(value))
        return none;
    return format(`number${digits}`, () => new Intl.NumberFormat(locale(), { maximumFractionDigits: digits })).format(value);
}

export function percent(value) {
    if (!isNumber(value))
        return none;
    return format('percent', () => new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 0 })).format(value);
}

export function bytes(value) {
    const units = ['bytes', 'bytes.kib', 'bytes.mib', 'bytes.gib', 'bytes.tib'];
    if (!isNumber(value))
        return none;
    let step = 0;
    // as limits are written, and as the command line and mails say it
    for (value = Number(value); Math.abs(value) >= 1024 && step < units.length - 1; step++)
        value /= 1024;
    return step === 0 ? format('bytes', () => new Intl.NumberFormat(locale(), { style: 'unit', unit: 'byte', unitDisplay: 'long' })).format(value)
        : t(units[step], { n: number(value, step < 2 ? 0 : 1) });
}

export function duration(seconds) {
    if (!isNumber(seconds))
        return none;
    // as players do: what has not passed is not counted
    const whole = Math.max(0, Math.floor(Number(seconds)));
    const two = (part) => String(part).padStart(2, '0');
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function span(seconds) {
    if (!isNumber(seconds))
        return none;
    const whole = Math.max(0, Math.round(Number(seconds)));
    if (whole === 0 && Number(seconds) > 0)
        return t('span.short');
    const parts = [['day', Math.floor(whole / 86400)], ['hour', Math.floor(whole / 3600) % 24], ['minute', Math.floor(whole / 60) % 60], ['second', whole % 60]];
    const first = parts.findIndex(([, value]) => value > 0);
    const shown = first < 0 ? [['second', 0]] : parts.slice(first, first + 2).filter(([, value]) => value > 0);
    return shown.map(([unit, value]) => format(`span${unit}`, () => new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'short' })).format(value)).join(' ');
}

function when(iso, name, options) {
    const value = iso === null || iso === undefined || iso === '' ? NaN : new Date(iso);
    return Number.isNaN(Number(value)) ? none : format(name, () => new Intl.DateTimeFormat(locale(), options)).format(value);
}

export const date = (iso) => when(iso, 'date', { dateStyle: 'medium', timeStyle: 'short' });

export function shortDate(iso) {
    const other = iso && new Date(iso).getFullYear() !== new Date().getFullYear();
    return when(iso, `short${other}`, { day: 'numeric', month: 'short', ...(other ? { year: 'numeric' } : { hour: '2-digit', minute: '2-digit' }) });
}

export const day = (iso) => when(iso, 'day', { dateStyle: 'medium' });
export const time = (iso) => when(iso, 'time', { timeStyle: 'medium' });

const steps = [['year', 31557600], ['month', 2629800], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

export function ago(iso, now = Date.now()) {
    const seconds = iso === null || iso === undefined ? NaN : (new Date(iso) - now) / 1000;
    if (Number.isNaN(seconds))
        return none;
    const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? steps.at(-1);
    return format('ago', () => new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' })).format(Math.trunc(seconds / size), unit);
}

document.documentElement.lang = current;
