/** log(1 + e^x), without overflow. */
export const softplus = (value: number): number => Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))

/** Log loss of a logit. @param target probability, 0 to 1. */
export const logisticLoss = (logit: number, target: number): number => softplus(logit) - target * logit
