/*
 * view/shell/login.js
 *    Signing in. Whoever asked for another page is shown that one afterwards. Where nobody can administer yet, it says how that begins.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { go, link } from '../../app/router.js';
import { session } from '../../app/session.js';
import { t } from '../../app/text.js';
import { View } from '../../app/view.js';
import { Form } from '../../part/form.js';

export default class Login extends View {
    new = false;
    form = new Form(this, {
        fields: () => [
            { name: 'email', label: t('login.email'), type: 'email', autocomplete: 'username', required: true, autofocus: true },
            { name: 'password', label: t('login.password'), type: 'password', autocomplete: 'current-password', required: true },
            { name: 'remember_me', label: t('login.remember'), type: 'checkbox', value: true },
        ],
        submit: (values) => session.login(values),
        label: t('login.submit'),
    });

    /* Who is signed in has nothing to do here. */
    async open() {
        if (session.user)
            await go('/recordings', {}, { replace: true });
        // the form is there whatever becomes of the question
        this.load((signal) => api.get('/auth/installation', {}, { signal })).then(({ administered }) => { this.new = !administered; this.update(); }, () => {});
    }

    title() { return t('login.title'); }

    template() {
        return html`<h1>${t('login.title')}</h1>${this.new ? html`<div class="panel stack" role="note"><p>${t('login.new')}</p><p><code>leap user first</code></p><p class="quiet">${t('login.new.text')}</p></div>` : nothing}${this.form.template()}
            <p class="aside"><a href=${link('/forgot')}>${t('login.forgot')}</a><a href=${link('/register')}>${t('login.register')}</a></p>`;
    }
}
