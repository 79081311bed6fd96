import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import pino from 'pino';
import { messageOf } from '../../services/notify/message.ts';
import type { Message } from '../../services/notify/message.ts';
import { flushOutbox } from '../../services/notify/notify.ts';
import { countWaiting, emptyOutbox, outboxFolder, putOut } from '../../services/notify/outbox.ts';
import { isQuiet, keepQuiet } from '../../services/notify/quiet.ts';
import { sendMessage, signatureOf } from '../../services/notify/send.ts';
import type { Sent } from '../../services/notify/send.ts';
import { findWebhook } from '../../services/notify/webhook.ts';
import { event, now, rejected, who } from './alerts.ts';
import { Receiver } from './receiver.ts';
import type { Given } from './receiver.ts';

describe('a webhook', () => {
  const message = messageOf(rejected, { reportUrl: null, now, who });
  /** One that never waits, and tells how long it would have. */
  const impatient = (pausesMs: readonly number[] = [1, 2]) => {
    const waited: number[] = [];
    return { waited, pausesMs, wait: async (ms: number) => void waited.push(ms) };
  };
  async function started(t: TestContext, ...answers: readonly Given[]): Promise<Receiver> {
    const receiver = await new Receiver(...answers).start();
    t.after(() => receiver.stop());
    return receiver;
  }

  test('gets the message as JSON, signed, with the id of the event', async (t) => {
    const receiver = await started(t);
    assert.deepEqual(await sendMessage({ url: receiver.url, secret: 'key' }, message), { kind: 'taken', tries: 1 });
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    assert.deepEqual(JSON.parse(body), JSON.parse(JSON.stringify(message)));
    // printf '%s' body | openssl dgst -sha256 -hmac key
    assert.equal(headers['x-signature-256'], signatureOf(body, 'key'));
    assert.equal(signatureOf('hello', 'key'), 'sha256=9307b3b915efb5171ff14d8cb55fbcc798c6c0ef1456d66ded1a6aa723a58b7b');
    assert.equal(headers['x-event-id'], message.id);
  });

  test('is asked three times, and what went wrong is told without its address', async (t) => {
    const receiver = await started(t, 500, 503);
    const webhook = { url: receiver.url, secret: undefined };
    assert.deepEqual(await sendMessage(webhook, message, impatient()), { kind: 'taken', tries: 3 });
    receiver.answers = [500, 408, 429];
    assert.deepEqual(await sendMessage(webhook, message, impatient()), { kind: 'later', tries: 3, why: 'status 429', afterMs: null });
    receiver.stop();
    const refused = await sendMessage(webhook, message, { pausesMs: [] });
    assert.ok(refused.kind === 'later' && !refused.why.includes('127.0.0.1'));
  });

  test('is left alone for as long as it asks, by seconds or by a moment of its own clock; who asks for long is not waited for', async (t) => {
    const receiver = await started(t, { status: 429, headers: { 'Retry-After': '3' } }, { status: 503, headers: { 'Retry-After': 'Thu, 01 Jan 2026 00:00:04 GMT', Date: 'Thu, 01 Jan 2026 00:00:00 GMT' } });
    const webhook = { url: receiver.url, secret: undefined };
    const trying = impatient();
    assert.deepEqual([await sendMessage(webhook, message, trying), trying.waited], [{ kind: 'taken', tries: 3 }, [3000, 4000]]);
    receiver.answers = [{ status: 429, headers: { 'Retry-After': 'soon' } }, { status: 429, headers: { 'Retry-After': '120' } }];
    const again = impatient();
    assert.deepEqual([await sendMessage(webhook, message, again), again.waited], [{ kind: 'later', tries: 2, why: 'status 429', afterMs: 120_000 }, [1]]);
  });

  test('that refuses a message for good is asked once, and so is one that knows neither address nor token', async (t) => {
    const receiver = await started(t);
    const webhook = { url: receiver.url, secret: undefined };
    const kinds = async (...statuses: readonly number[]): Promise<readonly string[]> => {
      const sent: string[] = [];
      for (const status of statuses) {
        receiver.answers = [status];
        const { kind, tries } = await sendMessage(webhook, message, impatient());
        sent.push(`${kind} ${tries}`);
      }
      return [...new Set(sent)];
    };
    assert.deepEqual(await kinds(400, 409, 413, 415, 422), ['refused 1']);
    assert.deepEqual(await kinds(401, 403, 404, 405, 410), ['nothing 1']);
  });

  test('says why, in one line of bounded length, and nothing of address and key, which it may repeat', async (t) => {
    const receiver = await started(t);
    const webhook = { url: `${receiver.url}/T0001/s3cr%C3%A9tpath?token=q5er7yzz`, secret: 'signing-key' };
    const said = async (body: string): Promise<string> => {
      receiver.answers = [{ status: 400, body }];
      const sent = await sendMessage(webhook, message);
      return sent.kind === 'taken' ? '' : sent.why;
    };
    assert.equal(await said('invalid_payload\r\n\u001b[2Jno_text'), 'status 400, "invalid_payload [2Jno_text"');
    assert.doesNotMatch(await said(`no such hook ${webhook.url} ${new URL(webhook.url).pathname} s3crétpath q5er7yzz signing-key`), /s3cr|q5er|signing/);
    assert.equal(await said('x'.repeat(10_000_000)), `status 400, "${'x'.repeat(200)}"`);
  });

  test('that leads elsewhere is not followed, and told as that', async (t) => {
    const receiver = await started(t, { status: 302, headers: { Location: 'https://elsewhere.example/s3cret' } });
    assert.deepEqual(await sendMessage({ url: receiver.url, secret: undefined }, message, impatient()), { kind: 'nothing', tries: 1, why: 'status 302, which leads elsewhere, to https://elsewhere.example: a redirect is not followed, give the address that it leads to' });
  });

  test('whose address is none is told by the name of its variable, and no more of it than its scheme', () => {
    const why = (env: NodeJS.ProcessEnv): string | null => findWebhook(env).why;
    assert.equal(why({ ALERT_WEBHOOK_URL: 'ftp://x/s3cret' }), 'Cannot use the address in ALERT_WEBHOOK_URL: it begins with ftp://; give it whole, with https:// (or http://) before it');
    for (const url of ['hooks.example/s3cret', 's3cret:8080/x', '/s3cret']) assert.equal(why({ ALERT_WEBHOOK_URL: url }), 'Cannot use the address in ALERT_WEBHOOK_URL: it begins with no scheme; give it whole, with https:// (or http://) before it', url);
    for (const url of ['https://', 'https://s3 cret/', 'HTTP://[s3cret/']) assert.match(why({ ALERT_WEBHOOK_URL: url }) ?? '', /^Cannot use the address in ALERT_WEBHOOK_URL: it names no host that can be read; give it as the receiver names it/, url);
    for (const url of ['https://user:s3cret@x.example/', 'https://user@x.example/', 'https://:s3cret@x.example/']) assert.match(why({ ALERT_WEBHOOK_URL: url }) ?? '', /^Cannot use the address in ALERT_WEBHOOK_URL: it has a user or a password before an @, [^:]*$/, url);
    assert.deepEqual(findWebhook({ ALERT_WEBHOOK_URL: 'https://x.example/a@b' }), { webhook: { url: 'https://x.example/a@b', secret: undefined }, why: null });
  });
});

describe('the outbox', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-outbox-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const put = (second: number): Message => {
    const message = messageOf(event('drift', { second }), { reportUrl: null, now: new Date(now.getTime() + second * 1000), who });
    putOut(workspace, message);
    return message;
  };
  const TAKEN: Sent = { kind: 'taken', tries: 1 };
  const AWAY: Sent = { kind: 'later', tries: 3, why: 'no connection', afterMs: null };
  const emptied = async (send: (message: Message) => Promise<Sent>): Promise<readonly string[]> => {
    const fates: string[] = [];
    for await (const { kind } of emptyOutbox(workspace, send)) fates.push(kind);
    return fates;
  };

  test('keeps what nobody took, in order, and sends it when somebody does', async () => {
    const messages = [put(1), put(2), put(3)];
    const taken: string[] = [];
    const down = await emptied(async ({ id }) => (taken.push(id) < 2 ? TAKEN : AWAY));
    assert.deepEqual([down, countWaiting(workspace)], [['sent', 'left'], 2]);
    taken.length = 0;
    const up = await emptied(async ({ id }) => (taken.push(id), TAKEN));
    assert.deepEqual([up, taken, countWaiting(workspace)], [['sent', 'sent'], [messages[1]?.id, messages[2]?.id], 0]);
  });

  test('two that empty it at once send each message once', async () => {
    for (let second = 0; second < 10; second++) put(second);
    const taken: string[] = [];
    const send = async ({ id }: Message): Promise<Sent> => {
      taken.push(id);
      await new Promise((resolve) => setTimeout(resolve, 1));
      return TAKEN;
    };
    await Promise.all([emptied(send), emptied(send)]);
    assert.equal(taken.length, 10);
    assert.equal(new Set(taken).size, 10);
  });

  test('what a killed process had taken comes back; beyond 200 the oldest go', async () => {
    put(1);
    const [name = ''] = readdirSync(outboxFolder(workspace));
    const file = path.join(outboxFolder(workspace), name);
    writeFileSync(`${file}.999.sending`, readFileSync(file));
    rmSync(file);
    utimesSync(`${file}.999.sending`, 0, 0);
    assert.deepEqual(await emptied(async () => TAKEN), [], 'it may still be under way');
    for (let second = 0; second < 205; second++) put(second);
    assert.equal(readdirSync(outboxFolder(workspace)).filter((each) => each.endsWith('.json')).length, 200);
  });

  test('sets aside what its receiver will never take, up to 200, and goes on with the others', async () => {
    const [first] = [put(1), put(2), put(3)];
    const send = async ({ id }: Message): Promise<Sent> => (id === first?.id ? { kind: 'refused', tries: 1, why: 'status 400' } : TAKEN);
    assert.deepEqual([await emptied(send), countWaiting(workspace)], [['refused', 'sent', 'sent'], 0]);
    const refused = (): readonly string[] => readdirSync(outboxFolder(workspace)).filter((name) => name.endsWith('.json.refused'));
    assert.ok(refused().length === 1 && refused()[0]?.includes(first?.id ?? ''));
    for (let second = 0; second < 205; second++) {
      put(second);
      await emptied(async () => ({ kind: 'refused', tries: 1, why: 'status 400' }));
    }
    assert.equal(refused().length, 200);
  });

  test('is left alone for no longer than an hour, whatever was asked for and however the clock is set', () => {
    const at = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);
    const url = 'http://one.example/';
    assert.equal(isQuiet(workspace, { url, now }), false);
    keepQuiet(workspace, { url, now, forMs: 120_000 });
    assert.deepEqual([isQuiet(workspace, { url, now: at(1) }), isQuiet(workspace, { url, now: at(2) }), isQuiet(workspace, { url, now: at(-60 * 24) })], [true, false, false]);
    assert.equal(isQuiet(workspace, { url: 'http://another.example/', now: at(1) }), false, 'another receiver asked for nothing');
    keepQuiet(workspace, { url, now, forMs: 1e12 });
    assert.deepEqual([isQuiet(workspace, { url, now: at(59) }), isQuiet(workspace, { url, now: at(60) })], [true, false]);
    writeFileSync(path.join(workspace, '.repro/alerts/quiet.json'), '{');
    assert.equal(isQuiet(workspace, { url, now: at(1) }), false);
  });
});

describe('sending what waits', () => {
  let workspace = '';
  beforeEach(() => void (workspace = mkdtempSync(path.join(tmpdir(), 'ulasan-flush-'))));
  afterEach(() => rmSync(workspace, { recursive: true, force: true }));
  const flush = async (url: string): Promise<readonly Readonly<Record<string, unknown>>[]> => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({ formatters: { level: (level) => ({ level }) } }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    await flushOutbox({ workspace, webhook: { url, secret: undefined }, log });
    return lines;
  };
  const message = messageOf(rejected, { reportUrl: null, now, who });

  test('a message that was cut is set aside with a sentence, and holds up no other one', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    putOut(workspace, message);
    for (const [second, text] of ['{"id":"x","at"', 'null', ''].entries()) writeFileSync(path.join(outboxFolder(workspace), `2025010${second + 1}T000000000Z-dead.json`), text);
    const lines = await flush(receiver.url);
    assert.equal(receiver.received.length, 1);
    const cut = [1, 2, 3].map((day) => `2025010${day}T000000000Z-dead.json.cut`);
    assert.deepEqual(readdirSync(outboxFolder(workspace)).sort(), cut);
    const said = lines.filter(({ level }) => level === 'error');
    assert.deepEqual(said.map(({ msg, err }) => [String(msg).replace(/: .*/, ''), err]), cut.map(() => ['an alert in the outbox was cut and cannot be sent', undefined]));
    assert.deepEqual(await flush(receiver.url), [], 'once');
  });

  const others = [1, 2, 3].map((second) => messageOf(event('drift', { second }), { reportUrl: null, now: new Date(now.getTime() + second * 1000), who }));
  const tally = (): unknown => JSON.parse(readFileSync(path.join(workspace, '.repro/alerts/tally.json'), 'utf8'));

  test('one message that is refused for good holds up no other: it is set aside, told with what the receiver said, and counted', async (t) => {
    const receiver = await new Receiver({ status: 400, body: 'invalid_blocks' }).start();
    t.after(() => receiver.stop());
    for (const one of [message, ...others]) putOut(workspace, one);
    const lines = await flush(receiver.url);
    assert.deepEqual(receiver.received.map(({ body }) => (JSON.parse(body) as Message).id), [message, ...others].map(({ id }) => id), 'each once');
    const [left = '', ...more] = readdirSync(outboxFolder(workspace));
    assert.ok(left.endsWith(`${message.id}.json.refused`) && more.length === 0);
    const [said] = lines.filter(({ level }) => level === 'error');
    assert.deepEqual([said?.event, said?.run, said?.why], [message.id, message.run.id, 'status 400, "invalid_blocks"']);
    assert.ok(String(said?.msg).includes(path.join(outboxFolder(workspace), left)));
    assert.deepEqual(tally(), { 'webhook:refused': 1, 'webhook:sent': 3 });
    assert.deepEqual(await flush(receiver.url), [], 'once');
  });

  test('none is given up where the address or the token is wrong, which somebody mends', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    for (const one of [message, ...others]) putOut(workspace, one);
    for (const status of [401, 403, 404, 410, 302]) {
      receiver.answers = [status];
      const [line] = await flush(receiver.url);
      assert.deepEqual([line?.level, line?.tries, readdirSync(outboxFolder(workspace)).length], ['warn', 1, 4], String(status));
      assert.match(String(line?.msg), /until ALERT_WEBHOOK_URL is mended$/);
    }
    assert.equal(receiver.received.length, 5, 'the others would get the same');
    await flush(receiver.url);
    assert.deepEqual([readdirSync(outboxFolder(workspace)), tally()], [[], { 'webhook:failed': 5, 'webhook:sent': 4 }]);
  });

  test('a receiver that asks for a long pause has it: hooks and scheduler meanwhile send nothing', async (t) => {
    const receiver = await new Receiver({ status: 429, headers: { 'Retry-After': '600' } }).start();
    t.after(() => receiver.stop());
    putOut(workspace, message);
    await flush(receiver.url);
    putOut(workspace, others[0] ?? message);
    assert.deepEqual([await flush(receiver.url), receiver.received.length], [[], 1]);
    rmSync(path.join(workspace, '.repro/alerts/quiet.json'));
    await flush(receiver.url);
    assert.equal(receiver.received.length, 3);
  });

  test('a count that cannot be kept costs no message', async (t) => {
    const receiver = await new Receiver().start();
    t.after(() => receiver.stop());
    putOut(workspace, message);
    mkdirSync(path.join(workspace, '.repro/alerts/tally.json'));
    await flush(receiver.url);
    assert.deepEqual([receiver.received.length, readdirSync(outboxFolder(workspace))], [1, []]);
  });

  test('an outbox that the disk does not give ends nothing, and is told in a sentence', async () => {
    mkdirSync(path.dirname(outboxFolder(workspace)), { recursive: true });
    writeFileSync(outboxFolder(workspace), 'no folder');
    const [line] = await flush('http://127.0.0.1:9/');
    assert.match(String(line?.msg), /^the outbox of alerts cannot be used at the moment; .*Cannot use .*outbox: .*; move that file away$/);
    assert.equal(line?.err, undefined);
  });
});
