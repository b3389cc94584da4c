import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Job } from '../engine/jobs.ts'
import type { Pool, Priority } from '../engine/pool.ts'
import type { DurableEvent, EphemeralEvent } from '../protocol/events.ts'
import type { VersionStatus } from './model-status.ts'

const priorities: readonly Priority[] = ['chat', 'background']

/** Of versions that are asked, as they were looked at last. @returns what takes the newest look. */
function createDriftGauges(registry: Registry) {
  const registers = [registry]
  const labelNames = ['service', 'version', 'figure'] as const
  const psi = new Gauge({
    name: 'bursar_model_psi',
    help: 'Drift from the first days of a version',
    labelNames,
    registers,
  })
  const alarm = new Gauge({ name: 'bursar_model_alarm', help: '1 while an alarm is raised', labelNames, registers })
  return (versions: readonly VersionStatus[]): void => {
    psi.reset()
    alarm.reset()
    for (const { service, version, drift } of versions)
      for (const { figure, ...now } of drift) {
        psi.set({ service, version, figure }, now.psi)
        alarm.set({ service, version, figure }, Number(now.alarm))
      }
  }
}

/** Figures of the house for Prometheus. Every label has a handful of values: none holds an id or a text. */
export function createFigures(registry: Registry) {
  const registers = [registry]
  const jobs = new Histogram({
    name: 'bursar_job_seconds',
    help: 'From a job asked of the engines to its result, the wait included',
    labelNames: ['kind'],
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30],
    registers,
  })
  const restarts = new Counter({ name: 'bursar_engine_restarts_total', help: 'Engines started again', registers })
  const commits = new Histogram({
    name: 'bursar_commit_seconds',
    help: 'Commit of a transaction with its sync to the disk',
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
    registers,
  })
  const answers = new Counter({
    name: 'bursar_answers_total',
    help: 'Answers stored, by kind',
    labelNames: ['kind'],
    registers,
  })
  const drift = createDriftGauges(registry)
  return {
    drift,
    job: (kind: Job['kind'], seconds: number): void => jobs.observe({ kind }, seconds),
    restart: (): void => restarts.inc(),
    commit: (seconds: number): void => commits.observe(seconds),
    event(event: DurableEvent | EphemeralEvent): void {
      if (event.t === 'msg.completed') answers.inc({ kind: event.d.kind })
    },
    /** Figures that are read off the pool when somebody asks for them. */
    watch(pool: Pool): void {
      addGauge('bursar_engines_ready', 'Engines that take questions', () => pool.ready)
      addGauge('bursar_generation', 'Number of the index in use, 0 without one', () => pool.generation.number)
      new Gauge({
        name: 'bursar_jobs_waiting',
        help: 'Jobs that wait for an engine, by priority',
        labelNames: ['priority'],
        registers,
        collect() {
          for (const priority of priorities) this.set({ priority }, pool.waitingOf(priority))
        },
      })
    },
  }

  function addGauge(name: string, help: string, read: () => number): void {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read())
      },
    })
  }
}
export type Figures = ReturnType<typeof createFigures>
