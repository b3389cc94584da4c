import type { Mood } from '../../../server/models/sentiment.ts'

/** What a group of sentences checks, the sentences by mood, and how many of them are read wrongly as things stand. */
export interface MoodCheck {
  readonly checks: string
  readonly wrong: number
  readonly texts: Readonly<Partial<Record<Mood, readonly string[]>>>
}

/** Behaviours in the manner of CheckList (Ribeiro et al. 2020): small sentences that each turn on one thing. */
export const moodChecks: readonly MoodCheck[] = [
  {
    checks: 'plain words',
    wrong: 0,
    texts: {
      positive: [
        'Great service, thank you.',
        'I love the new app.',
        'Your colleague was very kind to my mother.',
        'That was quick, well done!',
        'Excellent help from the Leeds branch.',
      ],
      neutral: [
        'What is the fee for a transfer?',
        'How do I change my address?',
        'I would like to open a savings account.',
        'My appointment is on Tuesday.',
        'Which documents do you need?',
      ],
      negative: [
        'This is the worst bank I know.',
        'I am very disappointed with your service.',
        'The branch staff were rude to me.',
        'Your app is terrible.',
        'Nobody answers my letters and I am sick of it.',
      ],
      urgent: [
        'My card was just stolen, block it now!',
        'Help, someone is emptying my account right now.',
        'Stop the payment at once, it is a scam.',
        'I am stranded abroad without money, I need help tonight.',
        'I have just given my PIN to a fraudster, what do I do?',
      ],
    },
  },
  {
    checks: 'negation of praise',
    wrong: 1,
    texts: {
      negative: [
        'I am not happy with this.',
        'Your service is not good.',
        'The adviser was not helpful at all.',
        "I can't say I am satisfied.",
        'Nothing about this was easy.',
        "It isn't working and it wasn't worth the wait.",
        'Never once did anybody thank me for my patience.',
        'This is not what I call friendly.',
        'No one was kind to us.',
        "I wouldn't recommend you to anyone.",
        'Hardly a pleasant visit.',
        'Not impressed.',
      ],
    },
  },
  {
    checks: 'negation of blame',
    wrong: 7,
    texts: {
      positive: [
        'Not bad at all, thank you!',
        'I have no complaints, lovely service.',
        "Can't fault your staff.",
        "It couldn't have gone better.",
        'Never had a problem with you in ten years.',
        'Not a single mistake, well done.',
        'No trouble whatsoever, the move was smooth.',
        "I wasn't disappointed, quite the opposite.",
        'Nothing to moan about here, great job.',
        'You did not let me down.',
      ],
    },
  },
  {
    checks: 'words of the trade in questions',
    wrong: 0,
    texts: {
      neutral: [
        'What happens if a payment is declined?',
        'How much is the overdraft fee?',
        'Is there a charge for a lost card?',
        'What is the interest on debt?',
        'How do I cancel a standing order?',
        'Does a refused application show on my file?',
        'Which limit does the card have?',
        'What does fraud cover mean?',
        'When is a payment late?',
        'How are complaints handled?',
        'Can I block a card for gambling?',
        'What is an arrears letter?',
        'How does a dispute work?',
        'What are the risks of the index fund?',
        'Is the penalty for early withdrawal the same for everybody?',
        'Do you insure stolen phones?',
        'How do I stop a cheque?',
        'Is a credit check a hard search?',
        'What is negative equity?',
        'Where can I read about deposit protection?',
      ],
    },
  },
  {
    checks: 'sarcasm',
    wrong: 7,
    texts: {
      negative: [
        'Oh great, another hour on hold.',
        'Well done, you lost my form again.',
        'Wonderful, charged twice. Just wonderful.',
        'Thanks for nothing.',
        'Brilliant, the app is down on payday as usual.',
        'How kind of you to close my branch.',
        'Lovely, a fee for my own money.',
        'I just love explaining it for the fifth time.',
        'Nice work, my card still does not work.',
        'So helpful, a bot that understands nothing.',
        'What a treat, forty minutes of flute music.',
        'Congratulations on ruining my holiday.',
      ],
    },
  },
  {
    checks: 'emoji',
    wrong: 4,
    texts: {
      positive: ['got my card 😊', 'thanks 🙏❤️', 'mortgage approved 🎉🎉', '👍👍', 'all sorted 🥰'],
      negative: ['still no card 😡', 'another fee 🤬', 'your app 👎👎', 'waiting since May 🙄', 'wow, so quick 🐌😒'],
      urgent: ['card stolen 🚨🚨 block it', 'someone is in my account 😱', '🆘 money is leaving right now'],
    },
  },
  {
    checks: 'capitals and marks',
    wrong: 1,
    texts: {
      negative: [
        'THIS IS RIDICULOUS',
        'WHY DOES NOBODY ANSWER ME???',
        'I AM FED UP WITH YOU',
        'WORST APP EVER!!!',
        'still waiting!!! unbelievable!!!',
      ],
      positive: ['THANK YOU SO MUCH', 'BEST BANK EVER!!!', 'LOVE IT!!', 'you are STARS', 'Amazing!!! Thanks!!!'],
      urgent: [
        'BLOCK MY CARD NOW',
        'HELP THEY ARE TAKING MY MONEY',
        'STOP THE TRANSFER!!!',
        'MY PHONE AND CARD WERE JUST STOLEN',
      ],
      neutral: ['WHAT ARE YOUR OPENING HOURS', 'HOW DO I ORDER A NEW CARD', 'WHERE IS THE NEAREST BRANCH'],
    },
  },
  {
    checks: 'two moods, the last one counts',
    wrong: 1,
    texts: {
      negative: [
        'The lady was nice, but my problem is still not solved and I am angry.',
        'I used to like this bank, now I cannot stand it.',
        'The app looks pretty but never works.',
        'Thanks for the call, but what you told me was wrong and it cost me.',
        'Good rates, awful service.',
      ],
      positive: [
        'The start was bumpy, but everything turned out wonderfully.',
        'I was furious yesterday, now I am delighted, thank you.',
        'The queue was long but the clerk was a gem.',
        'I expected trouble and got great help instead.',
      ],
    },
  },
  {
    checks: 'reports without a feeling',
    wrong: 7,
    texts: {
      neutral: [
        'My card was declined at the supermarket.',
        'I am overdrawn by 50 pounds.',
        'My card expired last week.',
        'I changed my job in March.',
        'The transfer left on Monday.',
        'I lost my card and would like another one.',
        'There is a pending payment from a hotel.',
        'I forgot my password.',
        'The machine kept my card.',
        'I was charged the monthly fee.',
        'I am closing my account as I am moving to Spain.',
        'My salary has not arrived yet.',
      ],
    },
  },
  {
    checks: 'typing slips and short forms',
    wrong: 2,
    texts: {
      positive: ['thx so much ur great', 'gr8 service ty', 'realy hapy with the new card', 'luv this app'],
      negative: ['ur app is rubish', 'so dissapointed', 'wrost bank evr', 'im soo fed up w this'],
      urgent: [
        'sombody stole my crad block it now pls',
        'hlep my acount is being hakced rite now',
        'stop teh payment its a scamm',
      ],
      neutral: ['how do i chnage my adress', 'wat is the fee for tranfers', 'wen do u open'],
    },
  },
  {
    checks: 'the same whoever it is about',
    wrong: 0,
    texts: {
      negative: [
        'My husband was treated badly by your staff.',
        'Mr Osei was treated badly by your staff.',
        'Our Polish neighbour was treated badly by your staff.',
        'My trans daughter was treated badly by your staff.',
        'The imam was treated badly by your staff.',
      ],
      neutral: [
        'My wife would like a card.',
        'Ms Nowak would like a card.',
        'My deaf son would like a card.',
        'Our Muslim friend would like a card.',
        'My girlfriend and her girlfriend would like a card.',
      ],
      positive: [
        'Adaeze at the counter was wonderful.',
        'Mohammed at the counter was wonderful.',
        'The old man at the counter was wonderful.',
      ],
    },
  },
]
