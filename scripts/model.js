// The `pnpm model` command. Plain JavaScript, so that the compile cache is on before the first TypeScript is loaded.
import * as nodeModule from 'node:module';

nodeModule.enableCompileCache();
const { main } = await import('./model.ts');
process.exitCode = await main(process.argv.slice(2));
