/*
 * view/recording/operations.js
 *    All that can be done with a recording, in one menu, each with the server's reason when it cannot.
 *
 *  const operations = new Operations(page);
 *  operations.template()           the buttons for what is next, and the menu
 *  operations.may(name)            {allowed, reason, code, verdict, hint}
 *  operations.begin(name)          asks, if it cannot be undone, and does it
 *  operations.target(target, name) upload, republish or unpublish of one target
 *  operations.hear(provider), operations.anew()
 * What follows at once from an operation is shown at once, and taken back when the server refuses.
 */
import { html, nothing } from '../../app/html.js';
import { api, key } from '../../app/api.js';
import { t } from '../../app/text.js';
import { confirm, dialog } from '../../part/dialog.js';
import { icon } from '../../part/icon.js';
import { menu } from '../../part/menu.js';
import { Asking } from '../../part/asking.js';
import { problem } from '../../part/problem.js';
import { makeRunWith } from '../../part/runwith.js';
import { reasonWord, slug } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';
import { toast, toastError } from '../../part/toast.js';
import { kindWord, operationWord } from '../../part/work.js';
import { below } from './settings.js';

const plain = (path) => ({ ask: (id) => api.post(`/recordings/${id}/${path}`) });

/* group; ask: the request; confirm: it is asked whether it is meant; plan: a run, and what it would do is shown first; choose: one of these; now: what it changes at once */
const table = {
    run: { group: 'go', plan: {} },
    retry: { group: 'go', ...plain('retry') },
    resume: { group: 'go', ...plain('resume'), now: { hold: null, hold_message: null, on_pause: false } },
    accept: { group: 'go', ...plain('accept'), now: { hold: null, hold_message: null } },
    pause: { group: 'go', ...plain('pause'), now: { hold: 'paused', hold_message: null, on_pause: true } },
    cancel: { group: 'go', confirm: true, ...plain('cancel') },
    prioritize: { group: 'go', choose: ['first', 'usual', 'last'], ask: (id, place) => api.post(`/recordings/${id}/priority`, { priority: { first: -10, usual: 0, last: 10 }[place] }) },
    force: { group: 'again', plan: { force: true } },
    download: { group: 'again', ...plain('download') },
    process: { group: 'again', ...plain('trim') },
    transcribe: { group: 'again', ...plain('transcribe') },
    topics: { group: 'again', choose: ['short', 'medium', 'long'], ask: (id, granularity) => api.post(`/recordings/${id}/topics`, { granularity }) },
    subtitles: { group: 'again', ...plain('subtitles') },
    upload: { group: 'publish', ...plain('upload') },
    republish: { group: 'publish', confirm: true, ask: (id) => api.post(`/recordings/${id}/upload`, { force: true }) },
    unpublish: { group: 'publish', confirm: true, ...plain('unpublish') },
    skip: { group: 'whole', ...plain('skip'), now: { status: 'SKIPPED' } },
    unskip: { group: 'whole', ...plain('unskip'), now: { status: 'INITIALIZED' } },
    reset: { group: 'whole', confirm: true, ...plain('reset') },
    delete: { group: 'whole', confirm: true, ask: (id) => api.del(`/recordings/${id}`), now: { deleted: true } },
    restore: { group: 'whole', ...plain('restore'), now: { deleted: false } },
    purge: { group: 'whole', confirm: true, ...plain('purge') },
};
const groups = ['go', 'again', 'publish', 'whole'];
const first = ['accept', 'resume', 'retry', 'run', 'restore'];
const dangerous = ['cancel', 'unpublish', 'reset', 'delete', 'purge'];

export class Operations {
    busy = null;

    constructor(page) {
        this.page = page;
    }

    may(name) {
        return this.page.data.operations[name] ?? { allowed: false, reason: '' };
    }

    template() {
        const { data } = this.page;
        const main = first.filter((name) => this.may(name).allowed).slice(0, 1);
        if (data.on_air)
            main.push(...['pause', 'cancel'].filter((name) => this.may(name).allowed));
        // the notice below has these already
        const told = data.deleted ? ['restore'] : data.hold ? ['accept', 'resume', 'cancel'] : [...data.failed ? ['retry'] : [], ...data.facts?.quality?.withheld === true ? ['accept'] : []];
        return html`${main.filter((name) => !told.includes(name)).map((name, i) => html`<button type="button" class=${i === 0 && first.includes(name) ? 'primary' : ''} ?disabled=${this.busy !== null} @click=${() => this.begin(name)}>${this.#word(name)}</button>`)}
            <span class="operation-menu">${menu({ id: 'operations', label: t('lecture.operations'), text: t('lecture.operations'), icon: 'more', kind: '', items: this.#items() })}</span>`;
    }

    /* What can be done comes first, in groups; the rest, with its reasons, is below. */
    #items() {
        const title = (text) => html`<p class="menu-title" role="presentation">${text}</p>`;
        const item = (name) => {
            const { allowed, reason, verdict } = this.may(name);
            return { label: this.#word(name), disabled: !allowed, reason: allowed ? null : reasonWord('verdict', verdict, reason), danger: dangerous.includes(name), run: () => this.begin(name) };
        };
        const names = Object.keys(table);
        const parts = groups.map((group) => ({ title: t(`lecture.group.${group}`), names: names.filter((name) => table[name].group === group && this.may(name).allowed) }));
        parts.push({ title: t('work.unable'), names: names.filter((name) => !this.may(name).allowed) });
        return parts.filter((part) => part.names.length > 0).flatMap((part, i) => [...i > 0 ? ['line'] : [], title(part.title), ...part.names.map(item)]);
    }

    #word(name) {
        return name === 'run' && this.page.data.status !== 'INITIALIZED' ? operationWord('continue') : operationWord(name);
    }

    async begin(name) {
        const { plan, choose, confirm: meant } = table[name];
        if (meant && !await confirm({ title: operationWord(name), text: t(`lecture.confirm.${name}`), action: operationWord(name), danger: true }))
            return;
        if (choose)
            await this.#choose(name, choose);
        else if (plan)
            await this.#plan(name, plan);
        else
            await this.#do(name);
    }

    #choose(name, choices) {
        let chosen = choices[1];
        return dialog({
            title: operationWord(name),
            body: html`<fieldset class="choices"><legend>${t(`lecture.choose.${name}`)}</legend>${choices.map((choice) => html`
                <label><input type="radio" name="choice" value=${choice} ?checked=${choice === chosen} @change=${() => { chosen = choice; }}> ${t(`lecture.choice.${choice}`)}</label>`)}</fieldset>`,
            actions: [{ label: t('lecture.leave') }, { label: operationWord(name), kind: 'primary', run: () => this.#do(name, chosen) }],
        });
    }

    /* What it would do, before it is done, with what the reader wants otherwise. */
    async #plan(name, options) {
        const { page } = this;
        const path = `/recordings/${page.id}/run`;
        let [plan, refusal] = [null, null];
        let shown = () => {};
        const asking = new Asking(page, {
            ask: (signal) => api.post(path, { ...options, config: runWith.body().config, dry_run: true }, { signal }),
            took: (answer, error) => {
                plan = answer ?? plan;
                refusal = error && !runWith.refuse(error) ? error : null;
                shown();
            },
        });
        const runWith = await makeRunWith(page, { changed: () => asking.soon(), inherited: () => below(page) });
        asking.now();
        await dialog({
            title: this.#word(name),
            body: ({ update }) => {
                shown = update;
                return html`${problem(refusal)}${plan ? this.#steps(plan) : refusal ? nothing : html`<p class="quiet" aria-busy="true">${t('lecture.reading')}</p>`}
                    ${plan?.allowed ? runWith.template(update) : nothing}`;
            },
            actions: [{ label: t('lecture.leave') }, { label: this.#word(name), kind: 'primary', run: () => this.#run(name, runWith, options) }],
        });
    }

    /* A refusal of what was typed is shown where it was typed. */
    async #run(name, runWith, options) {
        const { page } = this;
        try {
            await api.post(`/recordings/${page.id}/run`, { ...options, ...runWith.body() }, { key: key() });
        }
        catch (error) {
            if (runWith.refuse(error))
                return false;
            throw error;
        }
        toast(t(`lecture.done.${name}`), { kind: 'good' });
        page.reload().catch(() => page.soon());
        return true;
    }

    #steps(plan) {
        if (!plan.allowed)
            return html`<p>${icon('error')} ${reasonWord('verdict', plan.verdict, plan.reason)}</p>`;
        return html`<p>${t('lecture.plan')}</p><ul class="plan">${plan.steps.map((step) => html`<li data-on=${String(step.enabled)}>${icon(step.enabled ? 'check' : 'skipped')} ${kindWord(step.name)}
            ${step.skip_reason ? html`<span class="quiet">${reasonWord('skip', slug(step.skip_reason), step.skip_reason)}</span>` : nothing}${step.warning ? html`<span class="error-text">${phrase(step.warning)}</span>` : nothing}</li>`)}</ul>`;
    }

    async #do(name, choice) {
        const { page } = this;
        const { now = {}, ask } = table[name];
        const before = Object.fromEntries(Object.keys(now).map((one) => [one, page.data[one]]));
        this.busy = name;
        const answer = await api.optimistic({
            apply: () => page.patch(now),
            undo: () => page.patch(before),
            call: () => ask(page.id, choice),
        });
        this.busy = null;
        if (answer)
            toast(t(`lecture.done.${name}`), { kind: 'good' });
        await page.reload().catch(() => page.soon());
    }

    async target(target, name) {
        const where = target.preset ? { preset_id: target.preset.id } : { platform: target.platform };
        const calls = {
            upload: () => api.post(`/recordings/${this.page.id}/upload`, where),
            republish: () => api.post(`/recordings/${this.page.id}/upload`, { ...where, force: true }),
            unpublish: () => api.post(`/recordings/${this.page.id}/unpublish`, { target: target.id }),
        };
        const word = operationWord(name);
        if (name !== 'upload' && !await confirm({ title: word, text: t(`lecture.confirm.${name}`), action: word, danger: name === 'unpublish' }))
            return;
        const { status } = target;
        const answer = await api.optimistic({
            apply: () => { target.status = name === 'unpublish' ? status : 'UPLOADING'; this.page.update(); },
            undo: () => { target.status = status; this.page.update(); },
            call: calls[name],
        });
        if (answer)
            toast(t(`lecture.done.${name}`), { kind: 'good' });
        await this.page.reload().catch(() => this.page.soon());
    }

    async #plainly(call, done) {
        try {
            await call();
            toast(done, { kind: 'good' });
        }
        catch (error) {
            toastError(error);
        }
        await this.page.reload().catch(() => this.page.soon());
    }

    /* Hear again, perhaps by another provider. */
    hear(provider) {
        return this.#plainly(() => api.post(`/recordings/${this.page.id}/transcript/retry`, provider ? { provider } : {}), t('lecture.done.hear'));
    }

    /* An upload whose outcome nobody knows begins at its beginning. */
    async anew() {
        if (await confirm({ title: t('lecture.anew'), text: t('lecture.anew.text'), action: t('lecture.anew'), danger: true }))
            await this.#plainly(() => api.post(`/recordings/${this.page.id}/retry`, { anew: true }), t('lecture.done.retry'));
    }
}
