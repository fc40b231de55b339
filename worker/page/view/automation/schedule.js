/*
 * view/automation/schedule.js
 *    Says when a job runs: each type of schedule with its fields, and what the server makes of it, in words with the next
 *    five runs, a moment after something was typed.
 *
 *  const schedule = new Schedule(editor, { timezones, timezone })    schedule.template(); schedule.soon()
 *  words(schedule_config)     in short, for lists
 */
import { html, nothing } from '../../app/html.js';
import { api } from '../../app/api.js';
import { date, language, number, t } from '../../app/text.js';
import { Asking } from '../../part/asking.js';
import { field } from '../../part/field.js';
import { phrase } from '../../part/sentence.js';
import { since } from '../../part/time.js';
import { checks, errorOf, pieces } from '../rules/parts.js';

const types = ['daily', 'weekdays', 'hours', 'cron'];
const names = { type: 'schedule', time: 'schedule', days: 'schedule', hours: 'schedule', anchor: 'schedule', expression: 'schedule', timezone: 'schedule', schedule_config: 'schedule' };

export const scheduleNames = names;

/* 2024-01-01 was a Monday. */
const dayName = (n, width = 'short') => new Intl.DateTimeFormat(language(), { weekday: width, timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, n)));

export function words(config) {
    const { type, time, days = [], hours, expression } = config ?? {};
    if (type === 'hours')
        return t('automation.words.hours', { n: Number(hours) });
    if (type === 'cron')
        return html`<code>${expression}</code>`;
    return type === 'weekdays' ? `${days.map((day) => dayName(day)).join(', ')} ${time}` : t('automation.words.daily', { time });
}

export class Schedule {
    answer = null;
    error = null;
    errors = {};
    #asking;
    #others = {}; // what was typed for other types

    constructor(editor, { timezones, timezone }) {
        Object.assign(this, { editor, timezones, timezone });
        this.#asking = new Asking(editor, {
            ask: (signal) => api.post('/automation/schedule', { schedule: this.config, language: language() }, { signal }),
            took: (answer, error) => this.#took(answer, error),
        });
    }

    get config() { return this.editor.draft.schedule_config ?? {}; }
    get type() { return this.config.type === 'time_of_day' ? 'daily' : this.config.type ?? 'daily'; }

    soon() {
        this.#asking.soon();
    }

    #took(answer, error) {
        this.answer = answer;
        this.errors = error ? Object.fromEntries(pieces(error, Object.keys(names)).map(({ name, text }) => [name, text])) : {};
        this.error = error && Object.keys(this.errors).length === 0 ? error : null;
        this.editor.update();
    }

    #set(name, value) {
        delete this.errors[name];
        this.editor.set('schedule_config', { ...this.config, [name]: value });
    }

    #choose(type) {
        Object.assign(this.#others, this.config);
        const { time = '21:00', days = [1, 2, 3, 4, 5], hours = 6, expression = '0 21 * * mon-fri', timezone = this.timezone } = this.#others;
        this.errors = {};
        this.editor.set('schedule_config', { daily: { type, time, timezone }, weekdays: { type, days, time, timezone }, hours: { type, hours }, cron: { type, expression, timezone } }[type]);
    }

    #input(name, more) {
        return field({ name, label: t(`automation.${name}`), value: this.config[name] ?? '', error: this.editor.errors[name] ?? this.errors[name], input: (value) => this.#set(name, value), ...more });
    }

    #fields() {
        const time = () => this.#input('time', { type: 'time', required: true });
        const zone = () => this.#input('timezone', { type: 'list', options: this.timezones });
        return {
            daily: () => html`${time()}${zone()}`,
            weekdays: () => html`${checks({ legend: t('automation.days'), options: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: day, label: dayName(day, 'long') })), chosen: this.config.days ?? [], change: (days) => this.#set('days', days.sort((a, b) => a - b)), error: this.errors.days })}${time()}${zone()}`,
            hours: () => html`${this.#input('hours', { type: 'number', min: 1, max: 168, hint: t('automation.hours.hint'), input: (value) => this.#set('hours', value === '' ? null : Number(value)) })}
                ${this.#input('anchor', { hint: t('automation.anchor.hint'), placeholder: '2026-01-31T09:00:00Z', mono: true, input: (value) => this.#set('anchor', value || undefined) })}`,
            cron: () => html`${this.#input('expression', { mono: true, hint: t('automation.expression.hint'), placeholder: '30 9 * * mon-fri' })}${zone()}`,
        }[this.type]();
    }

    #next() {
        if (this.error)
            return errorOf(this.error);
        if (!this.answer)
            return html`<p class="quiet">${t(Object.keys(this.errors).length ? 'automation.invalid' : 'loading')}</p>`;
        return html`<p class="in-words">${this.answer.text}</p><ol class="next-runs">${this.answer.next_runs.map((run) => html`<li><time datetime=${run}>${date(run)}</time> <span class="quiet">${since(run)}</span></li>`)}</ol>
            <p class="quiet">${t('automation.least', { n: number(this.answer.least_hours, 1) })}</p>`;
    }

    template() {
        return html`<div class="two"><div class="form narrow">${field({ name: 'type', type: 'select', label: t('automation.type'), value: this.type, options: types.map((value) => ({ value, label: t(`automation.type.${value}`) })), input: (type) => this.#choose(type) })}
            ${this.#fields()}${this.editor.errors.schedule_config ? html`<p class="field-error">${phrase(this.editor.errors.schedule_config)}</p>` : nothing}</div>
            <section class="panel preview" aria-live="polite"><h2>${t('automation.next.five')}</h2>${this.#next()}</section></div>`;
    }
}
