// @ts-check
/**
 * Passkeys in the browser: converts the server's JSON to what `navigator.credentials` takes, and its result back to JSON. Written by hand,
 * because `parseRequestOptionsFromJSON` and `toJSON` are missing in browsers that schools still have.
 */

/** Whether this browser can use passkeys at this address. */
export function possible() {
  return typeof PublicKeyCredential === "function" && isSecureContext && !/^[\d.]+$|^\[/.test(location.hostname);
}

/** @param {string} text base64url */
export function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
export function text(buffer) {
  const plain = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("");
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * Calls the server. Throws an error with an explanation.
 * @param {string} path
 * @param {unknown} [body]
 * @param {string} [method]
 */
export async function call(path, body, method = "POST") {
  const headers = { "content-type": "application/json", accept: "application/json" };
  const response = await ask(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  return response.status === 204 ? {} : response.json();
}

/**
 * Sends a request to the server. Returns the response unchanged, and throws an error with an explanation.
 * @param {string} path
 * @param {RequestInit} [request]
 */
export async function ask(path, request = {}) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(path, { ...request, credentials: "same-origin" });
  } catch {
    throw new Error("No connection. Try again.");
  }
  if (response.ok) return response;
  const answer = await response.json();
  const error = new Error([answer.detail ?? answer.title, answer.hint].filter(Boolean).join(" "));
  error.name = String(answer.type ?? "").replace("/problems/", "");
  throw error;
}

/** Signs in with a passkey, or proves again who the user is. */
export async function use() {
  const { ceremony, options } = await call("/api/v1/session/passkey/begin");
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: options.allowCredentials.map((/** @type {{id: string}} */ one) => ({ ...one, id: bytes(one.id) })),
  };
  const made = /** @type {PublicKeyCredential} */ (await asked(() => navigator.credentials.get({ publicKey })));
  const response = /** @type {AuthenticatorAssertionResponse} */ (made.response);
  return call("/api/v1/session/passkey/finish", {
    ceremony,
    credential: {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        authenticatorData: text(response.authenticatorData),
        signature: text(response.signature),
        userHandle: response.userHandle ? text(response.userHandle) : null,
      },
    },
  });
}

/** Creates a passkey. @param {string} name what its owner calls it */
export async function make(name) {
  const { ceremony, options } = await call("/api/v1/session/passkeys/begin");
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((/** @type {{id: string}} */ one) => ({ ...one, id: bytes(one.id) })),
  };
  const made = /** @type {PublicKeyCredential} */ (await asked(() => navigator.credentials.create({ publicKey })));
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  return call("/api/v1/session/passkeys/finish", {
    ceremony,
    name,
    credential: {
      id: made.id,
      rawId: text(made.rawId),
      type: made.type,
      response: {
        clientDataJSON: text(response.clientDataJSON),
        attestationObject: text(response.attestationObject),
        transports: response.getTransports?.() ?? [],
      },
    },
  });
}

/** @param {() => Promise<Credential | null>} ask */
async function asked(ask) {
  try {
    const answer = await ask();
    if (answer) return answer;
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "InvalidStateError") throw new Error("This device already has a passkey for you.");
  }
  throw new Error("The passkey was not used. Try again.");
}

/**
 * Does something that needs a freshly used passkey: if the server requires one, asks for it and repeats the action.
 * @template T
 * @param {() => Promise<T>} act
 */
export async function fresh(act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "passkey-needed" || !possible()) throw error;
    await use();
    return act();
  }
}
