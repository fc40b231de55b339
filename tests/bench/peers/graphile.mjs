// tests/bench/peers/graphile.mjs migrate | fill ITEMS | work [plain]
//     graphile-worker in its documented configuration for throughput: a local queue, batched
//     completion, 24 jobs at a time. A job of step 1 to 5 adds the next one before it ends.
//     The additions of jobs that end in the same turn of the event loop travel together in one
//     addJobs; with "plain" each is an addJob of its own.

import { makeWorkerUtils, run } from "graphile-worker";
import { database, untilReleased } from "./gate.mjs";

const steps = 6;
const quiet = { logger: undefined };
const preset = {
    worker: {
        connectionString: database,
        concurrentJobs: 24,
        maxPoolSize: 26,
        pollInterval: 2000,
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
    },
};

function jobOf(item, step)
{
    return { identifier: "step", payload: { item, step } };
}

async function fill(items)
{
    const utils = await makeWorkerUtils({ connectionString: database });

    for (let from = 0; from < items; from += 1000)
        await utils.addJobs(Array.from({ length: Math.min(1000, items - from) },
            (_, i) => jobOf(from + i, 1)));
    await utils.release();
}

async function migrate()
{
    const utils = await makeWorkerUtils({ connectionString: database });

    await utils.migrate();
    await utils.release();
}

// one addJobs for all that is asked for in a turn
function together(addJobs)
{
    let waiting = null;

    return (job) =>
    {
        if (waiting === null)
        {
            const jobs = [];

            waiting = { jobs, done: new Promise((resolve, reject) => setImmediate(() =>
            {
                waiting = null;
                addJobs(jobs).then(resolve, reject);
            })) };
        }
        waiting.jobs.push(job);
        return waiting.done;
    };
}

async function work(plain)
{
    let add = null;

    await untilReleased();
    await run({
        preset,
        noHandleSignals: true,
        taskList: {
            step: async ({ item, step }, helpers) =>
            {
                if (step === steps)
                    return;
                if (plain)
                    await helpers.addJob("step", { item, step: step + 1 });
                else
                {
                    add ??= together(helpers.addJobs);
                    await add(jobOf(item, step + 1));
                }
            },
        },
    });
}

const commands = { migrate, fill: (items) => fill(Number(items)), work: (how) => work(how === "plain") };

await commands[process.argv[2]](...process.argv.slice(3));
