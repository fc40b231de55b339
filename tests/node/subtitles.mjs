// tests/node/subtitles.mjs FOLDER
//     Reads subtitle files of a folder with other people's parsers and says what they found.
//
//     {"file": "a.vtt"} -> {parser: {cues: [[start, end, text], ...], errors: [text, ...]}, ...}
//     Times are milliseconds; the text of a cue has a line end between its lines.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse as plussub } from '@plussub/srt-vtt-parser';
import { parseSync as subtitle } from 'subtitle';

const require = createRequire(import.meta.url);
const { WebVTT, VTTCue } = require('vtt.js');
const { WebVTTParser } = require('webvtt-parser');
const htmlEntities = require('webvtt-parser/html-entities.json');
const [folder] = process.argv.slice(2);
const entities = { '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescaped = (text) => text.replace(/&(?:lt|gt|amp);/g, (name) => entities[name]);
const ms = (seconds) => Math.round(seconds * 1000);

// Of those that leave escapes of WebVTT, or the line ends of SubRip, as they are.
const plain = (isVtt, text) => (isVtt ? unescaped(text) : text.replace(/\r/g, ''));

function bySubtitle(text, isVtt) {
    const cues = subtitle(text).filter(({ type }) => type === 'cue')
        .map(({ data }) => [data.start, data.end, plain(isVtt, data.text)]);

    return { cues, errors: [] };
}

function byPlussub(text, isVtt) {
    const { entries } = plussub(text);

    return { cues: entries.map((entry) => [entry.from, entry.to, plain(isVtt, entry.text)]), errors: [] };
}

// What mozilla's parser says belongs to a browser; it gets the little of one that it needs.
function byMozilla(text) {
    const cues = [];
    const errors = [];
    const parser = new WebVTT.Parser({ VTTCue }, WebVTT.StringDecoder());

    parser.oncue = (cue) => cues.push([ms(cue.startTime), ms(cue.endTime), unescaped(cue.text)]);
    parser.onparsingerror = (error) => errors.push(String(error.message ?? error));
    parser.parse(text);
    parser.flush();
    return { cues, errors };
}

const textOf = ({ type, value, children }) => (type === 'text' ? value : (children ?? []).map(textOf).join(''));

// The one of the standard's editor, which knows every rule for authors.
function byEditor(text) {
    const kind = text.includes('leap-chapters') ? 'chapters' : 'captions';
    const { cues, errors } = new WebVTTParser(htmlEntities).parse(text, kind);

    return {
        cues: cues.map(({ startTime, endTime, tree }) => [ms(startTime), ms(endTime), textOf(tree)]),
        errors: errors.map(({ line, message }) => `${line}: ${message}`),
    };
}

const parsers = {
    srt: { subtitle: bySubtitle, plussub: byPlussub },
    vtt: { subtitle: bySubtitle, plussub: byPlussub, 'vtt.js': byMozilla, 'webvtt-parser': byEditor },
};

for await (const line of createInterface({ input: process.stdin })) {
    const { file } = JSON.parse(line);
    const kind = file.slice(-3);
    const text = readFileSync(join(folder, file), 'utf8');
    const answer = {};

    for (const [name, parse] of Object.entries(parsers[kind])) {
        // it takes a line of a cue that begins like this for a comment or a header
        if (name === 'subtitle' && /^(?:NOTE|WEBVTT.)/m.test(text)) continue;
        try {
            answer[name] = parse(text, kind === 'vtt');
        } catch (error) {
            answer[name] = { cues: [], errors: [error.message] };
        }
    }
    console.log(JSON.stringify(answer));
}
