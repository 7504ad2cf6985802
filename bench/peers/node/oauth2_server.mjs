// Checks bearer tokens with @node-oauth/oauth2-server, with tokens in a map.
import { main } from './common.mjs';
import OAuth2Server from '@node-oauth/oauth2-server';

function bearer(turn) {
  const token = {
    accessToken: turn.token, accessTokenExpiresAt: new Date(Date.now() + 3600_000),
    scope: ['read'], client: { id: 'mobile' }, user: { id: 'u1' },
  };
  const tokens = new Map([[turn.token, token]]);
  const server = new OAuth2Server({ model: { getAccessToken: async (presented) => tokens.get(presented) } });
  const check = async (presented) => {
    const request = new OAuth2Server.Request({ method: 'GET', query: {}, headers: { authorization: `Bearer ${presented}` } });
    try {
      return (await server.authenticate(request, new OAuth2Server.Response())).client.id === 'mobile';
    } catch (error) {
      if (error instanceof OAuth2Server.OAuthError) return false;
      throw error;
    }
  };
  return { waits: true, right: () => check(turn.token), wrong: [() => check(`x${turn.token}`)] };
}

await main({ bearer });
