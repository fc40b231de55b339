/*
 * view/recordings/operations.js
 *    What can be done with recordings, in the order of menus.
 *
 *    groups                        [[name …] …], as menus show them
 *    table[name]                   {icon, now, danger, look}: now(item): what it changes at once, shown before the server has
 *                                answered; look: what it would do is shown first, and asked for; back: the operation that undoes it
 *    bulkNames                     what the bar of a selection offers by itself
 *    operate(name, body)           POST /recordings/bulk; a promise of the answer
 *    word(name)                    what it is called
 */
import { api, key } from '../../app/api.js';
import { operationWord } from '../../part/work.js';

export const table = {
    run: { icon: 'play', now: () => ({ on_air: true }) },
    retry: { icon: 'retry', now: () => ({ failed: false, on_air: true, next_attempt_at: null }) },
    resume: { icon: 'play', now: () => ({ hold: null, on_pause: false }) },
    accept: { icon: 'check', now: () => ({ hold: null }) },
    pause: { icon: 'paused', now: () => ({ hold: 'paused', hold_message: '', on_pause: true }) },
    cancel: { icon: 'stop', look: true, danger: true },
    prioritize: { icon: 'up', look: true },
    force: { icon: 'retry', look: true },
    download: { icon: 'download', look: true },
    process: { icon: 'edit', look: true },
    transcribe: { icon: 'language', look: true },
    topics: { icon: 'templates', look: true },
    subtitles: { icon: 'templates', look: true },
    upload: { icon: 'upload', look: true },
    republish: { icon: 'upload', look: true },
    unpublish: { icon: 'remove', look: true, danger: true },
    skip: { icon: 'skipped', now: () => ({ status: 'SKIPPED' }), back: 'unskip' },
    unskip: { icon: 'play', now: () => ({ status: 'INITIALIZED' }) },
    reset: { icon: 'retry', look: true, danger: true },
    delete: { icon: 'remove', danger: true, now: () => ({ deleted: true, deleted_at: new Date().toISOString() }), back: 'restore' },
    restore: { icon: 'retry', now: () => ({ deleted: false, deleted_at: null }) },
    purge: { icon: 'remove', look: true, danger: true },
};

export const groups = [
    ['run', 'retry', 'resume', 'accept', 'pause', 'cancel', 'prioritize'],
    ['force', 'download', 'process', 'transcribe', 'topics', 'subtitles'],
    ['upload', 'republish', 'unpublish'],
    ['skip', 'unskip', 'reset', 'delete', 'restore', 'purge'],
];

export const bulkNames = ['run', 'retry', 'pause', 'resume', 'delete'];

export { operationWord as word };

export const operate = (operation, body, options) => api.post('/recordings/bulk', { operation, ...body }, { key: body.dry_run ? undefined : key(), ...options });
