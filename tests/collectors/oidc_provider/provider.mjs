// A certified OpenID provider that knows no client: discovery and keys are what is read of it.
import { Provider } from "oidc-provider";
const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
new Provider(issuer, {}).listen(port, "127.0.0.1", () => console.log(issuer));
