import { statfsSync } from 'node:fs';
import { freemem, loadavg, totalmem } from 'node:os';
import type { Sheet } from './gauges.ts';

/** The machine, as far as the pipeline depends on it. */
export function createSystemView(workspace: string): (sheet: Sheet) => void {
  return (sheet) => {
    const disk = statfsSync(workspace);
    sheet.gauge('ulasan_disk_free_bytes', 'Free space where the workspace lies.', [{ value: disk.bavail * disk.bsize }]);
    sheet.gauge('ulasan_disk_size_bytes', 'Size of the disk where the workspace lies.', [{ value: disk.blocks * disk.bsize }]);
    sheet.gauge('ulasan_memory_free_bytes', 'Free memory of the machine.', [{ value: freemem() }]);
    sheet.gauge('ulasan_memory_size_bytes', 'Memory of the machine.', [{ value: totalmem() }]);
    sheet.gauge('ulasan_load_average', 'Processes that run or wait to, mean of a minute.', [{ value: loadavg()[0] ?? 0 }]);
    sheet.gauge('ulasan_exporter_memory_bytes', 'Memory of the exporter itself.', [{ value: process.memoryUsage.rss() }]);
  };
}
