/**
 * Where the focused element has gone away with what was done, keyboard and screen reader go on at the page's heading.
 * Later than what is under way: the page is drawn anew first.
 */
export function focusHeadingIfLost(page: Document): void {
  setTimeout(() => {
    if (page.activeElement === page.body || page.activeElement === null) focusHeading(page)
  }, 100)
}

export const focusHeading = (page: Document): void =>
  page.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
