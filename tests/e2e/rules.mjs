// tests/e2e/rules.mjs
//     What people set up: templates, presets, sources, credentials, automation. See tests/tap/t/820_page_rules.pl. A worker
//     of the queue automation is there, with keys for credentials.
import assert from 'node:assert/strict';
import { api, axe, expect, open, shots, sql, test, until, url, users } from './lib/page.mjs';

const hostile = '<img src=x onerror=alert(1)> \u202eשלום 🎓 ' + 'verylongwordwithoutanyblank'.repeat(6);
const { teacher } = users;

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();
const tab = (page, name) => page.locator('.tabs').getByRole('link', { name, exact: true }).click();
const save = async (page, name = 'Save') => {
    await page.getByRole('button', { name, exact: true }).click();
    await page.locator('.toast').getByText('Saved.').first().waitFor();
};
const seen = (page, text) => page.getByText(text).first().waitFor();

for (const name of ['Algebra 1', 'Algebra 2', 'Topology', hostile])
    await api(teacher, 'POST', '/recordings', { url: 'https://example.org/a.mp4', display_name: name });

test('an empty list says what to do, and leads there', async () => {
    const page = await open('/app/templates', { user: teacher });
    await heading(page, 'Templates');
    await seen(page, 'No templates yet');
    await axe(page);
    await page.getByRole('link', { name: 'New template' }).first().click();
    await heading(page, 'New template');
});

test('a template is made: rules with what they would take, texts as they come out, refusals at their fields', async () => {
    const page = await open('/app/templates/new', { user: teacher });
    await page.locator('#field-name').fill(hostile.slice(0, 120));
    await tab(page, 'Matching');
    await page.getByLabel('Or contains one of').fill('algebra');
    await seen(page, '2 of 4 recordings');
    expect(page, /POST \/api\/v1\/templates\/preview-rules 422/);
    await page.getByLabel('Or matches one of').fill('(');
    await seen(page, 'the parenthesis is not closed');
    await page.getByLabel('Or matches one of').fill('');
    await seen(page, '2 of 4 recordings');
    await axe(page);
    await shots(page, 'template-rules');
    await tab(page, 'Texts');
    await page.locator('#config-metadata-title_template').fill('Lecture: {{ display_name }}');
    const rendered = page.locator('.rendered', { hasText: 'YouTube' });
    await rendered.getByText(/^Lecture: /).waitFor();
    await page.locator('#config-metadata-title_template').fill('{{ display_nam }}');
    await rendered.getByText('Not known: display_nam').waitFor();
    await axe(page);
    await shots(page, 'template-texts');
    await tab(page, 'Processing');
    await page.locator('#config-trimming-crf').fill('99');
    expect(page, /POST \/api\/v1\/templates 422/);
    await page.getByRole('button', { name: 'Create the template' }).click();
    // the texts are checked first, and their tab opens
    await page.locator('.config-field', { hasText: 'trimming.crf cannot be 99' }).waitFor();
    await page.locator('#config-trimming-crf').fill('23');
    await page.getByRole('button', { name: 'Create the template' }).click();
    await seen(page, 'there is no variable "display_nam"');
    assert.match(page.url(), /tab=metadata/);
    await page.locator('#config-metadata-title_template').fill('{{ display_name }}');
    await save(page, 'Create the template');
    await until(() => !page.url().includes('/new'));
    await heading(page, /img src=x/);
    await shots(page, 'template');
    const made = JSON.parse(sql('SELECT to_jsonb(t) FROM leap.recording_templates t'));
    assert.deepEqual([made.matching_rules, made.processing_config, made.metadata_config], [{ keywords: ['algebra'] }, { trimming: { crf: 23 } }, { title_template: '{{ display_name }}' }]);
});

test('a template finds its recordings, is the default, is copied, changed as JSON and deleted', async () => {
    const { id } = await api(teacher, 'POST', '/templates', { name: 'Topology', matching_rules: { keywords: ['topology'] } });
    const page = await open(`/app/templates/${id}`, { user: teacher });
    const act = async (name) => {
        await page.getByRole('button', { name: 'Actions' }).click();
        await page.getByRole('menuitem', { name }).click();
    };
    await act('Find recordings for it');
    await seen(page, '1 recording of');
    await tab(page, 'Statistics');
    await page.locator('.facts').getByText('Length together').waitFor();
    await page.getByRole('link', { name: 'Show its recordings' }).click();
    await page.waitForURL(new RegExp(`/app/recordings\\?template=${id}`));
    await page.locator('.list tbody tr').first().waitFor();
    assert.deepEqual(await page.locator('.list tbody .title > a').allTextContents(), ['Topology'], 'its own, and no other');
    await page.goBack();
    await heading(page, 'Topology');
    await tab(page, 'JSON');
    const json = page.getByLabel('All of it, as JSON');
    await json.fill('{');
    assert.equal(await page.getByRole('button', { name: 'Save' }).isDisabled(), true);
    await json.fill('{"name": "Topology", "is_active": true, "is_draft": false, "description": "by hand", "matching_rules": {"keywords": ["topology"]}, "processing_config": {}, "metadata_config": {}, "output_config": {"auto_upload": false}}');
    await save(page);
    assert.equal(sql("SELECT output_config->>'auto_upload' FROM leap.recording_templates WHERE name = 'Topology'"), 'false');
    await act('Make it the default');
    await seen(page, 'It lies beneath all recordings now.');
    await act('Copy');
    await heading(page, 'Copy of Topology');
    await act('Delete');
    await page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
    await heading(page, 'Templates');
    await page.getByRole('button', { name: 'From a recording' }).click();
    await page.locator('#from-recording').selectOption({ label: 'Algebra 1' });
    await page.locator('#from-name').fill('As Algebra 1');
    await page.getByRole('button', { name: 'Create the template' }).click();
    await heading(page, 'As Algebra 1');
    await page.goBack();
    await page.getByRole('link', { name: 'Topology' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'Copy of Topology' }).count(), 0);
    await axe(page);
    await shots(page, 'templates');
});

test('a preset has the settings of its platform and the account it publishes with', async () => {
    const { id: credential } = await api(teacher, 'POST', '/credentials', { platform: 'youtube', account_name: 'Channel', data: { refresh_token: 'r', client_id: 'c', client_secret: 's' } });
    const page = await open('/app/presets/new', { user: teacher });
    await page.locator('#field-name').fill('On the channel');
    await page.getByLabel('Platform').selectOption('youtube');
    await page.getByLabel('Credential').selectOption({ label: 'Channel' });
    await tab(page, 'Settings and texts');
    await page.locator('#config-privacy').selectOption('unlisted');
    await page.locator('#config-category_id').fill('x');
    expect(page, /POST \/api\/v1\/presets 422/);
    await page.getByRole('button', { name: 'Create the preset' }).click();
    await page.locator('.config-field', { hasText: 'category_id cannot be "x"' }).waitFor();
    await page.locator('#config-category_id').fill('27');
    await axe(page);
    await shots(page, 'preset');
    await save(page, 'Create the preset');
    await heading(page, 'On the channel');
    const made = (await api(teacher, 'GET', '/presets')).items[0];
    assert.deepEqual([made.platform, made.credential_id, made.preset_metadata], ['youtube', credential, { privacy: 'unlisted', category_id: '27' }]);
    // what uses a credential is told before it goes
    await page.goto(`/app/credentials/${credential}`);
    await heading(page, 'Channel');
    await page.locator('.said').getByText('On the channel').waitFor();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    expect(page, /DELETE \/api\/v1\/credentials\/\S+ 4\d\d/);
    await page.locator('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.locator('dialog').getByText('is used by').waitFor();
    await page.locator('dialog').getByRole('button', { name: 'Delete all the same' }).click();
    await heading(page, 'Credentials');
    assert.equal(sql('SELECT count(*) FROM leap.credentials'), '0');
    await page.goto('/app/presets');
    await page.getByRole('link', { name: 'On the channel' }).waitFor();
    await shots(page, 'presets');
});

test('a source is asked, dry and for good, and the answer comes by itself', async () => {
    const page = await open('/app/sources/new', { user: teacher });
    await page.locator('#field-name').fill('Feed');
    await page.getByLabel('Kind').selectOption('URL_LIST');
    expect(page, /POST \/api\/v1\/sources 422/);
    await page.getByRole('button', { name: 'Create the source' }).click();
    await seen(page, 'a list of links has url or urls');
    await page.locator('#config-urls').fill(`https://example.org/one.mp4\nhttps://example.org/two.mp4`);
    await axe(page);
    await shots(page, 'source-new');
    await save(page, 'Create the source');
    await heading(page, 'Feed');
    await page.locator('.connection.live').waitFor();
    await page.getByRole('button', { name: 'Dry run' }).click();
    const result = page.locator('.ask + *, [aria-live] .numbers').first();
    await result.waitFor();
    await page.locator('.numbers', { hasText: /Found\s*2/ }).waitFor();
    assert.equal(sql("SELECT count(*) FROM leap.recordings WHERE input_source_id IS NOT NULL"), '0', 'a dry run adds nothing');
    await page.locator('.table').getByText('one').first().waitFor();
    await page.getByRole('button', { name: 'Ask now' }).click();
    await page.locator('.numbers', { hasText: /New\s*2/ }).waitFor();
    await axe(page);
    await shots(page, 'source');
    await page.getByRole('link', { name: 'Show its recordings' }).click();
    await page.waitForURL(/\/app\/recordings\?source=/);
    await page.locator('.list tbody tr').first().waitFor();
    assert.deepEqual((await page.locator('.list tbody .title > a').allTextContents()).sort(), ['one', 'two']);
    await page.goBack();
    await heading(page, 'Feed');
    await tab(page, 'History');
    await page.locator('.table').getByText('Dry run').waitFor();
    await page.getByRole('button', { name: 'Details' }).last().click();
    await page.locator('.numbers').waitFor();
    await tab(page, 'Settings');
    await page.locator('#config-blank_seconds').fill('60');
    await save(page);
    await page.getByText('There are unsaved changes.').waitFor({ state: 'detached' });
    assert.deepEqual((await api(teacher, 'GET', '/sources')).items[0].config, { urls: ['https://example.org/one.mp4', 'https://example.org/two.mp4'], blank_seconds: 60 });
    await page.goto('/app/sources');
    await page.getByRole('link', { name: 'Feed' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Ask all' }).count(), 0, 'there is only one');
    await api(teacher, 'POST', '/sources', { name: 'Other feed', source_type: 'URL_LIST', config: { urls: ['https://example.org/three.mp4'] } });
    await page.reload();
    await page.getByRole('button', { name: 'Ask all' }).click();
    await page.locator('.toast', { hasText: '2 sources are asked' }).waitFor();
    assert.ok(await until(() => sql("SELECT count(*) FROM leap.input_sources WHERE name IN ('Feed', 'Other feed') AND last_sync_at > now() - interval '1 minute'") === '2'));
    await axe(page);
    await shots(page, 'sources');
});

test('secrets of a credential go in and never come out; its check comes by itself', async () => {
    const page = await open('/app/credentials/new?platform=s3', { user: teacher });
    await page.locator('#field-account_name').fill('Bucket');
    await page.getByLabel('Key ID').fill('AKIA');
    await page.getByLabel('Secret key').fill('very secret');
    expect(page, /POST \/api\/v1\/credentials 422/);
    await page.getByRole('button', { name: 'Keep the credential' }).click();
    await seen(page, 'has characters that it cannot have');
    await page.getByLabel('Secret key').fill('verysecret');
    await page.locator('summary', { hasText: 'Further fields' }).click();
    await page.getByLabel('Address of the service').fill('https://127.0.0.1:1');
    await axe(page);
    await shots(page, 'credential-new');
    await save(page, 'Keep the credential');
    await heading(page, 'Bucket');
    assert.equal((await page.content()).includes('verysecret'), false);
    await page.locator('.connection.live').waitFor();
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.locator('.table .badge.bad, .table .error-text').first().waitFor();
    await shots(page, 'credential');
    await page.goto('/app/credentials');
    await page.getByRole('link', { name: 'Bucket' }).waitFor();
    await axe(page);
    await shots(page, 'credentials');
});

test('a form says beforehand what a credential cannot be kept or connected for, and who changes that', async () => {
    const page = await open('/app/credentials/new?platform=vk', { user: teacher });
    await page.getByText('LEAP is not registered at this platform').waitFor();
    await page.getByText('Ask an administrator to register it').waitFor();
    const [key] = sql("UPDATE leap.worker_keys SET retired_at = now() WHERE retired_at IS NULL RETURNING key_id").split('\n');
    await page.reload();
    await page.getByText('there is no key to seal it with').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Keep the credential' }).isDisabled(), true);
    await axe(page);
    const other = await open('/app/credentials/new?platform=vk', { user: users.admin });
    await other.getByText('leap keys init FILE').waitFor();
    sql(`UPDATE leap.worker_keys SET retired_at = NULL WHERE key_id = '${key}'`);
    await other.getByRole('link', { name: 'Register LEAP at VK' }).click();
    await heading(other, 'Outside');
});

test('an account is connected at its platform, and the way back finishes it', async () => {
    sql(`SELECT leap.set_platform_app('youtube', '{"client_id": "c", "client_secret": "s", "redirect_uri": "${url}/oauth/youtube/callback"}')`);
    const page = await open('/app/credentials', { user: teacher });
    await page.route(/^https:\/\/accounts\.google\.com\//, (route) => {
        const state = new URL(route.request().url()).searchParams.get('state');
        return route.fulfill({ status: 302, headers: { Location: `${url}/oauth/youtube/callback?state=${state}&code=abc` } });
    });
    await page.getByRole('button', { name: 'Connect an account' }).click();
    await page.getByLabel('Name', { exact: false }).last().fill('Another channel');
    await axe(page);
    await page.getByRole('button', { name: 'To the platform' }).click();
    await heading(page, 'Connecting YouTube');
    await until(() => sql("SELECT count(*) FROM leap.credential_checks WHERE action = 'exchange'") === '1');
    await page.getByText('is being asked').or(page.getByText('was not connected')).first().waitFor();
    assert.equal(page.url(), `${url}/app/connect/youtube`, 'the code is out of the address');
    await page.goto('/app/connect/youtube#error=access_denied&error_description=Not+today');
    await page.reload();
    await heading(page, 'Connecting YouTube');
});

test('a schedule is said in words with its next runs, a dry run tells what would happen, runs are kept', async () => {
    await api(teacher, 'POST', '/templates', { name: 'Everything', matching_rules: { patterns: ['.'] } });
    const page = await open('/app/automation/new', { user: teacher });
    await page.locator('#field-name').fill('Every evening');
    await seen(page, 'every day at 21:00');
    assert.equal(await page.locator('.next-runs li').count(), 5);
    await page.getByLabel('Runs', { exact: true }).selectOption('cron');
    await page.getByLabel('Cron expression').fill('0 21 * *');
    expect(page, /POST \/api\/v1\/automation\/schedule 422/);
    await seen(page, 'a cron expression has 5 fields, this has 4');
    await page.getByLabel('Cron expression').fill('30 9 * * mon-fri');
    await page.locator('.next-runs li').nth(4).waitFor();
    await page.getByLabel('Runs', { exact: true }).selectOption('weekdays');
    await page.getByLabel('Friday').uncheck();
    await page.locator('.in-words', { hasNotText: 'Friday' }).waitFor();
    await axe(page);
    await shots(page, 'job-schedule');
    await tab(page, 'What it takes');
    await page.getByLabel('Days to look back').fill('99');
    expect(page, /POST \/api\/v1\/automation\/jobs 422/);
    await page.getByRole('button', { name: 'Create the job' }).click();
    await page.locator('[aria-invalid="true"]').waitFor();
    await page.getByLabel('Days to look back').fill('3');
    await shots(page, 'job-takes');
    await save(page, 'Create the job');
    await heading(page, 'Every evening');
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByRole('menuitem', { name: 'Dry run' }).click();
    await heading(page, 'Dry run: Every evening');
    await page.getByText(/^It would start/).waitFor();
    await axe(page);
    await shots(page, 'dry-run');
    await page.getByRole('link', { name: 'Every evening' }).click();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.locator('.table').getByText('dry run').waitFor();
    await page.getByRole('button', { name: 'Run now' }).click();
    await heading(page, 'Run: Every evening');
    await page.locator('.badge').first().waitFor();
    await shots(page, 'run');
    await page.goto('/app/automation');
    await page.getByLabel('Every evening runs by itself').uncheck();
    assert.equal(await until(() => sql('SELECT is_enabled FROM leap.automation_jobs') === 'f'), true);
    await axe(page);
    await shots(page, 'automation');
});

test('all of it speaks Russian', async () => {
    const page = await open('/app/automation/new', { user: teacher, language: 'ru', theme: 'dark' });
    await heading(page, 'Новое задание');
    await seen(page, 'каждый день в 21:00');
    await shots(page, 'job-russian');
});

test('sentences of the server are Russian, too: rules, refusals, reasons', async () => {
    const page = await open('/app/templates/new?tab=processing', { user: teacher, language: 'ru' });
    const folder = page.locator('.config-folder').filter({ hasText: 'Обрезка' }).first();
    await folder.evaluate((one) => { one.open = true; });
    const quality = page.getByLabel('Качество (CRF)');
    await quality.fill('99');
    await page.locator('.config-hint', { hasText: 'целое число от 0 (без потерь) до 51 (хуже всего)' }).waitFor();
    await tab(page, 'Общее');
    await page.locator('#field-name').fill('Русский шаблон');
    expect(page, /POST \/api\/v1\/templates 422/);
    await page.getByRole('button', { name: 'Создать шаблон' }).click();
    await page.locator('.config-note', { hasText: 'не может быть 99. Здесь ожидается: целое число от 0 (без потерь) до 51 (хуже всего)' }).waitFor();
    assert.deepEqual(await page.locator('.config-field').evaluateAll((fields) => fields.flatMap((one) => [...one.querySelectorAll('.config-hint [lang=en]')].map((hint) => hint.textContent))), [], 'every rule is known');
    await axe(page);
    for (const [path, name] of [['/app/sources/new?type=ZOOM', 'Новый источник'], ['/app/presets/new?platform=vk&tab=settings', 'Новый пресет']]) {
        await page.goto(path);
        await heading(page, name);
        assert.deepEqual(await page.locator('[lang=en]').allTextContents(), [], path);
    }
    await page.getByLabel('Кто комментирует').waitFor();
});
