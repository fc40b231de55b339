/*
 * app/session.js
 *    Who is signed in. The refresh token is a cookie that no script sees, the access token is
 *    kept in memory only.
 *
 *  session.user                  {id, email, full_name, role, is_verified, language}, null: nobody
 *  session.start()               takes up the session of this browser; a promise
 *  session.login({email, password, remember_me})   throws ApiError
 *  session.logout()              ends it, in all tabs
 *  session.token()               an access token that is still good for a while, null: nobody
 *  session.refresh(old)          another one than `old`; null: the session is over
 *  session.change(fields)        what has changed of the user (name, role)
 *  session.onChange(fn)          is called with the user when somebody came or went
 * One tab refreshes at a time and tells the others, or they would present the same token twice.
 */
import { send, read } from './api.js';

const hint = 'leap.session'; // that there may be a cookie: who never signed in is not asked for
const early = 30_000;        // ms before its end a token is replaced
const channel = new BroadcastChannel('leap.session');
const listeners = new Set();
let access = null; // {token, until (of performance.now's clock, ms), user}

const lock = (run) => navigator.locks ? navigator.locks.request('leap.refresh', run) : run();

function set(next, { tell = false } = {}) {
    const changed = access?.user?.id !== next?.user?.id;
    access = next;
    session.user = next?.user ?? null;
    if (next)
        localStorage.setItem(hint, '1');
    else
        localStorage.removeItem(hint);
    if (tell)
        channel.postMessage(next ? { token: next.token, seconds: (next.until - performance.now()) / 1000, user: next.user } : {});
    if (changed)
        listeners.forEach((listener) => listener(session.user));
}

const taken = (answer) => ({ token: answer.access_token, until: performance.now() + answer.expires_in * 1000, user: answer.user });

async function refreshAlone(old) {
    if (access && access.token !== old)
        return access.token;
    const response = await send('POST', '/api/v1/auth/refresh', { body: { cookie: true } });
    if (response.status === 401 || response.status === 403) {
        set(null, { tell: true });
        return null;
    }
    set(taken(await read(response)), { tell: true });
    return access.token;
}

export const session = {
    user: null,

    async start() {
        if (localStorage.getItem(hint))
            await this.refresh(null);
    },

    async login({ email, password, remember_me }) {
        const response = await send('POST', '/api/v1/auth/login', { body: { email, password, remember_me, cookie: true } });
        set(taken(await read(response)), { tell: true });
    },

    async logout() {
        const token = await this.token();
        if (token)
            await send('POST', '/api/v1/auth/logout', { body: {}, token });
        set(null, { tell: true });
    },

    async token() {
        if (!access)
            return null;
        return access.until - performance.now() > early ? access.token : this.refresh(access.token);
    },

    refresh: (old) => lock(() => refreshAlone(old)),

    change(fields) {
        if (access)
            set({ ...access, user: { ...access.user, ...fields } }, { tell: true });
        listeners.forEach((listener) => listener(session.user));
    },

    onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
    },
};

channel.onmessage = ({ data }) => set(data.token ? { token: data.token, until: performance.now() + data.seconds * 1000, user: data.user } : null);
