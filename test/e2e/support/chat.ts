import type { Locator, Page } from 'playwright-core'

export type Chat = ReturnType<typeof chatOn>

/** The widget of a page, by what its user sees of it. */
export function chatOn(page: Page) {
  const widget = page.locator('bursar-chat')
  const panel = widget.getByRole('dialog', { name: 'Assistant' })
  const box = panel.getByRole('textbox', { name: 'Write your question' })
  const answers = panel.locator('article.bot:not(.streaming)')

  async function type(text: string): Promise<void> {
    await box.fill(text)
    await box.press('Enter')
  }

  return {
    widget,
    launcher: widget.locator('.launcher'),
    panel,
    box,
    log: panel.getByRole('log'),
    /** Finished messages of the assistant. */
    answers,
    /** The customer's messages that the server has. */
    sent: panel.locator('article.customer:not(.pending)'),
    /** The customer's messages that the server has not acknowledged. */
    pending: panel.locator('article.customer.pending'),
    /** The strip that says when a person is to come. */
    notice: panel.locator('.notice'),
    /** The strip that says when there is no connection. */
    offline: panel.getByText('No connection. What you write is kept and sent later.'),
    async open(): Promise<void> {
      await widget.locator('.launcher').click()
      await panel.waitFor()
    },
    /** Write a message and send it; does not wait for anything. */
    type,
    /** Ask, and wait for the finished answer. */
    async ask(text: string): Promise<Locator> {
      const before = await answers.count()
      await type(text)
      const answer = answers.nth(before)
      await answer.waitFor()
      return answer
    },
    /** Everything said so far, as `who: words`. */
    async transcript(): Promise<string[]> {
      const articles = await panel.getByRole('article').all()
      return Promise.all(
        articles.map(
          async (one) => `${await one.getAttribute('aria-label')}: ${await one.locator('.body').innerText()}`,
        ),
      )
    },
  }
}
