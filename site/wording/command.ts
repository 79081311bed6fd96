/** What the command says that builds the report, to whoever runs it. */
export const command = {
  badParams: (why: string): string => `error: Cannot build the report with params.yaml: ${why}\n  hint: mend the value in params.yaml, or what --set says`,
  diskFull: (folder: string): string => `error: Cannot build the report as the disk of ${folder} is full\n  hint: free some space and run the same command again: the report before stays as it was`,
} as const;
