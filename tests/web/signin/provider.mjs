// A certified OpenID provider with the dashboard as its client: `node provider.mjs PORT REDIRECT_URI KEY_NAME`.
// Whoever signs in as NAME is NAME@example.com; POST /groups?NAME=ops,sec says their groups.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [port, redirect, kid] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const groups = new Map();
// As JWK at once: node 20 can wait for ever where a key is exported while the job that made it is collected as garbage.
const jwk = { format: "jwk" };
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048, publicKeyEncoding: jwk, privateKeyEncoding: jwk });
const provider = new Provider(issuer, {
  clients: [
    { client_id: "hud", client_secret: "not very secret, in a test", redirect_uris: [redirect], grant_types: ["authorization_code", "refresh_token"] },
    { client_id: "robot", client_secret: "nor is this", redirect_uris: [], response_types: [], grant_types: ["client_credentials"] },
  ],
  jwks: { keys: [{ ...privateKey, kid, use: "sig", alg: "RS256" }] },
  cookies: { keys: ["a key of the test"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "offline_access", "email", "profile", "groups"],
  issueRefreshToken: async () => true,
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600, ClientCredentials: 600 },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: id, email: `${id}@example.com`, email_verified: true, groups: (groups.get(id) || "ops").split(",") }),
  }),
  features: {
    devInteractions: { enabled: true },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async () => undefined,
      getResourceServerInfo: async (_, audience) => ({ scope: "read", audience, accessTokenTTL: 600, accessTokenFormat: "jwt", jwt: { sign: { alg: "RS256" } } }),
    },
  },
});
createServer((request, response) => {
  const asked = new URL(request.url, issuer);
  if (asked.pathname !== "/groups") return provider.callback()(request, response);
  for (const [name, said] of asked.searchParams) groups.set(name, said);
  response.end();
}).listen(Number(port), "127.0.0.1", () => console.log(issuer));
