/*
 * view/account/retention.js
 *    How long things are kept, and what that means, in words, before it is saved.
 */
import { html } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { Form } from '../../part/form.js';
import { toast } from '../../part/toast.js';

const keys = ['media_days', 'expire_after_days', 'expire_warning_days', 'soft_delete_days', 'hard_delete_days'];

export class Part {
    state = { own: {}, resolved: {} };

    constructor(view) {
        this.view = view;
        this.form = new Form(view, { fields: () => this.#fields(), submit: (values) => this.#save(values), label: t('account.save') });
    }

    async open() {
        this.state = await this.view.load((signal) => api.get('/users/me/retention', {}, { signal }));
    }

    #fields() {
        return keys.map((name) => ({
            name, type: 'number', min: 0, step: 1, label: t(`retention.${name}`), hint: t(`retention.${name}.hint`), value: this.state.own[name] ?? '',
            placeholder: this.#said(this.state.resolved[name]), input: () => this.view.update(),
        }));
    }

    #said(days) {
        return days === null || days === undefined ? t('retention.none') : t('retention.days', { n: days });
    }

    /* What holds with what is typed: an empty field is as the system has it. */
    #meant(name) {
        const typed = this.form.values[name];
        if (typed === undefined)
            return this.state.resolved[name] ?? null;
        if (typed === '')
            return this.state.own[name] === undefined ? this.state.resolved[name] ?? null : undefined;
        return Number(typed);
    }

    #outcome() {
        const of = Object.fromEntries(keys.map((name) => [name, this.#meant(name)]));
        const line = (name, params = {}) => t(`retention.will.${name}`, params);
        return [
            of.media_days === undefined ? line('system', { name: t('retention.media_days') }) : of.media_days === null ? line('media.always') : line('media', { n: of.media_days }),
            of.expire_after_days === undefined ? line('system', { name: t('retention.expire_after_days') }) : of.expire_after_days === null ? line('expire.never')
                : line('expire', { n: of.expire_after_days, days: this.#said(of.expire_warning_days ?? this.state.resolved.expire_warning_days) }),
            of.soft_delete_days === undefined ? line('system', { name: t('retention.soft_delete_days') }) : line('soft', { n: of.soft_delete_days }),
            of.hard_delete_days === undefined ? line('system', { name: t('retention.hard_delete_days') }) : line('hard', { n: of.hard_delete_days }),
        ];
    }

    async #save(values) {
        const changes = {};
        for (const name of keys) {
            const value = String(values[name]).trim() === '' ? null : Number(values[name]);
            if (value !== (this.state.own[name] ?? null))
                changes[name] = value;
        }
        this.state = await api.patch('/users/me/retention', changes);
        this.form.reset();
        toast(t('account.saved'), { kind: 'good' });
    }

    template() {
        return html`<p class="quiet lead">${t('retention.lead')}</p><div class="retention"><section class="panel">${this.form.template()}</section>
            <section class="panel stack" aria-live="polite"><h2>${t('retention.will')}</h2><ul class="outcome">${this.#outcome().map((line) => html`<li>${line}</li>`)}</ul></section></div>`;
    }
}
