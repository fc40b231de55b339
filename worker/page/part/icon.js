/*
 * part/icon.js
 *    icon(name): a drawing of 16 x 16 in the colour of its text, hidden from readers: a word stands
 *    beside it, or the button has an aria-label. Names: the keys of `shapes`.
 */
import { svg, html } from '../app/html.js';

const shapes = {
    recordings: 'M2 3.5h12v9H2zM6.5 6v4l3.5-2z',
    search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.7 3.7',
    templates: 'M3 2.5h10v4H3zM3 9.5h4v4H3zM10 9.5h3v4h-3z',
    presets: 'M2 4h12M2 8h12M2 12h12M5 2.5v3M10.5 6.5v3M6.5 10.5v3',
    sources: 'M8 2v8M4.5 6.5 8 10l3.5-3.5M2.5 13.5h11',
    credentials: 'M5 5.5a3 3 0 1 0 0 5 3 3 0 0 0 2.2-1.5H11v2h2.5V9H14V7H7.2A3 3 0 0 0 5 5.500z',
    automation: 'M8 2.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3l2 1.5',
    monitor: 'M1.5 8.500h3l2-5 3 9 2-4h3',
    admin: 'M8 1.8 13.5 4v4c0 3-2.3 5.2-5.5 6.200C4.8 13.2 2.5 11 2.5 8V4z',
    bell: 'M3.5 11.500h9c-1-1-1-2-1-4.500a3.5 3.5 0 0 0-7 0c0 2.5 0 3.5-1 4.500zM6.5 13.500a1.6 1.6 0 0 0 3 0',
    account: 'M8 2.500a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.600zM2.8 14c.6-3 2.6-4 5.2-4s4.6 1 5.2 4',
    menu: 'M2 4h12M2 8h12M2 12h12',
    close: 'M3.5 3.500l9 9M12.5 3.500l-9 9',
    check: 'M3 8.500l3.5 3.500L13 4.5',
    warning: 'M8 2 14.5 13.500h-13zM8 6.500v3.500M8 11.700v.6',
    error: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v4M8 10.700v.6',
    info: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.300v4M8 4.800v.6',
    running: 'M8 2a6 6 0 1 1-6 6',
    waiting: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.800V8l2.2 1.5',
    paused: 'M5.5 3.500v9M10.5 3.500v9',
    skipped: 'M3 4l5 4-5 4zM8.5 4l5 4-5 4z',
    stop: 'M4 4h8v8H4z',
    play: 'M4.5 3l8 5-8 5z',
    retry: 'M13 8a5 5 0 1 1-1.5-3.500M13 2v3h-3',
    add: 'M8 3v10M3 8h10',
    remove: 'M3 4.500h10M6 4.500v-2h4v2M4.5 4.500l.5 9h6l.5-9M7 7v4M9 7v4',
    edit: 'M3 13l.500-3L11 2.5 13.5 5 6 12.500z',
    copy: 'M5.5 5.500h8v8h-8zM2.5 10.500v-8h8',
    link: 'M6.5 9.500l3-3M7.5 4.500l1-1a2.8 2.8 0 0 1 4 4l-1 1M8.5 11.500l-1 1a2.8 2.8 0 0 1-4-4l1-1',
    external: 'M6 3.500H3v9.500h9.500V10M9 2.500h4.500V7M13.5 2.5 7.5 8.5',
    download: 'M8 2v8M4.5 6.5 8 10l3.5-3.500M2.5 13.500h11',
    upload: 'M8 11V3M4.5 6.5 8 3l3.5 3.500M2.5 13.500h11',
    left: 'M10 3.5 5.5 8l4.5 4.5',
    right: 'M6 3.5 10.5 8 6 12.5',
    down: 'M3.5 6 8 10.5 12.5 6',
    up: 'M3.5 10 8 5.5 12.5 10',
    more: 'M3 8h.1M8 8h.1M13 8h.1',
    filter: 'M2 3.500h12L9.5 8.500v5l-3-1.500V8.500z',
    light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.500M8 13.500V15M1 8h1.500M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
    dark: 'M13.5 9.500A6 6 0 0 1 6.5 2.500a6 6 0 1 0 7 7z',
    auto: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 2v12',
    share: 'M11.5 2a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM4.5 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM11.5 10a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6.3 7l3.4-2M6.3 9l3.4 2',
    lock: 'M4 7.500h8v6H4zM5.5 7.500V5a2.5 2.5 0 0 1 5 0v2.5',
    language: 'M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12',
};

export const icon = (name) => html`<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">${svg`<path d=${shapes[name] ?? shapes.info}></path>`}</svg>`;
