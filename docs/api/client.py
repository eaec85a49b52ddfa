"""A client of the photo day: Python 3.9 or newer, the standard library alone.

python3 client.py https://photos.example.org send photo.jpg
python3 client.py https://photos.example.org withdraw ID
python3 client.py https://photos.example.org gallery
"""

import hashlib, http.client, json, mimetypes, pathlib, random, secrets, sys, time
import urllib.error, urllib.parse, urllib.request

site, command, *arguments = sys.argv[1:]
key = pathlib.Path("uploader.key")  # the secret: whoever has it can change and withdraw the photos
if not key.exists():
    key.touch(mode=0o600)
    key.write_text(secrets.token_urlsafe(32))


def once(method, url, headers, body=None):
    """Makes one attempt: answers the status, the body, and the seconds that the server asks to wait."""
    try:
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        content, wait = answer.read(), answer.headers.get("Retry-After", "")
    except (OSError, http.client.HTTPException):
        return 0, b"", 0
    if answer.headers.get_content_type() == "text/html":  # a web filter's page: nothing of ours is HTML
        return 0, b"", 0
    return answer.status, content, int(wait) if wait.isdigit() else 0


def api(method, path, body=None, accept=()):
    """Calls the API until it answers for good. Ends the program with the problem, unless its status is in `accept`."""
    headers = {"Authorization": "Uploader " + key.read_text(), "Content-Type": "application/json"}
    for attempt in range(10):
        status, content, wait = once(method, site + "/api/v1" + path, headers, body and json.dumps(body).encode())
        if status not in (0, 429, 500, 502, 503, 504):
            break
        time.sleep(wait or random.uniform(0, min(60, 2**attempt)))
    if status >= 400 and status not in accept or status == 0:
        sys.exit(f"{method} {path}: {status} {content.decode()}")
    return json.loads(content)


def deliver(photo_id, upload, photo):
    """Sends the file to the storage, or by the site's own host if a network blocks the storage's."""
    for attempt in range(10):
        address = urllib.parse.urlsplit(upload["url"])
        for url in (upload["url"], f"{site}{address.path}?{address.query}"):
            status, _, wait = once("PUT", url, upload["headers"], photo)
            if status in (200, 412):  # 412: the file is there already
                return
        if status == 403:  # the address has expired
            renewed = api("POST", f"/uploads/{photo_id}/renew", accept=(409,))
            if "upload" not in renewed:  # it is not waited for any more: the list of own photos says why
                return
            upload = renewed["upload"]
        time.sleep(wait or random.uniform(0, min(60, 2**attempt)))
    sys.exit(f"{photo_id}: the storage cannot be reached")


def send(name):
    photo = pathlib.Path(name).read_bytes()
    sha256 = hashlib.sha256(photo).hexdigest()
    one = {"ref": sha256[:32], "type": mimetypes.guess_type(name)[0], "size_bytes": len(photo), "sha256": sha256}
    one.update(caption="Crystals on day twelve", alt="Blue crystals in a dish", people="none")
    consent = {"version": api("GET", "/event")["consent"]["version"], "web": True, "social": False, "press": False}
    batch = {"consent": consent, "credit": "The prep room", "discipline": "science", "photos": [one]}
    registered = api("POST", "/uploads", batch)["photos"][0]
    if "problem" in registered:
        sys.exit(registered["problem"]["detail"])
    print(registered["id"], registered["state"], flush=True)
    if registered["upload"]:
        deliver(registered["id"], registered["upload"], photo)
    for _ in range(300):  # until it is made ready, usually two seconds
        mine = [own for own in own_photos() if own["id"] == registered["id"]]
        if not mine or mine[0]["state"] != "reserved":
            break
        time.sleep(1)
    print(registered["id"], mine[0]["state"] if mine else "withdrawn")


def own_photos(after=""):
    page = api("GET", "/uploads" + (f"?after={after}" if after else ""))
    return page["photos"] + (own_photos(page["next"]) if page["next"] else [])


def gallery(after=""):
    page = api("GET", "/photos?limit=48" + (f"&after={after}" if after else ""))
    for photo in page["photos"]:
        print(photo["id"], photo["caption"])
    if page["next"]:
        gallery(page["next"])


def withdraw(photo_id):
    print(photo_id, json.dumps(api("DELETE", f"/uploads/{photo_id}")))


commands = {"send": send, "withdraw": withdraw, "gallery": gallery}
if command not in commands:
    sys.exit(__doc__)
commands[command](*arguments)
