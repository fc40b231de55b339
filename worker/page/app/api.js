/*
 * app/api.js
 *    Requests to the REST API, below /api/v1, in the name of whoever is signed in.
 *
 *  api.get(path, query, {signal, key})              the parsed answer (null: none)
 *  api.post(path, body, {signal, key, query})       key: an Idempotency-Key; put, patch, del alike
 *  api.rest(path, query, {signal})                  a view in PostgREST's form: /rest path, array of rows
 *  api.raw(method, path, {…})                       the Response, when fields of it matter
 *  api.optimistic({apply, undo, call})              applies at once; undoes with a toast when refused
 *  key()                                            a new Idempotency-Key
 * All throw ApiError {status, code, message, details, hint, retryAfter}: status 0 is a server
 * that cannot be reached. An answer 401 refreshes the session once and asks again.
 */
import { events } from './events.js';
import { session } from './session.js';
import { t, words } from './text.js';
import { toastError } from '../part/toast.js';

export class ApiError extends Error {
    constructor(status, body, retryAfter) {
        super(body?.message || t('error.status', { status }));
        this.status = status;
        this.code = body?.code ?? null;
        this.details = body?.details ?? null;
        this.hint = body?.hint ?? null;
        this.retryAfter = retryAfter;
    }
}

/* Not randomUUID(), which browsers give only to pages that came by TLS or from the same machine. */
export const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

function queryText(query) {
    const text = new URLSearchParams();
    for (const [name, value] of Object.entries(query ?? {}))
        for (const one of Array.isArray(value) ? value : [value])
            if (one !== null && one !== undefined && one !== '')
                text.append(name, one);
    return text.size > 0 ? `?${text}` : '';
}

/* send(METHOD, URL, {body, key, signal, token, fields}): the Response; no session, no second try. */
export async function send(method, url, { body, key: once, signal, token, fields } = {}) {
    const headers = { Accept: 'application/json', ...fields };
    if (body !== undefined)
        headers['Content-Type'] = 'application/json';
    if (token)
        headers.Authorization = `Bearer ${token}`;
    if (once)
        headers['Idempotency-Key'] = once;
    try {
        return await fetch(url, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), credentials: 'same-origin' });
    }
    catch (error) {
        if (error.name === 'AbortError')
            throw error;
        throw new ApiError(0, { message: t('error.away') });
    }
}

/* The body of an answer; an ApiError when it is a refusal. */
export async function read(response) {
    const text = await response.text();
    let body = null;
    try {
        body = text === '' ? null : JSON.parse(text);
    }
    catch {
        body = response.ok ? text : { message: text.slice(0, 300) };
    }
    if (!response.ok) {
        // a refusal is said in words of the page
        await words('said', 'sentence').catch(() => {});
        throw new ApiError(response.status, body, Number(response.headers.get('Retry-After')) || null);
    }
    return body;
}

async function raw(method, path, { query, rest, ...options } = {}) {
    const url = (rest ? '' : '/api/v1') + path + queryText(query);
    const token = await session.token();
    const response = await send(method, url, { ...options, token });
    if (response.status !== 401 || !token)
        return response;
    const fresh = await session.refresh(token);
    return fresh ? send(method, url, { ...options, token: fresh }) : response;
}

const busy = [0, 429, 502, 503, 504];

/* What could not be read is read anew when the server is back: whoever shows it has missed something. */
async function call(method, ...request) {
    try {
        return await read(await raw(method, ...request));
    }
    catch (error) {
        if (method === 'GET' && busy.includes(error.status))
            events.missed();
        throw error;
    }
}

export const api = {
    raw,
    get: (path, query, options) => call('GET', path, { ...options, query }),
    post: (path, body, options) => call('POST', path, { ...options, body: body ?? {} }),
    put: (path, body, options) => call('PUT', path, { ...options, body: body ?? {} }),
    patch: (path, body, options) => call('PATCH', path, { ...options, body: body ?? {} }),
    del: (path, options) => call('DELETE', path, options),
    rest: (path, query, options) => call('GET', path, { ...options, query, rest: true }),

    async optimistic({ apply, undo, call: ask }) {
        apply();
        try {
            return await ask();
        }
        catch (error) {
            undo(error);
            toastError(error);
            return undefined;
        }
    },
};
