// tests/node/cron.mjs
//     When two cron libraries would run an expression.
//     {expression, zone, after, n} -> {croner: [seconds...], 'cron-parser': [seconds...]}, of a
//     library that refuses the expression {refused: its words}
import { createInterface } from 'node:readline';
import { Cron } from 'croner';
import { CronExpressionParser } from 'cron-parser';

const seconds = (date) => date.getTime() / 1000;

const libraries = {
    croner: ({ expression, zone, after, n }) =>
        new Cron(expression, { timezone: zone, mode: '5-part' })
            .nextRuns(n, new Date(after * 1000)).map(seconds),
    'cron-parser': ({ expression, zone, after, n }) =>
        CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(after * 1000) })
            .take(n).map((date) => seconds(date.toDate())),
};

function answer(question) {
    const runs = {};

    for (const [name, ask] of Object.entries(libraries))
        try {
            runs[name] = ask(question);
        } catch (error) {
            runs[name] = { refused: error.message };
        }
    return runs;
}

for await (const line of createInterface({ input: process.stdin }))
    process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + '\n');
