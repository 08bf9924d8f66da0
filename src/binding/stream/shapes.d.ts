// What crosses the boundary of a request as text, and what JavaScript makes of its answer (`js/message_stream.js`): no
// Rust struct reads or builds these. `scripts/build.mjs` puts them into `index.d.ts`.

/** What went wrong with a request: the record of `classifyFailure`, and what had happened until then. */
export type GeminiCliFailure = Failure & GeminiCliProgress

/** Options of `streamSimpleGoogleGeminiCli`. */
export type GeminiCliSimpleOptions = Omit<GeminiCliOptions, 'toolChoice' | 'thinking'> & GeminiCliReasoningOptions

/** A conversation. pi-ai's `Context` fits; fields that are not listed are not sent. */
export interface GeminiCliContext {
  systemPrompt?: string | null
  messages: Array<GeminiCliContextMessage>
  tools?: Array<GeminiCliTool> | null
}

/** A message of any role; which fields count follows from `role`. */
export interface GeminiCliContextMessage {
  role: 'user' | 'assistant' | 'toolResult'
  /** A plain string only from `user`. */
  content: string | Array<GeminiCliContentBlock>
  /** `assistant`: who answered. Only the same model's thoughts and signatures are sent back. */
  provider?: string
  api?: string
  model?: string
  /** `assistant`: turns that ended in `error` or `aborted` are left out. */
  stopReason?: string
  /** `toolResult`: the call that it answers. */
  toolCallId?: string
  toolName?: string
  isError?: boolean
}

/** A content block of any type; which fields count follows from `type`. */
export interface GeminiCliContentBlock {
  type: 'text' | 'thinking' | 'image' | 'toolCall'
  text?: string
  textSignature?: string
  thinking?: string
  thinkingSignature?: string
  redacted?: boolean
  /** `image`: base64. */
  data?: string
  mimeType?: string
  id?: string
  name?: string
  /** `toolCall`: the arguments, an object. */
  arguments?: any
  thoughtSignature?: string
}

/** A tool that the model may call. */
export interface GeminiCliTool {
  name: string
  description: string
  /** JSON Schema. */
  parameters: object
}

/** The head of a response. */
export interface GeminiCliResponseHead {
  status: number
  /** Names in lower case. */
  headers: Record<string, string>
}

/**
 * A running request: `for await` its events, or await `result()`, or both. Leaving the loop early closes the connection.
 * An ordinary object: hosts may replace its methods.
 */
export interface GeminiCliStream {
  /** The final message, also when nobody reads the events. Never rejects. */
  result: () => Promise<GeminiCliMessage>
}

/** The answer. While it streams it grows in place. */
export interface GeminiCliMessage {
  role: 'assistant'
  content: Array<GeminiCliTextBlock | GeminiCliThinkingBlock | GeminiCliToolCall>
  api: 'google-gemini-cli'
  provider: string
  model: string
  responseId?: string
  usage: GeminiCliUsage
  stopReason: 'stop' | 'length' | 'toolUse' | 'error' | 'aborted'
  /** For people, and for hosts that match on it. */
  errorMessage?: string
  /** What went wrong, for the program. */
  failure?: GeminiCliFailure
  /** The caller's `signal.reason`, after an abort. Not enumerable, so that it is neither copied nor written to disk. */
  cause?: unknown
  /** `Date.now()` of the call. */
  timestamp: number
}

/** Text of the answer. */
export interface GeminiCliTextBlock {
  type: 'text'
  text: string
  textSignature?: string
}

/** Thoughts of the model. */
export interface GeminiCliThinkingBlock {
  type: 'thinking'
  thinking: string
  thinkingSignature?: string
}

/** A call that the model wants to be made. */
export interface GeminiCliToolCall {
  type: 'toolCall'
  /** The server's, or one of ours where it gave none. */
  id: string
  name: string
  arguments: any
  thoughtSignature?: string
}

/** Tokens and dollars. */
export interface GeminiCliUsage {
  /** Without what was read from the cache. */
  input: number
  /** With thoughts. */
  output: number
  cacheRead: number
  cacheWrite: number
  totalTokens: number
  cost: GeminiCliUsageCost
}

/** Dollars. */
export interface GeminiCliUsageCost {
  input: number
  output: number
  cacheRead: number
  cacheWrite: number
  total: number
}

/** What had happened to a request when it failed. Beside the record of `classifyFailure` this is a `GeminiCliFailure`. */
export interface GeminiCliProgress {
  /** HTTP requests that were sent. */
  requests: number
  eventsDelivered: number
  /** Nothing of the answer has been delivered: the request may be sent again. */
  replaySafe: boolean
  /** Which timer fired (`class: 'timeout'`). */
  phase?: 'connect' | 'first_event' | 'idle' | 'total'
  /** `caller`: an abort or an early end of the loop. `addon`: one of our timers. */
  causedBy?: 'caller' | 'addon'
  /** The input that cannot be used. */
  field?: string
  /** What had failed before an abort or a timeout ended the wait for another try. */
  previous?: Failure
}

/** The first event. */
export interface GeminiCliStartEvent {
  type: 'start'
  /** The message so far: one object that grows. */
  partial: GeminiCliMessage
}

/** A block begins. A tool call is complete from its start. */
export interface GeminiCliBlockStartEvent {
  type: 'text_start' | 'thinking_start' | 'toolcall_start'
  contentIndex: number
  /** The message so far: one object that grows. */
  partial: GeminiCliMessage
}

/** A block grows. */
export interface GeminiCliDeltaEvent {
  type: 'text_delta' | 'thinking_delta' | 'toolcall_delta'
  contentIndex: number
  delta: string
  /** The message so far: one object that grows. */
  partial: GeminiCliMessage
}

/** A block is complete. */
export interface GeminiCliBlockEndEvent {
  type: 'text_end' | 'thinking_end'
  contentIndex: number
  content: string
  /** The message so far: one object that grows. */
  partial: GeminiCliMessage
}

/** A tool call is complete. */
export interface GeminiCliToolCallEndEvent {
  type: 'toolcall_end'
  contentIndex: number
  toolCall: GeminiCliToolCall
  /** The message so far: one object that grows. */
  partial: GeminiCliMessage
}

/** The last event of an answer that is complete. */
export interface GeminiCliDoneEvent {
  type: 'done'
  reason: 'stop' | 'length' | 'toolUse'
  message: GeminiCliMessage
}

/** The last event of any other answer. */
export interface GeminiCliErrorEvent {
  type: 'error'
  reason: 'error' | 'aborted'
  error: GeminiCliMessage
}

/** One event of a stream. */
export type GeminiCliEvent =
  | GeminiCliStartEvent
  | GeminiCliBlockStartEvent
  | GeminiCliDeltaEvent
  | GeminiCliBlockEndEvent
  | GeminiCliToolCallEndEvent
  | GeminiCliDoneEvent
  | GeminiCliErrorEvent

/** What would be sent. */
export interface GeminiCliRequest {
  url: string
  /** Without the credential. */
  headers: Record<string, string>
  /** The body before it is written as JSON. */
  body: any
}
