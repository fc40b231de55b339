/*
 * view/credentials/connect.js
 *    Where people come back to from the page of a platform: what it said stands behind the # of the address, and is
 *    given back at once with the session of who began. A worker then exchanges it for access.
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { link } from '../../app/router.js';
import { t } from '../../app/text.js';
import { View, style } from '../../app/view.js';
import { problem } from '../../part/problem.js';
import { progress } from '../../part/progress.js';
import { errorOf, platformName, quietly } from '../rules/parts.js';

export default class Connect extends View {
    said = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    check = null;
    refusal = null;

    get platform() { return this.route.params.platform; }

    title() { return t('credentials.connecting', { platform: platformName(this.platform) }); }
    loading() { return true; }

    async open() {
        // good once: neither the history nor a second look has it
        history.replaceState(history.state, '', location.pathname);
        await style('view/rules.css');
        if (!this.said.code || !this.said.state)
            return;
        this.live('task', (data) => this.check?.state === 'waiting' && data.task === this.check.task && quietly(this.#look()));
        this.onReset(() => this.check?.state === 'waiting' && quietly(this.#look()));
        try {
            const made = await api.post(`/oauth/${this.platform}/finish`, { state: this.said.state, code: this.said.code, ...(this.said.device_id ? { device_id: this.said.device_id } : {}) });
            this.check = { id: made.check, state: 'waiting' };
            this.name = made.account_name;
            await this.#look();
        }
        catch (error) {
            if (error.name === 'AbortError')
                throw error;
            this.refusal = error;
        }
    }

    async #look() {
        this.check = await this.load((signal) => api.get(`/credentials/checks/${this.check.id}`, {}, { signal }));
        this.update();
    }

    #state() {
        if (this.said.error)
            return html`<p>${t('credentials.refused', { platform: platformName(this.platform) })} ${errorOf({ message: this.said.error, hint: this.said.error_description })}</p>`;
        if (this.refusal)
            return problem(this.refusal);
        if (!this.said.code || !this.said.state)
            return html`<p>${t('credentials.nocode')}</p>`;
        if (!this.check || this.check.state === 'waiting')
            return html`${progress({ value: null, label: t('credentials.exchanging') })}<p role="status">${t('credentials.exchanging')}</p>${errorOf(this.check?.last_try)}`;
        if (this.check.state !== 'succeeded')
            return html`<p role="status">${t('credentials.exchange.failed')} ${errorOf(this.check.error)}</p>`;
        return html`<p role="status">${t('credentials.connected', { name: this.name })}</p>`;
    }

    template() {
        const done = this.check?.state === 'succeeded' && this.check.credential;
        return html`<h1>${this.title()}</h1><div class="panel stack narrow">${this.#state()}
            <p class="row">${done ? html`<a class="button primary" href=${link(`/credentials/${this.check.credential}`)}>${t('credentials.open')}</a>` : nothing}<a href=${link('/credentials')}>${t('nav.credentials')}</a></p></div>`;
    }
}
