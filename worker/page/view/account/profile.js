/*
 * view/account/profile.js
 *    Who somebody is: name, language, time zone, address; and the end of the account.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { session } from '../../app/session.js';
import { day, setLanguage, t } from '../../app/text.js';
import { badge } from '../../part/badge.js';
import { dialog } from '../../part/dialog.js';
import { field } from '../../part/field.js';
import { Form } from '../../part/form.js';
import { toast } from '../../part/toast.js';

export class Part {
    me = null;
    zones = [];
    languages = [];

    constructor(view) {
        this.view = view;
        this.form = new Form(view, { fields: () => this.#fields(), submit: (values) => this.#save(values), label: t('account.save') });
        this.address = new Form(view, { fields: () => this.#addressFields(), submit: (values) => this.#move(values), label: t('account.email.change') });
    }

    async open() {
        const get = (path) => this.view.load((signal) => api.get(path, {}, { signal }));
        const [me, zones, languages] = await Promise.all([get('/users/me'), get('/references/timezones'), get('/references/languages')]);
        this.me = me;
        this.zones = zones.map((zone) => zone.name ?? zone);
        this.languages = languages.texts;
    }

    #fields() {
        return [
            { name: 'full_name', label: t('account.name'), autocomplete: 'name', maxlength: 255, value: this.me.full_name ?? '' },
            { name: 'language', label: t('account.language'), hint: t('account.language.hint'), type: 'select', value: this.me.language, options: this.languages.map(({ code, name }) => ({ value: code, label: name })) },
            { name: 'timezone', label: t('account.timezone'), hint: t('account.timezone.hint'), type: 'list', value: this.me.timezone, options: this.zones },
            { name: 'unpublish_deleted', label: t('account.unpublish'), hint: t('account.unpublish.hint'), type: 'checkbox', value: this.me.unpublish_deleted },
        ];
    }

    async #save({ full_name, language, timezone, unpublish_deleted }) {
        const before = this.me.language;
        this.me = await api.patch('/users/me', { full_name: full_name.trim() || null, language, timezone: timezone.trim(), unpublish_deleted });
        this.form.reset();
        session.change({ full_name: this.me.full_name, language });
        toast(t('account.saved'), { kind: 'good' });
        if (language !== before)
            setLanguage(language);
    }

    #addressFields() {
        return [
            { name: 'email', label: t('account.email.new'), type: 'email', autocomplete: 'off', required: true },
            { name: 'current_password', label: t('account.password.current'), type: 'password', autocomplete: 'current-password', required: true },
        ];
    }

    async #move(values) {
        this.me = await api.patch('/users/me', { email: values.email.trim(), current_password: values.current_password });
        this.address.reset();
        session.change({ email: this.me.email });
        toast(t('account.email.changed'), { kind: 'good' });
    }

    async remove() {
        const said = { password: '', word: '' };
        const end = () => api.del('/users/me', { body: { password: said.password } });
        const done = await dialog({
            title: t('account.delete'),
            body: ({ update }) => html`<p>${t('account.delete.text')}</p>
                ${field({ name: 'word', label: t('account.delete.word', { email: this.me.email }), value: said.word, input: (value) => { said.word = value; update(); } })}
                ${field({ name: 'password', type: 'password', autocomplete: 'current-password', label: t('account.password.current'), required: true, value: said.password, input: (value) => { said.password = value; } })}`,
            actions: [{ label: t('cancel'), run: () => true, value: 'no' }, { label: t('account.delete'), kind: 'danger', value: 'yes', run: () => said.word.trim() === this.me.email ? end() : false }],
        });
        if (done === 'yes') {
            toast(t('account.deleted'), { kind: 'good' });
            await session.logout();
        }
    }

    template() {
        const { me } = this;
        return html`<section class="panel stack"><div class="row"><strong class="grow">${me.email}</strong>${me.is_verified ? badge('good', t('account.verified')) : badge('warn', t('account.unverified'))}
                ${badge('wait', t(`account.role.${me.role}`))}</div>
                <p class="quiet">${t('account.since', { day: day(me.created_at) })}</p>${this.form.template()}</section>
            <section class="panel"><details><summary>${t('account.email')}</summary><div class="stack"><p class="quiet">${t('account.email.text')}</p>${this.address.template()}</div></details></section>
            <section class="panel stack"><h2>${t('account.delete')}</h2><p class="quiet">${t('account.delete.text')}</p><p><button type="button" class="danger" @click=${() => this.remove()}>${t('account.delete')}</button></p></section>${nothing}`;
    }
}
