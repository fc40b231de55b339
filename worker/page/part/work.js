/*
 * part/work.js
 *    What recordings go through and what is done with them, by the same names everywhere; they are in room work.
 *
 *  kindWord(kind)         of a task: download, trim, transcribe, topics, subtitles, upload …
 *  stageWord(stage)       of a recording: download, process, transcribe, upload, in any case
 *  stateWord(state)       what became of a stage, a run, a task or an attempt
 *  operationWord(name)    what people do with recordings
 *  platformWord(name)     where lessons are published
 * What the server has and the page has no word for is shown as it is.
 */
import { has, t } from '../app/text.js';

const word = (group) => (name) => has(`work.${group}.${name}`) ? t(`work.${group}.${name}`) : name;

export const kindWord = word('kind');
export const operationWord = word('operation');
export const platformWord = word('platform');
export const stageWord = (stage) => word('stage')(stage.toLowerCase());
export const stateWord = (state) => word('is')(state.toLowerCase());
