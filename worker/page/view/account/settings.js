/*
 * view/account/settings.js
 *    Settings for all recordings: what is said here holds unless a template or a recording says otherwise.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t, words } from '../../app/text.js';
import { ConfigForm, namesOf } from '../../part/config.js';
import { confirm } from '../../part/dialog.js';
import { problem } from '../../part/problem.js';
import { toast, toastError } from '../../part/toast.js';
import { every } from '../rules/parts.js';

export class Part {
    form = null;
    own = {};
    error = null;

    constructor(view) {
        this.view = view;
    }

    async open() {
        const get = (path) => this.view.load((signal) => api.get(path, {}, { signal }));
        const [rules, config, presets] = await Promise.all([get('/config/rules'), get('/users/me/config'), every('/presets'), words('config')]);
        this.form = new ConfigForm({ rules: rules.rules, names: namesOf(presets) });
        this.#take(config);
    }

    #take(config) {
        this.own = config.own;
        this.form.set({ own: config.own, inherited: config.defaults });
        this.view.update();
    }

    async save(event) {
        event.preventDefault();
        const changes = this.form.changes();
        if (!changes)
            return;
        this.error = null;
        try {
            this.#take(await api.patch('/users/me/config', changes));
            toast(t('account.saved'), { kind: 'good' });
        }
        catch (error) {
            this.error = this.form.refuse(error) ? null : error;
        }
        this.view.update();
    }

    async reset() {
        if (!await confirm({ title: t('settings.reset'), text: t('settings.reset.text'), action: t('settings.reset'), danger: true }))
            return;
        try {
            this.#take(await api.post('/users/me/config/reset'));
        }
        catch (error) {
            toastError(error);
        }
    }

    template() {
        const own = Object.keys(this.own).length > 0;
        return html`<p class="quiet lead">${t('settings.lead')}</p>
            <form class="stack panel" novalidate @submit=${(event) => this.save(event)}>${problem(this.error)}
                ${this.form.template(() => this.view.update())}
                <p class="row"><button class="primary">${t('account.save')}</button>
                    ${own ? html`<button type="button" @click=${() => this.reset()}>${t('settings.reset')}</button>` : nothing}</p></form>`;
    }
}
