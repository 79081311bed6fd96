import { z } from 'zod';
import { AppId, Source, datasetOf } from '../../schema/app.ts';
import { readParamsFile } from '../params-file.ts';

const Params = z.object({ collect: z.object({ source: Source, app: AppId }) });

/** What params.yaml says; nothing where it cannot be read, which is told elsewhere. */
function configured(code: string): Partial<z.infer<typeof Params>['collect']> {
  const file = readParamsFile(code);
  return (file.ok ? Params.safeParse(file.value).data?.collect : undefined) ?? {};
}

/** Which app of which source a run is about that was given these `--set` words, before anything was collected; null where nothing says it. */
export function datasetBy(sets: readonly string[], code: string): string | null {
  const known = configured(code);
  const last = (name: string): string | undefined => sets.findLast((one) => one.startsWith(`collect.${name}=`))?.slice(`collect.${name}=`.length);
  const [source, app] = [Source.safeParse(last('source') ?? known.source), AppId.safeParse(last('app') ?? known.app)];
  return source.success && app.success ? datasetOf(source.data, app.data) : null;
}
