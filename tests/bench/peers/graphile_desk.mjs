// tests/bench/peers/graphile_desk.mjs work | enqueue COUNT MILLISECONDS
//     graphile-worker as it waits for work by default (a notification, or a poll), with a trace
//     of when each step of a chain began, ended and had added the next; printed when it ends.

import { makeWorkerUtils, run } from "graphile-worker";
import { clock, database, sleep, untilReleased } from "./gate.mjs";

const steps = 6;
const trace = [];

function note(item, step, what)
{
    trace.push([item, step, what, clock()]);
}

function printTrace()
{
    process.stdout.write(trace.map((event) => `${event.join(" ")}\n`).join(""), () => process.exit(0));
}

async function work()
{
    await untilReleased();
    process.on("SIGTERM", printTrace);
    await run({
        preset: { worker: { connectionString: database, concurrentJobs: 4, maxPoolSize: 10 } },
        noHandleSignals: true,
        taskList: {
            step: async ({ item, step }, helpers) =>
            {
                note(item, step, "start");
                note(item, step, "end");
                if (step < steps)
                    await helpers.addJob("step", { item, step: step + 1 });
                note(item, step, "committed");
            },
        },
    });
}

async function enqueue(count, gap)
{
    const utils = await makeWorkerUtils({ connectionString: database });
    let at = clock();

    for (let item = 0; item < count; item++)
    {
        // half the gap to one and a half of it
        at += 1000 * (gap / 2 + Math.random() * gap);
        await sleep((at - clock()) / 1000);
        note(item, 0, "end");
        await utils.addJob("step", { item, step: 1 });
        note(item, 0, "committed");
    }
    await utils.release();
    printTrace();
}

const commands = { work, enqueue: (count, gap) => enqueue(Number(count), Number(gap)) };

await commands[process.argv[2]](...process.argv.slice(3));
