/*
 * page/lesson.js
 *	  What the page of a lesson does beyond being read: chapters and sentences lead into
 *	  the video, and the video shows where it is in them.
 *
 * Without this script the page still plays and reads. Subtitles: over HTTP the <track>
 * elements do; a page opened as a file may not load them (browsers give every file an
 * origin of its own), so there the same cues are added from the data inside the page.
 */
'use strict';

(() => {
    const video = document.getElementById('video');
    const data = JSON.parse(document.getElementById('lesson').textContent);
    const chapters = [...document.querySelectorAll('.chapters a')];
    const sentences = [...document.querySelectorAll('.transcript [data-at]')];
    const start = (element) => Number(element.dataset.at);

    function seconds(text) {
        return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    }

    /* WebVTT as LEAP writes it: blocks with a line of times, then text. */
    function* cuesOf(vtt) {
        for (const block of vtt.trimEnd().replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
            const lines = block.split('\n');
            const at = lines.findIndex((line) => line.includes(' --> '));
            if (at < 0) continue;
            const [from, to] = lines[at].split(' --> ');
            yield new VTTCue(seconds(from), seconds(to.split(' ')[0]), lines.slice(at + 1).join('\n'));
        }
    }

    function addTrack({ label, language, default: shown, cues }) {
        const track = video.addTextTrack('subtitles', label, language);
        track.mode = shown ? 'showing' : 'disabled';
        for (const cue of cuesOf(cues)) track.addCue(cue);
    }

    if (location.protocol === 'file:') {
        for (const track of video.querySelectorAll('track')) track.remove();
        data.tracks.forEach(addTrack);
    }

    /* The last element that begins at or before the time; -1 before the first. */
    function indexAt(elements, time) {
        let low = 0;
        let high = elements.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (start(elements[middle]) <= time + 0.05) low = middle + 1;
            else high = middle;
        }
        return low - 1;
    }

    function seek(time, play) {
        video.currentTime = Math.max(0, time);
        if (play) video.play().catch(() => {});
    }

    let chapter = -1;
    let sentence = -1;

    function showChapter(index) {
        if (index === chapter) return;
        chapters[chapter]?.removeAttribute('aria-current');
        chapters[index]?.setAttribute('aria-current', 'true');
        chapter = index;
        const list = chapters[index]?.closest('nav');
        if (list && list.scrollHeight > list.clientHeight)
            list.scrollTop = chapters[index].offsetTop - list.clientHeight / 3;
    }

    function showTime() {
        const time = video.currentTime;
        showChapter(indexAt(chapters, time));
        if (chapter >= 0) {
            const from = start(chapters[chapter]);
            const to = chapters[chapter + 1] ? start(chapters[chapter + 1]) : video.duration;
            const bar = chapters[chapter].querySelector('progress');
            bar.value = to > from ? Math.min(1, (time - from) / (to - from)) : 0;
        }
        const index = indexAt(sentences, time);
        if (index === sentence) return;
        sentences[sentence]?.classList.remove('now');
        if (time > 0) sentences[index]?.classList.add('now');
        sentence = index;
    }

    video.addEventListener('timeupdate', showTime);
    video.addEventListener('seeking', showTime);
    video.addEventListener('loadedmetadata', showTime);

    /* "#t=61.5" is a place that can be shared. */
    function seekToHash(play) {
        const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
        if (found) seek(Number(found[1]), play);
    }
    addEventListener('hashchange', () => seekToHash(!video.paused));
    seekToHash(false);

    document.addEventListener('click', (event) => {
        const target = event.target.closest('[data-at]');
        if (!target || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey) return;
        if (String(getSelection()) !== '') return;
        event.preventDefault();
        seek(start(target), true);
        if (target.matches('a')) history.replaceState(null, '', target.hash);
    });

    const subtitles = [...video.textTracks].filter((track) => track.kind === 'subtitles');
    const languages = document.querySelector('.languages');
    let language = subtitles.find((track) => track.mode === 'showing') ?? subtitles[0];

    function showSubtitles(chosen) {
        for (const track of subtitles) track.mode = track === chosen ? 'showing' : 'disabled';
        language = chosen ?? language;
    }

    function toggleSubtitles() {
        showSubtitles(subtitles.some((track) => track.mode === 'showing') ? undefined : language);
    }

    /* Buttons to choose a language with; the menu of the player does the same. */
    function addLanguage(name, code, track) {
        const button = document.createElement('button');
        button.type = 'button';
        button.textContent = name;
        if (code) button.lang = code;
        button.addEventListener('click', () => showSubtitles(track));
        languages.append(button);
        const show = () => button.setAttribute('aria-pressed',
            String(track ? track.mode === 'showing' : subtitles.every((one) => one.mode !== 'showing')));
        video.textTracks.addEventListener('change', show);
        show();
    }

    if (subtitles.length > 1) {
        for (const track of subtitles) addLanguage(track.label, track.language, track);
        addLanguage('Off', 'en');
        languages.hidden = false;
    }

    const keys = {
        k: () => (video.paused ? video.play().catch(() => {}) : video.pause()),
        j: () => seek(video.currentTime - 10),
        l: () => seek(video.currentTime + 10),
        n: () => chapters[chapter + 1] && seek(start(chapters[chapter + 1])),
        p: () => {
            const late = chapter >= 0 && video.currentTime - start(chapters[chapter]) > 3;
            seek(start(chapters[Math.max(0, late ? chapter : chapter - 1)] ?? { dataset: { at: 0 } }));
        },
        c: toggleSubtitles,
        f: () => (document.fullscreenElement ? document.exitFullscreen() : video.requestFullscreen?.()),
    };

    document.addEventListener('keydown', (event) => {
        const act = keys[event.key.toLowerCase()];
        if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea')) return;
        event.preventDefault();
        act();
    });

    document.body.classList.add('live');
    document.querySelector('.keys').hidden = false;
    showTime();
})();
