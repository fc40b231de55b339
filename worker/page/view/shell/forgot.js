/*
 * view/shell/forgot.js
 *    Asks for a mail with a link that resets the password. Whether there is such an account is not told.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { View } from '../../app/view.js';
import { Form } from '../../part/form.js';

export default class Forgot extends View {
    sent = false;

    form = new Form(this, {
        fields: () => [{ name: 'email', label: t('login.email'), type: 'email', autocomplete: 'username', required: true, autofocus: true }],
        submit: async ({ email }) => {
            await api.post('/auth/forgot-password', { email });
            this.sent = true;
        },
        label: t('forgot.submit'),
    });

    title() { return t('forgot.title'); }

    template() {
        return html`<h1>${t('forgot.title')}</h1>
            ${this.sent ? html`<p role="status">${t('forgot.sent')}</p>` : html`<p class="lead">${t('forgot.text')}</p>${this.form.template()}`}
            <p class="aside"><a href=${link('/login')}>${t('login.title')}</a></p>`;
    }
}
