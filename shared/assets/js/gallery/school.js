// @ts-check
/** A school's page: its words can be copied, and its address shared by the device itself. */

import { shareable } from "../share.js";

shareable(document);
