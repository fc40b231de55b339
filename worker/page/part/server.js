/*
 * part/server.js
 *    The server's codes in words, of the room 'server': a code that is new is shown as it is.
 *
 *  actionWord(code)     what somebody did, of the audit log: 'rotate key'
 *  thingWord(code)      what it was done to: 'signing key'
 */
import { html } from '../app/html.js';
import { has, t } from '../app/text.js';

const word = (name, code) => has(name) ? t(name) : html`<span lang="en">${code ?? ''}</span>`;
const joined = (code) => String(code ?? '').replaceAll(' ', '_');

export const actionWord = (code) => word(`action.${joined(code)}`, code);
export const thingWord = (code) => word(`thing.${joined(code)}`, code);
