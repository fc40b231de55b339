/*
 * view/shell/verify.js
 *    Verifies an address by the token of a mail's link; a press of a button, because programs that look at
 *    mails follow links.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { View } from '../../app/view.js';
import { Form } from '../../part/form.js';

export default class Verify extends View {
    token = location.hash.slice(1);
    done = false;
    sent = false;

    form = new Form(this, {
        fields: () => [],
        submit: async () => {
            await api.post('/auth/verify-email', { token: this.token });
            this.done = true;
        },
        label: t('verify.submit'),
    });

    again = new Form(this, {
        fields: () => [{ name: 'email', label: t('login.email'), type: 'email', autocomplete: 'username', required: true }],
        submit: async ({ email }) => {
            await api.post('/auth/resend-verification', { email });
            this.sent = true;
        },
        label: t('verify.again'),
    });

    title() { return t('verify.title'); }

    body() {
        if (this.done)
            return html`<p role="status">${t('verify.done')}</p>`;
        if (this.sent)
            return html`<p role="status">${t('forgot.sent')}</p>`;
        return html`${this.token ? html`<p class="lead">${t('verify.text')}</p>${this.form.template()}` : ''}
            ${!this.token || this.form.error ? html`<p class="lead">${t('token.missing')}</p>${this.again.template()}` : ''}`;
    }

    template() {
        return html`<h1>${t('verify.title')}</h1>${this.body()}<p class="aside"><a href=${link('/login')}>${t('login.title')}</a></p>`;
    }
}
