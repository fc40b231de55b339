// tests/bench/peers/boss.mjs migrate | fill ITEMS | work
//     pg-boss in its documented configuration for throughput: jobs are fetched, completed and
//     inserted a thousand at a time. A batch inserts the next steps of its items before it is
//     completed. All steps share a queue: to ask empty queues costs pg-boss more than to mix.

import { PgBoss } from "pg-boss";
import { database, sleep, untilReleased } from "./gate.mjs";

const steps = 6;
const batch = 1000;
const loops = 2;
const queue = "step";

async function start(options)
{
    const boss = new PgBoss({ connectionString: database, supervise: false, schedule: false, ...options });

    boss.on("error", (error) => { throw error; });
    await boss.start();
    return boss;
}

async function migrate()
{
    const boss = await start({});

    await boss.createQueue(queue);
    await boss.stop({ graceful: false });
}

async function fill(items)
{
    const boss = await start({});

    for (let from = 0; from < items; from += batch)
        await boss.insert(queue, Array.from({ length: Math.min(batch, items - from) },
            (_, i) => ({ data: { item: from + i, step: 1 } })));
    await boss.stop({ graceful: false });
}

async function loop(boss)
{
    for (;;)
    {
        const jobs = await boss.fetch(queue, { batchSize: batch });
        const next = jobs.filter((job) => job.data.step < steps)
            .map(({ data }) => ({ data: { item: data.item, step: data.step + 1 } }));

        if (next.length > 0)
            await boss.insert(queue, next);
        if (jobs.length > 0)
            await boss.complete(queue, jobs.map((job) => job.id));
        else
            await sleep(20);
    }
}

async function work()
{
    const boss = await start({});

    await untilReleased();
    await Promise.all(Array.from({ length: loops }, () => loop(boss)));
}

const commands = { migrate, fill: (items) => fill(Number(items)), work };

await commands[process.argv[2]](...process.argv.slice(3));
process.exit(0);
