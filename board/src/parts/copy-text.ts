/** Whether the text is in the clipboard now. Pages that came over plain HTTP from another machine have no `clipboard`. */
export async function copyText(page: Document, browser: Navigator, text: string): Promise<boolean> {
  if (browser.clipboard) {
    const written = await browser.clipboard.writeText(text).then(
      () => true,
      () => false,
    )
    if (written) return true
  }
  const field = page.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  const focused = page.activeElement
  page.body.append(field)
  field.select()
  const copied = page.execCommand('copy')
  field.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return copied
}
