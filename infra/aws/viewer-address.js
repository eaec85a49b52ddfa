// @ts-check
/**
 * Runs at the edge, as a CloudFront Function, before each request to the functions that is about one person: it tells them who asks, in a
 * header that nobody but the edge can write. What a viewer has sent under that name is replaced, however often it was sent. It is read by
 * shared/src/web/viewer.rs, which says why no header of CloudFront's own does; the laptop's edge does the same.
 *
 * @param {{viewer: {ip: string}, request: {headers: Record<string, {value: string}>}}} event
 */
function handler(event) {
  event.request.headers["x-viewer-address"] = { value: event.viewer.ip };
  return event.request;
}
