/*
 * view/recording/times.js
 *    Times of a lesson and of the recording it was cut out of.
 *
 * cuts is what was kept, [{start, end, at}]: from start to end of the recording, at that second of
 * the lesson. Without cuts the two are the same.
 *  toSource(cuts, seconds)     the second of the recording that is at this second of the lesson
 *  toLesson(cuts, seconds)     the second of the lesson; what was cut out is where the next part begins
 *  isKept(cuts, seconds)       whether this second of the recording is in the lesson
 *  removed(cuts, duration)     what was cut out of the recording: [{start, end}]
 *  indexAt(starts, seconds)    the last of the ascending starts that is not after it; -1: none
 *  readPeaks(buffer)           a waveform file: {seconds, rate (peaks a second), count, data (Int8Array: lowest and
 *                              highest by turns)}; null when it is none
 *  timeOfHash(hash)            the seconds of "#t=12.5"; null
 */
const slack = 0.05;

export function toSource(cuts, seconds) {
    if (!cuts?.length)
        return seconds;
    const part = cuts[Math.max(0, indexAt(cuts.map((cut) => cut.at), seconds))];
    return Math.min(part.start + seconds - part.at, part.end);
}

export function toLesson(cuts, seconds) {
    if (!cuts?.length)
        return seconds;
    const part = cuts.find((cut) => cut.end > seconds);
    if (part)
        return part.at + Math.max(0, seconds - part.start);
    const last = cuts.at(-1);
    return last.at + last.end - last.start;
}

export const isKept = (cuts, seconds) => !cuts?.length || cuts.some((cut) => seconds >= cut.start && seconds < cut.end);

export function removed(cuts, duration) {
    const gaps = [];
    let at = 0;
    for (const cut of cuts ?? []) {
        if (cut.start - at > slack)
            gaps.push({ start: at, end: cut.start });
        at = cut.end;
    }
    if (cuts?.length && duration - at > slack)
        gaps.push({ start: at, end: duration });
    return gaps;
}

export function indexAt(starts, seconds) {
    let low = 0;
    let high = starts.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if (starts[middle] <= seconds + slack)
            low = middle + 1;
        else
            high = middle;
    }
    return low - 1;
}

export function readPeaks(buffer) {
    const header = 24;
    if (buffer.byteLength < header)
        return null;
    const words = new DataView(buffer);
    const [version, flags, rate, samples, pixels] = [0, 4, 8, 12, 16].map((at) => words.getUint32(at, true));
    const channels = version === 2 ? words.getUint32(20, true) : 1;
    if (version !== 2 || flags !== 1 || channels !== 1 || samples === 0 || rate === 0)
        return null;
    const count = Math.min(pixels, (buffer.byteLength - header) >> 1);
    return { count, rate: rate / samples, seconds: count * samples / rate, data: new Int8Array(buffer, header, count * 2) };
}

export function timeOfHash(hash) {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(hash);
    return found ? Number(found[1]) : null;
}
