/*
 * view/templates/texts.js
 *    How titles and descriptions come out on each platform, asked anew a moment after something was typed.
 *
 *  const texts = new Texts(view, { metadata: () => ({…}), platforms: () => ['youtube', …] })
 *  texts.template(); texts.soon() when the metadata changed; variables(list) is what a text may name
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { t } from '../../app/text.js';
import { field } from '../../part/field.js';
import { phrase } from '../../part/sentence.js';
import { errorOf, platformName } from '../rules/parts.js';

const pause = 400;

export const variables = (list) => html`<details class="variables"><summary>${t('templates.variables')}</summary>
    <p class="quiet">${t('templates.variables.text')}</p><dl class="facts">${(list ?? []).map((one) => html`<div><dt><code>{{ ${one.variable} }}</code></dt><dd>${phrase(one.description)}</dd></div>`)}</dl></details>`;

export class Texts {
    answers = [];
    recordings = null;
    recording = '';
    #timer = 0;
    #turn = 0;

    constructor(view, settings) {
        this.view = view;
        this.settings = settings;
        view.after(() => clearTimeout(this.#timer));
    }

    soon() {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(() => this.#ask(), pause);
    }

    async #ask() {
        const turn = ++this.#turn;
        const metadata = this.settings.metadata();
        const ask = async (platform) => {
            try {
                const body = { metadata, platform, ...(this.recording ? { recording_id: this.recording } : {}) };
                return { platform, ...await this.view.load((signal) => api.post('/templates/render-preview', body, { signal })) };
            }
            catch (error) {
                if (error.name === 'AbortError')
                    return null;
                return { platform, error };
            }
        };
        const read = this.recordings ? null : this.view.load((signal) => api.get('/recordings', { per_page: 50 }, { signal })).then((page) => page.items, () => []);
        const answers = await Promise.all(this.settings.platforms().map(ask));
        this.recordings ??= await read;
        if (turn !== this.#turn || answers.includes(null))
            return;
        this.answers = answers;
        this.view.update();
    }

    /* Platforms on which a text looks the same share one picture of it. */
    #joined() {
        const like = new Map();
        for (const { platform, ...rest } of this.answers) {
            const text = JSON.stringify([rest.title, rest.description, rest.tags, rest.truncated, rest.unknown, rest.problems, rest.error && [rest.error.message, rest.error.hint]]);
            like.set(text, { ...rest, platforms: [...like.get(text)?.platforms ?? [], platform] });
        }
        return [...like.values()];
    }

    #one(answer) {
        const said = (list) => list.map((one) => typeof one === 'string' ? one : one.message ?? JSON.stringify(one)).join('; ');
        return html`<article class="rendered"><h3>${answer.platforms.map(platformName).join(', ')}</h3>${answer.error ? errorOf(answer.error) : html`
            <p class="rendered-title" dir="auto">${answer.title}</p><p class="quiet small">${t('templates.characters', { n: [...answer.title ?? ''].length })}</p>
            <p class="rendered-text" dir="auto">${answer.description}</p>
            ${answer.tags?.length ? html`<p class="row">${answer.tags.map((tag) => html`<span class="badge" dir="auto">${tag}</span>`)}</p>` : nothing}
            ${answer.truncated?.length ? html`<p class="warn-text">${t('templates.truncated', { what: answer.truncated.join(', ') })}</p>` : nothing}
            ${answer.unknown?.length ? html`<p class="warn-text">${t('templates.unknown', { what: answer.unknown.join(', ') })}</p>` : nothing}
            ${answer.problems?.length ? html`<p class="error-text">${phrase(said(answer.problems))}</p>` : nothing}`}</article>`;
    }

    template() {
        return html`<section class="panel preview" aria-live="polite"><h2>${t('templates.preview')}</h2>
            ${field({ name: 'preview_recording', type: 'select', label: t('templates.preview.of'), value: this.recording, input: (value) => { this.recording = value; this.soon(); },
                options: [{ value: '', label: t('templates.preview.sample') }, ...(this.recordings ?? []).map((one) => ({ value: one.id, label: one.display_name }))] })}
            ${this.#joined().map((answer) => this.#one(answer))}</section>`;
    }
}
