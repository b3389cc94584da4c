import { checkCounts } from './counts.ts'
import { checkDates } from './dates.ts'
import { checkFees } from './fees.ts'
import { checkGolden } from './golden.ts'
import { loadInteractions } from './interaction-rows.ts'
import { checkGenerated, checkInteractions } from './interactions.ts'
import { type CountTokens, createKeywordSearch } from './keyword-search.ts'
import { checkLikeness } from './likeness.ts'
import { checkLinks } from './links.ts'
import { loadCorpora } from './load.ts'
import { checkManifest } from './manifest.ts'
import { joined, type Report } from './report.ts'

/** All figures and guards of the corpora under `root`. @throws {InputError} if the manifest cannot be read. */
export async function checkCorpora(root: string, countTokens: CountTokens): Promise<Report> {
  const { corpora, findings } = await loadCorpora(root)
  const { interactions, findings: unread } = await loadInteractions(root, corpora.sets)
  const catalogue = corpora.catalogue.map(({ value }) => value)
  return joined([
    { figures: [], findings: [...findings, ...unread] },
    await checkManifest(root),
    checkCounts(corpora, interactions.customers.length),
    checkDates(corpora),
    checkLinks(corpora),
    checkFees(corpora),
    checkLikeness(corpora),
    checkGolden(corpora, createKeywordSearch(corpora.documents, countTokens)),
    checkInteractions(interactions, catalogue),
    await checkGenerated(root, catalogue),
  ])
}
