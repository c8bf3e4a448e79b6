/**
 * Passkeys in the browser (WebAuthn level 3): what the service asks for, in JSON, becomes the browser's call, and what the
 * authenticator said becomes JSON. Written out, since browsers of last year lack the functions that do it.
 *
 * Rejects with the browser's own error: NotAllowedError when nobody signed or it took too long, InvalidStateError when the
 * authenticator has a passkey of this person already.
 */
interface Described {
  readonly id: string;
  readonly type: 'public-key';
  readonly transports?: readonly string[];
}

export interface SigningOptions {
  readonly challenge: string;
  readonly rpId?: string;
  readonly timeout?: number;
  readonly allowCredentials?: readonly Described[];
  readonly userVerification?: UserVerificationRequirement;
}

export interface MakingOptions {
  readonly challenge: string;
  readonly rp: PublicKeyCredentialRpEntity;
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: PublicKeyCredentialParameters[];
  readonly timeout?: number;
  readonly excludeCredentials?: readonly Described[];
  readonly authenticatorSelection?: AuthenticatorSelectionCriteria;
  readonly attestation?: AttestationConveyancePreference;
}

/** This browser, on this page. */
export const knowsPasskeys = (): boolean => typeof PublicKeyCredential === 'function' && isSecureContext;

/** As the service takes it. */
export async function signWithPasskey(options: SigningOptions): Promise<object> {
  const { challenge, allowCredentials = [], ...rest } = options;
  const publicKey = { ...rest, challenge: octets(challenge), allowCredentials: allowCredentials.map(described) };
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  if (found === null) throw new DOMException('no passkey', 'NotAllowedError');
  const { clientDataJSON, authenticatorData, signature, userHandle } = found.response as AuthenticatorAssertionResponse;
  return credential(found, {
    clientDataJSON: text(clientDataJSON),
    authenticatorData: text(authenticatorData),
    signature: text(signature),
    ...(userHandle === null ? {} : { userHandle: text(userHandle) }),
  });
}

/** As the service takes it. */
export async function makePasskey(options: MakingOptions): Promise<object> {
  const { challenge, user, excludeCredentials = [], ...rest } = options;
  const publicKey = {
    ...rest,
    challenge: octets(challenge),
    user: { ...user, id: octets(user.id) },
    excludeCredentials: excludeCredentials.map(described),
  };
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential | null;
  if (made === null) throw new DOMException('no passkey', 'NotAllowedError');
  const response = made.response as AuthenticatorAttestationResponse;
  return credential(made, {
    clientDataJSON: text(response.clientDataJSON),
    attestationObject: text(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  });
}

const credential = ({ id, rawId, type }: PublicKeyCredential, response: object): object => ({
  id,
  rawId: text(rawId),
  type,
  response,
  clientExtensionResults: {},
});

const described = ({ id, type, transports }: Described): PublicKeyCredentialDescriptor => ({
  id: octets(id),
  type,
  ...(transports === undefined ? {} : { transports: [...transports] as AuthenticatorTransport[] }),
});

/** RFC 4648 5 without padding. */
function octets(base64url: string): Uint8Array<ArrayBuffer> {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(given: ArrayBuffer): string {
  let binary = '';
  for (const octet of new Uint8Array(given)) binary += String.fromCharCode(octet);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
