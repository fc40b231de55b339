/*
 * part/toast.js
 *    Short messages at the edge of the page, read aloud; they go by themselves, errors stay longer.
 *
 *  toast(message, {kind, hint, own, action: {label, run}, lang})   kind: 'info', 'good', 'bad'; returns what closes it
 *  toastError(error)                  an ApiError in words of the page, with the server's own below
 */
import { html, nothing, render, repeat } from '../app/html.js';
import { t } from '../app/text.js';
import { icon } from './icon.js';
import { saying } from './said.js';

const shown = [];
const most = 4;
const stay = { info: 6000, good: 5000, bad: 15_000 };
const icons = { info: 'info', good: 'check', bad: 'error' };

function draw() {
    render(repeat(shown, (one) => one, (one) => html`
        <div class="toast ${one.kind}">
            ${icon(icons[one.kind])}
            <div class="toast-text" lang=${one.lang || nothing}><p>${one.message}</p>${one.hint ? html`<p class="quiet">${one.hint}</p>` : nothing}${one.own ? html`<p class="own-words" lang="en">${one.own}</p>` : nothing}</div>
            ${one.action ? html`<button class="plain" @click=${() => { close(one); one.action.run(); }}>${one.action.label}</button>` : nothing}
            <button class="icon-button" aria-label=${t('close')} @click=${() => close(one)}>${icon('close')}</button>
        </div>`), document.getElementById('toasts'));
}

function close(one) {
    const at = shown.indexOf(one);
    if (at < 0)
        return;
    clearTimeout(one.timer);
    shown.splice(at, 1);
    draw();
}

export function toast(message, { kind = 'info', hint, own, action, lang } = {}) {
    const one = { message, kind, hint, own, action, lang };
    shown.push(one);
    if (shown.length > most)
        close(shown[0]);
    one.timer = setTimeout(() => close(one), stay[kind]);
    draw();
    return () => close(one);
}

export function toastError(error) {
    const { text, hint, own, lang } = saying(error);
    const wait = error.retryAfter ? t('error.later', { n: error.retryAfter }) : null;
    return toast(text, { kind: 'bad', hint: [hint, wait].filter(Boolean).join(' '), own, lang });
}
