/*
 * part/secret.js
 *    secret(text, label): something that is shown this once, with a button that copies it.
 */
import { html } from '../app/html.js';
import { t } from '../app/text.js';
import { icon } from './icon.js';
import { toast } from './toast.js';

async function copy(event, text) {
    const field = event.currentTarget.closest('.secret').querySelector('input');
    try {
        await navigator.clipboard.writeText(text);
        toast(t('secret.copied'), { kind: 'good' });
    }
    catch {
        // without the right to the clipboard people copy it themselves
        field.select();
    }
}

export const secret = (text, label) => html`<div class="secret row"><input class="mono grow" readonly aria-label=${label} .value=${text} @focus=${(event) => event.target.select()}>
    <button type="button" @click=${(event) => copy(event, text)}>${icon('copy')}${t('secret.copy')}</button></div>`;
