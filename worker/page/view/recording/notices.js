/*
 * view/recording/notices.js
 *    What people should know before anything else: held and why, failed and what to do, waiting, deleted, notes.
 *
 *  const notices = new Notices(page);  notices.template()
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, has, number, t } from '../../app/text.js';
import { icon } from '../../part/icon.js';
import { reasonText, reasonWord, remedy } from '../../part/said.js';
import { phrase } from '../../part/sentence.js';
import { since } from '../../part/time.js';
import { operationWord, stageWord } from '../../part/work.js';
import { errorText } from './fields.js';

export class Notices {
    providers = null;
    #reading = false;
    provider = '';

    constructor(page) {
        this.page = page;
    }

    template() {
        const { data } = this.page;
        return html`${data.deleted ? this.#deleted() : nothing}${data.hold ? this.#held() : nothing}${data.failed && !data.deleted ? this.#failed() : nothing}
            ${data.waiting && !data.hold && !data.failed ? html`<div class="notice">${icon('waiting')}<div><p>${reasonWord('stuck', data.waiting.code, data.waiting.reason)}</p><p class="quiet">${remedy('stuck', data.waiting.code, data.waiting.remedy)}</p></div></div>` : nothing}
            ${this.#withheld()}${this.#flags()}`;
    }

    #button(name, primary) {
        const { allowed, reason, verdict } = this.page.operations.may(name);
        return html`<button type="button" class=${primary ? 'button primary' : 'button'} ?disabled=${!allowed || this.page.operations.busy !== null} title=${allowed ? nothing : reasonText('verdict', verdict, reason)}
            @click=${() => this.page.operations.begin(name)}>${operationWord(name)}</button>`;
    }

    #deleted() {
        const { data } = this.page;
        return html`<div class="notice warn">${icon('remove')}<div><p>${data.delete_state === 'hard' ? html`${t('lecture.deleted.hard')} ${since(data.deleted_at)}`
            : html`${t('lecture.deleted')} ${since(data.deleted_at)}. ${t('lecture.deleted.until', { time: date(data.restore_until) })}`}</p></div>${this.#button('restore', true)}</div>`;
    }

    #held() {
        const { data } = this.page;
        const quality = data.hold === 'quality';
        return html`<div class="notice warn" role="status">${icon('paused')}<div>
            <p><strong>${has(`hold.${data.hold}`) ? t(`hold.${data.hold}`) : data.hold}</strong></p>
            ${data.hold_message && data.hold !== 'paused' ? html`<p>${reasonWord('held', data.hold, data.hold_message)}</p>` : nothing}
            ${quality ? this.#quality() : nothing}
            ${data.held_at ? html`<p class="quiet">${t('lecture.hold.since')} ${since(data.held_at)}</p>` : nothing}</div>
            <div class="buttons">${data.hold === 'paused' ? this.#button('resume', true) : this.#button('accept', true)}${quality ? this.#hear() : nothing}${this.#button('cancel')}</div></div>`;
    }

    /* Words that nobody accepted are kept back although the recording goes on. */
    #withheld() {
        const { data } = this.page;
        if (data.hold || data.deleted || data.facts?.quality?.withheld !== true)
            return nothing;
        return html`<div class="notice warn">${icon('error')}<div><p><strong>${t('lecture.withheld')}</strong></p>${this.#quality()}</div>
            <div class="buttons">${this.#button('accept', true)}${this.#hear()}</div></div>`;
    }

    #quality() {
        const reasons = this.page.data.facts?.quality?.reasons ?? [];
        return html`<ul class="reasons">${reasons.map((reason) => html`<li>${reasonWord('doubt', reason.code, reason.message)}${typeof reason.at === 'number' ? html` <a href=${this.page.href(reason.at)} @click=${(event) => this.page.jump(event, reason.at)}>${t('lecture.listen')}</a>` : nothing}
            ${typeof reason.value === 'number' ? html`<span class="quiet">(${number(reason.value, 2)} / ${number(reason.limit, 2)})</span>` : nothing}</li>`)}</ul>`;
    }

    /* Who else could hear it. */
    #hear() {
        if (!this.providers && !this.#reading) {
            this.#reading = true;
            this.page.load((signal) => api.get('/references/providers', {}, { signal })).then((answer) => {
                this.providers = (Array.isArray(answer) ? answer : answer.items ?? []).filter((one) => one.family === 'speech' && one.is_active !== false);
                this.page.update();
            }).catch(() => {});
        }
        return html`<span class="hear"><label><span class="hidden">${t('lecture.provider')}</span><select @change=${(event) => { this.provider = event.target.value; }}>
                <option value="">${t('lecture.provider.same')}</option>${(this.providers ?? []).map((one) => html`<option value=${one.name}>${one.name}</option>`)}</select></label>
            <button type="button" @click=${() => this.page.operations.hear(this.provider)}>${t('lecture.hear')}</button></span>`;
    }

    #failed() {
        const { data } = this.page;
        const stage = data.failed_at_stage;
        const unknown = data.error?.code === 'outcome_unknown' || data.targets.some((target) => target.error?.code === 'outcome_unknown');
        return html`<div class="notice bad" role="status">${icon('error')}<div>
            <p><strong>${t('lecture.failed', { stage: stage ? stageWord(stage) : '' })}</strong></p>
            ${data.error ? html`<p>${errorText(data.error)}</p>` : data.failed_reason ? html`<p>${phrase(data.failed_reason)}</p>` : nothing}
            ${data.next_attempt_at ? html`<p class="quiet">${t('lecture.again', { when: date(data.next_attempt_at) })}</p>` : nothing}</div>
            <div class="buttons">${this.#button('retry', true)}${unknown ? html`<button type="button" @click=${() => this.page.operations.anew()}>${t('lecture.anew')}</button>` : nothing}</div></div>`;
    }

    #flags() {
        const flags = this.page.data.flags ?? [];
        if (flags.length === 0)
            return nothing;
        return html`<details class="flags"><summary>${icon('info')} ${t('lecture.notes', { n: flags.length })}</summary>
            <ul>${flags.map((flag) => html`<li>${reasonWord('flag', flag.code, flag.message)}${(flag.reasons ?? []).map((reason) => html`<span class="quiet"> ${reasonWord('doubt', reason.code, reason.message ?? reason.code)}</span>`)}</li>`)}</ul></details>`;
    }
}
