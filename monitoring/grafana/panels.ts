import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as SeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The uids of monitoring/grafana/provisioning/datasources: pinned, so that panels find their source in any Grafana. */
export const PROMETHEUS: DataSourceRef = { type: 'prometheus', uid: 'ulasan-prometheus' };
export const POSTGRES: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: 'ulasan-postgres' };

export interface Query {
  readonly expr: string;
  /** As `{{stage}}`. */
  readonly legend?: string;
}

export interface Look {
  readonly title: string;
  readonly about: string;
  readonly unit?: string;
  /** Of 24. */
  readonly width?: number;
}

function targetsOf(queries: readonly Query[], isInstant: boolean): readonly Builder<Dataquery>[] {
  return queries.map(({ expr, legend = '' }, index) => {
    const query = new DataqueryBuilder().refId(String.fromCharCode(65 + index)).expr(expr).legendFormat(legend).datasource(PROMETHEUS);
    return isInstant ? query.instant() : query.range();
  });
}

/** Lines over time. */
export function series({ title, about, unit = 'short', width = 12 }: Look, ...queries: readonly Query[]): Builder<Panel> {
  const panel = new SeriesBuilder().title(title).description(about).unit(unit).datasource(PROMETHEUS).height(8).span(width).fillOpacity(8).lineWidth(2);
  for (const target of targetsOf(queries, false)) panel.withTarget(target);
  return panel;
}

/** Numbers as they are now. */
export function stat({ title, about, unit = 'short', width = 6 }: Look, ...queries: readonly Query[]): Builder<Panel> {
  const panel = new StatBuilder().title(title).description(about).unit(unit).datasource(PROMETHEUS).height(4).span(width);
  for (const target of targetsOf(queries, true)) panel.withTarget(target);
  return panel;
}

/** A query of a SQL data source, in the shape that Grafana's PostgreSQL plugin reads. */
class SqlQuery implements Builder<Dataquery> {
  readonly #sql: string;
  readonly #format: 'table' | 'time_series';
  constructor(sql: string, format: 'table' | 'time_series') {
    [this.#sql, this.#format] = [sql, format];
  }
  build(): Dataquery {
    return { refId: 'A', rawSql: this.#sql, rawQuery: true, format: this.#format, editorMode: 'code', datasource: POSTGRES } as unknown as Dataquery;
  }
}

export function sqlTable({ title, about, width = 12 }: Look, sql: string): Builder<Panel> {
  return new TableBuilder().title(title).description(about).datasource(POSTGRES).height(8).span(width).withTarget(new SqlQuery(sql, 'table'));
}

export function sqlSeries({ title, about, unit = 'short', width = 12 }: Look, sql: string): Builder<Panel> {
  return new SeriesBuilder().title(title).description(about).unit(unit).datasource(POSTGRES).height(8).span(width).fillOpacity(8).withTarget(new SqlQuery(sql, 'time_series'));
}
