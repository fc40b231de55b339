/*
 * view/shell/reset.js
 *    A new password, by the token that a mail's link has behind its #. Nobody's server sees that part of a link.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { View } from '../../app/view.js';
import { Form } from '../../part/form.js';

export default class Reset extends View {
    token = location.hash.slice(1);
    done = false;

    form = new Form(this, {
        fields: () => [{ name: 'new_password', label: t('reset.password'), type: 'password', autocomplete: 'new-password', required: true, autofocus: true, hint: t('reset.hint'), about: 'password', wrong: t('password.rule') }],
        submit: async ({ new_password }) => {
            await api.post('/auth/reset-password', { token: this.token, new_password });
            this.done = true;
        },
        label: t('reset.submit'),
    });

    title() { return t('reset.title'); }

    template() {
        const text = this.done ? t('reset.done') : this.token ? null : t('token.missing');
        return html`<h1>${t('reset.title')}</h1>
            ${text ? html`<p role="status">${text}</p>` : this.form.template()}
            <p class="aside"><a href=${link('/login')}>${t('login.title')}</a><a href=${link('/forgot')}>${t('reset.again')}</a></p>`;
    }
}
