/*
 * app/layout.js
 *    What is around a view: the bar above, the navigation beside, the skip link; and the keys that work
 *    everywhere. frame(route) draws it for a route and returns the element the view fills; redraw()
 *    when something of it has changed.
 */
import { html, nothing, render } from './html.js';
import { api } from './api.js';
import { events } from './events.js';
import { go, link, routes, reopen } from './router.js';
import { session } from './session.js';
import { t, number, language, languageNames, setLanguage, onLanguage } from './text.js';
import { theme, themes, setTheme, onTheme } from './theme.js';
import { icon } from '../part/icon.js';
import { menu, place } from '../part/menu.js';
import { toastError } from '../part/toast.js';

const entries = [
    { nav: 'recordings', path: '/recordings' },
    { nav: 'search', path: '/search' },
    'line',
    { nav: 'templates', path: '/templates' },
    { nav: 'presets', path: '/presets' },
    { nav: 'sources', path: '/sources' },
    { nav: 'credentials', path: '/credentials' },
    { nav: 'automation', path: '/automation' },
    'line',
    { nav: 'monitor', path: '/monitor' },
    { nav: 'admin', path: '/admin' },
];

let shown = null;
let unread = 0;

const row = (path) => routes.find((one) => one.path === path);
const reachable = (path) => row(path) && (row(path).role !== 'admin' || session.user?.role === 'admin');

function entry(one) {
    if (one === 'line')
        return html`<hr>`;
    return reachable(one.path) ? html`<a href=${link(one.path)} aria-current=${shown.row.nav === one.nav ? 'page' : nothing} @click=${closeDrawer}>${icon(one.nav)}<span>${t(`nav.${one.nav}`)}</span></a>` : nothing;
}

const closeDrawer = () => document.getElementById('side').classList.remove('open');

function toggleDrawer() {
    if (document.getElementById('side').classList.toggle('open'))
        document.querySelector('#side a')?.focus();
}

const looks = () => menu({
    id: 'menu-look', label: t('look.label'), icon: theme(), items: [
        ...themes.map((name) => ({ label: t(`look.${name}`), icon: name, checked: theme() === name, run: () => setTheme(name) })),
        'line',
        ...Object.entries(languageNames).map(([name, label]) => ({ label, icon: 'language', checked: language() === name, run: () => choose(name) })),
    ],
});

/* Mails and messages come in it, too, and other browsers speak it. */
async function choose(name) {
    await setLanguage(name);
    if (!session.user || session.user.language === name)
        return;
    try {
        await api.patch('/users/me', { language: name });
        session.user.language = name;
    }
    catch (error) {
        toastError(error);
    }
}

const account = () => menu({
    id: 'menu-account', label: t('account.menu'), icon: 'account', items: [
        html`<div class="menu-head"><strong>${session.user.full_name || session.user.email}</strong><small>${session.user.email}</small></div>`,
        'line',
        ...(row('/account') ? [{ label: t('account.open'), icon: 'account', href: link('/account') }] : []),
        { label: t('keys.title'), icon: 'info', run: () => showKeys() },
        { label: t('logout'), icon: 'external', run: () => session.logout() },
    ],
});

const bell = () => html`
    <button class="icon-button bell" popovertarget="bell-panel" aria-haspopup="dialog" aria-label=${unread ? t('bell.unread', { n: unread }) : t('bell.none')}>${icon('bell')}${unread
        ? html`<span class="bubble" aria-hidden="true">${unread > 99 ? '99+' : number(unread)}</span>` : nothing}</button>
    <div class="menu bell-panel" popover id="bell-panel" role="dialog" aria-label=${t('bell.label')} @toggle=${openBell}></div>`;

/* Its messages are read, and their module with them, when it opens. */
async function openBell(event) {
    const popover = event.target;
    if (event.newState !== 'open')
        return;
    place(popover, document.querySelector('.bell'));
    const { fill } = await import('../view/notifications/panel.js');
    await fill(popover);
}

const connection = () => html`<span class="connection ${events.state}" title=${t(`events.${events.state}`)}><span class="dot"></span></span>`;

/* Below everything, so that nothing moves when it comes and goes. */
const away = () => html`<div class="server-away" role="status">${events.state === 'away' ? html`<p>${icon('warning')}<span>${t('events.away')}</span></p>` : nothing}</div>`;

const full = () => html`
    <a class="skip" href="#main" @click=${skip}>${t('skip')}</a>
    <div class="frame">
        <header class="top">
            <button class="icon-button drawer" aria-label=${t('nav.open')} @click=${toggleDrawer}>${icon('menu')}</button>
            <a class="brand" href=${link('/recordings')}>LEAP</a>
            ${connection()}<span class="grow"></span>${bell()}${looks()}${account()}
        </header>
        <nav id="side" class="side" aria-label=${t('nav.label')}>${entries.map(entry)}</nav>
        <main id="main" class="main"></main>
        ${away()}
    </div>`;

const bare = () => html`
    <div class="bare">
        <header class="top"><a class="brand" href=${link('/')}>LEAP</a><span class="grow"></span>${looks()}</header>
        <main id="main" class="main ${shown.row.wide ? 'wide' : ''}"></main>
    </div>`;

function skip(event) {
    event.preventDefault();
    const heading = document.querySelector('main h1') ?? document.querySelector('main');
    heading.tabIndex = -1;
    heading.focus();
}

export function redraw() {
    if (shown)
        render(shown.row.bare || !session.user ? bare() : full(), document.getElementById('app'));
}

export function frame(route) {
    shown = route;
    redraw();
    return document.getElementById('main');
}

async function showKeys() {
    const { dialog } = await import('../part/dialog.js');
    const keys = ['/', '?', 'j', 'k', 'Enter', 'Escape'];
    dialog({ title: t('keys.title'), body: html`<dl class="keys">${keys.map((key) => html`<dt><kbd>${key}</kbd></dt><dd>${t(`keys.${key}`)}</dd>`)}</dl>` });
}

function search() {
    const marked = document.querySelector('main [data-search]');
    const field = marked?.dataset.search ? document.getElementById(marked.dataset.search) : marked;
    if (field)
        field.focus();
    else if (row('/search'))
        go('/search');
}

/* j and k go through what is marked data-row: its first link has the focus. */
function step(by) {
    const rows = [...document.querySelectorAll('main [data-row]')];
    const at = rows.findIndex((one) => one.contains(document.activeElement));
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
    next?.querySelector('a, button')?.focus();
    next?.scrollIntoView({ block: 'nearest' });
}

const keys = { '/': search, '?': showKeys, j: () => step(1), k: () => step(-1) };

function pressed(event) {
    if (event.key === 'Escape')
        document.getElementById('side')?.classList.remove('open');
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, dialog, [contenteditable]'))
        return;
    const act = session.user && keys[event.key];
    if (act) {
        event.preventDefault();
        act();
    }
}

document.addEventListener('keydown', pressed);
events.onState(redraw);
events.on('unread', (data) => {
    unread = data.unread;
    redraw();
});
events.on('notification', async (data) => data.severity !== 'info' && (await import('../view/notifications/arrivals.js')).arrived(data));
onTheme(redraw);
onLanguage(() => {
    redraw();
    reopen();
});
