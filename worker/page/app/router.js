/*
 * app/router.js
 *    From paths to views, and back.
 *
 *  link(path, query)                the href of a view's path: link('/recordings/7', {tab: 'text'})
 *  go(path, query, {replace})       goes there; a promise that the view is open
 *  query()                          the query of the page as an object (a name that comes twice: the last)
 *  back()                           where the reader came from, or the list
 *  current()                        the view that is open (its route: current().route)
 *  ahead()                          fetches the view of this address while it is asked who is here
 *  startRouter({frame, onRoute, away, start})   by app/main.js
 * Links are plain <a href>: a click is caught here, with a modifier the browser does what it does.
 */
import { render, nothing } from './html.js';
import { events } from './events.js';
import { routes } from './routes.js';
import { session } from './session.js';
import { t, words } from './text.js';

export { routes };

const base = '/app';
const home = '/recordings';
let view = null;
let frame = null;
let onRoute = null;
let turn = 0;

export function link(path, parameters) {
    const text = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters ?? {}))
        for (const one of Array.isArray(value) ? value : [value])
            if (one !== null && one !== undefined && one !== '' && one !== false)
                text.append(name, one);
    return (path.startsWith('/share/') ? '' : base) + path + (text.size > 0 ? `?${text}` : '');
}

export const query = () => Object.fromEntries(new URLSearchParams(location.search));
export const current = () => view;

export function go(path, parameters, { replace = false } = {}) {
    keepScroll();
    history[replace ? 'replaceState' : 'pushState']({ inside: true }, '', link(path, parameters));
    return arrive({ scroll: replace ? null : 0 });
}

export function back() {
    if (history.state?.inside)
        history.back();
    else
        go(home);
}

function match(path) {
    const names = path.split('/');
    for (const row of routes) {
        const wanted = row.path.split('/');
        const params = {};
        if (wanted.length === names.length && wanted.every((part, i) => part.startsWith(':')
            ? names[i] !== '' && (params[part.slice(1)] = decode(names[i])) !== null : part === names[i]))
            return { row, params };
    }
    return null;
}

function decode(part) {
    try {
        return decodeURIComponent(part);
    }
    catch {
        return null;
    }
}

function place() {
    const path = location.pathname;
    return (path === base || path.startsWith(`${base}/`) ? path.slice(base.length) : path).replace(/\/$/, '') || home;
}

/* What is to be shown here: a row of the table, or one of our own views instead. */
function decide(path) {
    const found = match(path);
    if (!session.user && !found?.row.open)
        return match('/login');
    if (!found)
        return { row: own.missing, params: {} };
    if (found.row.role === 'admin' && session.user?.role !== 'admin')
        return { row: own.missing, params: {} };
    return found;
}

const own = {
    missing: { path: '', room: 'shell', title: 'missing.title', view: () => import('../view/shell/missing.js') },
    broken: { path: '', room: 'shell', title: 'broken.title', view: () => import('../view/shell/broken.js') },
};

/* Whoever has no session is shown another view: then it was for nothing, and costs a few kilobytes. */
export const ahead = () => match(place())?.row.view().catch(() => {});

async function open(route, mine, extra) {
    const [module] = await Promise.all([route.row.view(), words('shell', ...route.row.open ? [] : route.row.lean ? ['said'] : ['said', 'sentence'], ...[route.row.room].flat()), events.ready]);
    if (mine !== turn)
        return null;
    view?.close();
    const main = frame(route);
    render(nothing, main);
    view = Object.assign(new module.default(route, main), extra);
    document.title = `${t(route.row.title)} – LEAP`;
    if (view.loading?.())
        view.show();
    await view.open();
    return view;
}

async function arrive({ scroll }) {
    const mine = ++turn;
    const path = place();
    const found = decide(path);
    const route = { path, query: query(), row: found.row, params: found.params };

    if (view && !view.failed && view.route.row === route.row && JSON.stringify(view.route.params) === JSON.stringify(route.params)) {
        const old = view.route;
        view.route = route;
        if (view.moved(route, old))
            return;
    }
    let opened = null;
    try {
        opened = await open(route, mine);
    }
    catch (error) {
        if (mine !== turn || error.name === 'AbortError')
            return;
        if (!error.status && error.status !== 0)
            console.error(error);
        opened = await open({ ...route, row: error.status === 404 ? own.missing : own.broken }, mine, { failed: true, error, again: () => arrive({ scroll }) });
    }
    if (!opened || mine !== turn)
        return;
    opened.show();
    document.title = `${opened.title() || t(opened.route.row.title)} – LEAP`;
    onRoute(route);
    settle(scroll);
}

/* Readers hear, and keys act, where the new page begins. */
function settle(scroll) {
    const heading = document.querySelector('main h1');
    if (heading && !document.querySelector('main [autofocus]')) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
    }
    else
        document.querySelector('main [autofocus]')?.focus();
    if (scroll !== null)
        scrollTo(0, scroll);
}

function keepScroll() {
    history.replaceState({ ...history.state, scroll: scrollY }, '');
}

function caught(event) {
    const anchor = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (!anchor || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
        return;
    const url = new URL(anchor.href, location.href);
    if (url.origin !== location.origin || anchor.target || anchor.hasAttribute('download') || !`${url.pathname}/`.startsWith(`${base}/`))
        return;
    if (url.pathname === location.pathname && url.search === location.search && url.hash)
        return;
    event.preventDefault();
    keepScroll();
    history.pushState({ inside: true }, '', url);
    arrive({ scroll: 0 });
}

/* away: why nobody could be asked who is here; start: asks once more. */
export function startRouter({ away, start, ...settings }) {
    ({ frame, onRoute } = settings);
    history.scrollRestoration = 'manual';
    document.addEventListener('click', caught);
    addEventListener('popstate', (event) => arrive({ scroll: event.state?.scroll ?? 0 }));
    addEventListener('pagehide', keepScroll);
    const begin = () => arrive({ scroll: history.state?.scroll ?? 0 });
    const wait = (error) => show(own.broken, { error, again: () => start().then(begin, wait) });
    return away ? wait(away) : begin();
}

/* One of our own views, whatever the path is. */
async function show(row, extra) {
    const opened = await open({ path: place(), query: query(), row, params: {} }, turn, { failed: true, ...extra });
    opened?.show();
}

/* Opens what is shown anew: somebody came or went. */
export const reopen = () => {
    if (view)
        view.failed = true;
    return arrive({ scroll: null });
};
