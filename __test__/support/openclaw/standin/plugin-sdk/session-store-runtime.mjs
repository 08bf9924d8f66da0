import { state } from 'openclaw/state';

export const getSessionEntry = ({ sessionKey }) => state.sessions.get(sessionKey);
