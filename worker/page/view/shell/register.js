/*
 * view/shell/register.js
 *    Makes an account, with the invitation that a link has behind its #, perhaps with "&" and the address that is invited, and signs in
 *    where the address need not be verified before.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { go, link } from '../../app/router.js';
import { session } from '../../app/session.js';
import { language, t } from '../../app/text.js';
import { View } from '../../app/view.js';
import { Form } from '../../part/form.js';

function decoded(text) {
    try {
        return decodeURIComponent(text);
    }
    catch {
        return text;
    }
}

export default class Register extends View {
    #said = location.hash.slice(1).split('&');
    invitation = this.#said[0];
    invited = decoded(this.#said[1] ?? '');
    made = false;

    form = new Form(this, {
        fields: () => [
            { name: 'email', label: t('login.email'), type: 'email', autocomplete: 'username', required: true, autofocus: !this.invited, value: this.invited, ...this.invited && { hint: t('register.invited') } },
            { name: 'full_name', label: t('register.name'), autocomplete: 'name', autofocus: Boolean(this.invited) },
            { name: 'password', label: t('login.password'), type: 'password', autocomplete: 'new-password', required: true, hint: t('reset.hint'), wrong: t('password.rule') },
            // who came by a link has it there
            ...this.invitation ? [] : [{ name: 'invitation', label: t('register.invitation'), hint: t('register.invitation.hint'), mono: true }],
        ],
        submit: (values) => this.submit(values),
        label: t('register.submit'),
    });

    async submit({ email, password, full_name, invitation }) {
        const answer = await api.post('/auth/register', {
            email, password, full_name: full_name || null, invitation: this.invitation || invitation.trim() || null, language: language(),
            timezone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? 'UTC',
        });
        this.made = true;
        if (!answer.verify) {
            await session.login({ email, password, remember_me: true });
            go('/welcome', {}, { replace: true });
        }
    }

    title() { return t('register.title'); }

    template() {
        return html`<h1>${t('register.title')}</h1>
            ${this.made ? html`<p role="status">${t('register.made')}</p>` : this.form.template()}
            <p class="aside"><a href=${link('/login')}>${t('register.login')}</a></p>`;
    }
}
