import type { Store } from './store.ts'

/** What lets this browser go on with a conversation. */
export interface Credentials {
  readonly conv: string
  readonly secret: string
}

/**
 * The conversation of this browser (all tabs share it) and the name of this tab.
 * @param kept shared by the tabs, lasting. @param tab of this tab only.
 * @param prefix begins every key; one per server.
 */
export function createCredentials(kept: Store, tab: Store, prefix: string, newId: () => string) {
  const conversationKey = `${prefix}:conv`
  const instanceKey = `${prefix}:instance`

  function load(): Credentials | undefined {
    try {
      // Written by `save`, or else by somebody who meddles with the storage: then there is nothing to go on with.
      const value = JSON.parse(kept.get(conversationKey) ?? 'null') as Credentials | null
      return value?.conv && value.secret ? value : undefined
    } catch {
      return undefined
    }
  }
  function renewInstance(): string {
    const id = newId()
    tab.set(instanceKey, id)
    return id
  }

  return {
    /** The storage key whose change tells other tabs of a new conversation. */
    conversationKey,
    load,
    save: ({ conv, secret }: Credentials): void => kept.set(conversationKey, JSON.stringify({ conv, secret })),
    /** Forget `conv`, unless another tab has begun a new one since. */
    forget(conv: string | undefined): void {
      if (conv !== undefined && load()?.conv === conv) kept.remove(conversationKey)
    },
    instance: (): string => tab.get(instanceKey) ?? renewInstance(),
    /** Browsers copy a tab's storage with the tab: two tabs of one name would push each other out for ever. */
    renewInstance,
  }
}
export type CredentialStore = ReturnType<typeof createCredentials>
