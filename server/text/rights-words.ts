import type { Right } from './rights-kinds.ts'

/**
 * How customers say that a right is theirs. Each line is a wording: a space stands for any white space, `…` for up to forty
 * characters of the same sentence, `{name}` for one of {@link groups}, `word*` for a word with any ending; the rest is a regular
 * expression. Case, accents on apostrophes, short forms ("cant", "ive", "pls") and slips in key words are levelled before.
 * `says` holds for a report or a wish, not for a question about how things are in general, a supposition or a settled matter;
 * `always` holds in those, too, as nobody uses these words without the wish.
 */
export interface Wordings {
  readonly says: readonly string[]
  readonly always?: readonly string[]
  readonly zh: readonly string[]
}

/** Words that stand for each other. */
export const groups: Readonly<Record<string, string>> = {
  kin: '(husband|wife|partner|spouse|fiance|mum|mom|mother|mam|ma|dad|father|papa|son|daughter|brother|sister|nan|gran|grandma|grandmother|granny|grandad|grandpa|granddad|grandfather|uncle|aunt|auntie|cousin|stepfather|stepmother|stepdad|mother in law|father in law|parents?|child|baby|boyfriend|girlfriend|flatmate|business partner|other half|old man|godfather|godmother|niece|nephew|twin|co-signer|neighbour|friend|best friend)',
  whose: '(my|our|his|her|their)',
  bank: '(you|your \\w+|you people|you lot|the bank|this bank|branch|staff|advis[eo]r|manager|call cent(re|er))',
  shop: '(shop|store|merchant|seller|retailer|company|firm|hotel|airline|restaurant|garage|website|site|supplier|builder|owner|dealer|landlord|agency|agent|gym|vendor|trader|business|they)',
  paid: '(payment|payments|charge|charges|transaction|transactions|purchase|purchases|debit|debits|withdrawal|withdrawals|transfer|transfers|amount|spending|order|orders|direct debit|standing order|entry|entries|bets?)',
  debts:
    '(loan|mortgage|card|credit card|bill|bills|overdraft|debt|debts|rent|repayments?|payments?|instal?lments?|minimum|car loan|house payments?|what i owe|back|you|it all)',
  person:
    '(person|human|human being|real person|live person|real human|someone|somebody|some one|anyone|anybody|one of your (team|people|staff|colleagues|officers)|(member|members) of (your )?staff|staff|advis[eo]r|agent|live agent|operator|representative|rep|manager|supervisor|employee|colleague|colleagues|specialist|customer (service|services|care|support)|actual (person|human|employee)|(fraud|mortgage|lending|complaints|support|collections|loans?|bereavement) (team|department|people|desk)|the team|your team|the boss|your boss|real soul|living soul|flesh and blood|level two|humans)',
  ads: '(marketing|promo\\w*|offers?|adverts?|ads|advertis\\w*|newsletters?|leaflets?|flyers?|brochures?|spam|junk( mail)?|mailings?|mail shots?|mailshots?|mailing list|sales (calls?|letters?|post|texts?|pitch\\w*)|cold calls?|telemarketing|surveys?|magazines?|catalogues?|product pitches|deals|seminars|prize draws?|salesy|(marketing|promotional|sales) (emails?|e-mails?|texts?|calls?|letters?|messages?))',
  mydata: '((personal |own )?(data|information|info|details|records?|file|profile|notes)|personal (data|information))',
  tricked: '(scammed|conned|tricked|defrauded|duped|swindled|phished|cheated|deceived|hacked|robbed|mugged|ripped off)',
  died: "(died|dead|deceased|passed away|passed on|passed last \\w+|passed (in|on) (the )?\\w+|passed over|killed|no longer with us|no longer alive|gone to heaven|lost (his|her) (life|battle)|took (his|her) own life|didn't wake up|slipped away|left us)",
}

export const wordings: Readonly<Record<Right, Wordings>> = {
  dispute: {
    says: [
      '(dispute|contest|challenge|appeal|reverse|claw back|pull back|query) (the|this|that|a|my|an|it|these|two|one|both)',
      '(be|been|get|gets|got|have|want) … (reversed|challenged|disputed|charged back|clawed back)',
      'disput(ing|ed)|(charged|billed) me for work|(want|get|take) … (charge|charges|payment) off my|amount debited … returned|was cancelled … (yet|but|still)',
      'chargeback (please|needed|on|claim for)|(need|want|request|start|open|raise|file|do) … (chargeback|dispute)',
      'section 75',
      '(charged|billed|debited|took|taken|paid|posted|gone out|deducted) … (twice|two times|a second time|eleven times)',
      'double (payment|charge|charged|billed|billing)|duplicate (payment|charge|transaction)',
      '(wrong|incorrect|inflated) amount|(amount|bill|price) … (wrong|incorrect|too high|inflated|higher than)|overcharged|overbilled|charged (me )?(too much|more than)',
      '(supposed to be|should have been|should be|receipt says) \\W?\\d[\\d.,]* .*\\d|(charged|took|paid|taken|billed|counted as) \\W?\\d[\\d.,]* (instead of|not) \\W?\\d',
      "(parcel|order|goods|items?|product|package|ordered|bought|paid|purchase\\w*|sofa|bed|teacher) … (never|not|didn't|hasn't|haven't|wasn't|nothing) … (came|come|arrived?|delivered|show(ed)? up|turned up|received|reached|shipped|sent|posted)",
      '(fake|counterfeit) (\\w+ )?(bag|handbag|watch|phone|shoes|trainers|goods|item|ticket|tickets)|(its|is|was|were|turned out|out) (a )?(fake|counterfeit)|not as described|not what was|nothing like the|(arrived|came|got|bought|sent|received|returned it|wardrobe|fridge|purse) … (broken|faulty|damaged|defective|ripped)',
      '(bought|ordered|paid for) … (got|came|sent|received|what came) … (box|boxes|socks|stones|screws|scarf|nothing|wrong|instead|tough)',
      "{shop} … (refuses?|won't|will not|wouldn't|ignor\\w+|blocked me|vanished|gone silent|closed down|gone bust|went bust|went under|went into administration|stopped answering|promised)",
      '(went|gone|gone into) (bust|administration|bankrupt|liquidation)',
      "(refund|money back) … (never|hasn't|isn't|not|nothing|won't|refuse|promised|they say|overdue)|(promised|owes?|owed|waiting for|awaiting) … refund|no refund",
      '(get|want|recover|claim|have|need|bring|help) … (my|our|the|this) (money|payment|deposit|cash|cost) …(back|from|returned)',
      '(cancelled|canceled|stopped|ended|quit) … (still|but|yet|keeps?|keep|again|charged|billed|taking)|(still|keeps?|keep) (charging|taking|billing|collecting|debiting|being charged)',
      '(free trial|subscription|membership) … (charged|billed|taken|cancelled|back on|renewed)',
      "(don't|do not|didn't|never) (accept|agree|owe|agreed) … (charge|fee|payment|tip|amount|bill|it|that)|i contest",
      '(cash machine|atm|machine) … (account says|debited|gave me|short|only gave|counted|nothing)|(debited|charged) by … machine',
      '(returned|sent back|gave back|handed back) … (refund|weeks|money|charge)',
      '(app|shop|pump|hotel|site|firm|restaurant|hairdressers?|bill|receipt|till|they|it) … \\W?\\d[\\d.,]* (instead of|not|and (my )?card says) \\W?\\d|still charges|(have|has|had) charged my card|for a room i cancelled|scratch that was|charged the … again|payment i contested|flights? (was|were) (scrapped|cancelled)|vouchers',
      "(claim|claiming) (against|for|on) … {paid}|make them give it back|step in\\b|refund's on its way|hasn't delivered|(sign up|signed up|agree) but not to this|put the tip on|what came was",
      '(added|adding) … (tip|fee|charge|service) … (never|without|not|after)',
      "(deposit|payment) … (closed down|vanished|keeps all|won't return|never happened)",
    ],
    zh: [
      '(不|没|拒绝|不肯|不愿)(给)?(发货|退款|退钱|退)|重复扣|扣(了)?(我)?(两|2|二|多)次|多扣|扣错|货不对板|(追回|退回|退还)(这|那|我|来|$)|要求.{0,8}退|对.{0,8}(交易|扣款|账单)有异议|申请(退款|拒付|争议)',
    ],
  },
  unauthorised_payment: {
    says: [
      "(didn't|did not|never|don't|do not|haven't|hasn't|doesn't|can't|dint) (make|made|authori[sz]ed?|approve|approved|sign|signed|set up|buy|bought|recogni[sz]ed?|know|agreed?|do|did|order|ordered|consent\\w*|remember) … {paid}",
      "{paid} … (i|we|he|she|neither|nobody|which i) (\\w+ )?(didn't|did not|never|don't|do not|have not|haven't|of us)",
      "(don't|do not|didn't|doesn't|can't|cannot|not|never) recogni[sz]e",
      '(unrecogni[sz]ed|unknown|unfamiliar|unauthori[sz]ed|un authori[sz]ed|fraudulent|strange|suspicious|mysterious|mystery|random|weird) (\\w+ )?({paid}|payee|\\d)',
      "(wasn't|was not|isn't|is not|not|weren't) (me|us|mine|ours|by me|from me|made by|belong to me)\\b|strange to (me|us)|no one asked me for|on my statement … i live in",
      '(someone|somebody|some one|a stranger|stranger|thief|ex|roommate|flatmate|housemate|colleague|kids?|carer|nurse) … (us(ed|ing|es)|spent|spending|bought|buying|order\\w*|charg\\w+|withdr\\w+|took|taking|cloned|copied|drawn|paying|paid himself|paid herself) … (my|our|her|his|the) (\\w+ )?(card|account|details|money|number|name|app|cash)',
      '(card|account|details|number) … (been|being|was|were|got) … (used|cloned|copied|compromised|skimmed|charged)',
      '(cloned|copied|skimmed) … (card|details)',
      '(without|never asked) (my|our|ever|even) …(permission|consent|knowledge|say-so|approval|signature|authori[sz]\\w+|asking|knowing|me)',
      "(who|what) (on earth |the hell )?(is|are|'s|has|was|authori[sz]ed|took) … (taking|took|charg\\w+|debit\\w*|payment|\\d+\\.\\d\\d)",
      "({paid}|money|account|contract|name|debit|insurance) … (know(s)? nothing (about|of)|nothing to do with (me|us))|nothing to do with me|(i've|i have|have|i|we) never (heard|dealt|been (to|there|further)|set foot|owned|signed up|bought|had anything)|never been to|unknown debit",
      '(money|cash|funds) (is |are |has |have )?(gone|missing|disappeared|vanished|taken|left|leaving|went out)|(missing|disappeared|vanished) (from|out of) (my|our|the) (account|savings)|(hundred|\\d+)( \\w+)? (has|have|is) (gone|been spent)|spent on',
      "(card is|card's|card was) (still )?(in|with) … (hand|pocket|purse|wallet|bag|me) … (us|bought|charg|paid|spen|not)",
      '(stolen|lost|lifted|snatched|dropped|took) … (card|wallet|purse) … (used|spent|gone|bought|contactless|since|charge|payment)',
      'my ex (still )?(has|had|uses|used|took)|(nobody|no one|neither of us|none of us|neither (i|of us) nor \\w+ \\w+) … (bought|made|did it|did|ordered|set (it|up)|has an account|signed)',
      "(made|done|carried out) by (somebody|someone) else|identity thief|unrecogni[sz]ed|(unfamiliar|unknown|strange) … (debited|charged|taken)|who's this taking|never (bought|approved|authori[sz]ed|made)|(payment|money|transaction|purchase) … (that wasn't me|without my say-so)|say-so|(didn't|did not) (buy|make|do) (these|them|it|this|that)|after i reported my card|(transactions|payments) in (dollars|euros) … asleep|asleep",
    ],
    zh: [
      '不是我.{0,4}(本人)?(刷|付|转|买|操作|消费|取)|被盗刷(了|$)|不认识的(消费|交易|扣款)|(没|从未|从没|没有).{0,4}(授权|去过|消费|开通)|未经我|莫名.{0,4}扣|卡.{0,10}(在我|在身).{0,16}(消费|刷|用)|根本没',
    ],
  },
  fraud_in_progress: {
    says: [
      "(i|we|been|got|was|were|'ve|have|have been|just|mum|dad|mother|father|nan|\\w+ has been) (\\w+ )?(been )?{tricked}",
      "(i )?(think|believe|fear|afraid|suspect) … (scam|con|fraud|fake|sham|scammer|scammed|scammers|fraudster)|it was (a )?(scam|trick|fraud|con)|it's (a )?(scam|con)",
      '(claims to be|pretends to be|calling himself) … (bank|investigator|police|security|fraud|engineer)|(to what|to whom|who) i thought was you|(caller|rang|ringing|phoned|on hold|on the (phone|line|other line|landline)|officer|police|stranger|investigator|text|message|team|department|bank) … (says|said|saying|claim\\w*|pretend\\w*|posing|tells?|telling|told|insists?|wants?|asks?|asked) … (move|transfer|safe account|code|pin|password|digits|number|send|withdraw|hand over|gift cards?|remote|install|security|bank|police|account|money|cash)',
      'safe account|gift cards? … (tax|bill|pay)|anydesk|teamviewer|remote access|(control|inside|into|onto) (of )?(my|our|the|his|her) (laptop|computer|pc|screen)',
      '(gave|given|giving|read|reading|read out|told|texted|typed|entered|shared|sent|put in|filled) … (code|codes|pin|password|passcode|login|card number|card details|security number|one time|otp|details) ',
      '(gave|given|told|read out|sent) … (caller|scammer|stranger|him|her|them|woman|man) … (code|pin|password|number|details)',
      "(clicked|opened|followed|pressed) … (link|approve|approved|text|email) … (typed|entered|card|password|details|put|now|gave|my)|pressed approve|approved (a )?(login|payment|something) … (wasn't|not|by|fell)",
      "fell for (it|a|this)|been had\\b|feel (such an idiot|so stupid)|romance (scam\\w*|fraud\\w*)|(isn't|is not|wasn't|not) (real|a police)|doesn't exist|don't exist",
      '(fraudster|scammer|scammers|con man|conman|crook|hacker|hackers|impostor|cyber criminal|swindler)s?',
      '(hacked|taken over|takeover|compromised|breached|locked me out|logged into|broken into) ?(by)?( my)?',
      '(stop everything|block everything|freeze everything)|(stop|block|cancel|freeze|recall) (the|this|that|my|everything|it|all|a) ?(payment|transfer|account|card|quick|now|before|please|all)?… (now|quick|quickly|immediately|asap|trick|tricked|fraud|scam|before|someone|arrives|cleared)',
      "(emptying|emptied|draining|drained|stealing|stole|stolen) … (money|account|balance|savings|card|purse|wallet|phone)|(they are|they're|someone is|somebody is|he's|she's) (taking|moving) … money|(money|balance|card|purse|wallet|phone|bag|card's been) … (stolen|snatched|nicked|grabbed|pinched|swiped|lifted)|(balance|money) is (falling|being taken|leaving|going)",
      '(fake|bogus|phoney|sham) (\\w+ )?(landlord|website|site|invoice|seller|investment|broker|bank|delivery|police|email|link|job|officer|page|profile|flat|loan)|turned out to be (a )?(bogus|fake|scam|fraud|con)',
      "(invoice|email|e-mail|bank details|number|password) … (changed|swapped|altered|stopped working) … (hacker|not by me|wrong account|can't|by)",
      "(investment|invested|broker|crypto|winnings|lottery|prize|upfront) … (fake|scam|sham|withdraw|release|unlock|can't get|nobody answers|bogus|is my money gone)|(release|unlock) … (winnings|investment|money|crypto)",
      '(blackmail\\w*|threaten\\w*|extort\\w*|sextort\\w*) … (pay|send|transfer|money|photos|publish|account)|(photos|pictures) … unless',
      '(loan|loans|account|accounts|card|credit) … (in my name|as me)|identity (theft|stolen)|stole my identity|pretending to be (me|my|you|us)|posing as|impersonat\\w+|spoof\\w+ (me|my)',
      '(met|man|woman|person|someone|guy) … online … (money|paid|sent|hospital|operation|visa|flight)',
      "(new payee|payee) … (never added|not me|didn't add)|not to tell (you|the bank|anyone)|being (pressured|pressed|rushed|forced) … (send|move|transfer|pay|money)",
      "(sent|transferred|paid|wired) … (blocked me|vanished|nobody answers|doesn't answer|isn't real|disappeared)|(bloke|guy|man|person|dude|seller) … (social media|marketplace|instagram|facebook) … (blocked|gone|fake)|fraud happening|all lies|under attack|who tricked me|blocked me|read out the code|typed my login|new number … (wasn't|not) (her|him)|(the )?police told (her|him|me|them)|phoned me afterwards for the code",
    ],
    zh: [
      '(遇到|遭遇|是)诈骗|被骗(?!过)|骗了|骗走|冒充|(让|要|叫)我.{0,6}(转账|转钱|打钱|打款|转到|汇)|安全账户|正在(被)?转走|(给|是|转给了?)骗子|点了.{0,8}链接|验证码(给|告诉)了|账户被(盗|黑)|公安局',
    ],
  },
  complaint: {
    says: [
      "(make|made|raise|raised|file|filed|lodge|lodging|lodged|log|register|put|submit|put in|open|treat\\w*|as|official|formal|a) (\\w+ )?(complaint|complain|grievance|formal case)|(want|wish|like|need|going|am|'m) (to )?(formally )?(complain\\w*)|complain(ing)? (to|about) (you|the|your|how|a|my)|my (complaint|grievance)|^complaint|letter (as|an|of) … complaint",
      '(ombudsman|regulator|newspapers?|trading standards)\\W* … (hear|hearing|will|about this|involved|over this|next|how do i take)|(go|going|take|taking|taken|refer|escalat\\w+|report\\w*) … (ombudsman|regulator|this further|it further|to court|the press|newspapers|higher)|reporting you|taken further|^take it further',
      'escalat(e|ing|ed) (this|it|my|to)',
      '(unacceptable|disgrace\\w*|disgust\\w*|appalling|appalled|outrag\\w+|shambles|shameful|shocking|dreadful|atrocious|diabolical|furious|fuming|livid|pathetic|incompetent|joke of a|worst bank|are a joke|not good enough|fobbed off|sick of (you|this bank)|useless bank|let me down|let down|shabbily|cruel|ridiculous|terrible service|awful service|poor service|bad service)',
      "(not|never|isn't|hardly) (at all |very |really )?(happy|satisfied|pleased|impressed)|(unhappy|dissatisfied|disappointed|annoyed|upset|angry|fed up) (with|about|by|that|how|at|of (you|this bank|your))|worst bank|how you treat me|shambles of",
      '(extremely|very|so|really|deeply|bitterly) (disappointed|unhappy|dissatisfied|upset|angry)',
      '(you|your|staff|manager|colleague|adviser|assistant|chap|rep|clerk|teller|she|he|branch|was|were) … (rude|patroni[sz]ing|impolite|dismissive|laughed at|hung up|shouted|condescending|insult\\w*|humiliat\\w+)|rude (member|staff|manager)|(way|how) (i|we|my \\w+) … (treated|spoken to)|treated (me|my|us|so) |treated (unfairly|badly|as if)|discriminated|an insult|ignored me',
      '(want|expect|demand|deserve|need|owed|owe|appreciate|like) … (compensation|compensated|an apology|apology|apologi[sz]e|explanation|explain yourselves|redress)|say sorry|compensat(e|ed|ion) (me|us|for)|who compensates|put (it|this|that) right|make (it|this) right',
      "(you|your \\w+|you all|y'all|the bank|this bank|adviser|advisor|staff) (\\w+ )?(lost my|broke your|promised|never (called|rang|came back|replied|answered)|messed up|ignored|misled|mis-sold|mis sold|sold me|gave me (bad|wrong)|closed my account|blocked my card|refused|cut me off|hung up|put false|pushing me|pushed me)|twice promised|promises to ring",
      'your (mistake|error|fault|system failure|incompetence|negligence|delay|machine was broken)|because of (you|your)|thanks to your',
      "(third|fourth|fifth|\\d+(rd|th)|so many|several|three|four|many|countless) (time|times|calls|letters|visits|promises) … (explain\\w*|same|still|nothing|wrong|nobody|no|phone|i've|nobody|promise\\w*|you)",
      'no(body| one)? … (replied|rung|rang|called|come back|got back|owns up|been in touch|answers|reply|news|done what)|no (reply|answer|response|news) (for|in|since|from)',
      '(on hold|queued?|queue|waited|waiting|wasted) … (hour|hours|minutes|weeks|months|lunch) …(cut off|only|and|because|told|with|for|toddler)?',
      "(somebody|someone) (has to|needs to|should|must) (answer|be held|take responsibility|be accountable)|held responsible|who's accountable|take responsibility|on record|pass that on|look(ed)? into (why|how)",
      '(mis-?sold|misled|wrong information|wrong info|wrong advice|bad advice|false information|wrong default|treated unfairly|unfair(ly)?)',
      '(pillar to post|runaround|going round in circles|had enough of (you|this|your))|(final response|offer of … (insult|trouble))|(reopen|closed) … case|case was closed|bone to pick|logged formally|formally please|(called|call) me a (bad|late)|want it withdrawn|my complaint|answer my|everything takes weeks|in charge (there|here)',
      '(cost|costs|left|made) (me|us) … (because of you|out of pocket|thanks to you|the house|a day|fine|wages|flat)',
    ],
    zh: [
      '投诉(你|他|她|一|这|那|你们|客服|员工)|我要投诉|要投诉|不满|讨个?(说法|公道)|要个说法|态度(太|很|极)?(差|恶劣)|(向|找).{0,6}(监管|银保监|消协).{0,6}(反映|举报|投诉)|太差(了|劲)|大吼|赔偿|道歉',
    ],
  },
  hardship: {
    says: [
      "(can't|cannot|can not|couldn't|unable to|not able to|no way to|won't be able to|impossible to|struggl\\w+ to|hard to|how .* going to|don't know how|don't see how|can't see (how|us)|not sure how) … (pay|afford|make (my|the|this)|cover|meet|keep up|catch up|honou?r|repay|get through|managing the house)",
      "(can't|cannot|couldn't) (really )?(afford|keep up)",
      'behind (on|with) (everything|my|the|our|all)|fall(en|ing)? behind|late with … again|(two|three|four|several|\\d) (payments|months|instal?lments) behind|in arrears|(my|our|the) arrears|arrears are',
      "(will|'ll|going to|may|might|about to) miss … (payment|payments|instal?lment|mortgage|repayment|loan)|missed (two|three|several|\\d) |skip(ped|ping)? meals",
      "(lost|losing|lose) (my|his|her|our|a|the) (job|work|house|home|income|business)|(made redundant|got laid off|laid off|out of work|sacked|furlough\\w*|zero hours|hours (have been |were |been )?cut|cut (my|our) hours|half pay|on sick pay|no income|reduced income|reduced circumstances|stopped working|factory's shut|not earning|wage to pay)",
      "(struggl(ing|e) (to pay|financially|with (my|the|our) (payments?|bills?|debts?|money|loan|mortgage|repayments?))|^\\W*struggling\\W*$|admit i'm struggling|drowning|i'm sinking|sink again|in over my head|up to my neck|skint|(i'm|am|we're|flat|and) broke|^broke (til|until)|penniless|destitute|hard up|strapped|making ends meet|ends meet|money is (really )?tight|tight for money|financial (trouble|difficult\\w+|hardship)|wiped (me|us) out financially|money's run out|run out of money|ran out of money)",
      '(heating|food|eat|feed|rent|meter) (and|or|versus) … (bill|card|heating|eat|pay|payment)|food bank|choosing between|skip meals|use the food',
      "nothing left|simply nothing|(don't|didn't) have (it|enough|the money|any money)|no money (left|to|coming)|not enough (money|to pay)|left for the month|until the end of the month|money i don't have|run out of money",
      "(payment (holiday|break|plan|freeze)|repayment plan|breathing space|breather|freeze (the )?(interest|charges)|pay (you )?(less (for|until|till|a month)|it back slower)|tenner a month|charges stop|stop the charges|lower(ed)? (payments|instal?lment|my monthly)|reduce (my|the|our) (payments|monthly|instal?lment)|break from payments|more time to pay|some time|monthly amount be lowered|go easy on me|move my repayment date)|(we'll|i'll|will) miss … (instal?lment|payment|mortgage|next)|(missed|behind) … (will miss|scared|frightened)|on my feet|back at work … (pay|tight|less)",
      '(debt|debts|creditors|debt collect\\w+|bailiffs?|repossess\\w*|evict\\w*|bankrupt\\w*|insolven\\w*|iva|payday loan)',
      '(bills|debts?|interest|charges|fees) (are|is|have|keep|pile|piling|piled|mount\\w*) (piling|piled|mounting|up|eating|growing|adding)',
      "(more than (i|we) (earn|have)|wages? (don't|doesn't|won't) (stretch|cover)|(don't|doesn't) stretch to|universal credit|benefits? (stopped|cut|were)|living on benefits)",
      "(direct debits?|payments?) bounced (again|because)|will bounce|(don't|do not|please don't) take the (loan )?payment|paying the minimum",
      '(business|shop|firm|company|factory) … (folded|went under|gone under|failed|shut|dried up|closed)|work (has )?dried up|no work coming',
      '(borrow\\w*|using) … (one card|another card|pay the other|pay off)|(overdraft|balance) … never (paid off|moves)|maxed( out)?',
      "(divorce|separation|illness|operation|vet bill|strike|rent) … (wiped|eats|paying two|can't|behind|no|left)",
    ],
    zh: [
      '还不起|还不上|交不起|付不起|无力(偿还|还款)|失业|(没|缺)钱(还|付|交)|(晚|延|缓|推迟).{0,5}(还|交|付)|手头(太|很|比较)?紧|先只?还利息|生意不好|收入(减少|没了|断)|欠.{0,6}(太多|还不)|花光|减少(月供|还款)',
    ],
  },
  bereavement: {
    says: [
      "{whose} (late )?{kin} (\\w+ )?(\\w+ )?(has |have |had |was |is |'s )?(just |sadly |suddenly |now |been )?{died}",
      '{kin} … (died|passed away|passed on|is dead|has died|was killed|is deceased)',
      "{whose} (late|dead|deceased|dying) (\\w+ )?({kin}|\\w+'s)",
      "(mum|dad|nan|gran|grandad|grandma|papa|mother|father|he|she)('s| is| has) (now )?gone\\b",
      "(lost|losing|loss of|death of|buried|burying|bury|mourning) (\\w+ )?((my|our) )?{kin}\\b|we lost (mum|dad|nan|him|her)|(fiance|treasurer|signatory) … (died|killed)|became a widow(er)?|no longer alive|{kin}'s (death|funeral|estate|will)|(since|after) (losing|he|she|his|her) (my |died|death|passed)",
      "(i'm|i am|acting as|as|been named) (the |an |his |her )?(executor|executer|administrator|next of kin|widow|widower)|became a widow|(the|a) widow(er)? of|i'm (his|her|the) (widow|executor)",
      '(funeral|undertaker|cremation) … (pay|paid|cost|bill|is on|invoice|wants|account|director)|(pay|paid|paying) … (funeral|undertaker)|probate (has|granted|is|was|for|necessary)|death certificate (here|attached|of)|administrator of the estate|have the death certificate|(estate|affairs) of my|sort(ing)? out … (affairs|estate)',
      "(register|report|reporting|notify|inform\\w*|tell|let) … (a |the |his |her |my \\w+'s )?(death|died|passed away|passing|deceased|dead)",
      '(he|she|customer|holder|signatory|account holder|mr \\w+|mrs \\w+|miss \\w+) (has |is |was |had |suddenly |sadly )*{died}',
      '(his|her) … (account|loan|card|pension|savings|debt|money) … (died|dead|dies with)|(dead|deceased|late) (mother|father|husband|wife|mum|dad|brother|sister|customer)',
      "(letters|writing|post|statements|card) … (to|for) (my )?(dead|late|deceased)|(passed away|passed on|died) (peacefully|suddenly|last (night|week|month|year))|(named|mentioned) in … will|no will\\b|(loan|debt|mortgage) die with (him|her)|(mum|dad|he|she|husband|wife) (has|have|is|had)? ?(now )?gone$|no longer with us|banked with you … (is|no longer|died)|what (my|our) {kin} owed|(in law|{kin}) dead since|(now )?(she's|he's) died|(after|since) the funeral|inform you of a death|left us on|(my|our) (husband|wife|partner) has gone|funeral be paid|(mum|dad|nan)'?s account … funeral|whose? alowed",
    ],
    zh: [
      '(去世|过世|身故|走了|离世|病逝|不在了|遗产|后事).{0,30}(账户|存款|卡|钱|存折|怎么|找谁|贷款)|(我|我们|老伴|妈妈|爸爸|父亲|母亲|丈夫|妻子|爷爷|奶奶).{0,8}(去世|过世|走了|离世|病逝)',
    ],
  },
  vulnerability: {
    says: [
      "(i'm|i am|my \\w+ is|she's|he's|registered|partially|nearly|going|almost) (\\w+ )?(\\w+ )?(blind|deaf|disabled|hard of hearing|hearing impaired|partially sighted|housebound|autistic|bipolar|dyslexic|illiterate|terminally ill|bedridden|in a wheelchair|in hospital|in a refuge|in rehab|at risk)",
      "(i'm|i am|she's|he's|she is|he is|mum is|mother is|gran is|nan is|dad is|father is) (8\\d|9\\d|eighty|ninety)\\b",
      "(registered blind|eyesight|visually impaired|can't see (well|properly)|lip ?read|sign language|text relay|braille)",
      "(i|my \\w+|she|he|we) (have|has|had|got|suffer\\w*|live\\w*|'ve) (\\w+ )?(\\w+ )?(dementia|alzheimer\\w*|parkinson\\w*|a stroke|ms|cancer|depression|anxiety|panic attacks|ptsd|adhd|autism|dyslexia|a learning disability|learning (disability|difficult\\w+)|brain injury|mental health|bipolar|schizophren\\w+|epilepsy|chemo|a disability|severe \\w+)",
      "(dementia|alzheimer\\w*|(my|a|his|her) stroke|chemo\\w*|depression|i'm depressed|am depressed|anxiety|panic attacks?|brain injury|the breakdown|sectioned|terminal(ly)? (ill|illness|cancer)|stage (four|4)|diagnosed|suicid\\w*|self.harm|mental (health|illness)|heart attack|out of rehab|medication|morphine|disabled|learning disab\\w+|autis\\w+|adhd|bipolar|ptsd|with my ms)",
      "(gambl\\w+|bet(s|ting)? (all|again|my|everything)|addict\\w*|slots|casino|betting) … (problem|stop|stopped|wages|paycheck|again|away|block|blocked|everything|control|rent|lost|emptied)|(addict\\w*|gambling problem|can't stop (gambling|betting|spending)|problem gambl\\w*)",
      "(he|she|husband|wife|partner|boyfriend|girlfriend|son|ex|housemate|carer|relative|someone) … (opens my|controls|control|checks (every|all|my)|(not|isn't|never) allowed (a|my|to)|takes (away )?my|took my|takes all|won't let me|doesn't let|not allowed|allows me|opens my|hits|abus\\w+|threatens|makes me|forces me|scared of|watches) ",
      "(abus(e|ive|ed|ing)|domestic|coerc\\w+|refuge|fled|don't feel safe (with my|at|here)|scared to (say no|leave|go home)|afraid of (him|her|my)|taken advantage|at risk from|controls? (all )?(my|our) (money|finances))",
      "(can't|cannot|don't|never|unable to|couldn't|not able to) (\\w+ )?(\\w+ )?(read (well|properly|the letters|what)|hear (you|well|properly)|write|walk|manage stairs|leave the house|use the (keypad|internet|computer)|do (the )?phone|think straight|take in|cope|understand what (he|she) signed)|hard to understand the contract|never taught to",
      "(my|her|his) (memory|eyesight|hearing|sight|hands|carer|english) (is|are|isn't|'s|not|nearly|getting|normally|means)|english (is )?(not|isn't) (\\w+ )?(good|so good|my first|great)|(interpreter|translator)|explain in \\w+|first language",
      "(keep(s)? forgetting|muddled|confuses (me|her|him|my)|frightens me|frightened i'll|not coping|can't cope|everything is too much|my eyes are bad)",
      "(point of going on|rather not be here|don't want to (live|be here|wake)|end (it all|my life)|kill(ing)? myself|want to die|no reason to live|harm myself|take my own life)",
      "(go slowly|someone patient|patient with me|large print please|need(s)? (extra|more) (help|support|time)|special needs|(use|in) a wheelchair|step i can't)",
      "(\\d\\d years old|i'm \\d\\d and|she's \\d\\d|he's \\d\\d|my (mum|mom|nan|gran|mother|father|grandmother|grandfather),? \\d\\d|elderly) … (internet|online|alone|confus\\w+|app|frighten\\w*|help|phone|can't)|no internet",
      "(impulse spend|spend everything|limits on myself|blocks? on my card|exclude myself|self.exclu\\w+|mustn't have (access to )?credit)",
    ],
    zh: [
      '看不(清|见)|听不(清|见)|不识字|抑郁|残疾|轮椅|痴呆|失智|老年.{0,4}(一个人|独居)|控制我.{0,6}(钱|卡|账)|家暴|赌(博|瘾)|不想活|自杀|癌|住院|害怕',
    ],
  },
  opt_out: {
    says: [
      "(stop|quit|cease|halt|end|no more|don't|do not|never|without|enough (of|with)|sick of|tired of|fed up (of|with)|less|none of|no|block|kill|bin|switch|turn|get rid of|remove|cancel|hate|cut out) … {ads}",
      "{ads} … (stop|stopped|cease|off|remove me|no more|none|unsubscribe|take me off|out|don't want|didn't want|not interested|leave me|every (day|week|morning)|keep|still|end|though i said no|again)",
      '(take|remove|keep|leave|strike|delete|un-?tick|get) (me|my (name|number|address|email|details)|this number|us) (off|from|out)',
      "(don't|do not|never|no longer|rather not|stop|quit|wish not) (want|wish|need|like|to|to be|be|call\\w*|ring\\w*|text\\w*|phon\\w+|email\\w*|mail\\w*|contact\\w*|send\\w*|pester\\w*|bother\\w*|spam\\w*|receive|hear|trying) (\\w+ )?(\\w+ )?(\\w+ )?(me|us|hear|receive|emails?|texts?|calls?|about|contacted|emailed|sell|with)",
      '(withdraw|revoke\\w*|take back|retract) … (consent|permission)|(consent|permission) … (revoked|withdrawn)|(consent|permission) … (market\\w*|advert\\w*|third party|sharing)',
      "(don't|do not|stop|quit|never|rather you didn't) … (share|sharing|sell|selling|pass|passing|give|giving|use|using|handed) … (my|name|details|number|data|spending|third part\\w+|partner\\w*|companies|firms|others|advert\\w*|adverts|ads|around|round)",
      '(object to|not want|stop) … (profil\\w*|tracking|targeted|direct marketing)',
      "only (contact|write|email|statements|essential|if it's|service)|nothing (promotional|salesy)|(not|never) to advertise|essential only",
      '(opted in|ticked the box|signed up) (by mistake|by accident|accidentally)|ticked … (wrong|mistake)|never (agreed|said|asked|signed up) … (email\\w*|survey\\w*|market\\w*|newsletter\\w*|call\\w*|contact\\w*|send)',
      'still receiving promo\\w*|switch it off|turn off the (offers|ads|adverts)|opt out of \\w+|make it stop|no sales (calls|texts|emails|letters)|link to (leave|unsubscribe)|is there a box i can untick|by post only|delete my address from anything',
      'leave me alone|pester\\w*|unsolicited|begging you|stop spamming|quit spamming',
    ],
    always: [
      '(^|please |me )unsubscribe( me)?\\W*$|opt me out( of (marketing|all|your|everything|these|any))?\\W*$|^stop$|want to (opt out|unsubscribe)|how … (stop|no more|off) … (getting|receiving|these|your) (calls|texts|emails|offers|ads|adverts|letters|calling list|your|these|any|all)|make these … stop|off your (calling|mailing) list',
    ],
    zh: [
      '(不要|(?<!识)别|停止|不想|不再|取消|关掉|拒绝|退订)(再|给我|收到|接收|接到|发送|寄|所有|向我|这些|你们的)*.{0,6}(短信|推销|广告|营销|推广|电话|邮件|推送|信息|办信用卡)',
    ],
  },
  data_request: {
    says: [
      "(copy|copies|export|transcript|recordings?|access|see|view|have|send|show|provide|know|get hold of|release|hand over|download|receive|obtain|request) … (of |to |all |any |every\\w* |the |about )*({mydata}|everything|emails?|recordings?|calls?|cctv|notes|what) … (about me|on me|you hold|you have|you keep|under my name|concerning me|i had|my (data|information|file|call|calls)|for me|you've (got|stored|collected)|collected about|with me|of me|written)",
      '(what|everything|all|anything|which) … (you|u) … (know|have|hold|got|keep|stored|collected|process) … (on|about|under|concerning) (me|my|us|my name)',
      "(data|information|info|details) … (you|u) (hold|have|keep|got|process|store|collected|'ve)|what (data|info|information) (have )?(you|u)",
      '(subject access|access request|sar\\b|dsar|gdpr request|article (15|17|20)|right to be forgotten|right of access|right to (erasure|restrict|object|access|rectif\\w+)|under (the )?(gdpr|ccpa|data protection)|freedom of information|data portability)',
      '(delete|erase|wipe|remove|destroy|purge|clear) (all |of |my |the |any |every |personal |your |account )*({mydata}|everything)\\b|(delete|erase|wipe|forget) me\\b|removed from your (files|records|systems?)',
      'forget me|have my file wiped|(file|records|data|details) (wiped|erased|deleted|removed|destroyed)|to have it deleted',
      '(wrong|incorrect|inaccurate|outdated|old|mixed me up|misspel\\w*|spelling) … (in|on|about) (your|my|file|me)( (records?|files?|systems?|profile|data)|\\W*$| still)|(correct\\w*|rectif\\w+|amend|put right) … (records?|file|files|profile|data|date of birth|inaccura\\w*|surname)|(address|name|employer|birth) … (is wrong|still appears|on file|inaccurate)|(file|records) … (wrong|inaccurate)|notes … on (my|me)|cctv … (of me|in your)|which (companies|firms) did you give|recording of my',
      "who (has|have|had|did|accessed|can|you|looked|opened|at|you've) … (looked|look|viewed|accessed|opened|seen|shared|give|gave|given|passed|pass) … (my|it to)|(which|what) (companies|firms|people|others|third parties|agencies) … (my|you (give|gave|given|passed|sold|share))|who (you've|have you|did you) (shared|given|passed|sold|give)|log of (employees|staff|who)",
      "(reasons?|data|information|logic|how) … (behind|for|that led|used|you scored?) … (rejected|rejection|refus\\w+|turn\\w* me down|declin\\w+|decision|score me)|how did you score|(human|person) … (review|decide|look again) … (decision|application|computer|algorithm)|(algorithm|computer'?s? (decision|no)) … (person|human|review|application|refus\\w+)",
      '(restrict|stop|object to|limit) (the |your |you )?(process\\w*|profil\\w*|what you do|using) … (my|data|information|spending)|data breach|(gave|gave out|leaked|sent|told) … my (address|data|details|statements?|information|balance) (to|in)?|my (data|details) (was|were|has been|have been) (leaked|shared|stolen|passed)',
      "(my|the) (data|information|details|file) … (take with me|another bank|machine readable|portable|in a file)|i'm exercising my right|exercise my right",
    ],
    always: [
      "what (do|have) you (know|got|hold|have)( \\w+)? (about|on) me|(data|information) (that )?(you|u) (have |'ve )?(hold|have|got|keep|collected) (on|about) me",
    ],
    zh: [
      '(查看|提供|给我|导出|获取|知道|要求).{0,10}(我的)?(个人)?(信息|资料|数据|隐私)|(删除|刪除|清除|抹去|更正|修改|纠正).{0,10}(个人|我的|我).{0,8}(信息|资料|数据|档案|生日|日期)|(资料|信息|数据).{0,6}(给了|泄露|卖给)|档案里.{0,6}错',
    ],
  },
  human: {
    says: [
      '(talk|speak|speaking|chat|talking|connect|connected|transfer|transferred|put (me )?(through|on)|hand (me )?(over)?|switch|pass(ed)?( me)?( over)?|escalate|get|give|fetch|find|reach|contact|call|phone|ring|refer|let me (talk|speak)|want|need|prefer|rather|like|deal with|discuss\\w*|explain\\w*|meet|sit down|see|have) (to |with |me |over |on |it |this |back |hold of |us |an? |the |your |one |some |by |directly |in person )*…?(an? |the |your |some |any |real |actual |proper |live |with )*{person}( now| please| here| instead| today| who\\b| that| to| with| on|$)',
      '{person} … (call|ring|phone|contact|get back to|email|help|answer|take (this )?over|explain|read|look|speak|talk|come|listen|assist) ?(me|us|with me|to me|this|here|back|instead)?',
      '(call|ring|phone|contact|text) me( back| please| today| tomorrow|,|$)|(call|ring|phone) (me )?back|give (me|us) a (call|ring|bell)|callback',
      '(put|pass|get) me (through|on to|over|to)|hand me over|connect me|transfer me|patch me',
      "(no|not|stop|enough|useless|hate|don't want|sick of|rather than|instead of|done with|you're) (more |of |a |an |the |this |useless |talking to (a )?)*(bots?|robots?|chat ?bots?|computers?|automated|algorithms?)|(not|with|to|no more|you're|enough of the|than) (a |to a |with a )?machine",
      "is there (a |an |any|some )?(\\w+ )?{person}|anybody there|anyone there|anyone real|is anyone|(are|aren't) there any (real )?(people|humans|persons)",
      '(number|telephone) … (where|picks up|i can (call|ring))|who (can|do) i (phone|ring|speak|talk)|want to talk|(any|are there) (humans?|people) … (passed to|talk to|speak to)|book time with|to live$|need to (ring|call|phone)|by voice',
      '(appointment|meeting|meet|sit down|word|face to face|in person|conversation) … {person}|(book|make|want|like|need) … appointment … (go through|discuss|talk|options|somebody|someone)',
      '(somebody|someone) with a pulse|flesh and blood|needs a brain|press 0|^(agent|operator|representative|supervisor|manager|human|person|adviser|advisor|rep|live agent)( being)?( wanted| please| now| agent| agent agent)?( \\w+)?\\W*$|human being wanted|let me speak',
    ],
    always: [
      '^\\W*(speak|talk|human|agent|person|operator|advis[eo]r|representative|supervisor|live person|customer service)( (to|with) \\w+( \\w+)?)?( please| now)?\\W*$',
      '(can|could|may|how can|how do|how could|where|where do|where can|what do i press to) (i|we) … (talk|speak|get through|reach|get hold) … {person}',
      '(is|are) (there )?(any ?one|anybody|somebody|any humans|any people|a real soul|a human|a person|anyone real|someone real) … (talk|speak|chat|passed|live|contact|actually|real|available|here|available)|what do i press|connect me with|escalate me|anyone real|who can i (phone|ring|call|speak)|book time with the person',
      '(can|could|would) (\\w+ )?{person} …(call|ring|phone|contact|speak|take over|help me|read this|look at)',
    ],
    zh: [
      '人工(客服|服务)?(!|！|。|$)|转人工|真人|(接|找|叫|要|联系|转).{0,6}(客服|经理|人工|主管)|(跟|和|与).{0,3}(人|客服|经理)(说|谈|讲|聊)|给我(打|回)(个)?电话',
    ],
  },
}

/** A sentence of which one holds tells of no case of the customer's own, unless it tells it in so many words. */
export const guards = {
  /** It asks how things are. */
  general:
    "^(hi |hello |hey |so |and |please |ok |but |also )*(how (do|does|can|would|long|many|often|much|soon|fast|likely|old|is|are|to|quickly)|what(('s| is| are| does| do| happens| kinds?| sort| counts?| would| time| hours| help| documents?| evidence| if|\\b)|$)|which|who (is|are|gets|pays|founded|can)|when (do|does|is|are|will|must)|where (is|are|do|can|s)|why do|is (there|it|a|an|the|my money|asking|gambling|inheritance|redundancy|dispute)|are (there|you|signs|complaints|account|new)|(would|should) (a|an|the|it)|do (you|fraudsters|real|call|staff|people)|does (the|a|an|it|your|asking|unticking|life)|can (a|an|you explain|customers|people|the|i (complain|choose|name|put))|could (a|you (tell|walk|explain))|will (you|i lose)|have you got|explain|tell me (about|how|what)|name of|(do|does|are|is|has|can|could|will|would|should|must) (?!i\\b|we\\b|you\\b|someone|somebody|some one|anyone|anybody|one of|your|this|that|these|my\\b|our|me|any|a (person|human|real|live|colleague)|there (a|an|any|some|is|no)|it possible|no one|nobody)|tips|approximately|dispute (form|resolution)|chargeback vs|at what|may i ask)",
  /** The same in Chinese. */
  generalZh:
    '一般|如何|什么是|是什么|(怎么|怎样)(设置|关闭|识别|处理|开通|申请)|多久|几天|有没有(?!真人|人)|会.{0,8}吗|需要.{0,6}(吗|哪些|什么)|有什么',
  /** It supposes, or tells of somebody else. */
  supposed:
    "\\bif (i'm|i am just|i turn|i find|a thief|two of|there's|i'd|he|it|they|i can't|i ask)|^(say|suppose|imagine) |after how many|what's the most|how much is the most|could (he|she|my \\w+) (empty|spend|take)|may she|might |\\bif (i|we|you|my \\w+|somebody|someone|one|a \\w+|the \\w+) (were|was|had|lost|lose|should|did|died|dies?|get|got|gets|paid|miss|missed|fall|fell|become|became|one)|\\bsuppose|what would (happen|you do)|\\bin (general|case)\\b|people who|customers who|(essay|novel|school project|homework|research|dissertation)|(neighbour|friend|colleague|mate|cousin|boss|accountant)( of mine)? (was|were|got|says|said|lost|asked|had)|people like (her|him|them)",
  /** It is over, or was nothing. */
  settled:
    "(never mind|false alarm|no need for|no complaints|can't complain|ignore what i said|all (sorted|good|fine)|(been|got|now|already|is|it's) (sorted|resolved)|sorted (now|out my|it)|cleared (it|that|this) up|(was|it was|yes .* was) (me|my wife|my husband|us) (and|so|,|$)|turned out to be (my|our|fine|genuine)|i recogni[sz]e it now|arrived after all|(refund|money) … (arrived|came|received|all good)|gave me my money back|thank(s| you) for the (quick|refund|help)|(husband|wife|son) had used|do know that)",
  /** What makes a question one about the customer's own case, whatever its form. */
  own: "\\b(i|we)('ve| have (been|paid|bought|asked|waited|sent|lost|had|told|tried|never|not|no)| had| was| were| paid| bought| ordered| sent| gave| lost| can't| cannot| couldn't| didn't| never| keep| am| 'm|'m| told| returned| reported| clicked| cancelled| don't want| no longer| didn't)\\b|\\b(they|he|she|you|who|someone|somebody|it|\\w+)('ve|'s| have| has| had)? ?(took|taken|taking|charged|charging|stole|stolen|died|passed away|dead|deceased|refused?|refuses|keeps?|won't|never|lost|tricked|blocked|scammed|gone|sent|gave)\\b|\\b(this|these|those) (payment|charge|transaction|calls?|texts?|emails?|offers?|letters?|money|mess|way)|\\b(about me|on me|my late|my dead|calling list|my (husband|wife|mum|dad|mother|father|partner|brother|sister|son) (has )?(died|passed))",
} as const

/** Words that are recognised with a slip. */
export const keyWords =
  'complaint complain unauthorised authorised transaction recognise withdrawal fraudulent scammed scammer fraudster deceased funeral executor unsubscribe marketing promotional representative operator advisor adviser person someone repayments payment repayment afford struggling arrears bankrupt personal information dispute chargeback refund disgusted unacceptable ombudsman compensation service gambling disability agent buried conned receiving newsletter notifications access records convinced pressuring approved withdraw connect through unrecognised'.split(
    ' ',
  )

/** Words that are none of them, however near. */
export const wellKnown: ReadonlySet<string> = new Set(
  'compliant operated persons personnel deft dept agents debit parson approve recognised convince receive payments connected withdrew thorough'.split(
    ' ',
  ),
)
