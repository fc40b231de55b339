/*
 * view/recordings/uploads.js
 *    Files on their way: two at a time, in whatever view the reader is; what was not finished is remembered, so that
 *    the same file goes on where it was, also after the page was closed.
 *
 *    uploads.list                [{id, name, size, sent, state: 'waiting' | 'going' | 'paused' | 'done' | 'failed', error, recording}]
 *    uploads.add(files, metadata)   files begin, as soon as there is a place
 *    uploads.pause(one), go(one), cancel(one), forget(one)
 *    uploads.unfinished()        [{name, size, sent}] of earlier visits: choosing the file again goes on with it
 *    uploads.onChange(fn)        at most once a frame; returns what ends it
 */
import { session } from '../../app/session.js';
import { t } from '../../app/text.js';
import { saying } from '../../part/said.js';
import { toast } from '../../part/toast.js';
import { upload } from '../../part/upload.js';
import { go } from '../../app/router.js';

const stored = 'leap.uploads';
const atOnce = 2;
const listeners = new Set();
let frame = 0;
let count = 0;

const keyOf = ({ name, size }) => `${size}:${name}`;

function remembered() {
    try {
        const kept = JSON.parse(localStorage.getItem(stored) ?? '{}');
        return kept.user === session.user?.id ? kept.files : {};
    }
    catch {
        return {};
    }
}

function remember(change) {
    const files = remembered();
    change(files);
    localStorage.setItem(stored, JSON.stringify({ user: session.user?.id, files }));
}

function changed() {
    frame ||= requestAnimationFrame(() => {
        frame = 0;
        listeners.forEach((listener) => listener());
    });
}

function set(one, fields) {
    Object.assign(one, fields);
    changed();
}

const ends = (one) => remember((files) => delete files[keyOf(one)]);

function done(one, location) {
    const recording = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(location ?? '')?.[0] ?? null;
    ends(one);
    set(one, { state: 'done', sent: one.size, recording });
    toast(t('list.add.arrived', { name: one.name }), { kind: 'good', action: recording ? { label: t('list.add.open'), run: () => go(`/recordings/${recording}`) } : undefined });
    next();
}

function failed(one, error) {
    set(one, { state: 'failed', error });
    const { text, hint, own, lang } = saying(error);
    toast(t('list.add.failed', { name: one.name }), { kind: 'bad', hint: [text, hint].filter(Boolean).join(' '), own, lang });
    next();
}

async function begin(one) {
    set(one, { state: 'going', error: null });
    if (one.sending) {
        one.sending.go();
        return;
    }
    remember((files) => { files[keyOf(one)] ??= { name: one.name, size: one.size, sent: 0 }; });
    let kept = 0;
    one.sending = await upload(one.file, {
        metadata: one.metadata,
        onProgress: (sent) => {
            set(one, { sent });
            // what is written anew with each piece is enough
            if (sent - kept > one.size / 50) {
                kept = sent;
                remember((files) => { files[keyOf(one)] = { name: one.name, size: one.size, sent }; });
            }
        },
        onDone: ({ location }) => done(one, location),
        onError: (error) => failed(one, error),
    });
}

function next() {
    const going = uploads.list.filter((one) => one.state === 'going').length;
    uploads.list.filter((one) => one.state === 'waiting').slice(0, Math.max(0, atOnce - going)).forEach(begin);
    changed();
}

export const uploads = {
    list: [],

    add(files, metadata) {
        for (const file of files)
            if (!uploads.list.some((one) => ['waiting', 'going', 'paused'].includes(one.state) && keyOf(one) === keyOf(file)))
                uploads.list.push({ id: ++count, file, name: file.name, size: file.size, sent: 0, state: 'waiting', error: null, recording: null, metadata });
        next();
    },

    pause(one) {
        one.sending?.pause();
        set(one, { state: 'paused' });
        next();
    },

    go(one) {
        set(one, { state: 'waiting' });
        next();
    },

    cancel(one) {
        one.sending?.cancel()?.catch?.(() => {});
        ends(one);
        uploads.forget(one);
        next();
    },

    forget(one) {
        uploads.list = uploads.list.filter((other) => other !== one);
        changed();
    },

    unfinished: () => Object.values(remembered()).filter((file) => !uploads.list.some((one) => keyOf(one) === keyOf(file))),
    giveUp: (file) => { ends(file); changed(); },

    onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
    },
};

addEventListener('beforeunload', (event) => {
    if (uploads.list.some((one) => one.state === 'going'))
        event.preventDefault();
});
