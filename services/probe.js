// Is the service of this container well? PROBE says where to ask; without it the server is asked. Exit 0 or 1.
const address = process.env.PROBE ?? `http://127.0.0.1:${process.env.PORT ?? 8501}/livez`;
if (address === 'scheduler') {
  const { readFileSync } = await import('node:fs');
  const { pid, aliveAt } = JSON.parse(readFileSync(`${process.env.REPRO_WORKSPACE ?? '.'}/.repro/schedule/state.json`, 'utf8'));
  const agoMs = Date.now() - Date.parse(aliveAt);
  // One that lived in the future says nothing of now: the clock was set back since.
  process.exitCode = pid !== null && agoMs > -5000 && agoMs < 30_000 ? 0 : 1;
} else process.exitCode = await fetch(address).then((response) => (response.ok ? 0 : 1), () => 1);
