import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Receipt {
  readonly target: string;
  readonly rows: number;
  readonly checksum: string;
}

/** What `promote` leaves behind: the version is registered, and its files are there. The alias may move on without it. */
export function receiptOf(dataset: string, version: string, model: string): Receipt {
  return { target: `registry:${dataset}:${version}`, rows: 1, checksum: model };
}

/**
 * Is the version of the receipt still registered for its dataset, with its files? Which version is champion does not
 * matter here: a rollback by hand must not make `promote` run again.
 */
export async function check({ workspace, receipt }: { readonly workspace: string; readonly receipt: Receipt }): Promise<Receipt | null> {
  const models = path.join(workspace, 'models');
  const version = receipt.target.slice(receipt.target.lastIndexOf(':') + 1);
  const dataset = receipt.target.slice('registry:'.length, receipt.target.lastIndexOf(':'));
  try {
    const registry = JSON.parse(readFileSync(path.join(models, 'registry.json'), 'utf8')) as { readonly datasets: Readonly<Record<string, { readonly log: readonly { readonly version: string }[] }>> };
    const manifest = JSON.parse(readFileSync(path.join(models, 'versions', version, 'manifest.json'), 'utf8')) as { readonly model: string };
    const known = registry.datasets[dataset]?.log.some((event) => event.version === version) ?? false;
    return known && existsSync(path.join(models, 'versions', version, 'model.json')) ? receiptOf(dataset, version, manifest.model) : null;
  } catch {
    // Absent or cut: the target is not what the receipt says, so the stage runs again.
    return null;
  }
}
