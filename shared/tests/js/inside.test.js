// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { insideOf } from "../../assets/js/upload/device.js";

const IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/132.0.0.0 Mobile Safari/537.36";

test("browsers inside of apps are told from browsers", () => {
  for (const [app, userAgent] of /** @type {const} */ ([
    ["Instagram", `${IOS} Mobile/22D63 Instagram 365.0.0.33.101 (iPhone15,2; iOS 18_3; en_GB; scale=3.00)`],
    ["Facebook", `${IOS} Mobile/22D63 [FBAN/FBIOS;FBAV/498.0.0.53.105;FBDV/iPhone15,2]`],
    ["Facebook", `${ANDROID} [FB_IAB/FB4A;FBAV/497.0.0.44.69;]`],
    ["LinkedIn", `${ANDROID} [LinkedInApp]/4.1.1021`],
    ["TikTok", `${ANDROID} trill_380802 BytedanceWebview/d8a21c6`],
    ["", `${IOS} Version/18.3 Mobile/15E148 Safari/604.1`],
    ["", ANDROID.replace("; wv", "").replace("Version/4.0 ", "")],
    ["", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 Edg/132.0.0.0"],
  ])) assert.equal(insideOf(userAgent), app, userAgent);
});
