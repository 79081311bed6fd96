// The hook that tells the team of an event. Plain JavaScript, so that the compile cache is on before the first TypeScript is loaded.
import * as nodeModule from 'node:module';

nodeModule.enableCompileCache();
const { main } = await import('./notify/notify.ts');
process.exitCode = await main(process.env, process.argv.slice(2));
