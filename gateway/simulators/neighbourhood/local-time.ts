/** East Africa Time for the simulated neighbourhood: UTC+3, no summer time. */
export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const dayMs = 86_400_000;
const eastAfricaMs = 3 * hourMs;

/** Number of the neighbourhood's day since 1970. */
export const dayOf = (atMs: number): number => Math.floor((atMs + eastAfricaMs) / dayMs);

/** Hours since the neighbourhood's midnight, with their fraction. */
export const hourOfDay = (atMs: number): number => ((atMs + eastAfricaMs) % dayMs) / hourMs;
