/*
 * view/recordings/stages.js
 *    The four stages of a recording as a strip, and what events change of them.
 *
 *    strip(item)                  the strip, and in words what goes on
 *    progressed(item, event)      an event `progress`: the task is so far
 *    taskMoved(item, event)       an event `task`: the task is in another state
 * Both change the item and say whether there is anything else to see.
 */
import { html, svg, nothing } from '../../app/html.js';
import { percent } from '../../app/text.js';
import { kindWord, stageWord, stateWord } from '../../part/work.js';

const stageOf = { download: 'DOWNLOAD', trim: 'PROCESS', transcribe: 'TRANSCRIBE', topics: 'TRANSCRIBE', subtitles: 'TRANSCRIBE', upload: 'UPLOAD' };
const ended = ['succeeded', 'skipped'];
const width = 58;
const gap = 4;

const classes = { COMPLETED: 'done', IN_PROGRESS: 'busy', FAILED: 'bad', SKIPPED: 'off', PENDING: 'wait' };

export const running = (item) => item.processing_stages?.find((stage) => stage.status === 'IN_PROGRESS');

const said = (stage) => `${stageWord(stage.stage_type)}: ${stage.status === 'IN_PROGRESS' ? percent(stage.progress / 100) : stateWord(stage.status)}`;

function bar(stage, i) {
    const at = i * (width + gap);
    const part = stage.status === 'COMPLETED' ? 1 : stage.status === 'IN_PROGRESS' || stage.status === 'FAILED' ? Math.max(stage.progress, 3) / 100 : 0;
    return svg`<rect class="ground ${classes[stage.status] ?? 'wait'}" x=${at} y="0" width=${width} height="7" rx="2"></rect><rect class="part ${classes[stage.status] ?? 'wait'}"
        x=${at} y="0" width=${Math.round(width * part)} height="7" rx="2"></rect>`;
}

export function strip(item) {
    const stages = item.processing_stages ?? [];
    const now = running(item);
    const step = now?.tasks?.find((task) => task.state === 'running')?.kind;
    return html`<svg class="strip" viewBox="0 0 ${4 * width + 3 * gap} 7" preserveAspectRatio="none" role="img" aria-label=${stages.map(said).join(', ')}>${stages.map(bar)}</svg>
        <span class="strip-text">${now ? html`<b>${percent(now.progress / 100)}</b> ${kindWord(step ?? now.tasks?.[0]?.kind ?? 'download')}` : nothing}</span>`;
}

function taskOf(item, event) {
    const stage = item.processing_stages?.find((one) => one.stage_type === stageOf[event.kind]);
    if (!stage)
        return {};
    let task = stage.tasks.find((one) => one.task === event.task);
    if (!task)
        stage.tasks.push(task = { task: event.task, kind: event.kind, state: 'running', progress: 0 });
    return { stage, task };
}

function count(stage) {
    const points = stage.tasks.reduce((sum, task) => sum + (ended.includes(task.state) ? 100 : task.state === 'running' ? task.progress ?? 0 : 0), 0);
    stage.progress = Math.floor(points / Math.max(stage.tasks.length, 1));
    if (stage.tasks.some((task) => task.state === 'running'))
        stage.status = 'IN_PROGRESS';
    else if (stage.tasks.some((task) => task.state === 'failed'))
        stage.status = 'FAILED';
    else
        stage.status = stage.tasks.every((task) => task.state === 'skipped') ? 'SKIPPED' : stage.tasks.every((task) => ended.includes(task.state)) ? 'COMPLETED' : 'PENDING';
}

export function progressed(item, event) {
    const { stage, task } = taskOf(item, event);
    if (!stage || (task.state === 'running' && task.progress === event.progress))
        return false;
    task.state = 'running';
    task.progress = event.progress;
    task.step = event.current_step;
    count(stage);
    return true;
}

export function taskMoved(item, event) {
    const { stage, task } = taskOf(item, event);
    if (!stage || task.state === event.to)
        return false;
    task.state = event.to;
    if (event.to === 'running')
        task.progress = 0;
    count(stage);
    return true;
}
