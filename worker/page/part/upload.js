/*
 * part/upload.js
 *    upload(file, {metadata, onProgress, onDone, onError}): sends a file by tus, in pieces, so that a broken line
 *    or a closed page goes on where it was. metadata: texts beside filename and filetype (display_name,
 *    template_id, auto_run …); onProgress(sent, all) in bytes; onDone({url, location}) with the id of the recording that was made
 *    (null where the server names none); onError(error) when tries are used up.
 *    A promise of {pause(), go(), cancel()}; cancel also takes away what has arrived.
 */
import { ApiError } from '../app/api.js';
import { session } from '../app/session.js';
import { t } from '../app/text.js';
import { ready } from './said.js';

const piece = 16 * 1024 * 1024;

function refusal(error) {
    const response = error.originalResponse;
    if (!response)
        return new ApiError(0, { message: t('error.away') });
    let body = null;
    try {
        body = JSON.parse(response.getBody());
    }
    catch {
        body = { message: response.getBody() };
    }
    return new ApiError(response.getStatus(), body, Number(response.getHeader('Retry-After')) || null);
}

export async function upload(file, { metadata = {}, onProgress, onDone, onError } = {}) {
    const [{ Upload }] = await Promise.all([import('../vendor/tus.js'), ready()]);
    let location = null;
    const sending = new Upload(file, {
        endpoint: '/api/v1/uploads/tus',
        chunkSize: piece,
        retryDelays: [0, 1000, 3000, 8000, 20_000],
        removeFingerprintOnSuccess: true,
        metadata: { filename: file.name, filetype: file.type, ...metadata },
        onBeforeRequest: async (request) => {
            const token = await session.token();
            if (token)
                request.setHeader('Authorization', `Bearer ${token}`);
        },
        onAfterResponse: (request, response) => {
            location = response.getHeader('Leap-Recording') ?? location;
        },
        onProgress: (sent, all) => onProgress?.(sent, all),
        onSuccess: () => onDone?.({ url: sending.url, location }),
        onError: (error) => onError?.(refusal(error)),
    });
    const earlier = await sending.findPreviousUploads();
    if (earlier.length > 0)
        sending.resumeFromPreviousUpload(earlier[0]);
    sending.start();
    return { pause: () => sending.abort(), go: () => sending.start(), cancel: () => sending.abort(true) };
}
