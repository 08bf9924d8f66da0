// `npm run soak` runs the same tests longer.
export const isSoak = process.env.AUTH_FAILOVER_SOAK === '1';
export const times = (usual, soak) => (isSoak ? soak : usual);
