/*
 * part/chart.js
 *    chart(element, {title, times, series, height, unit}): a plot over time, redrawn when the theme or the width
 *    changes. times: seconds since 1970; series: [{label, values, colour: 1..6}]; unit(value): how values are written.
 *    A promise of {update(times, [values…]), close()}. Readers get the same numbers as a table of
 *    the view's, so the plot is hidden from them.
 */
import { onTheme } from '../app/theme.js';
import { style } from '../app/view.js';
import { date, locale, t } from '../app/text.js';

/* A value between two that are missing is no line: it is seen as a point, however many there are. */
function alone(self, series, all) {
    const values = self.data[series];
    return all ? null : values.flatMap((value, i) => (values[i - 1] ?? values[i + 1] ?? null) === null && value !== null ? [i] : []);
}

/* As wide as the longest label of an axis, in pixels: "1 min 40 s" is longer in other languages. */
const room = (self, labels) => Math.max(40, ...(labels ?? []).map((label) => String(label ?? '').length * 7 + 16));

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export async function chart(element, { title, times, series, height = 180, unit = (value) => String(value) }) {
    const [{ default: Plot }] = await Promise.all([import('../vendor/uplot.js'), style('../vendor/uplot.css')]);
    let data = [times, ...series.map((one) => one.values)];
    let plot = null;

    function draw() {
        const axis = { stroke: token('--quiet'), grid: { stroke: token('--line'), width: 1 }, ticks: { show: false } };
        plot?.destroy();
        plot = new Plot({
            title, width: Math.max(200, element.clientWidth), height, legend: { live: true },
            scales: { x: { time: true }, y: { range: (self, low, high) => [Math.min(0, low ?? 0), Math.max(1, (high ?? 1) * 1.1)] } },
            fmtDate: (template) => (date) => new Intl.DateTimeFormat(locale(), /D/.test(template) && !/h|H/.test(template) ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit' }).format(date),
            axes: [axis, { ...axis, size: room, values: (self, values) => values.map((value) => value === null ? '' : unit(value)) }],
            series: [{ label: t('monitor.when'), value: (self, value) => value === null ? '–' : date(value * 1000) }, ...series.map((one, i) => ({
                label: one.label, stroke: token(`--plot-${one.colour ?? i + 1}`), width: 1.5, points: { size: 5, width: 0, fill: token(`--plot-${one.colour ?? i + 1}`), filter: alone }, value: (self, value) => value === null ? '–' : unit(value),
            }))],
        }, data, element);
    }

    const observer = new ResizeObserver(() => plot?.setSize({ width: Math.max(200, element.clientWidth), height }));
    const forget = onTheme(draw);
    element.setAttribute('aria-hidden', 'true');
    element.classList.add('chart');
    draw();
    observer.observe(element);
    return {
        update(nextTimes, values) {
            data = [nextTimes, ...values];
            plot.setData(data);
        },
        close() {
            observer.disconnect();
            forget();
            plot.destroy();
        },
    };
}
