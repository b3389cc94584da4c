import type { Right } from '../../../server/text/rights-kinds.ts'

/** Everything the widget says by itself. Functions take counts, names or lengths. */
export interface Strings {
  readonly title: string
  readonly subtitle: string
  readonly launcher: string
  readonly close: string
  readonly log: string
  readonly greeting: readonly string[]
  readonly starters: readonly string[]
  readonly placeholder: string
  readonly send: string
  /** Characters that may still be written; below 0 when there are too many. */
  readonly left: (left: number) => string
  readonly full: string
  readonly human: string
  readonly end: string
  readonly endQuestion: string
  readonly endYes: string
  readonly endNo: string
  readonly ended: string
  readonly startNew: string
  readonly you: string
  readonly typing: string
  readonly sending: string
  readonly waitingToSend: string
  readonly failed: string
  readonly retry: string
  readonly discard: string
  readonly offline: string
  readonly stopped: string
  readonly reconnect: string
  readonly source: (k: number, title: string) => string
  readonly onPage: (title: string, page: number) => string
  /** Number of the version, first and last day on which it counts. */
  readonly validity: (ver: number, first?: string, last?: string) => string
  readonly fullText: string
  readonly rateQuestion: string
  readonly rateGood: string
  readonly rateBad: string
  readonly rated: string
  readonly tellMore: string
  readonly tellMoreAbout: (title: string) => string
  readonly notForMe: string
  readonly notForMeTitle: (title: string) => string
  readonly suggestions: string
  readonly waitingForPerson: string
  readonly personHere: (name: string) => string
  readonly position: (position: number) => string
  readonly reference: string
  /** What a case is about, by its right; one for a person has no line of its own. */
  readonly caseOf: Readonly<Record<Right, string>>
  readonly until: (day: string) => string
  readonly latest: string
  readonly earlier: string
  readonly newMessages: (count: number) => string
}

export const en: Strings = {
  title: 'Assistant',
  subtitle: 'Automated · quotes the bank’s documents',
  launcher: 'Ask a question',
  close: 'Close the chat',
  log: 'Conversation',
  greeting: [
    'Hello. I am an automated assistant, not a person.',
    'I answer in the bank’s own words and show where they come from. When I don’t know, I say so. You can talk to a person at any time.',
  ],
  starters: ['What does my card cost abroad?', 'I have lost my card', 'Which account suits a student?'],
  placeholder: 'Write your question',
  send: 'Send',
  left: (left) => `${left} characters left`,
  full: 'Too many messages are waiting.',
  human: 'Talk to a person',
  end: 'End chat',
  endQuestion: 'End this chat?',
  endYes: 'End it',
  endNo: 'Keep it',
  ended: 'This chat has ended.',
  startNew: 'Start a new chat',
  you: 'You',
  typing: 'Is writing',
  sending: 'Sending',
  waitingToSend: 'Will be sent when you are back online',
  failed: 'Not sent',
  retry: 'Try again',
  discard: 'Discard',
  offline: 'No connection. What you write is kept and sent later.',
  stopped: 'The connection has ended.',
  reconnect: 'Reconnect',
  source: (k, title) => `Source ${k} ${title}`,
  onPage: (title, page) => `${title}, p. ${page}`,
  validity: (ver, first, last) =>
    `Version ${ver}${first || last ? ' · in force' : ''}${first ? ` from ${first}` : ''}${last ? ` to ${last}` : ''}`,
  fullText: 'Whole document (new tab)',
  rateQuestion: 'Was this helpful?',
  rateGood: 'Helpful',
  rateBad: 'Not helpful',
  rated: 'Thank you',
  tellMore: 'Tell me more',
  tellMoreAbout: (title) => `Tell me more about ${title}`,
  notForMe: 'Not for me',
  notForMeTitle: (title) => `Not for me: ${title}`,
  suggestions: 'Suggestions',
  waitingForPerson: 'A colleague will take over',
  personHere: (name) => `You are talking to ${name}`,
  position: (position) => `Number ${position} in the queue`,
  reference: 'Reference',
  caseOf: {
    dispute: 'Disputed payment',
    unauthorised_payment: 'Payment that you did not make',
    fraud_in_progress: 'Fraud',
    complaint: 'Complaint',
    hardship: 'Trouble paying',
    bereavement: 'Bereavement',
    vulnerability: 'Support for you',
    opt_out: 'No more marketing',
    data_request: 'Your data',
    human: '',
  },
  until: (day) => `, by ${day}`,
  latest: 'Latest message',
  earlier: 'Show earlier messages',
  newMessages: (count) => `New messages: ${count}`,
}
