// A run of the collector in a process of its own, to be killed: node test/play/once.ts URL FOLDER
import { runOnce } from './rig.ts';

const [, , url = '', folder = ''] = process.argv;
await runOnce({ url, folder, play: { overlap: 20 }, asOf: '2026-07-01T07:00:00.000Z', since: null, log: [], events: [], sleep: async () => undefined });
