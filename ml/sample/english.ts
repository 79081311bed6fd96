import type { Phrases } from './phrases.ts';

/** What people say in English, by topic and mood; the same topics as in Indonesian. */
export const ENGLISH: Phrases = {
  short: {
    positive: ['good', 'great app', 'nice', 'love it', 'excellent', 'very helpful', 'best app', 'awesome', 'easy to use'],
    neutral: ['okay', 'not bad', 'average', 'just installed', 'still learning', 'so so', 'fine'],
    negative: ['bad', 'worst app', 'scam', 'very slow', 'useless', 'cannot login', 'disappointed', 'terrible', 'waste of time'],
  },
  topics: {
    login: {
      positive: ['login is quick with fingerprint', 'sign up took {minutes} minutes'],
      neutral: ['login needs my old number', 'please add login with {bank}'],
      negative: ["can't login since yesterday", 'my account is locked for no reason', 'it logs me out every time'],
    },
    verification: {
      positive: ['verification was approved in {minutes} minutes', 'kyc is simple'],
      neutral: ['verification is still pending', 'verification asks for id and selfie'],
      negative: ['verification rejected again and again', 'waiting {days} days for kyc'],
    },
    withdrawal: {
      positive: ['withdraw to {bank} arrives instantly', 'got my {amount} the same day'],
      neutral: ['minimum withdraw is {amount}', 'withdrawals take a few hours'],
      negative: ['withdraw of {amount} never arrived', 'my money is stuck for {days} days', 'they hold my funds'],
    },
    deposit: {
      positive: ['top up from {bank} is smooth', 'deposit shows up right away'],
      neutral: ['deposit only works with {bank}', 'minimum deposit {amount}'],
      negative: ['deposit failed but my bank was charged', 'top up {amount} is missing'],
    },
    fees: {
      positive: ['low fees', 'no hidden charges'],
      neutral: ['fees are like the others', 'fee is {amount} per trade'],
      negative: ['fees are too high', 'the spread is a robbery', 'they raised the fee silently'],
    },
    speed: {
      positive: ['fast and light', 'never crashed on my phone'],
      neutral: ['a bit slow on weak signal', 'works fine on wifi only'],
      negative: ['crashes after update {version}', 'keeps loading forever', 'so laggy my phone gets hot'],
    },
    design: {
      positive: ['clean and simple interface', 'perfect for beginners'],
      neutral: ['please add dark mode', 'new layout takes time to get used to'],
      negative: ['confusing layout', 'buttons are too small'],
    },
    support: {
      positive: ['support replied fast', '{name} from support solved it'],
      neutral: ['support answered the next day', 'there should be a phone line'],
      negative: ['support never answers', 'ticket {ticket} ignored', 'only bots in the chat'],
    },
    features: {
      positive: ['many coins to choose from', 'all the features I need'],
      neutral: ['please add {feature}', 'would be nice to have {feature}'],
      negative: ['why was {feature} removed', 'prices differ from the chart'],
    },
    trust: {
      positive: ['safe and trusted', 'using it for {years} years without a problem'],
      neutral: ['only used it for {days} days', 'not sure yet if it is safe'],
      negative: ['never got the {amount} bonus', 'beware you will lose money', 'fake promises'],
    },
    release: {
      positive: ['version {version} is smoother'],
      neutral: ['version {version} asks for a face scan again'],
      negative: ['face scan fails since {version}', 'camera stays black in the face check', 'otp never arrives after the update'],
    },
  },
  openings: ['honestly', 'so far', 'hi team', 'update', 'at first I was unsure', 'edited', 'please read', 'dear developer'],
  links: ['and', 'but', 'also', 'however', ',', '.', 'so', 'even though'],
  closings: {
    positive: ['thank you', 'keep it up', 'five stars', 'highly recommended'],
    neutral: ['thanks', 'hope it improves', 'will change my rating later', 'please consider'],
    negative: ['please fix', 'uninstalling', 'one star', 'going to another app', 'very disappointed'],
  },
};
