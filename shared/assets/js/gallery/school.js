// @ts-check
/** A school's page: its text can be copied, and its address shared with the device's own dialogue. */

import { shareable } from "../share.js";

shareable(document);
