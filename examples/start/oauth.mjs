// TOKEN_URL=https://login.example/oauth/token CLIENT_ID=… API_URL=https://api.example/v1/me node oauth.mjs <agent directory>
// The directory has an auth-profiles.json with logins of ACME: { type: 'oauth', provider: 'acme', access, refresh, expires }.
import { createFailover, refreshOAuth } from 'auth-failover';

const { TOKEN_URL, CLIENT_ID, CLIENT_SECRET, API_URL } = process.env;

const accounts = createFailover({
  provider: 'acme',
  agentDir: process.argv[2],
  // The id that you have registered with the provider: none is built in.
  refresh: refreshOAuth({ tokenUrl: TOKEN_URL, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }),
  onEvent: ({ type, profileId, expires }) => {
    if (type === 'refreshed') console.error(`${profileId} is good until ${new Date(expires).toISOString()}`);
  },
});

const response = await accounts.fetch(API_URL, { headers: { authorization: 'Bearer unused' } });
if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
console.log(await response.text());
