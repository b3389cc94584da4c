import { oneLine } from '../../text/canonical.ts'
import { addTable } from './html-table.ts'
import { type Element, elementsOf, isTag, isText, lineOf, type ParentNode } from './html-tree.ts'
import { blocks, flowing, lists, ownText, textOf, wordLines } from './html-words.ts'
import { createOutline, lineSentences, type Outline, wholePieces } from './outline.ts'

/** What does not fit into the line of an item or a cell. */
const structure = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'table', 'dl', 'pre'])

/** The blocks of a tree that holds only what can be seen, in reading order. */
export function htmlOutline(root: ParentNode, title: string): Outline {
  const outline = createOutline(title)
  let words = ''
  let wordsLine = 1
  const flush = (): void => {
    outline.add('paragraph', [wordLines(words)], lineSentences, { line: wordsLine })
    words = ''
  }
  const visit = (parent: ParentNode): void => {
    for (const child of parent.children) {
      if (isText(child)) {
        if (words.trim() === '' && child.data.trim() !== '')
          wordsLine = child.sourceCodeLocation?.startLine ?? (isTag(parent) ? lineOf(parent) : 1)
        words += flowing(child.data)
      } else if (isTag(child)) visitElement(child)
    }
  }
  const visitElement = (element: Element): void => {
    const { name } = element
    if (name === 'br') words += '\n'
    if (blocks.has(name)) {
      flush()
      visitBlock(element)
      flush()
    } else visit(element)
  }
  const visitBlock = (element: Element): void => {
    const add = addOf(element)
    if (add) add(outline, element)
    else visit(element)
  }
  visit(root)
  flush()
  return outline
}

/** How an element becomes one block; undefined if the elements inside it are blocks. */
function addOf(element: Element): ((outline: Outline, element: Element) => void) | undefined {
  const { name } = element
  if (/^h[1-6]$/.test(name)) return addHeading
  if (name === 'pre') return addVerbatim
  if (name === 'details') return isAsked(element) ? addAsked : undefined
  if (name === 'dl') return isPlainTerms(element) ? addTerms : undefined
  if (name !== 'table' && !lists.has(name)) return undefined
  if (!isPlain(element)) return undefined
  return name === 'table' ? addTable : addList
}

const addHeading = (outline: Outline, element: Element): void =>
  outline.heading(Number(element.name[1]), oneLine(textOf(element)))
const addVerbatim = (outline: Outline, element: Element): void =>
  outline.add('paragraph', [wordLines(textOf(element, true))], lineSentences, { line: lineOf(element) })
const addList = (outline: Outline, element: Element): void =>
  outline.add('list', itemLines(element), wholePieces, { line: lineOf(element) })

/** Whether the items of a list or the cells of a table are words; else it only lays out what is in it. */
function isPlain(parent: Element): boolean {
  for (const { name } of elementsOf(parent)) if (structure.has(name)) return false
  return true
}

/** One line per item: its own words, then the items of the lists inside it. */
function itemLines(list: Element): string[] {
  return list.children.filter(isTag).flatMap((item) => {
    if (lists.has(item.name)) return itemLines(item)
    const nested = [...elementsOf(item)].filter(
      (element) => lists.has(element.name) && listAround(element) === listAround(item),
    )
    return [oneLine(ownText(item)), ...nested.flatMap(itemLines)]
  })
}

/** The nearest list that an element stands in. */
function listAround(element: Element): ParentNode | null {
  let above = element.parent
  while (above && isTag(above) && !lists.has(above.name)) above = above.parent
  return above
}

/** Terms and what they mean: questions with their answers, or rows of term and meaning. */
function addTerms(outline: Outline, list: Element): void {
  const parts = [...elementsOf(list)].filter(({ name }) => name === 'dt' || name === 'dd')
  let term: Element | undefined
  for (const part of parts) {
    if (part.name === 'dt') term = part
    else if (!term) outline.add('paragraph', [wordLines(textOf(part))], lineSentences, { line: lineOf(part) })
    else addTerm(outline, term, part)
  }
}

function addTerm(outline: Outline, term: Element, meaning: Element): void {
  const [name, text] = [oneLine(textOf(term)), wordLines(textOf(meaning))]
  if (text === '') return
  if (/[?？]$/.test(name)) outline.qa(name, [text], lineSentences, { line: lineOf(term) })
  else outline.add('table', [`${name}\t${oneLine(text)}`], wholePieces, { line: lineOf(term) })
}

/** Whether there are only words in terms, or in what is unfolded. */
function isPlainTerms(parent: Element): boolean {
  for (const { name } of elementsOf(parent)) if (structure.has(name) || lists.has(name)) return false
  return true
}

const summaryOf = (details: Element): Element | undefined =>
  details.children.filter(isTag).find(({ name }) => name === 'summary')

/** A question to unfold, of which the answer is words. */
function isAsked(details: Element): boolean {
  const summary = summaryOf(details)
  return summary !== undefined && /[?？]\s*$/.test(textOf(summary)) && isPlainTerms(details)
}

function addAsked(outline: Outline, details: Element): void {
  const summary = summaryOf(details)!
  const question = oneLine(textOf(summary))
  details.children = details.children.filter((child) => child !== summary)
  const answer = wordLines(textOf(details))
  outline.qa(question, [answer], lineSentences, { line: lineOf(details) })
}
