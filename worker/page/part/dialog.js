/*
 * part/dialog.js
 *    Questions before the page, as <dialog>: Escape closes, the focus returns.
 *
 *  dialog({title, body, actions, wide})   body: a template, or a function that makes one from
 *          {close, update}; actions: [{label, value, kind: 'primary' | 'danger', run}]. run may be async: the dialog
 *          stays open until it is done, and when it returns false or throws (the error is shown).
 *          A promise of the chosen value; null: closed.
 *  confirm({title, text, action, danger})  a promise of true or false
 */
import { html, nothing, render } from '../app/html.js';
import { t } from '../app/text.js';
import { icon } from './icon.js';
import { problem } from './problem.js';

let count = 0;

export function dialog({ title, body, actions = [], wide = false }) {
    const element = document.createElement('dialog');
    const id = `dialog-${++count}`;
    let busy = false;
    let error = null;

    return new Promise((resolve) => {
        const close = (value = null) => {
            element.returned = value;
            element.close();
        };
        const update = () => render(template(), element);
        const choose = async (action) => {
            busy = true;
            error = null;
            update();
            try {
                if (await action.run?.() !== false)
                    return close(action.value ?? true);
            }
            catch (problem) {
                error = problem;
            }
            busy = false;
            update();
            return undefined;
        };
        const template = () => html`
            <form method="dialog" class="dialog-form" @submit=${(event) => { event.preventDefault(); const last = actions.find((action) => action.kind); if (last && !busy) choose(last); }}>
                <header><h2 id=${id}>${title}</h2>
                    <button type="button" class="icon-button" aria-label=${t('close')} @click=${() => close()}>${icon('close')}</button></header>
                <div class="dialog-body">${problem(error)}${typeof body === 'function' ? body({ close, update }) : body}</div>
                ${actions.length ? html`<footer>${actions.map((action) => html`
                    <button type=${action.kind ? 'submit' : 'button'} class=${action.kind ?? ''} ?disabled=${busy}
                        @click=${(event) => { event.preventDefault(); if (!action.kind || element.querySelector('form').reportValidity()) choose(action); }}>${action.label}</button>`)}</footer>` : nothing}
            </form>`;
        element.className = wide ? 'dialog wide' : 'dialog';
        element.setAttribute('aria-labelledby', id);
        element.addEventListener('close', () => {
            element.remove();
            resolve(element.returned ?? null);
        });
        document.body.append(element);
        update();
        element.showModal();
    });
}

export const confirm = async ({ title, text, action, danger = false }) => await dialog({
    title, body: html`<p>${text}</p>`,
    actions: [{ label: t('cancel'), run: () => true, value: 'no' }, { label: action, kind: danger ? 'danger' : 'primary', value: 'yes' }],
}) === 'yes';
