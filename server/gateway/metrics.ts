import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface GatewayMetrics {
  readonly sockets: Gauge
  readonly received: Counter<'type'>
  readonly refused: Counter<'code'>
  readonly closed: Counter<'code'>
  readonly dropped: Counter
  readonly commandSeconds: Histogram
  readonly requests: Counter<'route' | 'status'>
  /** Of models asked by themselves. */
  readonly inferences: Record<'requests' | 'items' | 'seconds', Counter<'model'>>
}

/** What was asked of models, by model: who asked stands in the store. */
function createInferenceMetrics(registry: Registry): GatewayMetrics['inferences'] {
  const counter = (name: string, help: string) =>
    new Counter({ name: `bursar_inference_${name}_total`, help, labelNames: ['model'], registers: [registry] })
  return {
    requests: counter('requests', 'Requests that models have answered'),
    items: counter('items', 'Texts that models have judged or embedded'),
    seconds: counter('compute_seconds', 'Time that engines were busy with them'),
  }
}

/** The gateway's own figures. No label holds an id, an address or a text: every one has a handful of values. */
export function createGatewayMetrics(registry: Registry): GatewayMetrics {
  const registers = [registry]
  return {
    sockets: new Gauge({ name: 'bursar_sockets', help: 'Open sockets', registers }),
    received: new Counter({
      name: 'bursar_frames_received_total',
      help: 'Valid commands by type',
      labelNames: ['type'],
      registers,
    }),
    refused: new Counter({
      name: 'bursar_frames_refused_total',
      help: 'Refused frames by code',
      labelNames: ['code'],
      registers,
    }),
    closed: new Counter({
      name: 'bursar_sockets_closed_total',
      help: 'Closed sockets by code',
      labelNames: ['code'],
      registers,
    }),
    dropped: new Counter({
      name: 'bursar_frames_dropped_total',
      help: 'Ephemeral frames dropped for slow readers',
      registers,
    }),
    commandSeconds: new Histogram({
      name: 'bursar_command_seconds',
      help: 'From a command read to its reply sent',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2],
      registers,
    }),
    requests: new Counter({
      name: 'bursar_http_requests_total',
      help: 'HTTP requests',
      labelNames: ['route', 'status'],
      registers,
    }),
    inferences: createInferenceMetrics(registry),
  }
}
