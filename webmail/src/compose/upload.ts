/**
 * A file on its way up (RFC 8620 section 6.1), with its progress. XMLHttpRequest, because fetch does not say how much of a
 * body has gone. Rejects with UploadError: `status` 0 when the network failed, else what the server answered.
 */
export interface Uploaded {
  readonly blobId: string;
  readonly size: number;
  readonly type: string;
}

export class UploadError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`upload failed with status ${status}`);
    this.status = status;
  }
}

export function uploadFile(
  url: string,
  file: Blob,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<Uploaded> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = (): void => request.abort();
    const end = (settle: () => void): void => {
      signal.removeEventListener('abort', stop);
      settle();
    };
    request.open('POST', url);
    request.setRequestHeader('content-type', file.type === '' ? 'application/octet-stream' : file.type);
    request.setRequestHeader('x-vaguemestre', '1');
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onload = () => {
      const answer = request.response as Uploaded | null;
      if (request.status === 201 && answer !== null) end(() => resolve(answer));
      else end(() => reject(new UploadError(request.status)));
    };
    request.onerror = () => end(() => reject(new UploadError(0)));
    request.onabort = () => end(() => reject(signal.reason ?? new UploadError(0)));
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    request.send(file);
  });
}
