declare module 'ulasan:report' {
  export const report: import('../report.ts').Report;
}
