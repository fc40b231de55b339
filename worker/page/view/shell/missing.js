/*
 * view/shell/missing.js
 *    There is nothing at this path, or nothing for whoever asks.
 */
import { html } from '../../app/html.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { View } from '../../app/view.js';

export default class Missing extends View {
    title() { return t('missing.title'); }

    template() {
        return html`<div class="empty"><h1>${t('missing.title')}</h1><p>${t('missing.text')}</p>
            <p><a class="button primary" href=${link('/')}>${t('missing.home')}</a></p></div>`;
    }
}
