/*
 * part/runwith.js
 *    What holds for one run only: when it starts, and settings above all others.
 *
 *  const runWith = await makeRunWith(view, { changed, inherited })
 *      changed()       the settings are others now: what would be done may be, too
 *      inherited()     a promise of {inherited, origins}, as part/config.js has them; asked for when somebody looks at the settings
 *  runWith.template(update)
 *  runWith.body()      what a request has of it: {start_at, config}
 *  runWith.refuse(error)   shows the server's refusal where it belongs; whether it did
 */
import { html, nothing } from '../app/html.js';
import { api } from '../app/api.js';
import { t, words } from '../app/text.js';
import { ConfigForm, namesOf } from './config.js';
import { field } from './field.js';
import { problem } from './problem.js';

/* As <input type="datetime-local"> writes it: the reader's own time. */
const localNow = () => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

class RunWith {
    start = '';
    wrong = null;
    form = null;
    refusal = null;
    #reading = false;

    constructor(view, settings) {
        Object.assign(this, { view, ...settings });
    }

    body() {
        const config = this.form?.changes();
        return { ...(this.start && { start_at: new Date(this.start).toISOString() }), ...(config && { config }) };
    }

    refuse(error) {
        const late = this.start !== '' && /start/.test(error.message);
        this.wrong = late ? error.message : null;
        return this.form?.refuse(error) || late;
    }

    async #read(update) {
        if (this.#reading)
            return;
        this.#reading = true;
        try {
            const [{ rules }, { items: presets }, below] = await Promise.all([this.view.load((signal) => api.get('/config/rules', {}, { signal })),
                this.view.load((signal) => api.get('/presets', { per_page: 100 }, { signal })), this.inherited?.() ?? { inherited: {}, origins: {} }]);
            this.form = new ConfigForm({ rules, names: namesOf(presets), changed: () => this.changed() });
            this.form.set({ own: {}, ...below });
        }
        catch (error) {
            this.refusal = error;
        }
        update();
    }

    template(update) {
        return html`<details class="run-with" ?open=${Boolean(this.wrong)} @toggle=${(event) => event.target.open && this.#read(update)}>
            <summary>${t('runwith.title')}</summary>
            ${field({ name: 'start_at', type: 'datetime-local', label: t('runwith.start'), hint: t('runwith.start.hint'), min: localNow(), value: this.start, error: this.wrong, input: (value) => { this.start = value; this.wrong = null; update(); } })}
            <h3>${t('runwith.settings')}</h3><p class="quiet">${t('runwith.settings.hint')}</p>
            ${problem(this.refusal)}${this.form ? this.form.template(update) : this.refusal ? nothing : html`<p class="quiet" aria-busy="true">${t('loading')}</p>`}</details>`;
    }
}

export async function makeRunWith(view, settings) {
    await words('config');
    return new RunWith(view, settings);
}
